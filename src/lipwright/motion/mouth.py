"""Mouth tracks from timed phonemes. Bilabials always close, silence is exactly shut, everything between is smooth.

Each phone pulls at the mouth with the dominance of its viseme, over its own time blurred by coarticulation; what the
mouth does is the mean of all that pull at one moment.
Source: Cohen and Massaro, Modeling coarticulation in synthetic visual speech, 1993.
"""

import math
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.motion import MouthTrack
from lipwright.contracts.speech import Phoneme
from lipwright.motion.clock import frame_count, frame_times, smooth_ramp
from lipwright.motion.curves import MouthCurves
from lipwright.motion.emphasis import USUAL_STRENGTH
from lipwright.motion.targets import SPEECH_GAP_IOD, TARGETS
from lipwright.motion.timeline import (
    CLOSES_AFTER_S,
    OPENS_BEFORE_S,
    PAUSE_RESTS_S,
    AimedSpan,
    Interval,
    Timeline,
    timeline_of,
)
from lipwright.motion.visemes import Viseme, is_bilabial

_STRENGTH_OPENS: Final = 0.4
"""From the weakest to the strongest vowel, in parts of the usual opening."""

_BLUR_REACH: Final = math.sqrt(28.0) / 2.0
"""Half width of the quintic step whose slope has a standard deviation of 1: a Gaussian's stand-in with an end."""

_HOLD_S: Final = 0.020
"""Closed lips meet this long before the phone and stay as long after it."""
_SHUT_S, _OPEN_S = 0.050, 0.045
"""How long lips take to close for a bilabial, and to open after it; measured: 58 and 40 ms."""
_LEAST_ROOM: Final = 0.4
"""Holds and ramps shrink between two closures, but not below this part: lips are not faster than that."""
_TUCK_DEPTH: Final = 0.8
"""How much of an f is left of its target when its neighbours pull."""
_ATTACK_INSIDE_S, _RELEASE_INSIDE_S = 0.05, 0.03
"""How far easing out of a rest and into it reaches into the phrase."""
_WINDOW_MARGIN_S: Final = 1.0
"""Phones farther away than this have no part in a frame."""


@dataclass(frozen=True, slots=True)
class MouthStyle:
    """How somebody speaks."""

    articulation: float = 1.0
    """Of the opening of the mouth; 1 is ordinary speech, 0.7 a mumble, 1.3 a stage."""
    coarticulation_s: float = 0.055
    """Standard deviation of the blur over time: larger is lazier."""
    rest_after_s: float = PAUSE_RESTS_S
    """The mouth closes in pauses of this length or more; raise it for speakers who keep their mouth open in pauses."""

    def __post_init__(self) -> None:
        if self.rest_after_s < PAUSE_RESTS_S:
            raise ValueError(f"rest_after_s is {self.rest_after_s}: a mouth needs {PAUSE_RESTS_S} s to close and open.")


_ORDINARY: Final = MouthStyle()


def mouth_track(
    phonemes: Sequence[Phoneme],
    duration_s: float,
    fps: Fraction,
    *,
    style: MouthStyle = _ORDINARY,
    emphasis: Sequence[float] | NDArray[np.float32] | None = None,
) -> MouthTrack:
    """The mouth of a whole talk.

    Args:
        phonemes: in order, not overlapping, seconds from frame 0. Leave 0.2 s before the end for the mouth to close.
        duration_s: of the talk; the track has one frame for each frame that begins before it.
        fps: frames per second.
        emphasis: how strongly each phoneme is spoken, 0 to 1, 0.5 is usual (`phone_emphasis`).
    Returns: a track whose gap is the difference of its lip heights; gap and all controls are exactly 0 in rests.
    Raises: ValueError: `emphasis` has another length than `phonemes`.
    """
    frames = frame_count(duration_s, fps)
    return _evaluate(phonemes, 0, frames, frames, fps, style, emphasis).track(fps)


