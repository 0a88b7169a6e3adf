"""What a living head does beside speaking. The first frame is the photo itself; motion grows out of it from a seed.

Every channel is a function of time: tracks of two frame rates sample the same motion, and a longer track begins with
the shorter one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.motion import IdleTrack
from lipwright.contracts.speech import Phoneme
from lipwright.motion.blink import blink_starts, lids_at
from lipwright.motion.breath import breath_at
from lipwright.motion.clock import frame_count, frame_times, smooth_ramp
from lipwright.motion.emphasis import USUAL_STRENGTH, Accent, accents_of
from lipwright.motion.head import CHANNELS, NOD_APART_S, NOD_LEAST, head_at
from lipwright.motion.timeline import Interval, phrases_of

_EASE_S: Final = 1.2
"""How long motion takes to grow out of the photo."""
_PAUSE_S: Final = 0.2
"""A shorter break does not end a phrase."""
_BROW_IOD: Final = 0.03
"""The most that brows rise; the strongest accent raises them so far."""
_BROW_LEAST: Final = 0.72
"""The smallest strength of a vowel that raises the brows."""
_BROW_APART_S: Final = 1.6
_BROW_RISES_S, _BROW_HOLDS_S, _BROW_FALLS_S = 0.18, 0.10, 0.45


@dataclass(frozen=True, slots=True)
class IdleStyle:
    """How lively somebody is."""

    head: float = 1.0
    """Of head motion; 1 stays within 3 degrees, 0 holds the head still."""
    blinks: bool = True
    brows: float = 1.0
    """Of the raising of brows at stressed words."""
    breaths_per_minute: float = 14.0


_ORDINARY: Final = IdleStyle()


def idle_track(
    duration_s: float,
    fps: Fraction,
    seed: int,
    *,
    phonemes: Sequence[Phoneme] = (),
    emphasis: Sequence[float] | NDArray[np.float32] | None = None,
    phrases: Sequence[Interval] | None = None,
    style: IdleStyle = _ORDINARY,
) -> IdleTrack:
    """The idle motion of a whole talk.

    Args:
        duration_s: of the talk; the track has one frame for each frame that begins before it.
        fps: frames per second.
        seed: 0 or more; the same seed gives the same motion.
        phonemes: what is said, in order of time: blinks and breaths follow the phrases, and motion calms in silence.
        emphasis: how strongly each phoneme is spoken (`phone_emphasis`): stressed words raise brows and get nods.
        phrases: when somebody speaks, where the phonemes are not known (`speech_spans`); by default the phonemes tell.
    Returns: a track that is 0 in frame 0.
    Raises: ValueError: `seed` is negative, or `emphasis` has another length than `phonemes`.
    """
    frames = frame_count(duration_s, fps)
    return idle_frames(0, frames, fps, seed, phonemes=phonemes, emphasis=emphasis, phrases=phrases, style=style)


def idle_frames(
    first_frame: int,
    frames: int,
    fps: Fraction,
    seed: int,
    *,
    phonemes: Sequence[Phoneme] = (),
    emphasis: Sequence[float] | NDArray[np.float32] | None = None,
    phrases: Sequence[Interval] | None = None,
    style: IdleStyle = _ORDINARY,
) -> IdleTrack:
    """A stretch of a talk's idle motion, for speech that is not all known yet: the same frames as in the whole track.

    Args:
        first_frame: number of the first frame; it shows the time first_frame / fps.
        frames: how many.
        phonemes, phrases: at least those from the talk's beginning to 2 s after the last frame.
    """
    times = frame_times(first_frame, frames, fps)
    blink_seed, breath_seed, *head_seeds = np.random.SeedSequence(seed).spawn(2 + CHANNELS)
    if phrases is None:
        phrases = phrases_of(phonemes, _PAUSE_S)
    strengths = [USUAL_STRENGTH] * len(phonemes) if emphasis is None else emphasis
    if len(strengths) != len(phonemes):
        raise ValueError(f"{len(strengths)} values of emphasis for {len(phonemes)} phonemes; give one for each.")
    rotation, shift = head_at(
        times, head_seeds, phrases, accents_of(phonemes, strengths, least=NOD_LEAST, apart_s=NOD_APART_S)
    )
    raises = accents_of(phonemes, strengths, least=_BROW_LEAST, apart_s=_BROW_APART_S)
    starts_s = blink_starts(blink_seed, times[-1], [phrase.end_s for phrase in phrases]) if style.blinks else ()
    grown = smooth_ramp(times, 0.0, _EASE_S)
    return IdleTrack(
        fps=fps,
        rotation=(rotation * (style.head * grown)[:, None]).astype(np.float32),
        shift=(shift * (style.head * grown)[:, None]).astype(np.float32),
        blink=lids_at(times, starts_s).astype(np.float32),
        brow=(_brows_at(times, raises) * style.brows * grown).astype(np.float32),
        breath=breath_at(times, breath_seed, style.breaths_per_minute, phrases).astype(np.float32),
    )


def _brows_at(times: NDArray[np.float64], accents: Sequence[Accent]) -> NDArray[np.float64]:
    """How far the brows are raised, IOD, (frames,). One raise ends before the next: they are `_BROW_APART_S` apart."""
    brows = np.zeros(len(times))
    for accent in accents:
        top_s = accent.time_s - _BROW_HOLDS_S / 2.0
        start_s, falls_s = top_s - _BROW_RISES_S, top_s + _BROW_HOLDS_S
        low, high = np.searchsorted(times, (start_s, falls_s + _BROW_FALLS_S))
        t = times[low:high]
        raised = smooth_ramp(t, start_s, top_s) * (1.0 - smooth_ramp(t, falls_s, falls_s + _BROW_FALLS_S))
        brows[low:high] = _BROW_IOD * accent.strength * raised
    return brows
