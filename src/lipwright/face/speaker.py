"""Which face speaks in each shot of a clip, and why."""

from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lipwright.errors import UsageError
from lipwright.face.mouth_sound import MouthEvidence, mouth_evidence
from lipwright.face.tracks import ClipFaces, FollowedFace, Shot
from lipwright.face.visibility import NO_FACE, NOBODY_SPEAKS, REASONS, Visibility, visibility

_USABLE_S = 0.4
"""A face that may be drawn upon for less in a shot does not come into question."""
_SPEAKS = 0.3
"""Of `MouthEvidence.speaks`: where several people are seen, one with less is not taken for the speaker."""
_LISTENS = 0.1
"""A lone face with less, in a clip in which somebody else speaks, listens."""
_BY_FAR = 2.0
"""A face that is so many times as wide as all others is the only one that matters."""
_ASIDE = 0.3
"""What a face loses that is at the picture's edge."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Who speaks, shot by shot."""

    persons: tuple[int | None, ...]
    """For each shot, a person's number, or None for nobody."""
    tracks: tuple[tuple[int, ...], ...]
    """For each shot, the numbers of that person's tracks; they do not overlap."""
    reasons: tuple[str, ...]
    """For each shot, why."""
    explanation: str
    """Of the whole choice, for people."""


@dataclass(frozen=True, slots=True)
class SpeakingFrames:
    """The chosen faces, frame by frame over the whole footage."""

    track: NDArray[np.int32]
    """(frames,) number of the chosen track, -1 where it is not seen."""
    weight: NDArray[np.float32]
    """(frames,) 0 leave the frame alone to 1 draw its mouth."""
    reason: NDArray[np.uint8]
    """(frames,) places in visibility.REASONS: why the weight is 0; 0 elsewhere."""


class _Candidate(NamedTuple):
    """A person in one shot."""

    person: int
    tracks: tuple[FollowedFace, ...]
    evidence: MouthEvidence
    width_px: float
    central: float
    """1 in the middle of the picture to 0 in a corner."""

    @property
    def score(self) -> float:
        return self.evidence.speaks * (1 - _ASIDE * (1 - self.central)) * float(np.sqrt(self.width_px))


def choose_speakers(faces: ClipFaces, energy: NDArray[np.float32] | None, speaker: int | None = None) -> Choice:
    """Find out who speaks in each shot.

    Args:
        energy: (frames,) how loud the clip's own sound is while each frame is seen, decibels; None without sound.
        speaker: a person's number, who then speaks in every shot; None for the one whose mouth moved with the sound.
    Raises:
        UsageError: nobody has the number `speaker`; the message lists who is there.
    """
    if speaker is not None:
        return _by_number(faces, speaker)
    shots = [_candidates(faces, shot, energy) for shot in faces.shots]
    most: Counter[int] = Counter()
    for candidates in shots:
        for one in candidates:
            most[one.person] = max(most[one.person], round(1000 * one.evidence.speaks))
    picked = [_pick(candidates, most) for candidates in shots]
    persons = tuple(one.person if one else None for one, _ in picked)
    tracks = tuple(tuple(track.number for track in one.tracks) if one else () for one, _ in picked)
    reasons = tuple(reason for _, reason in picked)
    return Choice(persons, tracks, reasons, _explain(faces, persons, reasons))


def most_speaking(
    faces: ClipFaces, shot: Shot, energy: NDArray[np.float32] | None, during: NDArray[np.bool_]
) -> tuple[int, tuple[int, ...]] | None:
    """The person in a shot whose mouth moves most like speech in some of its frames, and the numbers of their tracks.

    Args:
        during: (frames,) of the clip, which ones are looked at.
    Returns: None where nobody's does.
    """
    candidates = _candidates(faces, shot, energy, during)
    best = max(candidates, key=lambda one: one.score, default=None)
    if best is None or best.evidence.speaks < _SPEAKS:
        return None
    return best.person, tuple(track.number for track in best.tracks)


def speaking_frames(faces: ClipFaces, choice: Choice) -> SpeakingFrames:
    """Spread a choice over the frames of the clip, with the weight of each."""
    track = np.full(faces.frame_count, -1, np.int32)
    weight = np.zeros(faces.frame_count, np.float32)
    reason = np.full(faces.frame_count, NO_FACE, np.uint8)
    for shot, numbers in zip(faces.shots, choice.tracks, strict=True):
        if not numbers:
            for one in faces.in_shot(shot.number):
                reason[one.first_frame : one.end_frame] = NOBODY_SPEAKS
        for number in numbers:
            one = faces.tracks[number]
            frames = slice(one.first_frame, one.end_frame)
            seen = _seen(faces, one)
            track[frames] = number
            weight[frames], reason[frames] = seen.weight, seen.reason
    return SpeakingFrames(track, weight, reason)


def _seen(faces: ClipFaces, track: FollowedFace) -> Visibility:
    shot = faces.shots[track.shot]
    enters, leaves = track.first_frame > shot.first_frame, track.end_frame < shot.end_frame
    return visibility(track.features, faces.fps, enters=enters, leaves=leaves)


