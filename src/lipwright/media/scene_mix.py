"""Music under the voices of a whole video: it comes and goes softly, and gives way while somebody speaks."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from lipwright.media.ducking import DuckingRules, ducking_curve, followed, gains_of, speech_level_db
from lipwright.media.feed import SoundFeed
from lipwright.media.scene_music import CHANNELS, SAMPLE_RATE_HZ, MusicSound, looped
from lipwright.media.spool import AudioSpool

_BLOCK = 2 * SAMPLE_RATE_HZ
_FADE_IN_S = 1.0
_FADE_OUT_S = 2.0
_FADE_SHARE = 0.25
"""Of the video, at most."""
_FALL_DB_PER_S = 30.0
_RISE_DB_PER_S = 10.0
_HOLD_S = 1.5
"""Pauses between paragraphs and scenes are shorter; music that rose and fell in them would be heard to pump."""


@dataclass(frozen=True, slots=True)
class BedLevel:
    """How loud music is under voices."""

    lufs: float
    """Where nobody speaks."""
    duck_db: float
    """How much lower it is where somebody speaks; all the way down as the first word begins."""


def mixed_with_music(voice: AudioSpool, music: MusicSound, level: BedLevel) -> Iterator[NDArray[np.float32]]:
    """Lay voices, heard from the middle and as loud as they are, over music.

    Args:
        voice: 48 kHz, one channel, as long as the video.
    Yields: (n, 2), together as long as the voice; peaks are not held.
    """
    count = len(voice)
    _, voice_db = followed(voice)
    rules = DuckingRules(math.inf, level.duck_db, _FALL_DB_PER_S, _RISE_DB_PER_S, _HOLD_S)
    curve = ducking_curve(voice_db, speech_level_db(voice_db), 0.0, np.zeros(len(voice_db), np.float32), rules)
    factor = 10 ** ((level.lufs - music.integrated_lufs) / 20)
    bed = SoundFeed(looped(music, count), CHANNELS, Fraction(SAMPLE_RATE_HZ))
    for start in range(0, count, _BLOCK):
        end = min(start + _BLOCK, count)
        gains = gains_of(curve, start, end - start, factor) * _fade(start, end, count)
        spoken = voice.read(start, end - start) * np.float32(CHANNELS**-0.5)
        yield bed.read_until(end) * gains[:, None] + spoken[:, None]


def _fade(start: int, end: int, count: int) -> NDArray[np.float32]:
    """Give the gain of a stretch: from nothing at the beginning of the video, to nothing at its end."""
    rise, fall = (min(length_s * SAMPLE_RATE_HZ, count * _FADE_SHARE) for length_s in (_FADE_IN_S, _FADE_OUT_S))
    places = np.arange(start, end)
    shares = np.minimum(np.minimum(places / rise, (count - 1 - places) / fall), 1.0)
    return np.square(np.sin(shares * (math.pi / 2))).astype(np.float32)
