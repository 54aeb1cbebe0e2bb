"""MassiveText, open: what a document is, the paper's numbers, readers, recipes, the command line."""
