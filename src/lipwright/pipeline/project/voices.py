"""`voices.csv`: who speaks as which voice. A person's row stays whatever is chosen later."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from lipwright.contracts.project import SpeakerVoice
from lipwright.errors import MediaUnreadable, ProjectInvalid

COLUMNS: Final = ("speaker", "voice", "engine", "chosen_by")
EDITED: Final = "edited"
_DELIMITERS: Final = (",", ";", "\t")
_LARGEST_BYTES: Final = 1_000_000
_EXAMPLE: Final = "such as `1,af_heart,kokoro,edited`"


def voices_text(rows: Sequence[SpeakerVoice]) -> str:
    """The content of the file, sorted by speaker."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(
        (row.speaker, row.voice, row.engine, row.chosen_by) for row in sorted(rows, key=lambda row: row.speaker)
    )
    return text.getvalue()


def read_voices(path: Path) -> tuple[SpeakerVoice, ...]:
    """Read the file, as spreadsheets write it, too: with a byte order mark, with semicolons or tabs.

    Raises: ProjectInvalid: with the line that is wrong. MediaUnreadable: the system refuses.
    """
    try:
        data = path.read_bytes() if path.stat().st_size <= _LARGEST_BYTES else b"\xff"
        text = data.decode("utf-8-sig")
    except OSError as exc:
        raise MediaUnreadable(f"`{path}`: cannot be read ({exc.strerror}). Check its permissions.") from exc
    except UnicodeDecodeError as exc:
        raise ProjectInvalid(f"`{path}`: this is no text in UTF-8. Save it as CSV in UTF-8.") from exc
    header = text.split("\n", 1)[0]
    delimiter = next((mark for mark in _DELIMITERS if mark in header), ",")
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: dict[int, SpeakerVoice] = {}
    try:
        missing = [name for name in COLUMNS[:2] if name not in (reader.fieldnames or ())]
        if missing:
            raise ProjectInvalid(
                f"`{path}`, line 1: there is no column `{missing[0]}`. Begin the file with `{','.join(COLUMNS)}`."
            )
        for row in reader:
            voice = _voice(row, f"`{path}`, line {reader.line_num}")
            if voice.speaker in rows:
                raise ProjectInvalid(
                    f"`{path}`, line {reader.line_num}: speaker {voice.speaker} has a row above. Leave one of them."
                )
            rows[voice.speaker] = voice
    except csv.Error as exc:
        raise ProjectInvalid(f"`{path}`, line {reader.line_num}: {exc}. Write one row for each speaker.") from exc
    return tuple(rows.values())


def _voice(row: Mapping[str, str | None], where: str) -> SpeakerVoice:
    speaker, voice, engine, chosen_by = ((row.get(name) or "").strip() for name in COLUMNS)
    if not (speaker.isascii() and speaker.isdigit() and int(speaker) > 0):
        raise ProjectInvalid(f"{where}: `{speaker}` is no number of a speaker. Write a row {_EXAMPLE}.")
    if not voice:
        raise ProjectInvalid(f"{where}: speaker {speaker} has no voice. Write a row {_EXAMPLE}.")
    return SpeakerVoice(int(speaker), voice, engine, chosen_by)


def merge_voices(
    chosen: Sequence[SpeakerVoice], written: Sequence[SpeakerVoice], found: Sequence[SpeakerVoice] | None
) -> tuple[SpeakerVoice, ...]:
    """Let a person's rows stand over what is chosen; a row without an engine has that of the row it replaces.

    Args:
        chosen: now, one for each speaker.
        written: what the machine wrote into the file last.
        found: what is in the file now; None when there is no file.
    Returns: sorted by speaker; a person's row for somebody who says nothing stays.
    """
    by_machine = {row.speaker: row for row in written}
    merged = {row.speaker: row for row in chosen}
    for row in found or ():
        own = by_machine.get(row.speaker)
        model = own or merged.get(row.speaker)
        filled = row if row.engine or model is None else replace(row, engine=model.engine)
        if own is None or (filled.voice, filled.engine) != (own.voice, own.engine):
            told = EDITED if own is not None and filled.chosen_by == own.chosen_by else filled.chosen_by or EDITED
            merged[row.speaker] = replace(filled, chosen_by=told)
    return tuple(merged[speaker] for speaker in sorted(merged))
