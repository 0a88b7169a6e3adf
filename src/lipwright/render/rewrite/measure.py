"""A mouth in numbers: its eight controls and its gap, from meshes with their pose taken out."""

import numpy as np

from lipwright.contracts.face import HeadPose
from lipwright.face import topology
from lipwright.render.arrays import Floats
from lipwright.render.portrait.rows import CHIN, INNER_LOWER, INNER_UPPER

_MIDDLE = slice(3, 8)
"""The five middle columns of a lip row."""


def measure_controls(canonical: Floats) -> Floats:
    """The eight MOUTH_CONTROLS as they are, not yet relative to a neutral mouth.

    Args:
        canonical: (..., 478, 3).
    Returns: (..., 8) IOD.
    Source: training/fit_mouth_controls.py measures the basis of shapes in the same way.
    """
    y = canonical[..., 1]
    upper, lower = (y[..., 82] + 2 * y[..., 13] + y[..., 312]) / 4, (y[..., 87] + 2 * y[..., 14] + y[..., 317]) / 4
    above, below = (y[..., 37] + 2 * y[..., 0] + y[..., 267]) / 4, (y[..., 84] + 2 * y[..., 17] + y[..., 314]) / 4
    return np.stack(
        [
            y[..., CHIN].mean(axis=-1),
            upper,
            lower,
            np.linalg.norm(canonical[..., 61, :] - canonical[..., 291, :], axis=-1),
            y[..., list(topology.MOUTH_CORNERS)].mean(axis=-1),
            upper - above,
            below - lower,
            canonical[..., [13, 14, 0, 17], 2].mean(axis=-1),
        ],
        axis=-1,
    )


def measure_gap(canonical: Floats) -> Floats:
    """How far the inner lips are apart, IOD: the mean of the five middle pairs, (...,) from (..., 478, 2 or 3)."""
    apart = canonical[..., INNER_LOWER[_MIDDLE], :2] - canonical[..., INNER_UPPER[_MIDDLE], :2]
    return np.asarray(np.linalg.norm(apart, axis=-1).mean(axis=-1))


def turn_of(pose: HeadPose) -> Floats:
    """The rotation as a vector along its axis, radians, (3,)."""
    r = pose.rotation
    sine = np.array([r[2, 1] - r[1, 2], r[0, 2] - r[2, 0], r[1, 0] - r[0, 1]]) / 2
    length = float(np.linalg.norm(sine))
    angle = float(np.arctan2(length, (np.trace(r) - 1) / 2))
    return sine * (angle / length if length > 1e-9 else 1.0)


def to_pixels(canonical: Floats, pose: HeadPose) -> Floats:
    """The mesh (478, 3) as the pose shows it; the reverse of `face.pose.to_canonical`."""
    return np.asarray(pose.scale * canonical @ pose.rotation.T + pose.translation)
