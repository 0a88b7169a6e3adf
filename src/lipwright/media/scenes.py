"""A scene of a longer video in three files: what no neighbour touches is encoded for good, what dissolves is lossless.

    head: under the dissolve from the scene before; body; tail: under the dissolve into the next one

Bodies are copied into the video as they are. Heads and tails are lossless, for they are encoded anew when they have
become a dissolve. So a scene that is made again leaves all others as they are.
"""

import gc
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipwright.media.encoder import EncoderSettings
from lipwright.media.probe import open_media
from lipwright.media.writer import VideoFormat, VideoWriter

FEWEST_FRAMES = 2
"""Of a body and of a dissolve: H.264 wants neighbouring pictures that begin a file to be numbered differently."""

_HEAD, _BODY, _TAIL = "head.mp4", "body.mp4", "tail.mp4"
_LOSSLESS = EncoderSettings(crf=0, preset="ultrafast")
"""A picture of 1920 x 1080 took 9 ms to write, 9 ms to read, and 270 kB; with FFV1 19 ms, 18 ms and 280 kB."""


@dataclass(frozen=True, slots=True)
class SceneFiles:
    """The files of one scene."""

    head: Path | None
    """Lossless; None where the scene begins with a cut."""
    body: Path | None
    """By `VideoWriter`, without sound; None where the dissolves leave nothing between them."""
    tail: Path | None
    """Lossless; None where the scene ends with a cut."""
    head_frames: int
    body_frames: int
    tail_frames: int

    @property
    def frames(self) -> int:
        """All of them."""
        return self.head_frames + self.body_frames + self.tail_frames


def encode_scene(
    frames: Iterable[NDArray[np.uint8]],
    folder: Path,
    video_format: VideoFormat,
    *,
    frame_count: int,
    head_frames: int = 0,
    tail_frames: int = 0,
    settings: EncoderSettings | None = None,
) -> SceneFiles:
    """Write a scene into a folder; its files are all there afterwards, or none. Same frames, same bytes.

    Args:
        frames: uint8 RGB, (height, width, 3), read one at a time, copied.
        folder: that is there, and in which no other scene is.
        video_format: the same for all scenes of a video, and so are the `settings`.
        frame_count: how many frames there are.
        head_frames: how many lie under the dissolve from the scene before; 0 for a cut.
        tail_frames: how many lie under the dissolve into the next scene; 0 for a cut.
    Raises:
        OutputNotWritable, DiskFull; what `frames` raises.
        ValueError: there are more or fewer frames than `frame_count`, or a part is too short: see `fitting_dissolves`.
    """
    body_frames = frame_count - head_frames - tail_frames
    parts = {_HEAD: head_frames, _BODY: body_frames, _TAIL: tail_frames}
    if frame_count < FEWEST_FRAMES or any(0 < count < FEWEST_FRAMES or count < 0 for count in parts.values()):
        raise ValueError(f"a scene of {frame_count} frames has no room for dissolves of {head_frames}, {tail_frames}")
    coming = iter(frames)
    try:
        for name, count in parts.items():
            if count:
                used = settings if name == _BODY else _LOSSLESS
                with VideoWriter(folder / name, video_format, settings=used) as writer:
                    for image in islice(coming, count):
                        writer.write(image)
                    if writer.frame_count != count:
                        raise ValueError(f"fewer than {frame_count} frames came")
                del writer
                gc.collect()  # an encoder is in a cycle of references, and Python does not count its tens of megabytes
        if next(coming, None) is not None:
            raise ValueError(f"more than {frame_count} frames came")
    except BaseException:
        for name in parts:
            (folder / name).unlink(missing_ok=True)
        raise
    return load_scene(folder)


def load_scene(folder: Path) -> SceneFiles:
    """Find the files that `encode_scene` wrote into a folder.

    Raises: MediaUnreadable: one of them is damaged.
    """
    parts = [path if path.exists() else None for path in (folder / _HEAD, folder / _BODY, folder / _TAIL)]
    head, body, tail = parts
    return SceneFiles(head, body, tail, *(0 if path is None else _frames_of(path) for path in parts))


def fitting_dissolves(scene_frames: Sequence[int], wanted: Sequence[int]) -> tuple[int, ...]:
    """Shorten dissolves so that each scene has room for those at its two ends, and some frames between them.

    Args:
        scene_frames: how long the scenes are, 2 frames or more each, dissolves included.
        wanted: frames of the dissolve between each scene and the next; 0 for a cut.
    Returns: frames of each, 0 where there is no room for one; a dissolve that fits stays as long as it is.
    """
    longest = list(wanted)
    for number, frames in enumerate(scene_frames):
        room = frames - FEWEST_FRAMES
        ends = [edge for edge in (number - 1, number) if 0 <= edge < len(wanted)]
        both = sum(wanted[edge] for edge in ends)
        if both > room:
            for edge in ends:
                longest[edge] = min(longest[edge], wanted[edge] * room // both)
    return tuple(count if count >= FEWEST_FRAMES else 0 for count in longest)


def scene_starts(scenes: Sequence[SceneFiles]) -> tuple[int, ...]:
    """Give the frame of the video with which each scene begins, its dissolve included, and behind the last one the end.

    Raises: ValueError: the tail of a scene and the head of the next one are not equally long.
    """
    starts = [0]
    for scene, after in pairwise(scenes):
        if scene.tail_frames != after.head_frames:
            raise ValueError(f"a tail of {scene.tail_frames} frames meets a head of {after.head_frames}")
        starts.append(starts[-1] + scene.frames - scene.tail_frames)
    if scenes[0].head_frames or scenes[-1].tail_frames:
        raise ValueError("the first scene dissolves from nothing, or the last one into nothing")
    return (*starts, starts[-1] + scenes[-1].frames)


def joined_parts(scenes: Sequence[SceneFiles], dissolves: Iterable[Path]) -> Iterator[Path]:
    """Give the files of the video's pictures in order.

    Args:
        dissolves: by `encode_dissolve`, one for each tail.
    """
    following = iter(dissolves)
    for scene in scenes:
        if scene.body is not None:
            yield scene.body
        if scene.tail is not None:
            yield next(following)


def _frames_of(path: Path) -> int:
    with open_media(path) as container:
        return container.streams.video[0].frames
