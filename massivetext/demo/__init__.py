"""The embedded sample: six sources in their real formats, planted truth, and its check."""
