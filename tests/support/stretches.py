"""Stretches of a small drawn face for lip-sync engines: every frame can be told from the others."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.lipsync import FaceFrame, LipSyncWindow
from lipwright.contracts.motion import MouthTrack
from support.faces import placed

HEIGHT_PX, WIDTH_PX = 72, 64
SOUND_HZ = 16_000


def always(_number: int) -> float:
    return 1.0


@cache
def face_frame(number: int, weight: float = 1.0) -> FaceFrame:
    """A patterned picture; the face wanders a little and leans from frame to frame."""
    rng = np.random.default_rng(number)
    image = rng.integers(30, 220, (HEIGHT_PX, WIDTH_PX, 3), dtype=np.uint8)
    roll = 12 * np.sin(number / 7)
    mesh = placed(0, 0, float(roll), scale=22, at=(32 + 3 * np.sin(number / 5), 25 + 2 * np.cos(number / 5)))
    return FaceFrame(image, mesh.points, weight, number)


def gaps(count: int) -> NDArray[np.float32]:
    return np.asarray(0.1 + 0.1 * np.sin(np.arange(count) / 3), np.float32)


def stretch(
    count: int,
    fps: Fraction,
    *,
    weight: Callable[[int], float] = always,
    frames: Iterator[FaceFrame] | None = None,
) -> LipSyncWindow:
    """`count` frames with the numbers 0, 1, 2 ..., a mouth that moves, and sound whose samples tell their time."""
    gap = gaps(count)
    controls = np.tile(gap[:, None], (1, 8))
    samples = round(count / fps * SOUND_HZ)
    return LipSyncWindow(
        fps=fps,
        frames=frames or (face_frame(number, weight(number)) for number in range(count)),
        mouth=MouthTrack(fps, controls, gap, (gap < 0.02).astype(np.float32)),
        sound=np.arange(samples, dtype=np.float32) / SOUND_HZ,
    )
