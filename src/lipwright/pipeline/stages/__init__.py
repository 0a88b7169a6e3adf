"""The stages, one verb a module."""
