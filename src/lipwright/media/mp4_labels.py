"""What FFmpeg's muxer cannot say of a track: its language with region and script, and that subtitles wait to be chosen.

The muxer is given a handler name that carries the language behind the title. Once the file is written, that part of the
name becomes a box of the same length, so that nothing else of the file moves.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lipwright.media.language import iso_639_2
from lipwright.media.tracks import TrackLabel

_SEPARATOR = "\x1f"
_ROOM = "\x1f" * 12
"""A box of the language is longer than the language by 13 bytes, of which the separator gives one."""
_HANDLER_HEAD_BYTES = 32
"""Of a handler box, up to its name."""
_SUBTITLES = (b"sbtl", b"text")
_ENABLED = 1


@dataclass(frozen=True, slots=True)
class _Box:
    kind: bytes
    start: int
    end: int


def label_metadata(label: TrackLabel) -> dict[str, str]:
    """Give the metadata with which the muxer writes a label, for `settle_labels`."""
    return {
        "language": iso_639_2(label.language),
        "handler_name": f"{label.title}{_SEPARATOR}{label.language}{_ROOM}",
    }


def settle_labels(path: Path) -> None:
    """Write the languages of a finished MP4 file in full (ISO/IEC 14496-12, 8.4.6).

    Subtitles with a label are disabled: a player shows them when they are chosen.

    Raises: OSError.
    """
    with path.open("r+b") as file:
        place, size = 0, path.stat().st_size
        while place < size:
            file.seek(place)
            head = file.read(16)
            length, kind = struct.unpack(">I4s", head[:8])
            if length == 1:
                length = struct.unpack(">Q", head[8:16])[0]
            if kind == b"moov":
                file.seek(place)
                movie = bytearray(file.read(length))
                _settle(movie)
                file.seek(place)
                file.write(movie)
                return
            place += length or size


def _settle(movie: bytearray) -> None:
    for track in _boxes(movie, 8, len(movie), b"trak"):
        for media in _boxes(movie, track.start + 8, track.end, b"mdia"):
            for handler in list(_boxes(movie, media.start + 8, media.end, b"hdlr")):
                kind = bytes(movie[handler.start + 16 : handler.start + 20])
                if _name_language(movie, handler) and kind in _SUBTITLES:
                    for header in _boxes(movie, track.start + 8, track.end, b"tkhd"):
                        movie[header.start + 11] &= ~_ENABLED


def _name_language(movie: bytearray, handler: _Box) -> bool:
    """Split a handler's name into the title and a box of the language; tell whether it carries one."""
    name = bytes(movie[handler.start + _HANDLER_HEAD_BYTES : handler.end]).rstrip(b"\0")
    title, found, rest = name.partition(_SEPARATOR.encode())
    if not found:
        return False
    language = rest.rstrip(_SEPARATOR.encode())
    extended = struct.pack(">I4sI", 13 + len(language), b"elng", 0) + language + b"\0"
    head = bytes(movie[handler.start + 4 : handler.start + _HANDLER_HEAD_BYTES])
    named = struct.pack(">I", _HANDLER_HEAD_BYTES + len(title) + 1) + head + title + b"\0"
    movie[handler.start : handler.end] = extended + named
    return True


def _boxes(data: bytearray, start: int, end: int, kind: bytes) -> Iterator[_Box]:
    """Give the boxes of a kind in a stretch that consists of boxes."""
    while start + 8 <= end:
        length, found = struct.unpack(">I4s", data[start : start + 8])
        if length < 8:
            return
        if found == kind:
            yield _Box(found, start, start + length)
        start += length
