"""Subtitles of scenes become those of a video."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from lipwright.contracts.media import Cue


def shifted(cues: Iterable[Cue], start_s: float) -> list[Cue]:
    """Move cues to a later time."""
    return [Cue(cue.text, cue.start_s + start_s, cue.end_s + start_s) for cue in cues]


def joined_cues(scenes: Iterable[tuple[float, Sequence[Cue]]]) -> list[Cue]:
    """Lay the cues of all scenes on the video's timeline.

    Args:
        scenes: when each begins in the video, in seconds, and its cues on its own timeline.
    Returns: in order, not overlapping: a cue that would still stand in a dissolve goes as the next scene's first comes.
    """
    cues = sorted((cue for start_s, own in scenes for cue in shifted(own, start_s)), key=lambda cue: cue.start_s)
    ends_s = [min(cue.end_s, after.start_s) for cue, after in pairwise(cues)] + [cue.end_s for cue in cues[-1:]]
    return [Cue(cue.text, cue.start_s, end_s) for cue, end_s in zip(cues, ends_s, strict=True) if end_s > cue.start_s]
