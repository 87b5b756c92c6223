"""What happens to people who live with depression in France, and what that is worth."""
