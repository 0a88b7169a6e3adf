"""Subtitle files that people wrote or edited become cues that are in order, apart, and inside the video."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from lipwright.errors import MediaNotFound, MediaTooLarge, MediaUnreadable, SubtitlesInvalid
from lipwright.media.subtitle_blocks import EXAMPLE, BadLine, Block, blocks_of, format_of
from lipwright.media.text_encoding import NotText, decoded

MOST_BYTES = 5_000_000
_LEAST_LEFT = 0.5  # of a cue that is cut where the next one begins
_NAMED = 5  # cues that a note names
_UNICODE = ("utf-8", "utf-8-sig")


@dataclass(frozen=True, slots=True)
class NumberedCue:
    """A subtitle and what a person calls it."""

    number: int
    text: str
    """Lines separated by a newline, in logical order, without tags; empty where a person left nothing to be said."""
    start_s: float
    end_s: float
    line: int = 0
    """Of the file, from 1, where its times stand; 0 when it is of no file."""


@dataclass(frozen=True, slots=True)
class ReadSubtitles:
    """What a subtitle file says."""

    cues: tuple[NumberedCue, ...]
    """In order of time, not overlapping."""
    notes: tuple[str, ...]
    """What was assumed or changed."""
    format: str
    """`srt`, `vtt` or `ass`, by its content."""
    encoding: str
    """Python's name of the codec."""
    numbers_kept: bool
    """Whether the numbers are those of the file; else they count from 1, because some were missing, or did not rise."""


def read_subtitles(path: Path, duration_s: float | None = None, language: str | None = None) -> ReadSubtitles:
    """Read a SubRip, WebVTT, SubStation Alpha or Advanced SubStation Alpha file.

    Args:
        duration_s: of the video; a cue that ends later is cut there.
        language: BCP 47, what the text is probably written in: helps with files older than Unicode.
    Raises:
        SubtitlesInvalid: with the line: no subtitles, bad times, two cues at one time, a cue behind the video's end.
        MediaNotFound, MediaUnreadable.
        MediaTooLarge: more than 5 MB.
    """
    data = _bytes(path)
    try:
        text, encoding = decoded(data, language)
    except NotText as exc:
        raise SubtitlesInvalid(f"`{path}`, line {exc.line}: {exc}. Save the file as text in UTF-8.") from exc
    notes = []
    if encoding not in _UNICODE:
        guess = "" if encoding.startswith("utf") else ", by a guess"
        notes.append(f"`{path}` is not UTF-8: it was read as {encoding}{guess}. Save it as UTF-8 to be sure.")
    read = parse_subtitles(str(path), text.removeprefix("\ufeff"), duration_s)
    suffix = path.suffix.lower().removeprefix(".").replace("ssa", "ass")
    if suffix in ("srt", "vtt", "ass") and suffix != read.format:
        notes.append(f"`{path}` is a .{read.format} file by its content, and was read as one.")
    return replace(read, notes=(*notes, *read.notes), encoding=encoding)


def parse_subtitles(name: str, text: str, duration_s: float | None = None) -> ReadSubtitles:
    """Read subtitles from a text.

    Args:
        name: of the file, for messages.
    Raises: SubtitlesInvalid.
    """
    if not text.strip():
        raise SubtitlesInvalid(f"`{name}`: it is empty. Write at least one subtitle: a number, `{EXAMPLE}`, a text.")
    if text.lstrip()[:200].lower().startswith(("<!doctype html", "<html")):
        raise SubtitlesInvalid(f"`{name}`: this is a web page, not subtitles. Download the subtitle file itself.")
    kind = format_of(text)
    try:
        blocks = blocks_of(text, kind)
    except BadLine as exc:
        raise SubtitlesInvalid(f"`{name}`, line {exc.line}: {exc}.") from exc
    if not blocks:
        raise SubtitlesInvalid(f"`{name}`: there are no subtitles in it. Write a number, `{EXAMPLE}`, a text.")
    notes: list[str] = []
    if any(block.styled for block in blocks):
        notes.append(f"`{name}`: styles such as italics and places are left out.")
    ordered = sorted(blocks, key=lambda block: (block.start_s, block.end_s))
    if ordered != blocks:
        notes.append(f"`{name}`: the subtitles are not in order of time, and were sorted.")
    cues, numbers_kept = _numbered(ordered)
    if not numbers_kept and kind == "srt":
        notes.append(f"`{name}`: numbers are missing, doubled or not rising, so the subtitles were numbered from 1.")
    cues = _inside(name, cues, duration_s, notes)
    cues = _apart(name, cues, notes)
    return ReadSubtitles(tuple(cues), tuple(notes), kind, "utf-8", numbers_kept)


