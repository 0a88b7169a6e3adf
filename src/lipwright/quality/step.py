"""Whether the finished picture keeps step with its source: by how many frames it comes late or early."""

from collections import deque
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

REACH: Final = 12
"""Frames, early and late."""
_SIDE_PX: Final = 48
_CLEAR: Final = 0.5
"""Of the mean difference at other lags: a best one above it is no clear answer, as in a picture that stands still."""
_LEAST_FREE: Final = 100
"""Small pixels that the mouths of both frames leave free."""

Floats = NDArray[np.float64]
_Small = tuple[NDArray[np.float32], NDArray[np.bool_]]
"""A picture of _SIDE_PX, and where no mouth is."""


class StepMeter:
    """Compares each small picture with those of the source a little earlier and later. Keeps 2 x REACH of them."""

    def __init__(self) -> None:
        self._shown: deque[_Small] = deque(maxlen=REACH + 1)
        self._origin: deque[_Small] = deque(maxlen=REACH + 1)
        self._sums = np.zeros(2 * REACH + 1)
        self._counts = np.zeros(2 * REACH + 1, np.int64)

    def look(self, shown: NDArray[np.uint8], origin: NDArray[np.uint8], outlines: list[Floats]) -> None:
        """Take the next pair.

        Args:
            shown, origin: luma, uint8 (height, width), as large as each other.
            outlines: where a mouth may have changed; it has no say.
        """
        free = _free(shown.shape, outlines)
        self._shown.append((_small(shown), free))
        self._origin.append((_small(origin), free))
        for lag in range(len(self._shown)):
            self._add(lag, self._shown[-1], self._origin[-1 - lag])
            if lag:
                self._add(-lag, self._shown[-1 - lag], self._origin[-1])

    def forget(self) -> None:
        """What comes next does not go on where the source was."""
        self._shown.clear()
        self._origin.clear()

    def lag(self) -> int | None:
        """Frames that the picture comes behind its source; None when the picture moves too little to tell."""
        if self._counts.min() < 1:
            return None
        means = self._sums / self._counts
        best = int(np.argmin(means))
        others = float(np.delete(means, best).mean())
        return best - REACH if means[best] < _CLEAR * others else None

    def _add(self, lag: int, shown: _Small, origin: _Small) -> None:
        free = shown[1] & origin[1]
        if int(free.sum()) >= _LEAST_FREE:
            self._sums[lag + REACH] += float(np.mean(np.square(shown[0] - origin[0])[free]))
            self._counts[lag + REACH] += 1


def _small(luma: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.asarray(cv2.resize(luma, (_SIDE_PX, _SIDE_PX), interpolation=cv2.INTER_AREA), np.float32)


def _free(shape: tuple[int, ...], outlines: list[Floats]) -> NDArray[np.bool_]:
    covered = np.zeros((_SIDE_PX, _SIDE_PX), np.uint8)
    for outline in outlines:
        places = np.round((outline + 0.5) * _SIDE_PX / (shape[1], shape[0]) - 0.5).astype(np.int32)
        cv2.fillPoly(covered, [places], 1)
    return np.asarray(cv2.dilate(covered, np.ones((3, 3), np.uint8)) == 0)
