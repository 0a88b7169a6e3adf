"""What the lips of a finished video were asked to do, frame by frame."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from lipwright.contracts.sidecar import Sidecar, Span
from lipwright.contracts.speech import Phoneme
from lipwright.quality.driver import Driver
from lipwright.quality.mouth import DRAWN, Flags, Floats, at_rest, frame_numbers, on_frames

SILENT: Final = "silent"
"""Why a frame was left as it is: its mouth rests."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Arrays are (frames,)."""

    source: str
    """Where it is known from: `sidecar`, `sound`, or empty when nobody tells."""
    gap: Floats
    """IOD; NaN where nobody tells, or where the frame was not drawn."""
    closed: Floats
    """0 to 1; NaN likewise."""
    drawn: Flags
    """Frames whose mouth was made."""
    resting: Flags
    """Frames so deep in silence that the mouth has to be shut."""
    phonemes: tuple[Phoneme, ...]
    untouched: tuple[tuple[str, int], ...] = ()
    """Why frames were left as they are, and how many."""

    @property
    def known(self) -> bool:
        return bool(self.source)


def asked_of(times_s: Floats, sidecar: Sidecar | None, driver: Driver | None) -> Asked:
    """Take it from the sidecar, else from the driving sound, else from nowhere.

    Args:
        times_s: of the frames.
    """
    frames = len(times_s)
    everywhere, nowhere = np.ones(frames, np.bool_), np.full(frames, np.nan)
    if sidecar is not None:
        return _from_sidecar(times_s, sidecar)
    if driver is None:
        return Asked("", nowhere, nowhere, everywhere, np.zeros(frames, np.bool_), ())
    resting = at_rest(_within(driver.silences, driver.duration_s), times_s)
    if driver.mouth is None:
        return Asked("", nowhere, nowhere, everywhere, resting, ())
    numbers = frame_numbers(times_s, driver.mouth.fps)
    gap, closed = on_frames(driver.mouth.gap.tolist(), numbers), on_frames(driver.mouth.closed.tolist(), numbers)
    return Asked("sound", gap, closed, everywhere, resting, ())


def _from_sidecar(times_s: Floats, sidecar: Sidecar) -> Asked:
    numbers = frame_numbers(times_s, sidecar.fps)
    gap, closed = on_frames(sidecar.gap, numbers), on_frames(sidecar.closed, numbers)
    resting = at_rest(sidecar.silences, times_s)
    rewritten = sidecar.rewritten
    if rewritten is None:
        return Asked("sidecar", gap, closed, np.ones(len(times_s), np.bool_), resting, sidecar.phonemes)
    drawn = on_frames(rewritten.weight, numbers) >= DRAWN
    silent, reasons = np.zeros(len(times_s), np.bool_), dict[str, int]()
    for span in rewritten.untouched:
        reasons[span.reason] = reasons.get(span.reason, 0) + span.count
        if span.reason == SILENT:
            silent |= (numbers >= span.first) & (numbers < span.first + span.count)
    return Asked(
        "sidecar",
        gap=np.where(drawn, gap, np.nan),
        closed=np.where(drawn, closed, np.nan),
        drawn=drawn,
        resting=resting & (drawn | silent),
        phonemes=_visible(sidecar.phonemes, drawn, times_s),
        untouched=tuple(reasons.items()),
    )


def _visible(phonemes: Sequence[Phoneme], drawn: Flags, times_s: Floats) -> tuple[Phoneme, ...]:
    """The phones all of whose frames were drawn."""
    kept = []
    for phoneme in phonemes:
        during = (times_s >= phoneme.start_s - 0.02) & (times_s <= phoneme.end_s + 0.02)
        if during.any() and drawn[during].all():
            kept.append(phoneme)
    return tuple(kept)


def _within(silences: Sequence[Span], duration_s: float) -> tuple[Span, ...]:
    return tuple(span for span in silences if span.start_s < duration_s)
