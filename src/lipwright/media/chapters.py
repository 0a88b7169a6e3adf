"""What a video says of itself, and what a video made of it says too: tags, chapters, its cover."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from av.container import InputContainer
from av.stream import Disposition

from lipwright.media.probe import open_media, timeline_start_s
from lipwright.media.tracks import Chapter, Cover

MOST_CHAPTERS = 255
"""What the list of chapters in an MP4 file can count."""
_OF_THE_FILE = frozenset(
    {
        "compatible_brands",
        "creation_time",
        "duration",
        "encoder",
        "handler_name",
        "language",
        "major_brand",
        "minor_version",
        "vendor_id",
    }
)
"""Tags that tell how a file was written; a file that is written anew has its own."""
_COVERS = frozenset({"mjpeg", "png"})


@dataclass(frozen=True, slots=True)
class About:
    """What a video says of itself."""

    metadata: dict[str, str]
    """FFmpeg's names, such as `title`, `artist`, `date`, `comment`, `location`."""
    chapters: tuple[Chapter, ...]
    """On the clip's timeline, in order."""
    cover: Cover | None


def read_about(path: Path) -> About:
    """Read it.

    Raises: MediaNotFound, MediaUnreadable.
    """
    with open_media(path, allow_cut=True) as container:
        metadata = {
            name.lower(): text.replace("\0", "")
            for name, text in container.metadata.items()
            if name.lower() not in _OF_THE_FILE and not name.lower().startswith("location-") and text.strip()
        }
        return About(metadata, tuple(_chapters(container)), _cover(container))


def chapters_until(chapters: tuple[Chapter, ...], end_s: Fraction) -> tuple[Chapter, ...]:
    """Leave out what a video of this length does not have."""
    return tuple(
        Chapter(chapter.start_s, min(chapter.end_s, end_s), chapter.title)
        for chapter in chapters
        if chapter.start_s < end_s
    )


def _chapters(container: InputContainer) -> list[Chapter]:
    begin_s = timeline_start_s(container)
    found = []
    for chapter in container.chapters()[:MOST_CHAPTERS]:
        base = chapter["time_base"] or Fraction(0)
        start_s = max(chapter["start"] * base - begin_s, Fraction(0))
        end_s = chapter["end"] * base - begin_s
        if end_s > start_s:
            found.append(Chapter(start_s, end_s, chapter["metadata"].get("title", "")))
    return sorted(found, key=lambda chapter: chapter.start_s)


def _cover(container: InputContainer) -> Cover | None:
    for stream in container.streams.video:
        if not stream.disposition & Disposition.attached_pic or stream.codec_context is None:
            continue
        if stream.codec_context.name not in _COVERS:
            continue
        for packet in container.demux(stream):
            if packet.size:
                return Cover(stream.codec_context.name, stream.width, stream.height, bytes(packet))
    return None
