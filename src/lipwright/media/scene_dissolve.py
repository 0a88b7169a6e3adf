"""One scene becomes the next one: the end of the one fades over the beginning of the other."""

import gc
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.footage import YuvFrame
from lipwright.media.encoder import EncoderSettings
from lipwright.media.probe import open_media
from lipwright.media.segment import SegmentWriter
from lipwright.media.writer import VideoFormat

_WHOLE = 256


def encode_dissolve(
    output: Path, tail: Path, head: Path, video_format: VideoFormat, settings: EncoderSettings | None = None
) -> None:
    """Write a dissolve as a segment, to be joined with the bodies of its scenes.

    The two are mixed as they are stored, in even steps, and neither is seen alone: so do cutting programs, and viewers
    know it. Mixed in linear light a bright scene would come fast and go late.

    Args:
        output: appears whole or not at all.
        tail: of the scene that goes, as `encode_scene` wrote it.
        head: of the scene that comes, equally long.
        video_format: that of the scenes, as are the `settings`.
    Raises: MediaUnreadable, OutputNotWritable, DiskFull.
    """
    width, height = video_format.width_px, video_format.height_px
    with SegmentWriter(output, width, height, video_format.fps, settings=settings) as writer:
        for mixed in _mixed(tail, head):
            writer.write(_frame(mixed, height))
    del writer
    gc.collect()  # an encoder is in a cycle of references, and Python does not count its tens of megabytes


def _mixed(tail: Path, head: Path) -> Iterator[NDArray[np.uint8]]:
    """Give the planes of each picture, one behind the other: (height * 3 / 2, width)."""
    with open_media(tail) as going, open_media(head) as coming:
        count = going.streams.video[0].frames
        pairs = zip(going.decode(video=0), coming.decode(video=0), strict=True)
        for number, (old, new) in enumerate(pairs, 1):
            share = np.uint16(round(Fraction(_WHOLE * number, count + 1)))
            before, after = old.to_ndarray(), new.to_ndarray()
            light = before * (np.uint16(_WHOLE) - share) + after * share
            yield ((light + np.uint16(_WHOLE // 2)) >> np.uint16(8)).astype(np.uint8)


def _frame(planes: NDArray[np.uint8], height: int) -> YuvFrame:
    half = planes.shape[1] // 2
    luma, colour = planes[:height], planes[height:].reshape(2, height // 2, half)
    return YuvFrame(luma, colour[0], colour[1])
