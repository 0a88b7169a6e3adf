"""A dubbed voice and the bed of the source become one sound, as loud as the source. Read in blocks, never whole."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipwright.media.ducking import POINTS_PER_S, DuckingRules, ducking_curve, followed, gains_of, speech_level_db
from lipwright.media.loudness import Course, LoudnessTarget, course, levelled
from lipwright.media.spool import AudioSpool

SAMPLE_RATE_HZ = 48_000

_BLOCK = 2 * SAMPLE_RATE_HZ
_UNKNOWN_LUFS = -16.0
_FAINTEST_VOICE_LU = 10.0
"""A voice that was separated badly seems faint; no dub is further below the loudness of the whole than this."""
_MOST_RAISED_DB = 6.0
"""A dub that says little would otherwise bring up the noise of the room."""
_CENTRED_DB = 1.0
"""Sides of a voice that differ by less are those of a voice in the middle."""
_MOST_SIDE_DB = 12.0
"""A voice is heard from both sides, whatever the source does."""
_HALF_WINDOW = 15
"""Tenths of a second by which the meter's 3 s end after their middle."""


@dataclass(frozen=True, slots=True)
class SourceLevels:
    """How loud the source is, and where its voice is heard."""

    channels: int
    """1 or 2."""
    integrated_lufs: float
    """Of the whole; minus infinity when there is nothing to measure."""
    voice_lufs: float
    """Of the voice where it speaks, as it is heard in so many channels; minus infinity when there is none."""
    left: float = 1.0
    right: float = 1.0
    """Linear gains that put a voice of one channel where the source has it."""


@dataclass(frozen=True, slots=True)
class Mixdown:
    """A mixed sound; its owner closes it."""

    sound: AudioSpool
    integrated_lufs: float
    """Minus infinity for silence."""
    wanted_lufs: float
    limited_s: int
    """Seconds in which peaks were held down."""
    deepest_duck_db: float
    """How far the bed was lowered at most, 0 or more."""
    bed_lufs: float
    """Of the bed before anything is done to it; minus infinity for a silent or missing one."""


def levels_of(sound: AudioSpool, voice: AudioSpool) -> SourceLevels:
    """Measure a source.

    Args:
        sound: all of it, 48 kHz, 1 or 2 channels.
        voice: its voice alone, 48 kHz, 1 or 2 channels.
    """
    whole = course(sound.chunks(_BLOCK), SAMPLE_RATE_HZ, sound.channels)
    powers = np.zeros(voice.channels)

    def weighed() -> Iterator[NDArray[np.float32]]:
        for chunk in voice.chunks(_BLOCK):
            powers[:] += np.square(chunk.reshape(-1, voice.channels)).sum(axis=0, dtype=np.float64)
            yield chunk

    voice_lufs = course(weighed(), SAMPLE_RATE_HZ, voice.channels).integrated_lufs
    if voice.channels != sound.channels:
        voice_lufs += 10 * math.log10(sound.channels / voice.channels)
    left, right = _sides(powers) if sound.channels == voice.channels == 2 else (1.0, 1.0)
    return SourceLevels(sound.channels, whole.integrated_lufs, voice_lufs, left, right)


