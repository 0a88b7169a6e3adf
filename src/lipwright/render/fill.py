"""Fill a hole in a picture smoothly from its rim (pull-push, Grossman and Dally, Point Sample Rendering, 1998)."""

import cv2
import numpy as np

from lipwright.render.arrays import Floats


def fill_smoothly(image: Floats, known: Floats) -> Floats:
    """Diffuse known pixels into unknown ones.

    Args:
        image: float32 (height, width, channels); what lies in the hole does not matter.
        known: float32 (height, width), 1 where the pixel is known, 0 in the hole.
    Returns: a new picture, equal to `image` where it is known, smooth elsewhere; unchanged when nothing is known.
    """
    if not known.any():
        return image.copy()
    return _pull_push(image * known[..., None], known)


def _pull_push(weighted: Floats, weight: Floats) -> Floats:
    height, width = weight.shape
    here = weighted / np.maximum(weight, 1e-6)[..., None]
    if weight.min() >= 1 or min(height, width) <= 2:
        if weight.min() <= 0:
            mean = weighted.sum(axis=(0, 1)) / max(float(weight.sum()), 1e-6)
            here = np.where(weight[..., None] > 0, here, mean)
        return np.asarray(here, np.float32)
    half = ((width + 1) // 2, (height + 1) // 2)
    small_weight = cv2.resize(weight, half, interpolation=cv2.INTER_AREA)
    small = cv2.resize(weighted, half, interpolation=cv2.INTER_AREA).reshape(half[1], half[0], -1)
    full = np.minimum(small_weight * 4, 1)
    small = small * (full / np.maximum(small_weight, 1e-6))[..., None]
    below = _pull_push(small, full)
    above = cv2.resize(below, (width, height), interpolation=cv2.INTER_LINEAR).reshape(height, width, -1)
    share = np.minimum(weight, 1)[..., None]
    filled = here * share + above * (1 - share)
    # One smoothing inside the hole at each level hides the pyramid's blocks.
    smooth = cv2.GaussianBlur(filled, (0, 0), 1.0).reshape(filled.shape)
    return np.asarray(np.where(share >= 1, filled, smooth * (1 - share) + filled * share), np.float32)
