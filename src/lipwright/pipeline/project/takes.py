"""Which take of each line a person wants, and the sounds of the lines for listening."""

import json
from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from lipwright.contracts.dub import TargetLine
from lipwright.contracts.project import Take
from lipwright.errors import ProjectInvalid
from lipwright.media.output import output_error, replacing
from lipwright.pipeline.project.entry import Entry, entry_of
from lipwright.pipeline.project.row import Row


def lines_text(targets: Sequence[TargetLine]) -> str:
    """What `lines_of` reads: one line of text for each line of the dub."""
    lines = [json.dumps([line.number, line.start_s, line.end_s]) for line in targets]
    return "[\n" + ",\n".join(lines) + "\n]\n"


def lines_of(path: Path) -> dict[int, Entry]:
    """The times of the lines of the last run, by number; none before the first one.

    Raises: ProjectInvalid: the file is damaged.
    """
    try:
        rows = TypeAdapter(list[tuple[int, float, float]]).validate_json(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValidationError) as exc:
        raise ProjectInvalid(f"`{path}`: it is damaged. Run the dub again; it is written anew.") from exc
    return {number: Entry(round(start_s * 1000), round(end_s * 1000), None, "") for number, start_s, end_s in rows}


def takes_of(takes: Sequence[Take], targets: Sequence[TargetLine]) -> tuple[Take, ...]:
    """The same takes with the numbers and times that their lines have now, without those of lines that are gone."""
    lines = Row(targets, entry_of)
    followed: dict[int, Take] = {}
    for take in takes:
        entry = Entry(take.start_ms, max(take.end_ms, take.start_ms + 1), None, "")
        there = lines.covered(entry)
        line = max(there, key=lambda line: entry_of(line).overlap_ms(entry), default=None)
        if line is not None:
            followed.setdefault(line.number, take_of(line.number, entry_of(line), take.take))
    return tuple(followed[number] for number in sorted(followed))


def take_of(number: int, entry: Entry, take: int) -> Take:
    """A take of the line at a time."""
    return Take(line=number, start_ms=entry.start_ms, end_ms=entry.end_ms, take=take)


def write_sound(path: Path, samples: NDArray[np.float32], sample_rate_hz: int) -> None:
    """Write a FLAC file of 16 bits; the same sound gives the same bytes.

    Args:
        samples: mono, (n,), -1 to 1.
    Raises: OutputNotWritable, DiskFull.
    """
    data = np.clip(np.rint(samples * 32767), -32768, 32767).astype(np.int16)[None]
    with replacing(path) as temporary:
        try:
            with av.open(temporary, "w", format="flac", options={"fflags": "+bitexact"}) as container:
                stream = container.add_stream("flac", rate=sample_rate_hz, layout="mono", format="s16")
                frame = av.AudioFrame.from_ndarray(data, format="s16", layout="mono")
                frame.sample_rate = sample_rate_hz
                container.mux(stream.encode(frame))
                container.mux(stream.encode(None))
        except OSError as exc:
            raise output_error(path, exc) from exc
