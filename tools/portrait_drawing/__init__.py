"""A painted portrait of nobody: a face surface shaded in software, with brush strokes on it."""
