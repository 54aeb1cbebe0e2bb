"""Warc."""