def mix_down(
    voice: AudioSpool,
    bed: AudioSpool | None,
    levels: SourceLevels,
    *,
    bed_gain_db: float = 0.0,
    rules: DuckingRules | None = None,
) -> Mixdown:
    """Mix. The voice gets the loudness and the place of the source's voice, the bed keeps its own but under the voice.

    The whole gets the loudness of the source, -16 LUFS when that has none, with its true peak below -1.5 dBTP.

    Args:
        voice: the dub, 48 kHz, one channel, silent between its lines.
        bed: 48 kHz, 1 or 2 channels; None for none.
        bed_gain_db: how much louder than in the source the bed is, also under the voice.
    Returns: as long as the longer of the two, not delayed.
    Raises: OutputNotWritable, DiskFull.
    """
    wanted_lufs = levels.integrated_lufs if math.isfinite(levels.integrated_lufs) else _UNKNOWN_LUFS
    sides = np.array([1.0] if levels.channels == 1 else [levels.left, levels.right], np.float64)
    spoken, voice_db = followed(voice)
    spoken_lufs = spoken.integrated_lufs + 10 * math.log10(float(np.square(sides).sum()))
    voice_lufs = _voice_lufs(levels, wanted_lufs)
    voice_gain_db = voice_lufs - spoken_lufs if math.isfinite(spoken_lufs) else 0.0
    bed_lufs, curve = -math.inf, np.zeros(1, np.float32)
    if bed is not None and len(bed):
        under = course(bed.chunks(_BLOCK), SAMPLE_RATE_HZ, bed.channels)
        bed_lufs = under.integrated_lufs + 10 * math.log10(levels.channels / bed.channels)
        if math.isfinite(spoken_lufs) and math.isfinite(bed_lufs):
            around = _around(under, len(voice_db)) + np.float32(bed_lufs - under.integrated_lufs)
            curve = ducking_curve(voice_db, speech_level_db(voice_db), voice_lufs, around, rules)
    with AudioSpool(SAMPLE_RATE_HZ, levels.channels, voice.folder) as raw:
        for block in _blocks(voice, bed, curve, sides * 10 ** (voice_gain_db / 20), 10 ** (bed_gain_db / 20)):
            raw.append(block)
        result = levelled(raw, LoudnessTarget(wanted_lufs, max_gain_db=_MOST_RAISED_DB))
    return Mixdown(
        result.sound, result.integrated_lufs, wanted_lufs, result.limited_s, float(-curve.min(initial=0.0)), bed_lufs
    )


def _voice_lufs(levels: SourceLevels, wanted_lufs: float) -> float:
    if not math.isfinite(levels.voice_lufs):
        return wanted_lufs
    return max(levels.voice_lufs, wanted_lufs - _FAINTEST_VOICE_LU)


def _sides(powers: NDArray[np.float64]) -> tuple[float, float]:
    """Give the gains of left and right, the louder one 1."""
    if not powers.all():
        powers = powers + powers.max() * 1e-12
    difference_db = 10 * math.log10(powers[0] / powers[1]) if powers.any() else 0.0
    if abs(difference_db) <= _CENTRED_DB:
        return 1.0, 1.0
    fainter = float(10 ** (-min(abs(difference_db), _MOST_SIDE_DB) / 20))
    return (1.0, fainter) if difference_db > 0 else (fainter, 1.0)


def _around(measured: Course, points: int) -> NDArray[np.float32]:
    """Give how loud a sound is in the 3 s around each point; its ends are as loud as the nearest of these."""
    tenths = measured.short_term_lufs
    if not len(tenths):
        return np.full(points, -np.inf, np.float32)
    places = np.arange(points) // (POINTS_PER_S // 10) + _HALF_WINDOW
    return tenths[np.clip(places, min(2 * _HALF_WINDOW - 1, len(tenths) - 1), len(tenths) - 1)]


def _blocks(
    voice: AudioSpool, bed: AudioSpool | None, curve: NDArray[np.float32], sides: NDArray[np.float64], bed_gain: float
) -> Iterator[NDArray[np.float32]]:
    """Add the two up; (n, channels)."""
    length = max(len(voice), len(bed) if bed is not None else 0)
    gains = sides.astype(np.float32)
    for start in range(0, length, _BLOCK):
        count = min(_BLOCK, length - start)
        mixed = np.zeros((count, len(gains)), np.float32)
        if bed is not None:
            under = bed.read(start, count).reshape(-1, bed.channels)
            if bed.channels > len(gains):
                under = under.mean(axis=1, keepdims=True)
            mixed[: len(under)] = under * gains_of(curve, start, len(under), bed_gain)[:, None]
        spoken = voice.read(start, count)
        mixed[: len(spoken)] += spoken[:, None] * gains
        yield mixed
