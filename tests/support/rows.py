"""Rows of face features as a scan would note them."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lipwright.face.features import COLUMNS, FaceFeatures

_LOOK = ((180, 30, 40), (120, 60, 45), (170, 32, 41), (60, 5, 8), (90, 0, 0))
"""Skin, lips, chin, hair, clothes."""


def face_rows(count: int, *, grain: float = 0.0, seed: int = 0, **columns: ArrayLike) -> FaceFeatures:
    """A face that looks into the camera, 200 px wide, its mouth shut.

    Args:
        grain: how much its colours tremble, levels.
        columns: what is otherwise, one number or one for each frame.
    """
    usual = {"presence": 1, "eye_distance_px": 120, "width_px": 200, "lips_inside": 1, "centre_x": 320, "centre_y": 180}
    values = np.zeros((count, len(COLUMNS)), np.float32)
    features = FaceFeatures(values)
    features.look[:] = np.array(_LOOK) + grain * np.random.default_rng(seed).standard_normal((count, 5, 3))
    for name, value in (usual | columns).items():
        values[:, COLUMNS.index(name)] = value
    return features


def loudness(sound: NDArray[np.float32], per_frame: int, count: int) -> NDArray[np.float32]:
    """Decibels of as many samples for each frame; silence follows."""
    padded = np.zeros(per_frame * count, np.float64)
    padded[: len(sound)] = sound[: len(padded)]
    power = np.square(padded).reshape(count, per_frame).mean(axis=1)
    return np.asarray(10 * np.log10(np.maximum(power, 1e-10)), np.float32)
