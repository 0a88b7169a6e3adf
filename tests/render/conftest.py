"""One prepared portrait for all tests of the renderer, and tracks to drive it."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from lipwright.contracts.face import FaceMesh
from lipwright.contracts.motion import IdleTrack, MouthTrack
from lipwright.face.matte import PersonMatte
from lipwright.face.select import find_face
from lipwright.motion.shapes import load_shape_basis
from lipwright.pipeline.stages.prepare import set_scene
from lipwright.render.portrait.portrait import Portrait
from lipwright.render.scene import Scene

FPS = Fraction(25)


@dataclass(frozen=True)
class Sitter:
    """A photo and what is prepared of it."""

    photo: NDArray[np.uint8]
    mesh: FaceMesh
    scene: Scene
    portrait: Portrait


@pytest.fixture(scope="session")
def sitter() -> Sitter:
    """scikit-image's public-domain photo: an open smile with teeth, the hardest kind of mouth to close."""
    photo = np.ascontiguousarray(data.astronaut())
    mesh = find_face(photo, "astronaut.png")
    scene = set_scene(photo, PersonMatte().matte(photo, mesh), "keep", mesh.eye_distance_px)
    return Sitter(photo, mesh, scene, Portrait(scene, mesh, load_shape_basis(), seed=1))


def mouth(*gaps: float) -> MouthTrack:
    """A track that opens to each gap in turn, closed where it is 0."""
    gap = np.array(gaps, np.float32)
    controls = np.zeros((len(gap), 8), np.float32)
    controls[:, 0], controls[:, 1], controls[:, 2] = 0.6 * gap, -0.25 * gap, 0.8 * gap
    return MouthTrack(FPS, controls, gap, (gap == 0).astype(np.float32))


def still(frames: int, *, blink: float = 0.0, yaw: float = 0.0, shift: tuple[float, float] = (0.0, 0.0)) -> IdleTrack:
    """The same head, lids and brows in every frame."""
    rotation = np.zeros((frames, 3), np.float32)
    rotation[:, 0] = yaw
    return IdleTrack(
        FPS,
        rotation,
        np.tile(np.array(shift, np.float32), (frames, 1)),
        np.full(frames, blink, np.float32),
        np.zeros(frames, np.float32),
        np.zeros(frames, np.float32),
    )
