"""Who speaks when, and which voice suits whom."""
