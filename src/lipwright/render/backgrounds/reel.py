"""Pictures that move, played for as long as is wanted at the output's rate: forth and back where they are too short."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from fractions import Fraction
from itertools import groupby
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.sync import Length
from lipwright.media.length import frame_plan
from lipwright.render.arrays import Pixels

KEPT_BYTES: Final = 192_000_000
"""What playing backward may keep in memory; at least two pictures."""
_SEEN_AT: Final = Fraction(49, 100)
"""Of a frame: when it is looked what is seen in it. Near its middle, so that clocks which differ a little agree; not at
the middle, where twice its rate would change pictures."""

Shot = Callable[[], Pixels]
"""Shows one picture, uint8 RGB of the output's size; each call gives a new array."""


class Reel(ABC):
    """Pictures with times, covering the output."""

    duration_s: Fraction
    shot_bytes: int
    """About what one shot keeps in memory."""

    @abstractmethod
    def numbers(self, moments: NDArray[np.int64], unit_s: Fraction) -> NDArray[np.int64]:
        """Which picture is seen at each moment.

        Args:
            moments: times in units of `unit_s`, before the reel's end or a little after it.
        """

    @abstractmethod
    def opened(self) -> AbstractContextManager[Callable[[int], Shot]]:
        """Inside the block, pictures are read by number: fast in rising order."""


def play(reel: Reel, fps: Fraction, frames: int) -> Iterator[Pixels]:
    """Play a reel from its start.

    Yields: exactly `frames` pictures, uint8 RGB, each the caller's own. Closing the iterator closes the file.
    """
    lasting = max(round(reel.duration_s * fps), 1)
    shown = frame_plan(lasting, fps, frames / fps, Length.SOUND)[:frames].astype(np.int64)
    moments = shown * _SEEN_AT.denominator + _SEEN_AT.numerator
    numbers = reel.numbers(moments, 1 / (fps * _SEEN_AT.denominator))
    repeated = [(int(number), len(list(same))) for number, same in groupby(numbers)]
    chunk = max(KEPT_BYTES // reel.shot_bytes, 2)
    with reel.opened() as read:
        place = 0
        while place < len(repeated):
            run = repeated[place : place + _falling(repeated, place, chunk)]
            place += len(run)
            kept = {number: read(number) for number, _ in reversed(run)}
            for number, count in run:
                shot = kept.pop(number)
                for _ in range(count):
                    yield shot()


def units(moments: NDArray[np.int64], unit_s: Fraction, rate: Fraction) -> NDArray[np.int64]:
    """Count the whole steps of a rate before each moment, exactly."""
    step = unit_s * rate
    return moments * step.numerator // step.denominator


def _falling(repeated: list[tuple[int, int]], place: int, longest: int) -> int:
    """Count how many numbers from `place` on fall, up to `longest`; 1 where they rise."""
    end = place + 1
    while end < len(repeated) and end - place < longest and repeated[end][0] < repeated[end - 1][0]:
        end += 1
    return end - place
