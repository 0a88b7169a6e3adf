"""Which frames of a picture need a new mouth: those in which the new sound speaks, or the old mouth moves."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.motion import MouthTrack
from lipwright.motion.levels import HOP_S, SoundLevels
from lipwright.motion.mixed import Span
from lipwright.motion.timeline import Interval

__all__ = ["FrameSpan", "Interval", "energy_spans", "spans_to_render"]

MARGIN_S: Final = 0.4
"""Added on both sides of what speaks or moves."""
JOINED_S: Final = 2.0
"""A shorter stretch between two spans is rendered too."""
OPEN_IOD: Final = 0.015
"""An old mouth with a wider gap is open."""
MOVES_IOD: Final = 0.010
"""One whose gap changes by more within `_MOVES_WITHIN_S` moves; the tracker's own noise is a third of that."""
_MOVES_WITHIN_S: Final = 0.2

_LOUD_DB: Final = 25.0
"""Below the loud parts of a recording; what is quieter is no speech."""
_ABOVE_NOISE_DB: Final = 8.0
_STANDS_OUT_DB: Final = 6.0
"""Between the quiet and the loud parts of a recording that is more than steady noise."""
_SILENT_DB: Final = -50.0
"""Of full scale: quieter sound is silence."""


@dataclass(frozen=True, slots=True)
class FrameSpan:
    """Consecutive frames."""

    first: int
    last: int
    """Inclusive."""

    def __len__(self) -> int:
        return self.last - self.first + 1


def spans_to_render(
    mouth: MouthTrack, old_gap: NDArray[np.floating] | None, *, sound_spans: Sequence[Span] = ()
) -> tuple[FrameSpan, ...]:
    """The frames that get a new mouth; all others can stay as they are.

    Args:
        mouth: the new one.
        old_gap: of the mouth in the picture, IOD above its closed state, (frames,); NaN where none was measured.
            None when nothing is known of it: then every frame gets a new mouth.
        sound_spans: where the new sound is loud enough to be speech (`energy_spans`), seconds from frame 0.
    Returns: in order, at least `JOINED_S` apart, inside the track.
    Raises: ValueError: `old_gap` has another length than the track.
    """
    frames = len(mouth)
    if old_gap is None:
        return (FrameSpan(0, frames - 1),) if frames else ()
    if len(old_gap) != frames:
        raise ValueError(f"{len(old_gap)} old gaps for {frames} frames; give one for each.")
    rate = float(mouth.fps)
    busy = np.asarray(mouth.gap > 0.0) | _moves(np.asarray(old_gap, np.float64), math.ceil(_MOVES_WITHIN_S * rate))
    for span in sound_spans:
        busy[max(math.floor(span.start_s * rate), 0) : max(math.ceil(span.end_s * rate), 0)] = True
    return _joined(np.flatnonzero(busy), frames, math.ceil(MARGIN_S * rate), math.ceil(JOINED_S * rate))


def energy_spans(chunks: Iterable[NDArray[np.float32]], sample_rate_hz: int) -> tuple[Interval, ...]:
    """Where a recording is about as loud as its loud parts; nowhere in silence and in steady noise.

    Args:
        chunks: mono, (n,) each; read once, an hour leaves 3 MB.
    Returns: in order, in steps of 10 ms.
    """
    level_db = SoundLevels(chunks, sample_rate_hz).levels_db
    if len(level_db) == 0:
        return ()
    quiet, loud = np.quantile(level_db, (0.1, 0.95))
    if loud - quiet < _STANDS_OUT_DB:
        return ()
    threshold = max(float(np.clip(quiet + _ABOVE_NOISE_DB, loud - _LOUD_DB, loud - _STANDS_OUT_DB)), _SILENT_DB)
    edges = np.diff(np.concatenate([[False], level_db > threshold, [False]]).astype(np.int8))
    starts, ends = np.flatnonzero(edges > 0), np.flatnonzero(edges < 0)
    return tuple(Interval(float(start) * HOP_S, float(end) * HOP_S) for start, end in zip(starts, ends, strict=True))


def _moves(gap: NDArray[np.float64], within: int) -> NDArray[np.bool_]:
    """Whether the old mouth is open, or changes soon before or after, (frames,)."""
    known = np.isfinite(gap)
    padded_low = np.pad(np.where(known, gap, np.inf), (within // 2, within - within // 2), constant_values=np.inf)
    padded_high = np.pad(np.where(known, gap, -np.inf), (within // 2, within - within // 2), constant_values=-np.inf)
    lowest = np.lib.stride_tricks.sliding_window_view(padded_low, within + 1).min(axis=1)
    highest = np.lib.stride_tricks.sliding_window_view(padded_high, within + 1).max(axis=1)
    changes = np.zeros(len(gap), bool)
    seen = np.isfinite(lowest) & np.isfinite(highest)
    changes[seen] = highest[seen] - lowest[seen] > MOVES_IOD
    return np.asarray((known & (np.where(known, gap, 0.0) > OPEN_IOD)) | changes)


def _joined(busy: NDArray[np.intp], frames: int, margin: int, apart: int) -> tuple[FrameSpan, ...]:
    spans: list[FrameSpan] = []
    for frame in busy:
        first, last = max(int(frame) - margin, 0), min(int(frame) + margin, frames - 1)
        if spans and first - spans[-1].last - 1 < apart:
            spans[-1] = FrameSpan(spans[-1].first, last)
        else:
            spans.append(FrameSpan(first, last))
    return tuple(spans)
