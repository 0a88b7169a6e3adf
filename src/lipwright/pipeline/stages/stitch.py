"""Scenes become one file: their pictures are copied, only dissolves are encoded, and one sound lies under all."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.portrait import SYNTHETIC
from lipwright.contracts.progress import Progress
from lipwright.media.encoder import EncoderSettings
from lipwright.media.join import join_segments
from lipwright.media.language_names import language_name
from lipwright.media.scene_dissolve import encode_dissolve
from lipwright.media.scenes import SceneFiles, joined_parts, scene_starts
from lipwright.media.spool import AudioSpool
from lipwright.media.tracks import Beside, Chapter, SubtitleTrack
from lipwright.media.writer import Tags, VideoFormat
from lipwright.store.digest import file_digest
from lipwright.store.key import StageKey
from lipwright.store.stages import StageStore, memoise

_PICTURE = "picture.mp4"


@dataclass(frozen=True, slots=True)
class StitchedScene:
    """One scene of the video."""

    files: SceneFiles
    title: str
    """Its chapter's name; empty for its number."""


def stitch(
    output: Path,
    scenes: Sequence[StitchedScene],
    sound: AudioSpool,
    video_format: VideoFormat,
    *,
    title: str,
    subtitles: SubtitleTrack | None = None,
    settings: EncoderSettings | None = None,
    store: StageStore,
    progress: Progress,
) -> int:
    """Write the file; it appears whole or not at all. Dissolves are found again where both their scenes are the same.

    Args:
        scenes: in order, each tail as long as the next head; one chapter each where there are several.
        sound: of the whole video, 48 kHz, 1 or 2 channels.
        video_format: that of all scenes, as are the `settings`.
        title: of the video; empty for the name of the file.
        subtitles: a track that a player shows when asked, on the video's timeline.
    Returns: how many frames the video has.
    Raises: MediaUnreadable, OutputNotWritable, DiskFull, Cancelled.
    """
    files = [scene.files for scene in scenes]
    starts = scene_starts(files)
    settings = settings or EncoderSettings()
    dissolves = _dissolves(files, video_format, settings, store, progress)
    progress.stage("join", None)
    texts = []
    if subtitles is not None:
        texts.append(SubtitleTrack(subtitles.cues, subtitles.language, language_name(subtitles.language)))
    return join_segments(
        output,
        list(joined_parts(files, dissolves)),
        fps=video_format.fps,
        sound=_watched(sound, progress),
        channels=sound.channels,
        tags=Tags({"title": title or output.stem, "comment": SYNTHETIC}),
        settings=settings,
        beside=Beside(subtitles=tuple(texts), chapters=tuple(_chapters(scenes, starts, video_format.fps))),
    )


def _dissolves(
    files: Sequence[SceneFiles],
    video_format: VideoFormat,
    settings: EncoderSettings,
    store: StageStore,
    progress: Progress,
) -> list[Path]:
    """Make every dissolve that is not there yet."""
    pairs = [(old.tail, new.head) for old, new in pairwise(files) if old.tail is not None and new.head is not None]
    if pairs:
        progress.stage("dissolve", len(pairs))
    made = []
    for tail, head in pairs:
        progress.check_cancelled()
        key = StageKey(
            "dissolve",
            1,
            inputs={"tail": file_digest(tail), "head": file_digest(head)},
            parameters={"format": video_format, "encoder": settings},
        )

        def make(folder: Path, tail: Path = tail, head: Path = head) -> None:
            encode_dissolve(folder / _PICTURE, tail, head, video_format, settings)

        made.append(memoise(store, key, make) / _PICTURE)
        progress.advance(1)
    return made


def _chapters(scenes: Sequence[StitchedScene], starts: Sequence[int], fps: Fraction) -> Iterator[Chapter]:
    if len(scenes) < 2:
        return
    for number, (scene, (start, end)) in enumerate(zip(scenes, pairwise(starts), strict=True), 1):
        yield Chapter(start / fps, end / fps, scene.title or str(number))


def _watched(sound: AudioSpool, progress: Progress) -> Iterator[NDArray[np.float32]]:
    """Give the sound, and look at each piece whether the work is to stop."""
    for chunk in sound.chunks():
        progress.check_cancelled()
        yield chunk
