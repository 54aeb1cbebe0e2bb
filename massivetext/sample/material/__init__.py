"""Material."""
