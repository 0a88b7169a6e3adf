"""Batches: tables whose rows each become a video."""
