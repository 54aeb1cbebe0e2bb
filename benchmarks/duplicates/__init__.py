"""Deduplication beside other tools."""
