"""Subtitle files: SubRip, WebVTT and Advanced SubStation Alpha."""

import html
import re
from collections.abc import Sequence
from pathlib import Path

import pysubs2

from lipwright.contracts.media import Cue
from lipwright.errors import UsageError
from lipwright.media.output import write_text

SUFFIXES = (".srt", ".vtt", ".ass")


def write_subtitles(path: Path, cues: Sequence[Cue]) -> None:
    """Write cues in the format that the suffix names.

    Raises:
        UsageError: the suffix is not one of `SUFFIXES`.
        OutputNotWritable, DiskFull.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise UsageError(f"`{path}`: no subtitle format of that name. Use {', '.join(SUFFIXES)}.")
    write_text(path, subtitle_text(cues, path.suffix.lower()))


def subtitle_text(cues: Sequence[Cue], suffix: str) -> str:
    """Give the content of a subtitle file.

    Args:
        suffix: one of `SUFFIXES`.
    """
    file = pysubs2.SSAFile()
    for cue in cues:
        event = pysubs2.SSAEvent(start=pysubs2.make_time(s=cue.start_s), end=pysubs2.make_time(s=cue.end_s))
        text = plain_text(cue.text)
        event.plaintext = html.escape(text, quote=False) if suffix == ".vtt" else text
        file.events.append(event)
    lines = file.to_string(suffix.removeprefix(".")).splitlines()
    return "\n".join(line for line in lines if suffix != ".ass" or not line.startswith(";")).rstrip() + "\n"


def plain_text(text: str) -> str:
    """Remove what a subtitle format would take for its own marks: braces, backslashes, arrows, empty lines."""
    text = text.translate({ord("{"): "(", ord("}"): ")", ord("\\"): "/"}).replace("-->", "→")
    return re.sub(r"\n\s*\n+", "\n", text.replace("\r", "")).strip()
