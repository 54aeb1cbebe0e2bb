"""``massivetext rejudge``."""
