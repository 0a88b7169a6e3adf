"""Where faces are in a picture, how they are turned, and which pixels are the person."""
