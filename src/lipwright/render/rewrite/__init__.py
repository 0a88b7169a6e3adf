"""Video mode: the picture stays the person's own, and only the mouth follows another sound."""
