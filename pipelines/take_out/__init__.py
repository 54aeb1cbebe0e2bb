"""Taking documents out of a finished build: planned, written down, then done file by file."""
