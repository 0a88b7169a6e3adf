"""The sound that a mouth was to follow: what it asks of the lips, and how loud it is when."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from lipwright.contracts.motion import MouthTrack
from lipwright.contracts.sidecar import Span
from lipwright.errors import MediaUnreadable
from lipwright.motion.sound import MouthEngine, mouth_track_from_sound
from lipwright.quality.mouth import Floats
from lipwright.quality.signals import Lag, find_lag
from lipwright.quality.sound import LEVEL_RATE_HZ, SAMPLE_RATE_HZ, levels_of, loud_part, quiet_spans, smoothed

_MOUTH_RATE_HZ = 16_000
_SMOOTH_S = 0.040
_REACH_S = 0.4
_WINDOW_S = 30.0
"""At either end: sound that drifts is late by another amount there."""
_SHORTEST_DRIFT_S = 10.0
_CLEAR = 0.8


@dataclass(frozen=True, slots=True)
class Driver:
    """What is kept of the driving sound."""

    path: Path
    levels: Floats
    """RMS of each 5 ms."""
    mouth: MouthTrack | None
    """What the sound alone asks of the lips; None when a sidecar tells what was drawn."""

    @property
    def duration_s(self) -> float:
        return len(self.levels) / LEVEL_RATE_HZ

    @property
    def silences(self) -> tuple[Span, ...]:
        """Where nobody is heard, by level."""
        return quiet_spans(self.levels)

    @property
    def last_heard_s(self) -> float:
        """When the last sound ends."""
        quiet = self.silences
        at_end = quiet and quiet[-1].end_s >= self.duration_s - 1 / LEVEL_RATE_HZ
        return quiet[-1].start_s if at_end else self.duration_s


def hear_driver(path: Path, fps: Fraction, *, listener: MouthEngine | None) -> Driver:
    """Listen to the driving sound, of any file with a sound track.

    Args:
        fps: of the finished video.
        listener: hears the mouth of the sound, too; None where that is not wanted.
    Raises: MediaNotFound, MediaUnreadable, ProviderUnavailable, OutputNotWritable, DiskFull.
    """
    from lipwright.media.audio import read_audio
    from lipwright.media.probe import probe

    if not probe(path).audio:
        raise MediaUnreadable(f"`{path}`: has no sound. Name the sound that the mouth was to follow.")
    levels = levels_of(read_audio(path, SAMPLE_RATE_HZ))
    track = None
    if listener is not None:
        sound = read_audio(path, _MOUTH_RATE_HZ)
        track = mouth_track_from_sound(sound, _MOUTH_RATE_HZ, fps, engine=listener)
    return Driver(path, levels, track)


def sound_lag(asked: Floats, heard: Floats) -> Lag | None:
    """How late the sound of a video comes behind the driving sound, by their levels; None when that is not clear."""
    lag = find_lag(_shape(asked), _shape(heard), LEVEL_RATE_HZ, _REACH_S)
    return lag if lag is not None and lag.correlation >= _CLEAR else None


def sound_drift_s(asked: Floats, heard: Floats) -> float | None:
    """How much later the sound comes at the end than at the start; None when it is too short or not clear."""
    common = min(len(asked), len(heard))
    if common < _SHORTEST_DRIFT_S * LEVEL_RATE_HZ:
        return None
    width = int(min(_WINDOW_S * LEVEL_RATE_HZ, common / 2))
    first = sound_lag(asked[:width], heard[:width])
    last = sound_lag(asked[common - width : common], heard[common - width : common])
    return None if first is None or last is None else last.seconds - first.seconds


def _shape(levels: Floats) -> Floats:
    return np.asarray(smoothed(loud_part(levels), _SMOOTH_S))
