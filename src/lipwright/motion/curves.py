"""A mouth as what it aims at and what holds it: the form in which phonemes and sound both describe it."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.motion import MouthTrack
from lipwright.motion.clock import smooth_ramp
from lipwright.motion.targets import TARGETS, controls_of
from lipwright.motion.visemes import Viseme

_JAW_SHUTS: Final = 0.6
"""The part of its way that the jaw goes when lips close: they close faster than it follows."""


@dataclass(frozen=True, slots=True)
class MouthCurves:
    """Frame by frame, each (frames,)."""

    opening: NDArray[np.float64]
    """How far the inner lips would part if nothing shut them, IOD."""
    width: NDArray[np.float64]
    """Of the mouth, against its relaxed width, IOD."""
    height: NDArray[np.float64]
    """Of the middle of the opening, IOD, down."""
    shut: NDArray[np.float64]
    """1 in p, b and m, with ramps beside them."""
    awake: NDArray[np.float64]
    """1 in phrases, exactly 0 in rests."""

    @classmethod
    def none(cls, frames: int = 0) -> "MouthCurves":
        """A mouth at rest."""
        return cls(*(np.zeros(frames) for _ in range(5)))

    def __len__(self) -> int:
        return len(self.opening)

    def __getitem__(self, part: slice) -> "MouthCurves":
        return MouthCurves(self.opening[part], self.width[part], self.height[part], self.shut[part], self.awake[part])

    def track(self, fps: Fraction) -> MouthTrack:
        """Everything that the mouth does: exactly 0 in rests, gap exactly 0 where it is shut."""
        pressed = TARGETS[Viseme.P].height_iod
        gap = self.opening * (1.0 - self.shut) * self.awake
        lips_height = (self.height + (pressed - self.height) * self.shut) * self.awake
        jaw_height = (self.height + (pressed - self.height) * self.shut * _JAW_SHUTS) * self.awake
        return MouthTrack(
            fps=fps,
            controls=controls_of(gap, self.width * self.awake, lips_height, jaw_height=jaw_height).astype(np.float32),
            gap=gap.astype(np.float32),
            closed=smooth_ramp(1.0 - (1.0 - self.shut) * self.awake, 0.7, 1.0).astype(np.float32),
        )


def joined(pieces: Sequence[MouthCurves]) -> MouthCurves:
    """One after the other; at least one piece."""
    return MouthCurves(
        opening=np.concatenate([piece.opening for piece in pieces]),
        width=np.concatenate([piece.width for piece in pieces]),
        height=np.concatenate([piece.height for piece in pieces]),
        shut=np.concatenate([piece.shut for piece in pieces]),
        awake=np.concatenate([piece.awake for piece in pieces]),
    )
