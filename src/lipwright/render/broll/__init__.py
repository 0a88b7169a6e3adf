"""What is seen instead of the person: pictures that the view wanders over, clips, and the library that they lie in."""
