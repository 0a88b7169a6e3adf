"""The frame's own skin, moved along with the new mouth: jaw, cheeks, and the neck below them."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.face import HeadPose
from lipwright.face import topology
from lipwright.render.arrays import Floats, Pixels
from lipwright.render.easing import smoothstep
from lipwright.render.kernels import rasterise
from lipwright.render.portrait.rows import INNER_LOWER, INNER_UPPER, JAW, NOSE
from lipwright.render.rewrite.sampling import sample

NOSE_FOLLOWS = 0.15
"""Share of the mouth's motion that the nose takes, at most."""
RING_SHARE = 0.55
"""Of the jaw's motion, what the neck just below it takes; farther down it takes none."""
LEAST_MOTION_PX = 0.05
"""What moves less is left alone, to the grey level."""
CRISPNESS = 0.05
"""See `sample`. Skin that is moved once keeps its detail with this, measured on five clips."""


class BaseWarp:
    """Moves the lower face of one person. Keeps no picture; one object serves all frames."""

    def __init__(self, neutral: Floats) -> None:
        """Take the person's neutral mesh in canonical space, (478, 3)."""
        tip, lip = float(neutral[4, 1]), float(neutral[0, 1])
        weight = np.asarray(smoothstep(neutral[:, 1], tip, lip), np.float64)
        weight[NOSE] = np.minimum(weight[NOSE], NOSE_FOLLOWS)
        weight[topology.SKIN_POINT_COUNT :] = 0
        self.weight = weight[:, None]
        self._triangles = _moving(weight > 0)
        self._reached = np.unique(self._triangles)

    def place(self, points: Floats, pose: HeadPose, canonical: Floats, target: Floats) -> Floats:
        """Where the mesh goes: (478, 2) float64 pixels.

        Args:
            points: (478, 3) the frame's mesh in pixels.
            pose: of it.
            canonical: (478, 3) the same mesh without its pose.
            target: (478, 3) what it is to become.
        """
        moved = (target - canonical) * self.weight @ pose.rotation.T * pose.scale
        return points[:, :2].astype(np.float64) + moved[:, :2]

    def draw(self, image: Pixels, points: Floats, target: Floats) -> Pixels:
        """A copy of the picture with the skin moved.

        Args:
            image: uint8 RGB (height, width, 3). Not modified.
            points: (478, 2 or 3) where the mesh is.
            target: (478, 2) where it goes.
        Returns: equal to `image` outside of the lower face and the neck below it.
        """
        moved = target - points[:, :2]
        moved[np.abs(moved).max(axis=1) < LEAST_MOTION_PX] = 0
        out = image.copy()
        if not moved.any():
            return out
        source, aim = _with_neck(points[:, :2], moved)
        reached = aim[self._reached]
        height, width = image.shape[:2]
        left, top = (int(v) for v in np.maximum(np.floor(reached.min(axis=0)) - 2, 0))
        right, bottom = (int(v) for v in np.minimum(np.ceil(reached.max(axis=0)) + 3, (width, height)))
        if right <= left or bottom <= top:
            return out
        field = np.empty((bottom - top, right - left, 2), np.float32)
        valid = np.empty(field.shape[:2], np.uint8)
        rasterise(aim, source, self._triangles, left, top, field, valid)
        out[top:bottom, left:right] = sample(image, field, left, top, CRISPNESS)
        return out


def _with_neck(points: Floats, moved: Floats) -> tuple[Floats, Floats]:
    """Add two rings below the jaw: source and target, float32 (478 + 2 x 17, 2)."""
    out = points[JAW] - points[:468].mean(axis=0)
    radius = np.linalg.norm(out, axis=1, keepdims=True)
    down = np.clip(out[:, 1:] / np.maximum(radius, 1e-6), 0, 1)
    near, far = points[JAW] + out * (0.10 + 0.16 * down), points[JAW] + out * (0.15 + 0.55 * down)
    source = np.concatenate([points, near, far])
    aim = np.concatenate([points + moved, near + RING_SHARE * moved[JAW], far])
    return np.ascontiguousarray(source, np.float32), np.ascontiguousarray(aim, np.float32)


@cache
def _strips() -> NDArray[np.int32]:
    """Between the lips, then the neck, as triangles."""
    strips: list[tuple[int, int, int]] = []
    count = len(JAW)
    near, far = 478 + np.arange(count), 478 + count + np.arange(count)
    for one, other in ((INNER_UPPER, INNER_LOWER), (JAW, near), (near, far)):
        for i in range(len(one) - 1):
            strips += [(one[i], other[i], one[i + 1]), (other[i], other[i + 1], one[i + 1])]
    return np.array([strip for strip in strips if len(set(strip)) == 3], np.int32)


def _moving(moves: NDArray[np.bool_]) -> NDArray[np.int32]:
    """The triangles that a mouth moves, the mouth's strip first, so that lips are drawn over it."""
    skin = topology.skin_triangles()
    return np.ascontiguousarray(np.concatenate([_strips(), skin[moves[skin].any(axis=1)]]))
