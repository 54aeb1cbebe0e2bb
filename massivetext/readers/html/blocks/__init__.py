"""A page as blocks: the elements that hold text, their text, and what their names say."""
