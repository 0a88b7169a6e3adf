"""What is promised, measured: scenarios as data in scenarios.toml, one runner."""
