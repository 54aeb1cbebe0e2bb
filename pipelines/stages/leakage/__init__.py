"""Leakage: what of the validation split stands in train."""
