"""Where two people seem to speak at once: what is heard is between two voices, and like neither of them.

Measured on pairs of synthetic voices that speak at once, within 4 dB of each other, for several seconds: 40 % of the
time is found, and none where one of them speaks alone. Overlaps shorter than a second, such as a `yes` while somebody
else goes on, are not found.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lipwright.speech.pauses import Stretch
from lipwright.speech.speakers.embed import unit

_SMOOTH: Final = 5
"""Windows in a running mean."""
_NEAR: Final = 0.2
"""Cosine: the nearest voice is not nearer than the second by more."""
_BETWEEN: Final = 0.02
"""Cosine: the mean of both is nearer than either by more."""
_LEAST: Final = 6
"""Windows in a row."""
_STATED: Final = 5
"""More stretches than this are counted, and not listed, in a note."""


def overlaps_of(
    times_s: NDArray[np.float64], windows: NDArray[np.float32], people: NDArray[np.float32], step_s: float
) -> tuple[Stretch, ...]:
    """Find stretches in which two of the people seem to speak at once.

    Args:
        times_s: (n,) middles of windows, rising.
        windows: (n, width), of length 1.
        people: (people, width), of length 1.
        step_s: between two windows that follow each other.
    """
    if len(people) < 2 or len(windows) < _LEAST:
        return ()
    breaks = np.flatnonzero(np.diff(times_s) > step_s * 1.5) + 1
    found: list[Stretch] = []
    for first, end in pairwise([0, *breaks.tolist(), len(windows)]):
        if end - first >= _LEAST:
            between = _between(windows[first:end], people)
            edges = np.flatnonzero(np.diff(np.pad(between.astype(np.int8), 1))).reshape(-1, 2)
            found += [
                Stretch(float(times_s[first + on]) - step_s / 2, float(times_s[first + off - 1]) + step_s / 2)
                for on, off in edges.tolist()
                if off - on >= _LEAST
            ]
    return tuple(found)


def _between(windows: NDArray[np.float32], people: NDArray[np.float32]) -> NDArray[np.bool_]:
    kernel = np.ones(_SMOOTH) / _SMOOTH
    smooth = unit(np.stack([np.convolve(column, kernel, "same") for column in windows.T], axis=1))
    alike = smooth @ people.T
    order = np.argsort(-alike, axis=1)
    rows = np.arange(len(alike))
    nearest, second = alike[rows, order[:, 0]], alike[rows, order[:, 1]]
    both = np.sum(smooth * unit(people[order[:, 0]] + people[order[:, 1]]), axis=1)
    return np.asarray((nearest - second < _NEAR) & (both - nearest > _BETWEEN))


def overlap_notes(overlaps: Sequence[Stretch]) -> tuple[str, ...]:
    """What a report says of them; empty when there are none."""
    if not overlaps:
        return ()
    listed = ", ".join(f"{part.start_s:.1f} to {part.end_s:.1f} s" for part in overlaps[:_STATED])
    more = f" and {len(overlaps) - _STATED} more" if len(overlaps) > _STATED else ""
    return (
        f"Two people seem to speak at once at {listed}{more}. One voice says each line there, and words of the other "
        "may be missing: listen, and correct the transcript.",
    )
