"""What was computed is kept here on disk and found again by what it was computed from."""