def mouth_curves(
    phonemes: Sequence[Phoneme],
    duration_s: float,
    fps: Fraction,
    *,
    emphasis: Sequence[float] | NDArray[np.float32] | None = None,
) -> MouthCurves:
    """What `mouth_track` is made of, in ordinary speech: what a network learns to hear.

    Args: as `mouth_track`.
    """
    frames = frame_count(duration_s, fps)
    return _evaluate(phonemes, 0, frames, frames, fps, _ORDINARY, emphasis)


def mouth_frames(
    phonemes: Sequence[Phoneme],
    first_frame: int,
    frames: int,
    fps: Fraction,
    *,
    style: MouthStyle = _ORDINARY,
    emphasis: Sequence[float] | NDArray[np.float32] | None = None,
) -> MouthTrack:
    """A stretch of a talk's mouth, for speech that is not all known yet: the same frames as in the whole track.

    Args:
        phonemes: at least those from 1 s and `style.rest_after_s` before the first frame to as long after the last.
        first_frame: number of the first frame; it shows the time first_frame / fps.
        frames: how many.
    """
    return _evaluate(phonemes, first_frame, frames, None, fps, style, emphasis).track(fps)


def _evaluate(
    phonemes: Sequence[Phoneme],
    first_frame: int,
    frames: int,
    total_frames: int | None,
    fps: Fraction,
    style: MouthStyle,
    emphasis: Sequence[float] | NDArray[np.float32] | None,
) -> MouthCurves:
    if emphasis is not None and len(emphasis) != len(phonemes):
        raise ValueError(f"{len(emphasis)} values of emphasis for {len(phonemes)} phonemes; give one for each.")
    times = frame_times(first_frame, frames, fps)
    margin_s = _WINDOW_MARGIN_S + style.rest_after_s
    near = [
        i
        for i, phone in enumerate(phonemes)
        if phone.end_s > times[0] - margin_s and phone.start_s < times[-1] + margin_s
    ]
    timeline = timeline_of(
        [phonemes[i] for i in near],
        [USUAL_STRENGTH if emphasis is None else float(emphasis[i]) for i in near],
        pause_s=style.rest_after_s,
    )
    clock = _Clock(first_frame, times, fps)
    awake = _awake(timeline, clock)
    bilabials = [phonemes[i] for i in near if is_bilabial(phonemes[i].symbol)]
    shut = clock.gate(_sampled(timeline.closures, bilabials, fps, total_frames))
    tuck = clock.gate(timeline.tucks) * _TUCK_DEPTH
    spoken = _aims(timeline.spans, clock, style)
    tucked = _aim_of(Viseme.F, style)
    opening, width, height = (spoken + (tucked - spoken) * tuck[:, None]).T
    return MouthCurves(opening, width, height, shut, awake)


@dataclass(frozen=True, slots=True)
class _Clock:
    """The frames that are asked for."""

    first_frame: int
    times: NDArray[np.float64]
    fps: Fraction

    def frames_within(self, start_s: float, end_s: float) -> slice:
        """The frames in a stretch of time, as indices into `times`."""
        rate = float(self.fps)
        low = math.ceil(max(start_s * rate, self.first_frame)) - self.first_frame
        high = math.floor(min(end_s * rate, self.first_frame + len(self.times) - 1)) - self.first_frame
        return slice(max(low, 0), max(high + 1, 0))

    def gate(self, intervals: Sequence[Interval]) -> NDArray[np.float64]:
        """1 inside the intervals and `_HOLD_S` around them, with raised-cosine ramps outside; (frames,)."""
        gate = np.zeros(len(self.times))
        for index, interval in enumerate(intervals):
            before = _room(intervals[index - 1] if index else None, interval)
            after = _room(interval, intervals[index + 1] if index + 1 < len(intervals) else None)
            start_s, end_s = interval.start_s - _HOLD_S * before, interval.end_s + _HOLD_S * after
            shut_s, open_s = _SHUT_S * before, _OPEN_S * after
            part = self.frames_within(start_s - shut_s, end_s + open_s)
            t = self.times[part]
            rising = np.minimum((t - start_s) / shut_s + 1.0, (end_s - t) / open_s + 1.0)
            np.maximum(gate[part], 0.5 - 0.5 * np.cos(np.pi * np.clip(rising, 0.0, 1.0)), out=gate[part])
        return gate


