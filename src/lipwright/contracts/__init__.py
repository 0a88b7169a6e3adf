"""Frozen values that cross the boundary between rooms; nothing else travels."""
