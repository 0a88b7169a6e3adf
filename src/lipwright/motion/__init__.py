"""What the face does: mouth tracks from phonemes, and the idle motion of a living head."""
