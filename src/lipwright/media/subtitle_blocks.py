"""The grammar of SubRip, WebVTT and Advanced SubStation Alpha: text becomes blocks, or an error with its line."""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lipwright.media.bidi import unmarked

EXAMPLE = "00:00:01,000 --> 00:00:02,500"

_CLOCK = r"(-?)(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})(?:[,.](\d{1,9}))?"
_TIMES = re.compile(rf"\s*{_CLOCK}\s*(?:-+ ?>|[–—]+ ?>|→)\s*{_CLOCK}(?:\s.*)?", re.ASCII)
_ASS_CLOCK = re.compile(rf"\s*{_CLOCK}\s*", re.ASCII)
_NUMBER = re.compile(r"\s*([0-9]{1,9})\s*")
_CLOCK_START = re.compile(r"\s*-?\d{1,3}:\d{1,2}[:.,]\d", re.ASCII)
TAG = re.compile(r"</?(?:i|b|u|s|em|strong|font|span|c|v|lang|ruby|rt|p|div)(?:[.\s][^<>]*)?>", re.IGNORECASE)
_LINE_BREAK = re.compile(r"<br\s*/?>|\\[Nn]", re.IGNORECASE)
_VTT_TIME_TAG = re.compile(r"<\d[\d:.]*>")
_OVERRIDE = re.compile(r"\{\\[^{}]*\}|\{[YyCcFfSsPp]:[^{}]*\}")
_DRAWING = re.compile(r"\{[^{}]*\\p[1-9]")
_NEWLINE = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Block:
    """One cue as it stands in the file."""

    line: int
    """Where its times stand, from 1."""
    number: int | None
    start_s: float
    end_s: float
    text: str
    """Without tags, marks and empty lines."""
    styled: bool
    """Whether tags were removed."""


class BadLine(ValueError):
    """What is wrong with a line, and what would be right."""

    def __init__(self, line: int, cause: str) -> None:
        super().__init__(cause)
        self.line = line


def format_of(text: str) -> str:
    """Tell by its content what a file is: `vtt`, `ass`, or `srt` for everything else."""
    if re.match(r"WEBVTT(?:\s|$)", text):
        return "vtt"
    return "ass" if re.search(r"^\s*\[(?:Script Info|Events|V4\+? Styles)\]", text[:100_000], re.M | re.I) else "srt"


def blocks_of(text: str, kind: str) -> list[Block]:
    """Read all cues in the order of the file.

    Args:
        kind: as `format_of` gives it.
    Raises: BadLine.
    """
    lines = _NEWLINE.split(text)
    return list(_ass_blocks(lines)) if kind == "ass" else list(_timed_blocks(lines, is_vtt=kind == "vtt"))


def _timed_blocks(lines: Sequence[str], *, is_vtt: bool) -> Iterator[Block]:
    heads = _heads(lines, is_vtt)
    for index, (_, at, number) in enumerate(heads):
        following = heads[index + 1][0] if index + 1 < len(heads) else len(lines)
        body = list(lines[at + 1 : following])
        if is_vtt:
            body = _without_remarks(body)
        start_s, end_s = _times(lines[at], at + 1)
        text, styled = _clean("\n".join(body), is_vtt)
        yield Block(at + 1, number, start_s, end_s, text, styled)


def _heads(lines: Sequence[str], is_vtt: bool) -> list[tuple[int, int, int | None]]:
    """First line, line of the times, and number of each cue."""
    heads: list[tuple[int, int, int | None]] = []
    for at, line in enumerate(lines):
        if not _TIMES.fullmatch(line):
            if "-->" in line and _CLOCK_START.match(line):
                raise BadLine(at + 1, f"`{_short(line)}` are no times. Write them like `{EXAMPLE}`")
            continue
        number = _NUMBER.fullmatch(lines[at - 1]) if at else None
        heads.append((at - 1 if number else at, at, int(number[1]) if number else None))
    starts = {first for first, _, _ in heads}
    _check_head(lines, min(starts, default=len(lines)), is_vtt)
    _check_lost_times(lines, heads)
    if is_vtt:
        # A name may stand above the times instead of a number.
        heads = [(first - 1 if _is_name(lines, first, n) else first, at, n) for first, at, n in heads]
    return heads