def _candidates(
    faces: ClipFaces, shot: Shot, energy: NDArray[np.float32] | None, during: NDArray[np.bool_] | None = None
) -> list[_Candidate]:
    """Everybody in a shot who could be drawn upon; `during` tells the frames of the clip that count, None for all."""
    found = []
    middle = np.array([faces.width_px, faces.height_px]) / 2
    for person in sorted({track.person for track in faces.in_shot(shot.number)}):
        tracks = tuple(track for track in faces.in_shot(shot.number) if track.person == person)
        longest = max(tracks, key=len)
        usable = {track.number: _seen(faces, track).weight > 0 for track in tracks}
        seen_s = float(sum(int(flags.sum()) for flags in usable.values()) / faces.fps)
        if seen_s < min(_USABLE_S, float(len(shot) / faces.fps)) or not usable[longest.number].any():
            continue
        heard = None if energy is None else energy[longest.first_frame : longest.end_frame]
        counted = usable[longest.number]
        if during is not None:
            counted = counted & during[longest.first_frame : longest.end_frame]
        evidence = mouth_evidence(longest.features, counted, heard, faces.fps)
        centre = np.nanmean(longest.features.centre, axis=0)
        aside = float(np.linalg.norm((centre - middle) / middle) / np.sqrt(2))
        width = float(np.nanmedian(longest.features.width_px))
        found.append(_Candidate(person, tracks, evidence._replace(seen_s=seen_s), width, 1 - min(aside, 1.0)))
    return found


def _pick(candidates: list[_Candidate], most: Counter[int]) -> tuple[_Candidate | None, str]:
    """One of the people in a shot.

    Args:
        most: how much speaks for each person in the best of all shots, in thousandths.
    """
    if not candidates:
        return None, "no face is usable"
    best = max(candidates, key=lambda one: (one.score, one.width_px))
    if len(candidates) == 1:
        others = any(count >= 1000 * _SPEAKS for person, count in most.items() if person != best.person)
        listens = others and best.evidence.speaks < _LISTENS
        return (None, f"face {best.person} listens") if listens else (best, "the only face")
    if best.evidence.speaks >= _SPEAKS:
        r = best.evidence.correlation
        sound = "the sound does not tell more" if r is None else f"with the sound r = {r:.2f}"
        return best, f"its mouth moves most like speech, {sound}"
    largest, second, *_ = sorted(candidates, key=lambda one: one.width_px, reverse=True)
    if largest.width_px >= _BY_FAR * second.width_px:
        return largest, "by far the largest"
    return None, f"{len(candidates)} faces, none of which speaks"


def _by_number(faces: ClipFaces, speaker: int) -> Choice:
    known = sorted({track.person for track in faces.tracks})
    if speaker not in known:
        there = "\n".join(f"  {person}: {_describe(faces, person)}" for person in known) or "  none"
        raise UsageError(f"--speaker {speaker}: the video has no face of that number. Its faces are:\n{there}")
    tracks = tuple(
        tuple(track.number for track in faces.in_shot(shot.number) if track.person == speaker) for shot in faces.shots
    )
    persons = tuple(speaker if numbers else None for numbers in tracks)
    reasons = tuple("as asked" if numbers else f"face {speaker} is not seen" for numbers in tracks)
    return Choice(persons, tracks, reasons, f"face {speaker}, as asked: {_describe(faces, speaker)}")


def _describe(faces: ClipFaces, person: int) -> str:
    """A face in words by which its owner is found: `262 px wide, left, from 0.0 s to 12.4 s`."""
    tracks = [track for track in faces.tracks if track.person == person]
    largest = max(tracks, key=lambda track: float(np.nanmedian(track.features.width_px)))
    x = float(np.nanmedian(largest.features.centre[:, 0])) / faces.width_px
    place = "left" if x < 0.4 else "right" if x > 0.6 else "middle"
    start, end = min(track.first_frame for track in tracks) / faces.fps, max(t.end_frame for t in tracks) / faces.fps
    seen = [_seen(faces, track) for track in tracks]
    drawn = any(bool((one.weight > 0).any()) for one in seen)
    codes = np.concatenate([one.reason for one in seen])
    why = "" if drawn else f", never usable: {REASONS[int(np.bincount(codes).argmax())]}"
    width = float(np.nanmedian(largest.features.width_px))
    return f"{width:.0f} px wide, {place}, from {float(start):.1f} s to {float(end):.1f} s{why}"


def _explain(faces: ClipFaces, persons: tuple[int | None, ...], reasons: tuple[str, ...]) -> str:
    chosen = Counter(person for person in persons if person is not None)
    if not chosen:
        return _explain_nobody(faces, reasons)
    if len(chosen) == 1:
        person = next(iter(chosen))
        others = len({track.person for track in faces.tracks}) - 1
        why = next(reason for number, reason in zip(persons, reasons, strict=True) if number == person)
        if others == 0:
            return f"the only face, {_describe(faces, person)}"
        return f"face {person} of {others + 1} ({why}): {_describe(faces, person)}"
    parts = [f"face {person} in {count} shot{'s' if count > 1 else ''}" for person, count in sorted(chosen.items())]
    nobody = sum(person is None for person in persons)
    parts += [f"nobody in {nobody}"] if nobody else []
    return ", ".join(parts) + f" of {len(persons)}, by whose mouth moves with the sound"


def _explain_nobody(faces: ClipFaces, reasons: tuple[str, ...]) -> str:
    persons = sorted({track.person for track in faces.tracks})
    if not persons:
        if faces.small_faces:
            return f"nobody: the largest face is {faces.small_faces[0]} px wide and too small"
        return "nobody: no face was found"
    why = Counter(reasons).most_common(1)[0][0]
    return f"nobody: {why}. Faces: " + "; ".join(f"{person}: {_describe(faces, person)}" for person in persons)
