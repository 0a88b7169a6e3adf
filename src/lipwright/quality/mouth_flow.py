"""What the motion of a mouth alone would change in a picture: the picture before, moved as the mesh has moved since.

Lips that move change pixels, the more so the faster and the richer in contrast they are. That is told here from the
motion that was found; what changes beyond it is flicker, other teeth, another exemplar.
"""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.quality.mouth_box import SIDE_PX, Box, change_energy

_NODES: Final = 16
"""A side: where motion is worked out; between them it is interpolated."""
_REACH_PX: Final = 6.0
"""Sigma: how far around it a point of the mesh moves the picture."""
_MARGIN_PX: Final = 10.0

Floats = NDArray[np.float64]


def motion_energy(before: Box, now: Box) -> dict[str, float]:
    """As mouth_box.change_energy, of the picture before moved along with the mesh."""
    return change_energy(before, now, _moved(before, now))


def _moved(before: Box, now: Box) -> NDArray[np.float32]:
    inside = ((now.points > -_MARGIN_PX) & (now.points < SIDE_PX + _MARGIN_PX)).all(axis=1)
    if not inside.any():
        return before.luma
    places, back = now.points[inside], (before.points - now.points)[inside]
    steps = np.linspace(0, SIDE_PX - 1, _NODES)
    nodes = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    away = np.square(nodes[:, None] - places[None]).sum(axis=2)
    weights = np.exp(-away / (2 * _REACH_PX**2)) + 1e-9
    flow = (weights @ back / weights.sum(axis=1, keepdims=True)).reshape(_NODES, _NODES, 2).astype(np.float32)
    # Nodes lie on the first and the last pixel.
    scale = (_NODES - 1) / (SIDE_PX - 1)
    grid = np.arange(SIDE_PX, dtype=np.float32)
    across, down = np.meshgrid(grid, grid)
    wide = cv2.remap(flow, across * scale, down * scale, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    found = cv2.remap(
        before.luma, across + wide[..., 0], down + wide[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(found, np.float32)
