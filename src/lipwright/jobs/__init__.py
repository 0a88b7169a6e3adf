"""Durable execution of jobs. Knows no stage by name: routes tell which there are, and do their work."""
