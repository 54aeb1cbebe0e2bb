"""Rules and transforms of the user's own, in Python."""
