"""From written words to the phonemes that the voices know."""
