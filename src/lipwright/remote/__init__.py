"""Engines behind somebody's HTTP API: one client for all of them."""
