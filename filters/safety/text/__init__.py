"""A classifier of explicit text: words and pairs of words, weighed by a trained model."""
