"""Overlap."""
