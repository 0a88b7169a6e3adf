"""Text in, spoken words with their times out."""
