"""The mesh that carries the mouth's motion into skin: the face, two rings around the jaw, a strip through the mouth."""

import numpy as np
from numpy.typing import NDArray

from lipwright.face import topology
from lipwright.render.arrays import Floats
from lipwright.render.easing import smoothstep
from lipwright.render.portrait.rows import INNER_LOWER, INNER_UPPER, JAW, NOSE


class WarpMesh:
    """Vertices, triangles and weights for one photo. The first 478 vertices are the face mesh."""

    def __init__(self, points: Floats, canonical: Floats) -> None:
        """Take the photo's mesh in pixels (478, 3) and in canonical space (478, 3)."""
        jaw = JAW
        self._jaw = jaw
        face_centre = points[:468, :2].mean(axis=0)
        out = points[jaw, :2] - face_centre
        radius = np.linalg.norm(out, axis=1, keepdims=True)
        down = np.clip(out[:, 1:] / np.maximum(radius, 1e-6), 0, 1)
        self._rings = np.concatenate([out * (0.10 + 0.16 * down), out * (0.15 + 0.55 * down)])
        self.weight = self._weights(canonical)
        self.triangles = self._triangles()

    @staticmethod
    def _weights(canonical: Floats) -> Floats:
        """How much of a mouth motion each point takes: none above the nose tip, all at the lips, .15 on the nose."""
        tip, lip = canonical[4, 1], canonical[0, 1]
        weight = np.asarray(smoothstep(canonical[:, 1], float(tip), float(lip)), np.float64)
        weight[NOSE] = np.minimum(weight[NOSE], 0.15)
        return weight

    def _triangles(self) -> NDArray[np.int32]:
        """Mouth strip first, so that lips are drawn over it, then the rings, then the face."""
        strips = []
        upper, lower = INNER_UPPER, INNER_LOWER
        for i in range(len(upper) - 1):
            strips += [(upper[i], lower[i], upper[i + 1]), (lower[i], lower[i + 1], upper[i + 1])]
        count = len(self._jaw)
        first, second = 478 + np.arange(count), 478 + count + np.arange(count)
        for inner, outer in ((self._jaw, first), (first, second)):
            for i in range(count - 1):
                strips += [(inner[i], outer[i], inner[i + 1]), (outer[i], outer[i + 1], inner[i + 1])]
        chosen = np.array([t for t in strips if len(set(t)) == 3], np.int32)
        return np.ascontiguousarray(np.concatenate([chosen, topology.skin_triangles()]))

    def extend(self, source: Floats, moved: Floats) -> tuple[Floats, Floats]:
        """Add the rings to a frame's 478 points.

        Args:
            source: (478, 2) where each is sampled in the photo.
            moved: (478, 2) by how much it moves.
        Returns: target and source positions, float32 (478 + rings, 2). The first ring takes 55 % of the jaw's motion,
            the second none.
        """
        count = len(self._jaw)
        rings = np.tile(source[self._jaw], (2, 1)) + self._rings
        ring_moved = np.concatenate([0.55 * moved[self._jaw], np.zeros((count, 2))])
        all_source = np.concatenate([source, rings])
        all_target = all_source + np.concatenate([moved, ring_moved])
        return np.ascontiguousarray(all_target, np.float32), np.ascontiguousarray(all_source, np.float32)
