"""The Beam pipelines: parts, wiring, options and runners. The arithmetic is in the rooms below."""
