"""How an avatar is made from a photo or a clip, kept, and found again."""
