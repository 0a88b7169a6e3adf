"""Where a video is cut into windows that are made, stored and resumed each for itself.

Each cut is sought about a multiple of ten seconds, whatever lies before it: other words in one place move no cut in
another, so that all other windows are found again.
"""

from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

WINDOW_S = 10
SLACK_S = 2
"""A cut may lie so much earlier or later, where nothing is drawn or the mouth is shut."""
LEAST_FRAMES = 2
"""Of a window, unless the whole video has fewer."""
_DRAWN, _OPEN_PER_IOD, _OFF_PER_S = 1.0, 10.0, 0.01
_SPEECH_S, _SPEECH_PER_IOD = 0.2, 1.0
"""A mouth that is open so near is amid a sentence: when that is said differently, both windows are made again."""


class Window(NamedTuple):
    """Consecutive frames of the result."""

    first: int
    end: int
    """Exclusive."""


def cut_windows(weight: NDArray[np.float32], gap: NDArray[np.float32], fps: Fraction) -> tuple[Window, ...]:
    """Cut a video where a seam between two windows shows least.

    Args:
        weight: (frames,) how far each frame's mouth is drawn; best is a cut where it is not.
        gap: (frames,) how far that mouth is open; second best is a cut where it is shut, in a
            pause rather than in a word.
    Returns: windows in order that together are the whole video.
    """
    frames = len(weight)
    usual = max(2 * LEAST_FRAMES, round(WINDOW_S * fps))
    slack = min(usual // 2 - LEAST_FRAMES // 2 - 1, round(SLACK_S * fps))
    beyond = round(_SPEECH_S * fps)
    widest = sliding_window_view(np.pad(gap, beyond), 2 * beyond + 1).max(axis=1)
    windows: list[Window] = []
    first = 0
    for nominal in range(usual, frames - usual // 2 + 1, usual):
        ends = np.arange(nominal - slack, min(nominal + slack, frames - LEAST_FRAMES) + 1)
        beside = np.maximum(weight[ends - 1], weight[ends]) > 0
        cost = _DRAWN * beside + _OPEN_PER_IOD * np.maximum(gap[ends - 1], gap[ends]) * beside
        cost += _SPEECH_PER_IOD * np.maximum(widest[ends - 1], widest[ends]) * beside
        cost += _OFF_PER_S * np.abs(ends - nominal) / float(fps)
        end = int(ends[int(np.argmin(cost))])
        windows.append(Window(first, end))
        first = end
    return (*windows, Window(first, frames))
