"""Write the pictures of the tutorial into the current folder: all are in the public domain, and come with scikit-image.

photo.png is NASA's portrait of an astronaut, stars.jpg its Hubble deep field, rocket.jpg a launch photo by SpaceX.
"""

from PIL import Image
from skimage import data

Image.fromarray(data.astronaut()).save("photo.png")
Image.fromarray(data.rocket()).save("rocket.jpg")
Image.fromarray(data.hubble_deep_field()).save("stars.jpg")
