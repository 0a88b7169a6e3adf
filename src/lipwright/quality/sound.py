"""The sound track of a finished file: loudness, course of its level, silences, and where speech should be heard."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.media import Loudness
from lipwright.contracts.sidecar import Span
from lipwright.contracts.speech import Phoneme
from lipwright.motion.visemes import is_vowel

SAMPLE_RATE_HZ = 48_000
LEVEL_RATE_HZ = 200
"""One level every 5 ms."""
HOP_SAMPLES = SAMPLE_RATE_HZ // LEVEL_RATE_HZ

QUIET_DB = 35.0
"""Sound that lies so far below the loud parts of a track is silence."""
SHORTEST_QUIET_S = 0.30

_STOPS = frozenset("pbtdkgɡʔcɟq")
_VOICED = frozenset("mnŋɲlɹrɾwjvzðʒʎɫ")
_VOWEL_LEVEL, _VOICED_LEVEL, _NOISE_LEVEL, _STOP_LEVEL = 1.0, 0.45, 0.2, 0.05

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SoundTrack:
    """What is kept of a sound track: 1.6 kB a second."""

    loudness: Loudness
    levels: Floats
    """RMS, 0 to 1, of each 5 ms, (n,)."""
    samples: int
    """At 48 kHz, from the start of the clip's timeline."""

    @property
    def end_s(self) -> float:
        return self.samples / SAMPLE_RATE_HZ


class _LevelMeter:
    """Passes sound on and remembers its level."""

    def __init__(self) -> None:
        self.samples = 0
        self._rest = np.empty(0, np.float32)
        self._levels: list[Floats] = []

    def listen(self, chunks: Iterable[NDArray[np.float32]]) -> Iterator[NDArray[np.float32]]:
        for chunk in chunks:
            self._take(chunk if chunk.ndim == 1 else chunk.mean(axis=1))
            yield chunk

    def levels(self) -> Floats:
        last = [_rms(self._rest[None])] if len(self._rest) else []
        return np.concatenate([*self._levels, *last]) if self._levels or last else np.empty(0)

    def _take(self, mono: NDArray[np.float32]) -> None:
        self.samples += len(mono)
        waiting = np.concatenate([self._rest, mono])
        whole = len(waiting) // HOP_SAMPLES * HOP_SAMPLES
        if whole:
            self._levels.append(_rms(waiting[:whole].reshape(-1, HOP_SAMPLES)))
        self._rest = waiting[whole:]


def listen(path: Path, channels: int) -> SoundTrack:
    """Measure the first sound track of a file in one pass.

    Args:
        channels: of the track; more than two are mixed down to stereo.
    Raises: MediaNotFound, MediaUnreadable.
    """
    from lipwright.media.audio import read_audio
    from lipwright.media.loudness import measure

    kept = min(channels, 2)
    meter = _LevelMeter()
    loudness = measure(meter.listen(read_audio(path, SAMPLE_RATE_HZ, kept)), SAMPLE_RATE_HZ, kept)
    return SoundTrack(loudness, meter.levels(), meter.samples)


def levels_of(chunks: Iterable[NDArray[np.float32]]) -> Floats:
    """RMS of each 5 ms of sound at 48 kHz, (n,)."""
    meter = _LevelMeter()
    for _ in meter.listen(chunks):
        pass
    return meter.levels()


def quiet_spans(levels: Floats, shortest_s: float = SHORTEST_QUIET_S) -> tuple[Span, ...]:
    """Where nobody is heard, by level alone; none in a track that is silent throughout.

    Args:
        levels: RMS at LEVEL_RATE_HZ.
    """
    if not len(levels) or not (levels > 0).any():
        return ()
    loud = float(np.quantile(levels[levels > 0], 0.95))
    quiet = np.concatenate([[False], levels < loud * 10 ** (-QUIET_DB / 20), [False]])
    edges = np.flatnonzero(quiet[1:] != quiet[:-1]) / LEVEL_RATE_HZ
    return tuple(
        Span(start_s=float(start), end_s=float(end))
        for start, end in zip(edges[::2], edges[1::2], strict=True)
        if end - start >= shortest_s
    )


def expected_levels(phonemes: Sequence[Phoneme], count: int) -> Floats:
    """How loud speech is by its phones alone: vowels loud, stops almost silent; (count,) at LEVEL_RATE_HZ."""
    expected = np.zeros(count)
    for phoneme in phonemes:
        start, end = round(phoneme.start_s * LEVEL_RATE_HZ), round(phoneme.end_s * LEVEL_RATE_HZ)
        expected[max(start, 0) : max(end, 0)] = _level(phoneme.symbol)
    return expected


def at_times(levels: Floats, times_s: Floats) -> Floats:
    """The level around each time, averaged over 40 ms; NaN behind the end."""
    smooth = smoothed(levels, 0.040)
    places = np.rint(np.asarray(times_s) * LEVEL_RATE_HZ).astype(np.int64)
    inside = (places >= 0) & (places < len(smooth))
    out = np.full(len(places), np.nan)
    out[inside] = smooth[places[inside]]
    return out


def smoothed(values: Floats, width_s: float) -> Floats:
    """Average over a sliding window, centred."""
    width = max(1, round(width_s * LEVEL_RATE_HZ)) | 1
    if len(values) < width:
        return values
    return np.asarray(np.convolve(values, np.ones(width) / width, mode="same"))


def loud_part(levels: Floats) -> Floats:
    """Levels as a listener weighs them: the square root of amplitude, so that single loud vowels do not rule."""
    return np.sqrt(np.maximum(levels, 0))


def _level(symbol: str) -> float:
    if is_vowel(symbol):
        return _VOWEL_LEVEL
    if symbol[:1] in _STOPS:
        return _STOP_LEVEL
    return _VOICED_LEVEL if symbol[:1] in _VOICED else _NOISE_LEVEL


def _rms(blocks: NDArray[np.float32]) -> Floats:
    return np.asarray(np.sqrt(np.mean(np.square(blocks, dtype=np.float64), axis=1)))
