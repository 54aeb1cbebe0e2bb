"""Templates and parser functions as the words that they show."""
