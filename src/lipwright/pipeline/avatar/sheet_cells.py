"""What a character sheet shows: head poses, mouth shapes, expressions; and the controls that make each."""

from dataclasses import dataclass
from math import radians
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.motion import MOUTH_CONTROLS
from lipwright.motion.targets import SPEECH_GAP_IOD, TARGETS, controls_of
from lipwright.motion.visemes import Viseme

YAW, PITCH, ROLL = radians(9), radians(7), radians(6)
"""As far as a photo can be turned and still look like one."""
BROW_IOD = 0.045
SMILE_WIDTH_IOD, SMILE_RISE_IOD = 0.055, 0.035
WIDE_SMILE_GAP_IOD = 0.06


@dataclass(frozen=True, slots=True)
class Cell:
    """One picture of a sheet."""

    name: str
    mouth: NDArray[np.float64]
    """(8,) MOUTH_CONTROLS."""
    gap: float = 0.0
    """Of the lips, IOD; 0 where they touch."""
    turn: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Yaw, pitch, roll, radians, relative to the photo."""
    blink: float = 0.0
    """0 open to 1 shut."""
    brow_iod: float = 0.0
    fitted: bool = True
    """Whether the mouth is spoken, and fitted to the face as speech is; else it is meant as it is."""


def _at_rest() -> NDArray[np.float64]:
    return np.zeros(len(MOUTH_CONTROLS))


def _turned(name: str, yaw: float = 0.0, pitch: float = 0.0, roll: float = 0.0) -> Cell:
    return Cell(name, _at_rest(), turn=(yaw, pitch, roll))


def _spoken(viseme: Viseme, name: str) -> Cell:
    target = TARGETS[viseme]
    gap, height = target.opening * SPEECH_GAP_IOD, np.array([target.height_iod])
    controls = controls_of(np.array([gap]), np.array([target.width_iod]), height, jaw_height=height)
    return Cell(name, controls[0], gap)


def _smile(name: str, gap: float) -> Cell:
    controls = controls_of(np.array([gap]), np.array([SMILE_WIDTH_IOD]), np.zeros(1), jaw_height=np.zeros(1))[0]
    controls[MOUTH_CONTROLS.index("corners")] -= SMILE_RISE_IOD
    return Cell(name, controls, gap, fitted=False)


ROWS: Final[tuple[tuple[str, tuple[Cell, ...]], ...]] = (
    (
        "Head",
        (
            _turned("ahead"),
            _turned("left", yaw=-YAW),
            _turned("right", yaw=YAW),
            _turned("up", pitch=PITCH),
            _turned("down", pitch=-PITCH),
            _turned("tilted", roll=ROLL),
        ),
    ),
    (
        "Mouth: consonants",
        (
            _spoken(Viseme.P, "p b m"),
            _spoken(Viseme.F, "f v"),
            _spoken(Viseme.TH, "th"),
            _spoken(Viseme.T, "t d n l"),
            _spoken(Viseme.S, "s z"),
            _spoken(Viseme.SH, "sh ch"),
        ),
    ),
    (
        "Mouth: vowels",
        (
            _spoken(Viseme.AH, "ah"),
            _spoken(Viseme.EH, "eh"),
            _spoken(Viseme.IY, "ee"),
            _spoken(Viseme.OH, "oh"),
            _spoken(Viseme.OO, "oo"),
            _spoken(Viseme.W, "w"),
        ),
    ),
    (
        "Face",
        (
            Cell("rest", _at_rest()),
            Cell("half blink", _at_rest(), blink=0.5),
            Cell("blink", _at_rest(), blink=1.0),
            Cell("raised brows", _at_rest(), brow_iod=BROW_IOD),
            _smile("smile", 0.0),
            _smile("wide smile", WIDE_SMILE_GAP_IOD),
        ),
    ),
)
"""Titles and pictures, row by row."""
