"""A sound track moves the face: from its phones where they are known, from the sound itself where not."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from lipwright.contracts.motion import IdleTrack, MouthTrack
from lipwright.contracts.sidecar import Span, silences_between
from lipwright.motion.idle import idle_track
from lipwright.motion.mouth import MouthStyle, mouth_track
from lipwright.motion.sound import MouthEngine, mouth_track_from_sound, speech_spans
from lipwright.pipeline.stages.soundtrack import SAMPLE_RATE_HZ, Soundtrack

PHOTO_STYLE = MouthStyle(articulation=1.25)
"""A photo speaks a little more clearly than people do: the head that carries the mouth moves less than theirs."""


class MotionRequest(Protocol):
    """The part of a request that says how a face moves."""

    @property
    def fps(self) -> Fraction: ...

    @property
    def seed(self) -> int: ...


@dataclass(frozen=True)
class Motion:
    """What the face does, frame by frame."""

    mouth: MouthTrack
    idle: IdleTrack
    silences: tuple[Span, ...]
    """Where nobody speaks."""


def move(request: MotionRequest, track: Soundtrack, *, listener: MouthEngine) -> Motion:
    """Make the motion of a whole sound track.

    Args:
        listener: hears the mouth of a track whose phones are not known.
    Raises: ProviderUnavailable, OutputNotWritable, DiskFull: as `listener`.
    """
    duration_s = track.sound.duration_s
    if track.phonemes:
        mouth = mouth_track(track.phonemes, duration_s, request.fps, style=PHOTO_STYLE, emphasis=track.emphasis)
        idle = idle_track(duration_s, request.fps, request.seed, phonemes=track.phonemes, emphasis=track.emphasis)
        return Motion(mouth, idle, silences_between(track.phonemes, duration_s))
    mouth = mouth_track_from_sound(track.sound.chunks(), SAMPLE_RATE_HZ, request.fps, engine=listener)
    spans = speech_spans(mouth)
    idle = idle_track(duration_s, request.fps, request.seed, phrases=spans)
    return Motion(mouth, idle, silences_between(spans, duration_s))