def _room(one: Interval | None, other: Interval | None) -> float:
    """How much of holds and ramps fits between two closures; a short vowel between them still opens the mouth."""
    if one is None or other is None:
        return 1.0
    needed_s = 2.0 * _HOLD_S + _SHUT_S + _OPEN_S
    return min(max((other.start_s - one.end_s) / needed_s, _LEAST_ROOM), 1.0)


def _awake(timeline: Timeline, clock: _Clock) -> NDArray[np.float64]:
    """1 in phrases, exactly 0 in rests; eased both ways, and 0 in frame 0."""
    awake = np.zeros(len(clock.times))
    for phrase in timeline.phrases:
        start_s = max(phrase.start_s, OPENS_BEFORE_S)
        part = clock.frames_within(start_s - OPENS_BEFORE_S, phrase.end_s + CLOSES_AFTER_S)
        t = clock.times[part]
        opening = smooth_ramp(t, start_s - OPENS_BEFORE_S, start_s + _ATTACK_INSIDE_S)
        closing = smooth_ramp(t, phrase.end_s - _RELEASE_INSIDE_S, phrase.end_s + CLOSES_AFTER_S)
        awake[part] = opening * (1.0 - closing)
    return awake


def _sampled(
    closures: Iterable[Interval], bilabials: Sequence[Phoneme], fps: Fraction, total_frames: int | None
) -> list[Interval]:
    """Stretch each closure to the frames that are nearest to its phones, so that they show it whatever the rate."""
    stretched: list[Interval] = []
    left = deque(bilabials)
    for closure in closures:
        start_s, end_s = closure.start_s, closure.end_s
        while left and left[0].end_s <= closure.end_s:
            phone = left.popleft()
            nearest = max(round((phone.start_s + phone.end_s) / 2.0 * float(fps)), 0)
            if total_frames is not None:
                nearest = min(nearest, total_frames - 1)
            start_s, end_s = min(start_s, nearest / float(fps)), max(end_s, nearest / float(fps))
        stretched.append(Interval(start_s, end_s))
    return stretched


def _aims(spans: tuple[AimedSpan, ...], clock: _Clock, style: MouthStyle) -> NDArray[np.float64]:
    """Opening, width and height that the phones pull to, in IOD, (frames, 3)."""
    reach_s = _BLUR_REACH * style.coarticulation_s
    within = [clock.frames_within(aimed.span.start_s - reach_s, aimed.span.end_s + reach_s) for aimed in spans]
    counts = np.array([max(part.stop - part.start, 0) for part in within])
    frame = np.concatenate([np.arange(part.start, part.stop) for part in within])
    start = np.repeat([aimed.span.start_s for aimed in spans], counts)
    end = np.repeat([aimed.span.end_s for aimed in spans], counts)
    pull = np.repeat([TARGETS[aimed.span.viseme].dominance * aimed.span.share for aimed in spans], counts)
    begun = smooth_ramp((clock.times[frame] - start) / reach_s, -1.0, 1.0)
    pull *= begun - smooth_ramp((clock.times[frame] - end) / reach_s, -1.0, 1.0)
    aims = np.repeat([_aim_of(aimed.span.viseme, style, aimed.strength) for aimed in spans], counts, axis=0)
    frames = len(clock.times)
    pulled = np.stack([np.bincount(frame, pull * aims[:, column], frames) for column in range(3)], axis=1)
    return np.asarray(pulled / np.bincount(frame, pull, frames)[:, None])


def _aim_of(viseme: Viseme, style: MouthStyle, strength: float = USUAL_STRENGTH) -> NDArray[np.float64]:
    """Opening, width and height of a viseme in IOD, (3,)."""
    target = TARGETS[viseme]
    louder = 1.0 + _STRENGTH_OPENS * (strength - USUAL_STRENGTH)
    opening = target.opening * SPEECH_GAP_IOD * style.articulation * louder
    return np.array([opening, target.width_iod, target.height_iod])
