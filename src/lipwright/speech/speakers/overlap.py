"""Where two people seem to speak at once: what is heard is like none of them alone."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lipwright.speech.pauses import Stretch
from lipwright.speech.speakers.base import Turn


def overlaps_of(
    times_s: NDArray[np.float64], windows: NDArray[np.float32], people: NDArray[np.float32], turns: Sequence[Turn]
) -> tuple[Stretch, ...]:
    return ()


def overlap_notes(overlaps: Sequence[Stretch]) -> tuple[str, ...]:
    return ()
