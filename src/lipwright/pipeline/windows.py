"""Where a video is cut into windows that are made, stored and resumed each for itself."""

from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

WINDOW_S = 10
SLACK_S = 2
"""A window may be so much longer or shorter, so that it ends where nothing is drawn or the mouth is shut."""
LEAST_FRAMES = 2
"""Of a window, unless the whole video has fewer."""
_DRAWN, _OPEN_PER_IOD, _OFF_PER_S = 1.0, 10.0, 0.01


class Window(NamedTuple):
    """Consecutive frames of the result."""

    first: int
    end: int
    """Exclusive."""


def cut_windows(weight: NDArray[np.float32], gap: NDArray[np.float32], fps: Fraction) -> tuple[Window, ...]:
    """Cut a video where a seam between two windows shows least.

    Args:
        weight: (frames,) how far each frame's mouth is drawn; best is a cut where it is not.
        gap: (frames,) how far that mouth is open; second best is a cut where it is shut.
    Returns: windows in order that together are the whole video.
    """
    frames = len(weight)
    usual = max(LEAST_FRAMES, round(WINDOW_S * fps))
    slack = min(usual - LEAST_FRAMES, round(SLACK_S * fps))
    windows: list[Window] = []
    first = 0
    while frames - first > usual + slack:
        ends = np.arange(first + usual - slack, min(first + usual + slack, frames - LEAST_FRAMES) + 1)
        beside = np.maximum(weight[ends - 1], weight[ends]) > 0
        cost = _DRAWN * beside + _OPEN_PER_IOD * np.maximum(gap[ends - 1], gap[ends]) * beside
        cost += _OFF_PER_S * np.abs(ends - first - usual) / float(fps)
        end = int(ends[int(np.argmin(cost))])
        windows.append(Window(first, end))
        first = end
    return (*windows, Window(first, frames))
