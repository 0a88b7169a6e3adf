"""Video engines behind somebody's HTTP API: ordered, watched, fetched and paid for once."""
