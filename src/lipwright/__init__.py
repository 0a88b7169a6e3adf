"""Lipwright: a self-hosted engine for talking avatars and video localization."""

__version__ = "0.1.0"
