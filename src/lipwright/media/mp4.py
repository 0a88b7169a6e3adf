"""An MP4 file that grows: sound, subtitles and tags beside one picture track. It is a video only when finished."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np
from av.error import FFmpegError
from av.packet import Packet
from av.stream import Disposition, Stream
from numpy.typing import NDArray

from lipwright.contracts.media import Cue
from lipwright.media.language import iso_639_2
from lipwright.media.mp4_labels import label_metadata, settle_labels
from lipwright.media.mp4_tracks import SAMPLE_RATE_HZ, EncodedSound, TimedText
from lipwright.media.tracks import Chapter, Cover, TrackLabel

if TYPE_CHECKING:
    from av.container.core import Chapter as AvChapter

_CHAPTER_TIME_BASE = Fraction(1, 1000)

__all__ = ["SAMPLE_RATE_HZ", "Mp4File"]


class Mp4File:
    """The file. Its owner adds the picture track to `container` first, then sound and subtitles, and then begins."""

    def __init__(self, path: Path, metadata: Mapping[str, str]) -> None:
        """Open it.

        Args:
            metadata: MP4 tags such as `title` and `comment`.
        Raises: OSError, FFmpegError: it cannot be created.
        """
        self._path = path
        self._sounds: list[EncodedSound] = []
        self._subtitles: list[TimedText] = []
        self._cover: tuple[Stream, Cover] | None = None
        self.container = av.open(
            f"file:{path}",
            "w",
            format="mp4",
            options={"movflags": "+faststart", "movie_timescale": str(SAMPLE_RATE_HZ), "fflags": "+bitexact"},
        )
        self.container.metadata.update(metadata)

    def add_sound(self, channels: int, bit_rate_bps: int, label: TrackLabel | None = None) -> EncodedSound:
        """Add an AAC track of 1 or 2 channels; a player takes the first one unless told otherwise."""
        disposition = Disposition(0) if self._sounds else Disposition.default
        self._sounds.append(EncodedSound(self.container, channels, bit_rate_bps, label, disposition))
        return self._sounds[-1]

    def add_subtitles(self, language: str, title: str | None = None) -> TimedText:
        """Add a track of timed text.

        Args:
            language: BCP 47 tag.
            title: for a track that a player shows when it is chosen; None for one that it shows at once.
        """
        metadata = {"language": iso_639_2(language)} if title is None else label_metadata(TrackLabel(language, title))
        self._subtitles.append(TimedText(self.container, metadata, language))
        return self._subtitles[-1]

    def set_chapters(self, chapters: Sequence[Chapter]) -> None:
        """Divide the video; players find the chapters in a track of their names, and as a list."""
        ticks: list[AvChapter] = [
            {
                "id": number,
                "start": round(chapter.start_s * 1000),
                "end": round(chapter.end_s * 1000),
                "time_base": _CHAPTER_TIME_BASE,
                "metadata": {"title": chapter.title},
            }
            for number, chapter in enumerate(chapters)
        ]
        self.container.set_chapters(ticks)

    def add_cover(self, cover: Cover) -> None:
        """Add a picture that stands for the video."""
        stream = self.container.add_mux_stream(cover.codec, width=cover.width_px, height=cover.height_px)
        stream.disposition = Disposition.attached_pic
        self._cover = stream, cover

    def begin(self) -> None:
        """Write the head of the file; the tracks are settled."""
        self.container.start_encoding()
        if self._cover is not None:
            stream, cover = self._cover
            packet: Packet[Stream] = Packet(cover.data)
            packet.stream, packet.pts, packet.dts, packet.is_keyframe = stream, 0, 0, True
            self.container.mux_one(packet)

    def encode_audio(self, samples: NDArray[np.float32]) -> None:
        """Add sound to the first track: float32, (n, channels), 48 kHz."""
        if self._sounds:
            self._sounds[0].encode(samples)

    def finish(self, cues: Sequence[Cue] = ()) -> None:
        """Write the end of the sound and the subtitles, and close; the picture track is finished before.

        Args:
            cues: of the first track of subtitles, in order, not overlapping.
        Raises: OSError, FFmpegError: the disk is full or the file system failed.
        """
        for sound in self._sounds:
            sound.finish()
        if self._subtitles:
            self._subtitles[0].write(cues)
        self.container.close()
        settle_labels(self._path)

    def abandon(self) -> None:
        """Close and remove the file. Removing comes first: closing would otherwise move its whole content once more."""
        with suppress(OSError):
            self._path.unlink()
        with suppress(FFmpegError, OSError):
            self.container.close()
