"""MassiveText, open: documents, the paper's numbers, readers, recipes, the command line."""
