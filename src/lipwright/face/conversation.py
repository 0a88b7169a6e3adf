"""Which face speaks when several people talk, turn by turn: two of them may be seen in one shot."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lipwright.face.speaker import Choice, SpeakingFrames, choose_speakers, most_speaking, speaking_frames
from lipwright.face.tracks import ClipFaces

_EASED_S = 0.2
"""Within a shot, one face is left to its own mouth before the next one is drawn."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A stretch in which one person speaks; times are seconds of the clip."""

    speaker: int
    start_s: float
    end_s: float


def conversing_frames(
    faces: ClipFaces, energy: NDArray[np.float32] | None, turns: Sequence[Turn]
) -> tuple[SpeakingFrames, str]:
    """Find the face of each speaker in each shot, by how the mouths move in their turns.

    Where that does not tell, the face counts that speaks most in the whole shot.

    Args:
        energy: (frames,) as in `choose_speakers`.
        turns: in order of their starts; between two, each frame belongs to the nearer one.
    Returns: the chosen faces, frame by frame, and an explanation for people.
    """
    usual = choose_speakers(faces, energy)
    owner = _owners(faces, turns)
    chosen = speaking_frames(faces, usual)
    track, weight, reason = chosen.track.copy(), chosen.weight.copy(), chosen.reason.copy()
    found: dict[int, set[int]] = {}
    for speaker in sorted({turn.speaker for turn in turns}):
        own = _choice(faces, energy, _during(faces, turns, speaker), usual)
        seen, theirs = speaking_frames(faces, own), owner == speaker
        track[theirs], weight[theirs], reason[theirs] = seen.track[theirs], seen.weight[theirs], seen.reason[theirs]
        found[speaker] = {person for person in own.persons if person is not None}
    weight *= _eased(track, faces)
    told = "; ".join(
        f"speaker {speaker}: {', '.join(f'face {person}' for person in sorted(persons)) or 'no face'}"
        for speaker, persons in found.items()
    )
    return SpeakingFrames(track, weight, reason), f"{told}, by whose mouth moves in their turns"


def _choice(faces: ClipFaces, energy: NDArray[np.float32] | None, during: NDArray[np.bool_], usual: Choice) -> Choice:
    persons, tracks = list(usual.persons), list(usual.tracks)
    for shot in faces.shots:
        if not during[shot.first_frame : shot.end_frame].any():
            continue
        best = most_speaking(faces, shot, energy, during)
        if best is not None:
            persons[shot.number], tracks[shot.number] = best
    return replace(usual, persons=tuple(persons), tracks=tuple(tracks))


def _during(faces: ClipFaces, turns: Sequence[Turn], speaker: int) -> NDArray[np.bool_]:
    """(frames,) in which somebody speaks."""
    during = np.zeros(faces.frame_count, np.bool_)
    for turn in turns:
        if turn.speaker == speaker:
            during[max(int(turn.start_s * faces.fps), 0) : max(int(turn.end_s * faces.fps) + 1, 0)] = True
    return during


def _owners(faces: ClipFaces, turns: Sequence[Turn]) -> NDArray[np.int32]:
    """(frames,) whose turn is nearest."""
    times = (np.arange(faces.frame_count) + 0.5) / float(faces.fps)
    nearest = np.full(faces.frame_count, np.inf)
    owner = np.zeros(faces.frame_count, np.int32)
    for turn in turns:
        away = np.maximum(np.maximum(turn.start_s - times, times - turn.end_s), 0)
        nearer = away < nearest
        nearest[nearer], owner[nearer] = away[nearer], turn.speaker
    return owner


def _eased(track: NDArray[np.int32], faces: ClipFaces) -> NDArray[np.float32]:
    """(frames,) 0 beside a change of face within a shot, rising to 1 away from it."""
    eased = np.ones(faces.frame_count)
    cuts = {shot.first_frame for shot in faces.shots}
    for frame in (np.flatnonzero(np.diff(track)) + 1).tolist():
        if frame not in cuts and min(track[frame - 1], track[frame]) >= 0:
            away = np.abs(np.arange(faces.frame_count) + 0.5 - frame) / (_EASED_S * float(faces.fps))
            eased = np.minimum(eased, np.clip(away, 0, 1))
    return eased.astype(np.float32)
