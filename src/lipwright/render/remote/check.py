"""Whether a file that a vendor sent is the video that was ordered: whole, with picture and sound, of its length."""

from pathlib import Path
from typing import Final

from lipwright.contracts.media import Clip
from lipwright.errors import MediaError, ProviderAnswerInvalid
from lipwright.media.probe import probe

SLACK_S: Final = 2.0
SLACK: Final = 0.1
"""A vendor may add a breath at both ends: so many seconds, or such a part of the length, whichever is more."""


def check_video(path: Path, renderer: str, expected_s: float | None) -> Clip:
    """Look into a file.

    Args:
        expected_s: how long the video should be about; None where nobody knows.
    Raises: ProviderAnswerInvalid: it is not what was ordered.
    """
    try:
        clip = probe(path)
    except MediaError as exc:
        raise ProviderAnswerInvalid(f"{renderer}: sends a file that is no whole video. Try again later.") from exc
    if clip.video is None:
        raise _wrong(renderer, "has no picture")
    if not clip.audio:
        raise _wrong(renderer, "has no sound")
    picture_s, sound_s = float(clip.video.duration_s), max(float(stream.duration_s) for stream in clip.audio)
    if expected_s is not None and abs(picture_s - expected_s) > max(SLACK_S, SLACK * expected_s):
        raise _wrong(renderer, f"is {picture_s:.1f} s long, not about {expected_s:.1f} s")
    if abs(picture_s - sound_s) > max(SLACK_S, SLACK * picture_s):
        raise _wrong(renderer, f"has {picture_s:.1f} s of picture and {sound_s:.1f} s of sound")
    return clip


def _wrong(renderer: str, what: str) -> ProviderAnswerInvalid:
    return ProviderAnswerInvalid(f"{renderer}: sends a video that {what}. Try again later.")
