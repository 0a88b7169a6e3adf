"""Which face is drawn in which frame of the result, how far, and why not where it is left alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.motion import MouthTrack
from lipwright.errors import MediaUnreadable, UsageError
from lipwright.face.conversation import Turn, conversing_frames
from lipwright.face.speaker import Choice, SpeakingFrames, choose_speakers, speaking_frames
from lipwright.face.tracks import ClipFaces
from lipwright.face.visibility import REASONS
from lipwright.media.audio import has_sound, sound_channels
from lipwright.media.envelope import energy_envelope
from lipwright.motion.spans import Interval, spans_to_render
from lipwright.render.easing import smoothstep

SILENT = "silent"
"""Why a frame is left alone in which nothing has to be drawn."""
EASING_S = 0.24
"""In the margin of a span, the source's mouth eases over into the drawn one."""
SHUT_QUANTILE = 0.05
SHUT_AT_MOST_IOD = 0.03
"""A mouth that is wider open than this in all its frames is not shut in any."""


@dataclass(frozen=True)
class Cast:
    """One row for each frame of the result."""

    plan: NDArray[np.int32]
    """(frames,) frame of the footage that it shows."""
    track: NDArray[np.int32]
    """(frames,) number of the face's track, -1 where none is followed."""
    weight: NDArray[np.float32]
    """(frames,) 0 the source's own mouth to 1 the new one."""
    reasons: tuple[str, ...]
    """(frames,) why the weight is 0; empty elsewhere."""
    explanation: str
    """Who speaks, for people."""
    fps: Fraction

    def __len__(self) -> int:
        return len(self.plan)


class SpeakerRequest(Protocol):
    """The part of a request that tells who speaks."""

    @property
    def video(self) -> Path: ...

    @property
    def speaker(self) -> int | None: ...

    @property
    def audio_track(self) -> int | None: ...


@dataclass(frozen=True)
class Speaking:
    """Whose mouth is to move, frame by frame of the footage."""

    frames: SpeakingFrames
    explanation: str
    """For people."""


def choose(request: SpeakerRequest, faces: ClipFaces, turns: Sequence[Turn] = ()) -> Speaking:
    """Find out whose mouth is to move.

    Args:
        turns: of several people, where that is known; with them two who are seen in one shot are told apart.
    Raises: UsageError: the request names a face that is not there.
    """
    if request.speaker is not None:
        return _chosen(faces, choose_speakers(faces, None, request.speaker))
    energy, trouble = _loudness(request, faces)
    if len({turn.speaker for turn in turns}) > 1:
        frames, explanation = conversing_frames(faces, energy, turns)
        return Speaking(frames, f"{explanation}{trouble}")
    return _chosen(faces, choose_speakers(faces, energy), trouble)


def _chosen(faces: ClipFaces, choice: Choice, trouble: str = "") -> Speaking:
    return Speaking(speaking_frames(faces, choice), f"{choice.explanation}{trouble}")


def _loudness(request: SpeakerRequest, faces: ClipFaces) -> tuple[NDArray[np.float32] | None, str]:
    """How loud the video's own sound is in each frame, None where nobody knows, and what is wrong with it."""
    if not has_sound(request.video):
        return None, ""
    damaged: list[Fraction] = []
    try:
        energy = energy_envelope(
            request.video, faces.fps, faces.frame_count, request.audio_track, on_damage=damaged.append
        )
    except MediaUnreadable:
        return None, "; the video's own sound cannot be decoded"
    return energy, f"; the video's own sound is damaged at {float(damaged[0]):.1f} s" if damaged else ""


def check_audio_track(request: SpeakerRequest) -> None:
    """Make sure, before the long work begins, that the sound track is there which tells who speaks.

    Raises: UsageError: it is not; MediaUnreadable: it cannot be decoded.
    """
    if request.audio_track is None:
        return
    if not has_sound(request.video):
        raise UsageError(f"--audio-track {request.audio_track}: `{request.video}` has no sound. Leave the option out.")
    sound_channels(request.video, request.audio_track)


def cast(
    faces: ClipFaces, speaking: Speaking, plan: NDArray[np.int32], mouth: MouthTrack, loud: tuple[Interval, ...]
) -> Cast:
    """Decide for every frame of the result.

    Args:
        plan: (frames,) frame of the footage that each shows.
        mouth: as long as the plan.
        loud: where the new sound is loud enough to be speech.
    """
    seen = speaking.frames
    weight = seen.weight[plan]
    spans = spans_to_render(mouth, _old_gap(faces, seen.track)[plan], sound_spans=loud)
    needed = np.zeros(len(plan), np.float32)
    for span in spans:
        needed[span.first : span.last + 1] = _eased(span.last + 1 - span.first, mouth.fps, span.first, span.last, plan)
    codes = seen.reason[plan]
    reasons = tuple(
        "" if drawn else (REASONS[code] or SILENT)
        for drawn, code in zip((weight * needed > 0).tolist(), codes.tolist(), strict=True)
    )
    return Cast(plan, seen.track[plan], weight * needed, reasons, speaking.explanation, mouth.fps)


def _eased(count: int, fps: Fraction, first: int, last: int, plan: NDArray[np.int32]) -> NDArray[np.float32]:
    """Weights of a span; at the result's own ends nothing has to be eased."""
    frames = max(1.0, float(EASING_S * fps))
    inside = np.arange(count)
    weight = np.ones(count)
    if first > 0:
        weight = np.minimum(weight, smoothstep((inside + 1) / (frames + 1), 0, 1))
    if last < len(plan) - 1:
        weight = np.minimum(weight, smoothstep((count - inside) / (frames + 1), 0, 1))
    return np.asarray(weight, np.float32)


def uncast(plan: NDArray[np.int32], fps: Fraction, reason: str) -> Cast:
    """Every frame stays as it is, for the same reason."""
    frames = len(plan)
    return Cast(plan, np.full(frames, -1, np.int32), np.zeros(frames, np.float32), (reason,) * frames, reason, fps)


def _old_gap(faces: ClipFaces, tracks: NDArray[np.int32]) -> NDArray[np.float32]:
    """(frames of the footage,) how far the chosen mouth was open there, above its shut one; 0 where it is not seen.

    Args:
        tracks: (frames of the footage,) number of the chosen face's track, -1 where it is not seen.
    """
    gap = np.zeros(faces.frame_count, np.float32)
    for number in (number for number in np.unique(tracks).tolist() if number >= 0):
        track = faces.tracks[number]
        measured = track.features.gap
        shut = min(float(np.nanquantile(measured, SHUT_QUANTILE)), SHUT_AT_MOST_IOD)
        rows = slice(track.first_frame, track.end_frame)
        chosen = tracks[rows] == number
        gap[rows][chosen] = np.nan_to_num(np.maximum(measured - shut, 0))[chosen]
    return gap
