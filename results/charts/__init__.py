"""Charts: one file each, drawn from a table that is saved beside it."""
