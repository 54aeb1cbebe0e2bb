"""Decontaminate."""
