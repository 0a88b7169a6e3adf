"""Photo mode: one still picture of a face becomes frames of that face speaking."""
