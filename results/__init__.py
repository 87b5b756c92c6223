"""What we conclude: tables, charts and words made from a finished study. Folders here are results."""
