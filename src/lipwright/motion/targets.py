"""What the mouth aims at in each viseme, as eight controls in IOD."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.motion import MOUTH_CONTROLS
from lipwright.motion.visemes import Viseme

SPEECH_GAP_IOD: Final = 0.14
"""How far the inner lips part in the widest vowels of ordinary speech; single speakers reach 0.10 to 0.24."""
_MOUTH_WIDTH_IOD: Final = 0.56
"""Of a relaxed mouth: the mean of six speakers."""


class Target(NamedTuple):
    """The measured part of a mouth shape, relative to the relaxed closed mouth."""

    dominance: float
    """How strongly the shape stands against its neighbours."""
    opening: float
    """Distance of the inner lips, in parts of SPEECH_GAP_IOD."""
    width: float
    """Distance of the mouth corners, tenths of the relaxed mouth's width."""
    height: float
    """How much lower the middle of the opening is, percent of IOD."""

    @property
    def width_iod(self) -> float:
        return self.width * _MOUTH_WIDTH_IOD / 10.0

    @property
    def height_iod(self) -> float:
        return self.height / 100.0


TARGETS: Final[dict[Viseme, Target]] = {
    Viseme.REST: Target(1.2, 0.0, 0.0, 0.0),
    Viseme.PAUSE: Target(0.7, 0.30, 0.0, 0.6),
    Viseme.P: Target(2.5, 0.0, -0.6, -0.2),
    Viseme.F: Target(2.0, 0.10, -0.2, -1.2),
    Viseme.TH: Target(0.7, 0.30, -0.1, 0.3),
    Viseme.T: Target(0.5, 0.38, 0.3, 0.2),
    Viseme.K: Target(0.35, 0.59, 0.0, 1.2),
    Viseme.H: Target(0.15, 0.71, 0.2, 1.6),
    Viseme.SH: Target(1.6, 0.49, -0.6, 0.8),
    Viseme.S: Target(0.9, 0.32, 0.3, 0.3),
    Viseme.R: Target(1.0, 0.42, -1.0, 0.6),
    Viseme.W: Target(2.0, 0.07, -1.6, 0.8),
    Viseme.Y: Target(0.7, 0.41, 0.3, 0.6),
    Viseme.AH: Target(1.3, 0.92, 0.3, 3.0),
    Viseme.EH: Target(1.1, 0.90, 0.5, 2.4),
    Viseme.SCHWA: Target(0.6, 0.56, 0.1, 1.1),
    Viseme.IY: Target(1.1, 0.55, 0.6, 0.7),
    Viseme.OH: Target(1.5, 0.36, -1.4, 1.0),
    Viseme.OO: Target(1.6, 0.26, -1.5, 0.7),
}
"""Dominance, opening and width were fitted to four clips of speech in two languages, leaving out one at a time, from a
hand-made prior; wide shapes are tempered so that vowels do not smile. Heights follow from opening by regression."""

_FOLLOWERS: Final[dict[str, tuple[float, float, float]]] = {
    "jaw": (0.044, 0.196, 0.956),
    "upper_lip": (-0.536, 0.0, 1.0),
    "lower_lip": (0.536, 0.0, 1.0),
    "width": (0.0, 1.0, 0.0),
    "corners": (0.002, -0.271, 0.690),
    "upper_thickness": (-0.170, 0.022, 0.157),
    "lower_thickness": (-0.039, -0.042, -0.053),
    "protrusion": (0.110, 0.104, 0.080),
}
"""How each control follows gap, width and height, by regression on six clips (training/fit_mouth_controls.py). The lips
part by 1.07 times the gap in the middle, because the gap is a mean over the inner half of the mouth."""


def controls_of(
    gap: NDArray[np.float64],
    width: NDArray[np.float64],
    height: NDArray[np.float64],
    *,
    jaw_height: NDArray[np.float64],
) -> NDArray[np.float64]:
    """All eight controls of a mouth.

    Args:
        gap: distance of the inner lips, IOD, (frames,).
        width: of the mouth, against its relaxed width, IOD, (frames,).
        height: of the middle of the opening, IOD, down, (frames,).
        jaw_height: the same as the jaw sees it: it does not follow lips that close quickly, (frames,).
    Returns: (frames, 8), the columns of MOUTH_CONTROLS.
    """
    weights = np.array([_FOLLOWERS[name] for name in MOUTH_CONTROLS]).T
    controls = np.stack([gap, width, height], axis=1) @ weights
    controls[:, MOUTH_CONTROLS.index("jaw")] += _FOLLOWERS["jaw"][2] * (jaw_height - height)
    return np.asarray(controls)
