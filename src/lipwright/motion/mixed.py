"""A mouth that follows known words where they are known, and the sound where they are not."""

from collections.abc import Sequence
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.motion import MouthTrack
from lipwright.motion.clock import frame_times, smooth_ramp

_EASED_S: Final = 0.08


class Span(Protocol):
    """A stretch of time."""

    @property
    def start_s(self) -> float: ...

    @property
    def end_s(self) -> float: ...


def mixed_track(known: MouthTrack, heard: MouthTrack, spans: Sequence[Span]) -> MouthTrack:
    """One mouth of two.

    Args:
        known: followed outside of the spans, unchanged, its closures included.
        heard: followed inside of them, eased over 80 ms at both ends; same rate and length.
        spans: in seconds from frame 0, in any order.
    Raises: ValueError: the tracks differ in rate or length.
    """
    if (known.fps, len(known)) != (heard.fps, len(heard)):
        raise ValueError(f"{len(known)} frames at {known.fps} and {len(heard)} at {heard.fps}: make them alike first.")
    weight = _weight(frame_times(0, len(known), known.fps), spans)
    return MouthTrack(
        fps=known.fps,
        controls=_blend(known.controls, heard.controls, weight[:, None]),
        gap=_blend(known.gap, heard.gap, weight),
        closed=_blend(known.closed, heard.closed, weight),
    )


def _weight(times: NDArray[np.float64], spans: Sequence[Span]) -> NDArray[np.float64]:
    """1 inside the spans, exactly 0 outside, (frames,)."""
    weight = np.zeros(len(times))
    for span in spans:
        eased_s = min(_EASED_S, (span.end_s - span.start_s) / 2)
        if eased_s > 0:
            inside = slice(*np.searchsorted(times, (span.start_s, span.end_s)))
            edge_s = np.minimum(times[inside] - span.start_s, span.end_s - times[inside])
            np.maximum(weight[inside], smooth_ramp(edge_s, 0.0, eased_s), out=weight[inside])
    return weight


def _blend(known: NDArray[np.float32], heard: NDArray[np.float32], weight: NDArray[np.float64]) -> NDArray[np.float32]:
    return (known * (1.0 - weight) + heard * weight).astype(np.float32)
