"""From a training sequence back to its documents: derived anew, not stored."""
