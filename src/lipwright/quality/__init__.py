"""Finished videos, measured with a detector of our own: figures, a report and contact sheets."""
