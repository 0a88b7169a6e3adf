"""What stands behind the person of a scene: a colour, a gradient, a picture, a clip, or what an image engine paints."""
