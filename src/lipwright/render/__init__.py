"""Pixels: a face and its motion in, frames out."""
