"""Words over which nobody is heard speaking are inventions of a recogniser: music and noise make it guess."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.speech import Transcript, Utterance

FAINTEST_DB: Final = -15.0
"""The softest that a voice may be against all that sounds.

Measured with Whisper base and DeepFilterNet on sentences under music and noise up to 10 dB louder than they: what was
recognised rightly lies above -14.5 dB, what was made up in noise below -16. Music and noise alone lie below -20, but
for one melody that comes and goes.
"""

Read = Callable[[float, float], NDArray[np.float32]]
"""Gives the sound from one time to another, in seconds; any channels."""


def without_unvoiced(transcript: Transcript, mix: Read, voice: Read) -> tuple[Transcript, tuple[Utterance, ...]]:
    """Leave out utterances in which the voice is nearly silent.

    Args:
        mix: what was recognised.
        voice: what was separated from it, as long.
    Returns: what is left, and what was left out.
    """
    kept: list[Utterance] = []
    dropped: list[Utterance] = []
    for said in transcript.utterances:
        span_s = said.start_s, said.end_s
        (kept if _level_db(voice(*span_s)) - _level_db(mix(*span_s)) >= FAINTEST_DB else dropped).append(said)
    return replace(transcript, utterances=tuple(kept)), tuple(dropped)


def _level_db(samples: NDArray[np.float32]) -> float:
    """Root mean square; that of 24 bits' last step for silence."""
    power = float(np.mean(np.square(samples, dtype=np.float64))) if samples.size else 0.0
    return 10 * math.log10(max(power, 2.0**-46))
