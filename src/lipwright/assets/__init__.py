"""Packaged models and tables. Each folder lists its files in ASSETS.toml, with source, licence and SHA-256."""
