"""What a scan found in one stretch of a clip, as a value and as files. The same scan writes the same bytes."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from lipwright.face import topology
from lipwright.face.features import FaceFeatures
from lipwright.face.shots import ShotState

SCAN_VERSION = 3
"""Grows whenever the same frames give other results."""

_FACTS, _STATE, _POINTS = "window.npz", "state.npz", "points.npy"


class Strand(NamedTuple):
    """The rows of one followed face in one window. The same face keeps its number in the next window."""

    number: int
    first_frame: int
    frame_count: int
    first_row: int
    """Where its rows begin in the window's arrays."""


class PointRows:
    """Meshes, (rows, 478, 3) float32, in memory or in a file, where reading takes no more memory than what is read."""

    def __init__(self, source: NDArray[np.float32] | Path) -> None:
        self._source = source

    def read(self, start: int, stop: int) -> NDArray[np.float32]:
        """Copy the rows from `start` to `stop`, exclusive."""
        # The mapping ends with this call, so that pages that were read do not count as the program's own.
        rows = np.load(self._source, mmap_mode="r") if isinstance(self._source, Path) else self._source
        return np.array(rows[start:stop], np.float32)


@dataclass(frozen=True, slots=True)
class ScanState:
    """All that the next window needs to know of the ones before."""

    next_frame: int = 0
    next_strand: int = 0
    since_detection: int = 0
    """Frames since faces were last looked for; 0 asks for it at once."""
    numbers: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    """(strands,) of the faces that are being followed."""
    missing: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    """(strands,) frames since each was last seen."""
    presence: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    points: NDArray[np.float32] = field(default_factory=lambda: np.empty((0, topology.POINT_COUNT, 3), np.float32))
    """(strands, 478, 3) where each was last seen."""
    shots: ShotState = field(default_factory=ShotState)


@dataclass(frozen=True, slots=True)
class ScanWindow:
    """Faces and cuts in a stretch of consecutive frames."""

    first_frame: int
    frame_count: int
    width_px: int
    """Of the frames; so is `height_px`."""
    height_px: int
    cuts: tuple[int, ...]
    """Frames that begin a shot, as far as they became known here; the first may lie shortly before `first_frame`."""
    unsettled_cuts: tuple[int, ...]
    """Frames that begin a shot if the clip ends with this window."""
    small_faces: tuple[int, ...]
    """Widths in pixels of the largest faces that were seen and not followed, as they are too small or too many."""
    strands: tuple[Strand, ...]
    features: FaceFeatures
    """Rows of all strands."""
    points: PointRows
    """The meshes that belong to the rows of `features`, in pixels of the frame."""
    state: ScanState | None
    """What the next window begins with; None in a window that was made smaller by `without_state`."""

    def without_state(self) -> Self:
        """The same window for one who has taken its state: the pictures in it are a hundred times all the rest."""
        return replace(self, state=None)

    def save(self, folder: Path) -> None:
        """Write the window, with its state, into an existing folder, as three files."""
        if self.state is None:
            raise ValueError("a window without its state cannot be saved")
        np.savez(
            folder / _FACTS,
            span=np.array([self.first_frame, self.frame_count, self.width_px, self.height_px], np.int64),
            cuts=_whole(self.cuts),
            unsettled_cuts=_whole(self.unsettled_cuts),
            small_faces=_whole(self.small_faces),
            strands=np.array(self.strands, np.int64).reshape(-1, len(Strand._fields)),
            features=self.features.values,
        )
        np.savez(
            folder / _STATE,
            counters=_whole((self.state.next_frame, self.state.next_strand, self.state.since_detection)),
            **{name: getattr(self.state, name) for name in _STRAND_ARRAYS},
            **{name: getattr(self.state.shots, name) for name in _SHOT_ARRAYS},
        )
        np.save(folder / _POINTS, self.points.read(0, len(self.features)))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read a saved window; its meshes stay on disk, where they must remain."""
        with np.load(folder / _STATE) as stored:
            next_frame, next_strand, since_detection = stored["counters"].tolist()
            shots = ShotState(**{name: stored[name] for name in _SHOT_ARRAYS})
            followed = {name: stored[name] for name in _STRAND_ARRAYS}
        with np.load(folder / _FACTS) as stored:
            first_frame, frame_count, width_px, height_px = stored["span"].tolist()
            return cls(
                first_frame,
                frame_count,
                width_px,
                height_px,
                tuple(stored["cuts"].tolist()),
                tuple(stored["unsettled_cuts"].tolist()),
                tuple(stored["small_faces"].tolist()),
                tuple(Strand(*row) for row in stored["strands"].tolist()),
                FaceFeatures(stored["features"]),
                PointRows(folder / _POINTS),
                ScanState(next_frame, next_strand, since_detection, **followed, shots=shots),
            )


_STRAND_ARRAYS = ("numbers", "missing", "presence", "points")
_SHOT_ARRAYS = ("thumbnails", "small", "waiting")


def _whole(values: Sequence[int]) -> NDArray[np.int64]:
    return np.array(values, np.int64)
