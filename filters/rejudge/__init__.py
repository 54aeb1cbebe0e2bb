"""Other thresholds on the stored measures of a build."""
