"""Photos and files that people hand in: checked, kept in private, and shown to whoever may see them."""
