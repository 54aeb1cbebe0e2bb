"""The steps stages are written against: run here, or as Beam transforms on a runner."""
