"""Meshes with a known placement, and where golden numbers lie."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.face import FaceMesh
from lipwright.face import pose, topology

GOLDEN = Path(__file__).parents[1] / "face" / "golden"


def canonical_points() -> NDArray[np.float64]:
    """The canonical face with irises in the middle of the eyes, (478, 3)."""
    skin = topology.canonical_vertices().astype(np.float64)
    centres = [skin[list(eye.upper_lid + eye.lower_lid)].mean(axis=0) for eye in topology.EYES]
    return np.concatenate([skin, np.repeat(centres, 5, axis=0)])


def placed(yaw: float, pitch: float, roll: float, scale: float = 100, at: tuple[float, float] = (300, 200)) -> FaceMesh:
    """The canonical face, turned by degrees, `scale` px between the outer eye corners, its bridge `at` a pixel."""
    points = scale * canonical_points() @ pose.rotation_of(yaw, pitch, roll).T + (*at, 0)
    return FaceMesh(points.astype(np.float32), 1.0)