def _is_name(lines: Sequence[str], first: int, number: int | None) -> bool:
    return number is None and first > 1 and bool(lines[first - 1].strip()) and not lines[first - 2].strip()


def _check_head(lines: Sequence[str], first: int, is_vtt: bool) -> None:
    if is_vtt:
        return
    for at, line in enumerate(lines[:first]):
        if line.strip():
            raise BadLine(
                at + 1,
                f"`{_short(line)}` is not the start of a subtitle. Write a number, then times like `{EXAMPLE}` on a "
                "line of their own, then the text",
            )


def _check_lost_times(lines: Sequence[str], heads: Sequence[tuple[int, int, int | None]]) -> None:
    """Find the next number without times: its text would be shown with the cue before it."""
    for index, (_, at, number) in enumerate(heads):
        end = heads[index + 1][0] if index + 1 < len(heads) else len(lines)
        for inner in range(at + 2, end):
            found = _NUMBER.fullmatch(lines[inner])
            if found and number is not None and int(found[1]) == number + 1 and not lines[inner - 1].strip():
                raise BadLine(inner + 1, f"number {number + 1} has no times. Write them under it, like `{EXAMPLE}`")


def _times(line: str, number: int) -> tuple[float, float]:
    match = _TIMES.fullmatch(line)
    assert match is not None  # noqa: S101, it was found by this pattern
    return _seconds(match.groups()[:5], number), _seconds(match.groups()[5:10], number)


def _seconds(parts: Sequence[str | None], line: int) -> float:
    sign, hours, minutes, seconds, fraction = parts
    if sign:
        raise BadLine(line, f"a time before the start of the video. Write times like `{EXAMPLE}`")
    if int(minutes or 0) > 59 or int(seconds or 0) > 59:
        raise BadLine(line, f"an hour has 60 minutes, a minute 60 seconds. Write times like `{EXAMPLE}`")
    whole = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
    return round(whole + float(f"0.{fraction or 0}"), 6)


def _without_remarks(body: list[str]) -> list[str]:
    """Drop NOTE, STYLE and REGION blocks that stand behind a cue."""
    for at, line in enumerate(body):
        if at and not body[at - 1].strip() and re.match(r"(?:NOTE|STYLE|REGION)(?:\s|$)", line):
            return body[:at]
    return body


def _clean(raw: str, is_vtt: bool) -> tuple[str, bool]:
    text = _LINE_BREAK.sub("\n", raw)
    bare = _OVERRIDE.sub("", TAG.sub("", text))
    if is_vtt:
        bare = html.unescape(_VTT_TIME_TAG.sub("", bare))
    styled = bare != text and not is_vtt
    bare = unmarked(bare.replace("\\h", " ").replace("\ufeff", ""))
    return "\n".join(line.strip() for line in bare.split("\n") if line.strip()), styled


def _ass_blocks(lines: Sequence[str]) -> Iterator[Block]:
    fields = "layer start end style name marginl marginr marginv effect text".split()
    in_events = False
    for number, line in enumerate(lines, 1):
        bare = line.strip()
        if bare.startswith("[") and bare.endswith("]"):
            in_events = bare.lower() == "[events]"
        elif in_events and bare.lower().startswith("format:"):
            fields = [name.strip().lower() for name in bare[7:].split(",")]
        elif in_events and bare.lower().startswith("dialogue:"):
            block = _ass_block(bare[9:].strip(), fields, number)
            if block is not None:
                yield block


def _ass_block(dialogue: str, fields: Sequence[str], line: int) -> Block | None:
    values = dict(zip(fields, dialogue.split(",", len(fields) - 1), strict=False))
    times = [_ASS_CLOCK.fullmatch(values.get(name, "")) for name in ("start", "end")]
    start, end = times
    if start is None or end is None or "text" not in values:
        raise BadLine(
            line, f"`{_short(dialogue)}` has not the fields {', '.join(fields)}. Write times like `0:00:01.00`"
        )
    if _DRAWING.search(values["text"]):
        return None
    text, styled = _clean(values["text"], is_vtt=False)
    return Block(line, None, _seconds(start.groups(), line), _seconds(end.groups(), line), text, styled)


def _short(text: str) -> str:
    bare = "".join(character if character.isprintable() else "?" for character in text.strip())
    return bare if len(bare) <= 50 else bare[:49] + "…"
