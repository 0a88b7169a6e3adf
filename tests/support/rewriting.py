"""A person who speaks, without anybody's footage: a drawn portrait with a moving mouth, tracked like a clip."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.lipsync import DrawnFace, FaceFrame, LipSyncWindow
from lipwright.contracts.motion import IdleTrack, MouthTrack
from lipwright.face.tracker import FaceTracker
from lipwright.quality.mouth import inner_gap
from lipwright.render.portrait.portrait import Portrait

FPS = Fraction(25)
SILENCE = np.zeros(0, np.float32)


@dataclass(frozen=True)
class Talker:
    """A clip of somebody who speaks."""

    frames: tuple[FaceFrame, ...]

    def weighted(self, weights: NDArray[np.float64]) -> Iterator[FaceFrame]:
        """The first frames again, one for each weight."""
        for frame, weight in zip(self.frames, weights, strict=False):
            yield replace(frame, weight=float(weight))


def track_of(gap: NDArray[np.float64]) -> MouthTrack:
    """A mouth that opens by `gap` (frames,) IOD; closed where it is 0."""
    controls = np.outer(gap, (0.6, -0.3, 0.77, -0.1, 0.2, -0.1, 0.0, 0.05)).astype(np.float32)
    return MouthTrack(FPS, controls, gap.astype(np.float32), (gap == 0).astype(np.float32))


def window_of(frames: Iterator[FaceFrame], gap: NDArray[np.float64]) -> LipSyncWindow:
    return LipSyncWindow(FPS, frames, track_of(gap), SILENCE)


def drawn_gaps(drawn: list[DrawnFace]) -> NDArray[np.float64]:
    """How far the lips are apart in pictures, found by the face tracker."""
    tracker = FaceTracker()
    meshes = [tracker.track(face.image) for face in drawn]
    return np.array([np.nan if mesh is None else inner_gap(mesh.points) for mesh in meshes])


def filmed(portrait: Portrait, gap: NDArray[np.float64]) -> Talker:
    """Draw a clip and track it; the head turns a little."""
    count = len(gap)
    rotation = np.zeros((count, 3), np.float32)
    rotation[:, 0] = 0.04 * np.sin(np.arange(count) / 7)
    still = np.zeros(count, np.float32)
    idle = IdleTrack(FPS, rotation, np.zeros((count, 2), np.float32), still, still, still)
    performance = portrait.perform(track_of(gap))
    tracker = FaceTracker()
    frames = []
    for index in range(count):
        image = portrait.frame(performance, idle, index).image
        mesh = tracker.track(image)
        assert mesh is not None
        frames.append((image, mesh.points))
    all_points = np.array([points for _, points in frames])
    unit = float(np.linalg.norm(all_points[0, 263, :2] - all_points[0, 33, :2]))
    left, top = (int(v) for v in np.maximum(all_points.min(axis=(0, 1))[:2] - 0.4 * unit, 0))
    right, bottom = (int(v) for v in all_points.max(axis=(0, 1))[:2] + np.array([0.4, 0.7]) * unit)
    return Talker(
        tuple(
            FaceFrame(
                np.ascontiguousarray(image[top:bottom, left:right]),
                (points - np.array([left, top, 0])).astype(np.float32),
                1.0,
                number,
            )
            for number, (image, points) in enumerate(frames)
        )
    )
