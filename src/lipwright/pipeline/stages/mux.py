"""A dub becomes one file: picture, sound, what the source says of itself, and the tracks that were asked for."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.portrait import SYNTHETIC
from lipwright.contracts.progress import Progress
from lipwright.media.chapters import read_about
from lipwright.media.copy_picture import copy_picture, picture_obstacle
from lipwright.media.encoder import EncoderSettings
from lipwright.media.footage import index_footage, read_footage
from lipwright.media.join import join_segments
from lipwright.media.language_names import language_name
from lipwright.media.output import temporary_name
from lipwright.media.segment import SegmentWriter
from lipwright.media.spool import AudioSpool
from lipwright.media.tracks import Beside, KeptSound, SubtitleTrack, TrackLabel
from lipwright.media.writer import Tags

__all__ = ["Muxed", "mux", "picture_obstacle"]

_ORIGINAL = "Original"


@dataclass(frozen=True, slots=True)
class Muxed:
    """A finished file."""

    duration_s: Fraction
    """Of its picture."""
    notes: tuple[str, ...]


def mux(
    output: Path,
    video: Path,
    sound: AudioSpool,
    *,
    target: str,
    source_language: str,
    segments: Sequence[Path] = (),
    fps: Fraction | None = None,
    keep_original: bool = False,
    audio_track: int | None = None,
    subtitles: Sequence[SubtitleTrack] = (),
    settings: EncoderSettings | None = None,
    progress: Progress,
) -> Muxed:
    """Write the file; it appears whole or not at all.

    Args:
        video: the source, whose chapters, tags and cover are taken along; its picture too when there are no segments,
            copied as it is where MP4 holds it, else encoded to H.264.
        sound: of the dub, 48 kHz.
        target: BCP 47 tag of the dub.
        source_language: BCP 47 tag of the original.
        segments: pictures by `SegmentWriter`, in order, at `fps`.
        keep_original: whether the source's sound becomes a second track.
        audio_track: which of the source's sound tracks is the original, from 1; None for the default one.
        subtitles: tracks that a player shows when asked.
        settings: for sound, and for a picture that is encoded.
    Raises: MediaNotFound, MediaUnreadable, UsageError, OutputNotWritable, DiskFull, Cancelled.
    """
    about = read_about(video)
    kept = KeptSound(video, TrackLabel(source_language, _ORIGINAL), audio_track) if keep_original else None
    beside = Beside(
        label=TrackLabel(target, f"{language_name(target)} (dub)"),
        kept=kept,
        subtitles=tuple(
            track if track.title else replace(track, title=language_name(track.language)) for track in subtitles
        ),
        chapters=about.chapters,
        cover=about.cover,
    )
    tags = Tags(metadata=_metadata(about.metadata, output))
    obstacle = None if segments else picture_obstacle(video)
    if segments or obstacle is not None:
        with _pictures(output, video, segments, fps, settings, progress) as (pictures, rate):
            progress.stage("join", None)
            count = join_segments(
                output,
                pictures,
                fps=rate,
                sound=_watched(sound, progress),
                channels=sound.channels,
                tags=tags,
                settings=settings,
                beside=beside,
            )
            return Muxed(count / rate, () if obstacle is None else (f"the picture is encoded anew, since {obstacle}",))
    progress.stage("join", None)
    end_s = copy_picture(
        output,
        video,
        sound=_watched(sound, progress),
        channels=sound.channels,
        tags=tags,
        settings=settings,
        beside=beside,
    )
    return Muxed(end_s, ())


def _watched(sound: AudioSpool, progress: Progress) -> Iterator[NDArray[np.float32]]:
    """Give the sound, and look at each piece whether the work is to stop."""
    for chunk in sound.chunks():
        progress.check_cancelled()
        yield chunk


def _metadata(source: dict[str, str], output: Path) -> dict[str, str]:
    """Give the source's tags with the mark of what is synthetic."""
    comment = source.get("comment", "")
    marked = comment if SYNTHETIC in comment else f"{comment}\n{SYNTHETIC}".strip()
    return {"title": output.stem, **source, "comment": marked}


@contextmanager
def _pictures(
    output: Path,
    video: Path,
    segments: Sequence[Path],
    fps: Fraction | None,
    settings: EncoderSettings | None,
    progress: Progress,
) -> Iterator[tuple[Sequence[Path], Fraction]]:
    """Give the segments there are, or one that holds the whole picture while the block lasts; and their rate."""
    if segments:
        if fps is None:
            raise ValueError("the rate of the segments is not given")
        yield segments, fps
        return
    footage = index_footage(video)
    whole = temporary_name(output)
    progress.stage("encode the picture", footage.frame_count)
    try:
        with SegmentWriter(
            whole,
            footage.width_px,
            footage.height_px,
            footage.fps,
            full_chroma=footage.full_chroma,
            settings=settings,
        ) as writer:
            for frame in read_footage(footage):
                progress.check_cancelled()
                writer.write(frame)
                progress.advance()
        yield [whole], footage.fps
    finally:
        whole.unlink(missing_ok=True)
