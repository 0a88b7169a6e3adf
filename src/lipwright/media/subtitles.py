"""Subtitle files: SubRip, WebVTT and Advanced SubStation Alpha."""

import html
import re
from collections.abc import Sequence
from pathlib import Path

import pysubs2

from lipwright.contracts.media import Cue
from lipwright.errors import UsageError
from lipwright.media.bidi import is_right_to_left, marked, unmarked
from lipwright.media.output import write_text
from lipwright.media.read_subtitles import NumberedCue, clock
from lipwright.media.subtitle_blocks import TAG

SUFFIXES = (".srt", ".vtt", ".ass")
_FULL_HD = (1920, 1080)


def write_subtitles(
    path: Path, cues: Sequence[Cue], language: str | None = None, size_px: tuple[int, int] | None = None
) -> None:
    """Write cues in the format that the suffix names.

    Args:
        language: BCP 47, of the text: tells where its lines begin, and is written where the format has a place for it.
        size_px: width and height of the video, by which an .ass file is laid out.
    Raises:
        UsageError: the suffix is not one of `SUFFIXES`.
        OutputNotWritable, DiskFull.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise UsageError(f"`{path}`: no subtitle format of that name. Use {', '.join(SUFFIXES)}.")
    write_text(path, subtitle_text(cues, path.suffix.lower(), language, size_px))


def subtitle_text(
    cues: Sequence[Cue], suffix: str, language: str | None = None, size_px: tuple[int, int] | None = None
) -> str:
    """Give the content of a subtitle file; right-to-left lines are marked as players need it.

    Args:
        suffix: one of `SUFFIXES`.
    """
    file = pysubs2.SSAFile()
    if suffix == ".ass":
        _lay_out(file, *(size_px or _FULL_HD))
    right_to_left = is_right_to_left(" ".join(cue.text for cue in cues), language)
    for cue in cues:
        event = pysubs2.SSAEvent(start=pysubs2.make_time(s=cue.start_s), end=pysubs2.make_time(s=cue.end_s))
        text = marked(plain_text(cue.text), right_to_left=right_to_left)
        event.plaintext = html.escape(text, quote=False) if suffix == ".vtt" else text
        file.events.append(event)
    lines = file.to_string(suffix.removeprefix(".")).split("\n")
    text = "\n".join(line for line in lines if suffix != ".ass" or not line.startswith(";")).rstrip() + "\n"
    if suffix == ".vtt" and language is not None:
        text = text.replace("WEBVTT\n", f"WEBVTT\nKind: subtitles\nLanguage: {language}\n", 1)
    return text


def numbered_srt(cues: Sequence[NumberedCue], language: str | None = None) -> str:
    """Give the content of a SubRip file for a person to edit: numbers are those of the cues, empty cues stay."""
    right_to_left = is_right_to_left(" ".join(cue.text for cue in cues), language)
    blocks = []
    for cue in cues:
        text = marked(plain_text(cue.text), right_to_left=right_to_left)
        blocks.append(f"{cue.number}\n{clock(cue.start_s)} --> {clock(cue.end_s)}\n{text}".rstrip() + "\n")
    return "\n".join(blocks)


def plain_text(text: str) -> str:
    """Replace what a subtitle format would take for its own marks: braces, backslashes, arrows, tags, empty lines."""
    text = text.translate({ord("{"): "(", ord("}"): ")", ord("\\"): "/"}).replace("-->", "→")
    text = TAG.sub(lambda tag: f"‹{tag[0][1:-1]}›", text)
    return re.sub(r"\n\s*\n+", "\n", unmarked(text).replace("\r", "")).strip()


def _lay_out(file: pysubs2.SSAFile, width_px: int, height_px: int) -> None:
    """White letters with a dark edge at the foot of the picture, as large as burned ones."""
    file.info.update(PlayResX=str(width_px), PlayResY=str(height_px), WrapStyle="0", ScaledBorderAndShadow="yes")
    file.info["YCbCr Matrix"] = "None"
    text_px = min(0.066 * height_px, 0.055 * width_px)
    file.styles["Default"] = pysubs2.SSAStyle(
        fontname="Arial",  # every system has it, or puts its own in its place
        fontsize=round(text_px, 1),
        primarycolor=pysubs2.Color(255, 255, 255),
        outlinecolor=pysubs2.Color(0, 0, 0, 25),
        backcolor=pysubs2.Color(0, 0, 0, 130),
        bold=True,
        outline=round(text_px * 0.06, 1),
        shadow=round(text_px * 0.03, 1),
        alignment=pysubs2.Alignment.BOTTOM_CENTER,
        marginl=round(width_px * 0.05),
        marginr=round(width_px * 0.05),
        marginv=round(height_px * (0.16 if height_px >= 1.3 * width_px else 0.06)),
        encoding=1,
    )
