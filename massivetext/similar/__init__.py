"""Similar: the documents of a build that are nearest to a text."""
