"""One stretch at the source's frame rate, as an engine sees it at its own: which frame shows which, nearest in time."""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.motion import MouthTrack

SOUND_HZ = 16_000
_HALF = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class FrameMap:
    """Frames of a window at two rates; frame 0 of both is shown at the same time."""

    source_fps: Fraction
    engine_fps: Fraction
    source_frames: int
    """In the window, at least 1."""

    @property
    def engine_frames(self) -> int:
        """How many begin while the window lasts."""
        return ceil(self.source_frames * self.engine_fps / self.source_fps)

    def source_of(self, engine_frame: int) -> int:
        """The source frame that is nearest to an engine's frame; never falls as `engine_frame` rises."""
        return min(_nearest(engine_frame * self.source_fps / self.engine_fps), self.source_frames - 1)

    def engine_of(self, source_frame: int) -> int:
        """The engine's frame that is nearest to a source frame; never falls as `source_frame` rises.

        An engine that is not slower than the source was given each source frame, and `source_of` of this is that frame.
        """
        return min(_nearest(source_frame * self.engine_fps / self.source_fps), self.engine_frames - 1)


def longest_source_frames(source_fps: Fraction, engine_fps: Fraction, longest_s: float, chunk_frames: int) -> int:
    """How many source frames an engine can take at once, filled up to its chunks; 1 if even that is too long for it."""
    engine_frames = floor(Fraction(longest_s) * engine_fps)
    engine_frames = max(chunk_frames, engine_frames - engine_frames % chunk_frames)
    return max(1, floor(engine_frames * source_fps / engine_fps))


def mouth_at(track: MouthTrack, first: int, frames: FrameMap, count: int) -> MouthTrack:
    """What the mouth does in a window, at the engine's rate.

    Args:
        track: at the source's rate.
        first: row of the track at which the window begins.
        count: rows of the result; those after the window's end repeat its last one.
    """
    index = np.minimum(np.arange(count), frames.engine_frames - 1)
    if frames.engine_fps == frames.source_fps:
        rows = first + index
        return MouthTrack(track.fps, track.controls[rows], track.gap[rows], track.closed[rows])
    position = first + index * float(frames.source_fps / frames.engine_fps)
    rows = np.arange(len(track))
    at = np.clip(position, 0, len(track) - 1)

    def resampled(values: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.interp(at, rows, values).astype(np.float32)

    return MouthTrack(
        fps=frames.engine_fps,
        controls=np.stack([resampled(column) for column in track.controls.T], axis=1),
        gap=resampled(track.gap),
        closed=resampled(track.closed),
    )


def sound_between(sound: NDArray[np.float32], start_s: Fraction, end_s: Fraction) -> NDArray[np.float32]:
    """Samples of a stretch of time, (n,) at SOUND_HZ; silence where the sound has ended."""
    start, end = _nearest(start_s * SOUND_HZ), _nearest(end_s * SOUND_HZ)
    heard = sound[start:end]
    return (
        np.concatenate([heard, np.zeros(end - start - len(heard), np.float32)]) if len(heard) < end - start else heard
    )


def _nearest(value: Fraction) -> int:
    return floor(value + _HALF)
