"""The photo's own background fills a canvas: where the photo ends it goes on as its mirror image, soon out of focus."""

import cv2
import numpy as np

from lipwright.render.arrays import Floats, Pixels
from lipwright.render.easing import smoothstep
from lipwright.render.framing import PhotoFit

SEAM = 0.05
"""Of the canvas' longer side: inside the photo's edge the photo gives way to what goes on beyond it."""
SOFTER = ((0.008, 0.05), (0.03, 0.16))
"""Sigma of a blur, and how far beyond the seam it is complete; shares of the canvas' longer side."""
DARKER = 0.22
"""How much darker it is far from the photo."""
FAR = 0.3


def own_room(room: Pixels, fit: PhotoFit) -> tuple[Pixels, Floats]:
    """Fill a canvas with a photo's background.

    Args:
        room: uint8 RGB, the photo without its person.
        fit: how the photo lies on the canvas.
    Returns: uint8 RGB of the canvas' size, and how much of each pixel is the photo itself: float32 (h, w), 0 to 1.
    """
    own = fit.picture(room)
    inside = fit.inside(room.shape[1], room.shape[0])
    longest = max(fit.width_px, fit.height_px)
    share = smoothstep(inside / (SEAM * longest), 0, 1).astype(np.float32)
    if share.min() >= 1:
        return own, share
    beyond = np.maximum(SEAM * longest - inside, 0) / longest
    going_on = fit.mirrored(room).astype(np.float32)
    for sigma, reach in SOFTER:
        soft = _softened(going_on, sigma * longest)
        weight = smoothstep(beyond, 0, reach).astype(np.float32)[..., None]
        going_on += (soft - going_on) * weight
    going_on *= (1 - DARKER * smoothstep(beyond, 0, FAR).astype(np.float32))[..., None]
    filled = going_on + (own - going_on) * share[..., None]
    return np.asarray(np.clip(filled + 0.5, 0, 255), np.uint8), share


def _softened(picture: Floats, sigma: float) -> Floats:
    """A wide Gaussian blur, made on a smaller picture."""
    height, width = picture.shape[:2]
    shrink = max(1.0, sigma / 4)
    small = cv2.resize(
        picture, (max(1, round(width / shrink)), max(1, round(height / shrink))), interpolation=cv2.INTER_AREA
    )
    small = cv2.GaussianBlur(small, (0, 0), sigma / shrink, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)