def _bytes(path: Path) -> bytes:
    if not path.exists():
        raise MediaNotFound(f"`{path}`: there is no such file. Check the name.")
    if not path.is_file():
        raise MediaUnreadable(f"`{path}`: this is not a file. Name a subtitle file, such as `talk.srt`.")
    try:
        if path.stat().st_size > MOST_BYTES:
            raise MediaTooLarge(
                f"`{path}`: {path.stat().st_size / 1e6:.0f} MB are too many for subtitles. Use a file of at most "
                f"{MOST_BYTES / 1e6:.0f} MB."
            )
        return path.read_bytes()
    except OSError as exc:
        raise MediaUnreadable(f"`{path}`: cannot be read ({exc.strerror}). Check its permissions.") from exc


def _numbered(blocks: Sequence[Block]) -> tuple[list[NumberedCue], bool]:
    given = [block.number for block in blocks if block.number is not None]
    kept = len(given) == len(blocks) and all(before < after for before, after in pairwise(given))
    numbers = given if kept else range(1, len(blocks) + 1)
    return [
        NumberedCue(number, block.text, block.start_s, block.end_s, block.line)
        for number, block in zip(numbers, blocks, strict=True)
    ], kept


def _inside(name: str, cues: Sequence[NumberedCue], duration_s: float | None, notes: list[str]) -> list[NumberedCue]:
    kept, cut = [], []
    for cue in cues:
        if cue.end_s <= cue.start_s:
            raise SubtitlesInvalid(
                f"`{name}`, line {cue.line}: subtitle {cue.number} ends at {clock(cue.end_s)}, not after its start at "
                f"{clock(cue.start_s)}. Write the start first: `{EXAMPLE}`."
            )
        if duration_s is not None and cue.start_s >= duration_s:
            raise SubtitlesInvalid(
                f"`{name}`, line {cue.line}: subtitle {cue.number} starts at {clock(cue.start_s)}, but the video ends "
                f"at {clock(duration_s)}. Give it a time inside the video, or delete it."
            )
        if duration_s is not None and cue.end_s > duration_s:
            cut.append(cue.number)
            kept.append(replace(cue, end_s=duration_s))
        else:
            kept.append(cue)
    if cut:
        notes.append(f"`{name}`: {_cues(cut)} ended after the video, and now ends with it.")
    return kept


def _apart(name: str, cues: Sequence[NumberedCue], notes: list[str]) -> list[NumberedCue]:
    kept: list[NumberedCue] = []
    trimmed = []
    for cue in cues:
        before = kept[-1] if kept else None
        if before is not None and before.end_s > cue.start_s:
            left_s = cue.start_s - before.start_s
            if cue.end_s < before.end_s or left_s < _LEAST_LEFT * (before.end_s - before.start_s):
                raise SubtitlesInvalid(
                    f"`{name}`, line {cue.line}: subtitle {cue.number} ({clock(cue.start_s)} to {clock(cue.end_s)}) "
                    f"lies over subtitle {before.number} of line {before.line} ({clock(before.start_s)} to "
                    f"{clock(before.end_s)}). Give each its own time, or make one of them."
                )
            trimmed.append(before.number)
            kept[-1] = replace(before, end_s=cue.start_s)
        kept.append(cue)
    if trimmed:
        notes.append(f"`{name}`: {_cues(trimmed)} reached into the next one, and now ends where that begins.")
    return kept


def _cues(numbers: Sequence[int]) -> str:
    named = ", ".join(str(number) for number in numbers[:_NAMED])
    more = f" and {len(numbers) - _NAMED} more" if len(numbers) > _NAMED else ""
    return f"subtitle {named}{more}"


def clock(time_s: float) -> str:
    """Write a time as SubRip does: `00:01:02,500`."""
    milliseconds = round(time_s * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{rest // 1000:02d},{rest % 1000:03d}"
