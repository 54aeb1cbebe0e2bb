"""PTransforms for pipelines of one's own: read, extract, filter, compare, write.

Each takes and gives collections of the public types of `massivetext`, counts what passes, and has
types that Beam and type checkers see. docs/api.md has an example of each.
"""
