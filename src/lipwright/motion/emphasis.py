"""How strongly each phone is spoken: loud and long vowels carry the stress of a sentence."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.speech import Phoneme, Speech
from lipwright.motion.levels import SoundLevels
from lipwright.motion.visemes import is_vowel

USUAL_STRENGTH: Final = 0.5
_LOUDNESS_SPAN_DB: Final = 20.0
"""From a vowel that is not heard to the strongest one."""
_PER_DOUBLING: Final = 0.2
"""What a vowel of twice the usual length gains."""
_AROUND_S: Final = 8.0
"""How far the vowels reach that one of a recording is compared with."""
_LOOKS_AHEAD: Final = 64
"""Vowels; more than anybody speaks within a few seconds."""
_FLOOR_RMS: Final = 1e-4


@dataclass(frozen=True, slots=True)
class Accent:
    """A stressed vowel."""

    time_s: float
    """Its middle."""
    strength: float
    """0 to 1."""


def phone_emphasis(speech: Speech) -> NDArray[np.float32]:
    """How strongly each phone of a sentence is spoken, against the sentence's usual vowel.

    Returns: (len(speech.phonemes),), 0 to 1; 0.5 is usual, and is the value of every consonant.
    """
    vowels = [index for index, phone in enumerate(speech.phonemes) if is_vowel(phone.symbol)]
    strengths = np.full(len(speech.phonemes), USUAL_STRENGTH, np.float32)
    if vowels:
        levels = np.array([_level_db(speech, speech.phonemes[index]) for index in vowels])
        octaves = np.array([_log_length(speech.phonemes[index]) for index in vowels])
        strengths[vowels] = _strengths(levels - np.median(levels), octaves - np.median(octaves))
    return strengths


def emphasis_in(
    chunks: Iterable[NDArray[np.float32]], sample_rate_hz: int, phonemes: Sequence[Phoneme]
) -> NDArray[np.float32]:
    """How strongly each phone of a recording is spoken, against the vowels around it.

    Args:
        chunks: mono, (n,) each; read once, an hour leaves 3 MB.
        phonemes: in order, seconds from the first sample.
    Returns: (len(phonemes),), 0 to 1; 0.5 is usual, and is the value of every consonant.
    """
    loudness = SoundLevels(chunks, sample_rate_hz)
    vowels = [phone for phone in phonemes if is_vowel(phone.symbol)]
    middles = np.array([(phone.start_s + phone.end_s) / 2 for phone in vowels])
    levels = np.array([loudness.level_db(phone.start_s, phone.end_s) for phone in vowels])
    octaves = np.array([_log_length(phone) for phone in vowels])
    strengths = np.empty(len(vowels))
    for index, middle_s in enumerate(middles):
        around = slice(*np.searchsorted(middles, (middle_s - _AROUND_S, middle_s + _AROUND_S)))
        louder_db, longer = levels[index] - np.median(levels[around]), octaves[index] - np.median(octaves[around])
        strengths[index] = _strengths(louder_db, longer)
    following = iter(strengths)
    return np.array([next(following) if is_vowel(p.symbol) else USUAL_STRENGTH for p in phonemes], np.float32)


def _strengths(louder_db: NDArray[np.float64], longer: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.clip(USUAL_STRENGTH + louder_db / _LOUDNESS_SPAN_DB + longer * _PER_DOUBLING, 0.0, 1.0)


def accents_of(
    phonemes: Sequence[Phoneme], emphasis: Sequence[float] | NDArray[np.float32], *, least: float, apart_s: float
) -> tuple[Accent, ...]:
    """The vowels that stand out, in order of time.

    Args:
        phonemes: in order of time.
        emphasis: one value for each phoneme.
        least: the smallest strength of an accent.
        apart_s: accents are at least this far apart; a vowel gives way to a stronger one that follows nearer.
    """
    vowels = [
        Accent((phone.start_s + phone.end_s) / 2.0, float(strength))
        for phone, strength in zip(phonemes, emphasis, strict=True)
        if is_vowel(phone.symbol)
    ]
    accents: list[Accent] = []
    for index, vowel in enumerate(vowels):
        crowded = bool(accents) and vowel.time_s - accents[-1].time_s < apart_s
        if vowel.strength < least or crowded or _stronger_follows(vowels, index, apart_s):
            continue
        accents.append(vowel)
    return tuple(accents)


def _stronger_follows(vowels: list[Accent], index: int, within_s: float) -> bool:
    vowel = vowels[index]
    for later in vowels[index + 1 : index + 1 + _LOOKS_AHEAD]:
        if later.time_s - vowel.time_s >= within_s:
            return False
        if later.strength > vowel.strength:
            return True
    return False


def _level_db(speech: Speech, phone: Phoneme) -> float:
    rate = speech.sample_rate_hz
    part = speech.samples[max(round(phone.start_s * rate), 0) : max(round(phone.end_s * rate), 0)]
    rms = math.sqrt(float(np.mean(np.square(part, dtype=np.float64)))) if len(part) else 0.0
    return 20.0 * math.log10(max(rms, _FLOOR_RMS))


def _log_length(phone: Phoneme) -> float:
    return math.log2(max(phone.end_s - phone.start_s, 0.01))
