"""Which frames of a long clip become the bank of mouths, and whether a clip shows enough of them at all.

Only a few numbers per frame are needed, so that the clip need not be decoded to choose.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipwright.render.arrays import Floats

MOST_EXEMPLARS = 750
"""More make the choice slower and the mouths no better."""
BANK_BYTES = 96_000_000
"""A bank's pictures stay below this."""
CROP_IOD = (1.05, 1.05)
"""Width and height of an exemplar's picture, at most usual."""
RUN_FRAMES = 15
"""Exemplars are taken in runs of consecutive frames: a mouth is most natural in the order in which it moved."""
LEAST_FRAMES = 12
LEAST_RANGE_IOD = 0.03
"""A mouth whose gap stays within this has not spoken."""
_GAP_EDGES = (0.006, 0.02, 0.045, 0.08, 0.12, 0.17)
_WIDTH_STEP_IOD, _YAW_STEP_DEGREES, _PITCH_STEP_DEGREES = 0.05, 12.0, 10.0
_ENOUGH = 12
"""Exemplars of one kind after which another one is worth little."""


@dataclass(frozen=True, slots=True)
class MouthHistory:
    """What a person's mouth did in the frames that can be used. All arrays have one entry per frame, (frames,)."""

    numbers: NDArray[np.int64]
    """Frames of the footage, ascending; the face is seen well in each."""
    gap: Floats
    """Of the inner lips, IOD."""
    width: Floats
    """Of the mouth, IOD."""
    yaw_degrees: Floats
    pitch_degrees: Floats
    sharpness: Floats
    """Any measure that is larger in sharper frames."""

    def __len__(self) -> int:
        return len(self.numbers)


def bank_is_poor(history: MouthHistory) -> bool:
    """Whether the mouth hardly moved, so that there is nothing to rewrite it from."""
    if len(history) < LEAST_FRAMES:
        return True
    low, high = np.quantile(history.gap, (0.05, 0.95))
    return bool(high - low < LEAST_RANGE_IOD)


def exemplar_limit(eye_distance_px: float) -> int:
    """How many exemplars of a face of this size fit into a bank: at most MOST_EXEMPLARS, at least LEAST_FRAMES."""
    crop_bytes = 3 * CROP_IOD[0] * CROP_IOD[1] * eye_distance_px**2
    return int(np.clip(BANK_BYTES // max(crop_bytes, 1.0), LEAST_FRAMES, MOST_EXEMPLARS))


def exemplar_frames(history: MouthHistory, limit: int) -> NDArray[np.int64]:
    """Choose frames that cover what the mouth can do, in runs of RUN_FRAMES.

    Args:
        history: of one person, of one shot or more.
        limit: how many frames at most.
    Returns: numbers of frames, ascending; all of them when they are few enough.
    """
    if len(history) <= limit:
        return history.numbers.copy()
    kinds, first, after = _kinds(history), *_runs(history.numbers)
    sharp = history.sharpness > 0.5 * np.median(history.sharpness)
    counts = np.zeros(int(kinds.max()) + 1)
    of_run = [np.bincount(kinds[a:b][sharp[a:b]], minlength=len(counts)) for a, b in zip(first, after, strict=True)]
    held = np.array(of_run, np.float64)
    left = np.ones(len(first), bool)
    chosen: list[int] = []
    room = limit
    while left.any() and room >= RUN_FRAMES:
        # What a run adds of each kind counts less, the more of that kind is there.
        gain = (np.minimum(held, np.maximum(_ENOUGH - counts, 0)) + 0.05 * held / (1 + counts)).sum(axis=1)
        best = int(np.argmax(np.where(left, gain, -1)))
        left[best] = False
        counts += held[best]
        chosen += range(int(first[best]), int(after[best]))
        room = limit - len(chosen)
    return np.asarray(history.numbers[np.sort(chosen)])


def _runs(numbers: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Cut the frames where a number is missing and every RUN_FRAMES: first index of each run, and the one after it."""
    starts = [0]
    for index in range(1, len(numbers)):
        if numbers[index] != numbers[index - 1] + 1 or index - starts[-1] >= RUN_FRAMES:
            starts.append(index)
    first = np.array(starts, np.int64)
    return first, np.append(first[1:], len(numbers))


def _kinds(history: MouthHistory) -> NDArray[np.intp]:
    """Sort the frames into kinds of mouth: gap, width, and how the head is turned."""
    gap = np.digitize(history.gap, _GAP_EDGES)
    width = np.floor((history.width - np.median(history.width)) / _WIDTH_STEP_IOD + 0.5).clip(-2, 2)
    yaw = np.floor(history.yaw_degrees / _YAW_STEP_DEGREES + 0.5).clip(-3, 3)
    pitch = np.floor(history.pitch_degrees / _PITCH_STEP_DEGREES + 0.5).clip(-3, 3)
    keys = np.stack([gap, width, yaw, pitch], axis=1).astype(np.int64)
    return np.unique(keys, axis=0, return_inverse=True)[1].ravel()
