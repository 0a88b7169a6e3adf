"""Which picture is seen when, if picture and sound differ in length."""

import math
from fractions import Fraction
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.sync import Length
from lipwright.errors import UsageError

_SLACK = Fraction(1, 1000)
"""Of a frame: lengths in floating point are a little off."""


def frame_plan(frame_count: int, fps: Fraction, sound_s: Fraction | float, length: Length) -> NDArray[np.int32]:
    """Choose the frame of the footage that each frame of the result shows.

    A sound that ends within a frame is heard to its end, so the result may be longer than the sound by part of a frame.

    Args:
        frame_count: of the footage, 1 or more.
        sound_s: how long the new sound is.
    Returns: (frames,) numbers from 0 to frame_count - 1; one frame or more.
    Raises: UsageError: `pad`, and the sound is longer than the picture by more than one frame.
    """
    sounding = max(math.ceil(Fraction(sound_s) * fps - _SLACK), 1)
    match length:
        case Length.BOUNCE | Length.LOOP | Length.FREEZE:
            count = max(frame_count, sounding)
        case Length.CUT:
            count = min(frame_count, sounding)
        case Length.SOUND:
            count = sounding
        case Length.PAD:
            if Fraction(sound_s) * fps - _SLACK > frame_count + 1:
                raise UsageError(
                    f"--length pad: the sound lasts {float(sound_s):.1f} s and the picture only "
                    f"{float(frame_count / fps):.1f} s. Use `bounce`, `loop` or `freeze` to lengthen the picture, or "
                    "`cut` to end with it."
                )
            count = frame_count
        case _:
            assert_never(length)
    numbers = np.arange(count, dtype=np.int64)
    match length:
        case Length.LOOP:
            shown = numbers % frame_count
        case Length.FREEZE:
            shown = np.minimum(numbers, frame_count - 1)
        case _:
            shown = _forth_and_back(numbers, frame_count)
    return shown.astype(np.int32)


def _forth_and_back(numbers: NDArray[np.int64], frame_count: int) -> NDArray[np.int64]:
    """Turn round at both ends without showing the end frame twice in a row."""
    if frame_count == 1:
        return np.zeros_like(numbers)
    last = frame_count - 1
    return last - np.abs(last - numbers % (2 * last))
