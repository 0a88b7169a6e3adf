"""`transcript.srt`: what is heard goes in, and what a person made of it comes back."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pydantic import TypeAdapter

from lipwright.contracts.dub import Line
from lipwright.media.output import write_text
from lipwright.pipeline.project import paths
from lipwright.pipeline.project.entry import Entry, as_read_back, entry_of, file_text
from lipwright.pipeline.project.file import read_file, says
from lipwright.pipeline.project.memory import Memory
from lipwright.pipeline.project.merge_transcript import Heard, merge_transcript


def merged_transcript(
    folder: Path, made: Sequence[Line], duration_s: float, language: str | None
) -> tuple[tuple[Line, ...], tuple[str, ...]]:
    """Read the file, and write what is new in it.

    Args:
        made: in order of time.
        language: BCP 47, of the video; None for the one of most lines.
    Returns: the lines that count, and what a person changed.
    """
    path = paths.inside(folder, paths.TRANSCRIPT)
    memory = Memory(paths.inside(folder, paths.HEARD), TypeAdapter(tuple[Entry, ...]))
    heard = [Heard(line, entry) for line, entry in zip(made, _entries(made, duration_s), strict=True)]
    most = Counter(line.language for line in made).most_common(1)
    file = read_file(path, duration_s, language)
    found = None if file is None else [entry for _, entry in file.entries]
    written = memory.load(lambda entry: any(one.is_as(entry) for one in found or ()))
    merged = merge_transcript(heard, written, found, language or (most[0][0] if most else "und"))
    text = file_text(enumerate(merged.entries, 1), marked=any(line.speaker != 1 for line in made))
    stays = file is not None and says(file, text)
    memory.replace(
        written, [one.entry for one in heard], None if stays or not merged.entries else lambda: write_text(path, text)
    )
    return merged.lines, (*(file.notes if file else ()), *merged.notes)


def _entries(made: Sequence[Line], duration_s: float) -> tuple[Entry, ...]:
    """The cues of lines as a reader finds them: inside the video, an earlier one ending where a later one begins."""
    entries: list[Entry] = []
    last_ms = int(duration_s * 1000)
    for line in made:
        entry = entry_of(line)
        if entries and entries[-1].end_ms > entry.start_ms > entries[-1].start_ms:
            entries[-1] = replace(entries[-1], end_ms=entry.start_ms)
        elif entries and entries[-1].end_ms > entry.start_ms:
            entry = replace(entry, start_ms=entries[-1].end_ms, end_ms=max(entry.end_ms, entries[-1].end_ms + 1))
        entries.append(replace(entry, end_ms=max(min(entry.end_ms, last_ms), entry.start_ms + 1)))
    return as_read_back(entries)
