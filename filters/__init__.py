"""Filters: each measures a document, then names the reasons to drop it."""
