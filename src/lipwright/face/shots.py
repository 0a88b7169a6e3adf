"""Where one shot ends and the next begins, found frame by frame. Flashes and fades are no cuts.

Engine: PySceneDetect's adaptive detector, BSD-3: a frame that differs from the one before much more than its neighbours
do from theirs.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray
from scenedetect import AdaptiveDetector, FrameTimecode

THUMBNAIL_PX = 256
"""Longer side of the pictures that `see` wants; larger ones only take longer."""
_AROUND = 2
"""Frames before and behind that a cut is compared with."""
_KEPT = 2 * _AROUND + 1
"""As many pictures bring the engine back to where it was."""
_SUDDEN = 8.0
"""Mean difference in levels from which a frame may begin a shot; the engine asks for 15 in its own colour space."""
_FLASH_S = 0.2
"""A picture that comes back within this time was never left."""
_SAME_SHARE = 0.5
"""Of the difference across a cut: two pictures that differ by less are one view."""
_OUTLIER = 3.0
"""Times the middle one of its neighbours: a step of a fade is none, though black has no hue and so differs from
everything in the engine's colour space."""
_SMALL_PX = (32, 32)


def _no_pictures() -> NDArray[np.uint8]:
    return np.empty((0, 0, 0, 3), np.uint8)


@dataclass(frozen=True, slots=True)
class ShotState:
    """From where another detector goes on as the first one would."""

    thumbnails: NDArray[np.uint8] = field(default_factory=_no_pictures)
    """(up to 5, height, width, 3) the last ones seen."""
    small: NDArray[np.uint8] = field(default_factory=_no_pictures)
    """(frames, 32, 32, 3) tiny copies of some more, to tell flashes by."""
    waiting: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    """Frames that seem to begin a shot, of which too little was seen."""


class ShotDetector:
    """Sees consecutive frames and tells, a fifth of a second later, where cuts were."""

    def __init__(self, fps: Fraction, first_frame: int = 0, state: ShotState | None = None) -> None:
        """Begin, or go on where another one stopped.

        Args:
            first_frame: number of the next frame.
            state: from `state`.
        """
        self._fps = fps
        self._next = first_frame
        self._engine = AdaptiveDetector(min_scene_len=0, window_width=_AROUND)
        self._reach = max(_AROUND, round(_FLASH_S * fps))
        self._kept = 2 * self._reach + 2
        self._thumbnails: list[NDArray[np.uint8]] = []
        self._small: list[NDArray[np.uint8]] = []
        self._waiting: list[int] = []
        if state is not None:
            self._small = list(state.small)
            self._waiting = [int(frame) for frame in state.waiting]
            for number, thumbnail in enumerate(state.thumbnails, first_frame - len(state.thumbnails)):
                self._feed(number, thumbnail)

    @property
    def state(self) -> ShotState:
        """What another detector needs to go on from here."""
        if not self._small:
            return ShotState()
        return ShotState(np.stack(self._thumbnails), np.stack(self._small), np.array(self._waiting, np.int64))

    def see(self, thumbnail: NDArray[np.uint8]) -> tuple[bool, list[int]]:
        """The next frame.

        Args:
            thumbnail: uint8 RGB, (height, width, 3), small; always of one size.
        Returns: whether this frame may begin a shot, which is known at once, and the frames, this one or earlier ones,
            that are now known to begin one.
        """
        small = np.asarray(cv2.resize(thumbnail, _SMALL_PX, interpolation=cv2.INTER_AREA), np.uint8)
        sudden = bool(self._small) and _difference(small, self._small[-1]) >= _SUDDEN
        self._small = [*self._small, small][-self._kept :]
        self._waiting += self._feed(self._next, thumbnail)
        self._next += 1
        due = [frame for frame in self._waiting if frame + self._reach < self._next]
        self._waiting = self._waiting[len(due) :]
        return sudden, [frame for frame in due if self._is_cut(frame)]

    def unsettled(self) -> list[int]:
        """Frames that begin a shot if no more frames come."""
        return [frame for frame in self._waiting if self._is_cut(frame)]

    def _feed(self, number: int, thumbnail: NDArray[np.uint8]) -> list[int]:
        self._thumbnails = [*self._thumbnails, thumbnail][-_KEPT:]
        found = self._engine.process_frame(FrameTimecode(number, float(self._fps)), thumbnail[..., ::-1])
        return [cut.frame_num for cut in found]

    def _is_cut(self, frame: int) -> bool:
        """Whether the picture changes here at once and for good."""
        first = self._next - len(self._small)
        before = self._small[max(0, frame - self._reach - first) : frame - first]
        behind = self._small[frame - first : frame + self._reach + 1 - first]
        change = _difference(before[-1], behind[0])
        beside = [
            _difference(*pair) for part in (before[-_AROUND - 1 :], behind[: _AROUND + 1]) for pair in pairwise(part)
        ]
        comes_back = min(_difference(one, other) for one in before for other in behind)
        return change > _OUTLIER * float(np.median(beside or [0.0])) and comes_back >= _SAME_SHARE * change


def _difference(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    return float(cv2.absdiff(one, other).mean())
