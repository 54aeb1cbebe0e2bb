"""Exports of token sequences."""
