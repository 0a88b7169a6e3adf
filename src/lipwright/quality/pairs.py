"""Frames of a finished video side by side with the frames of its source that they were made from."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.footage import Footage, YuvFrame
from lipwright.contracts.sidecar import Rewritten

_MOST_ROWS_OFF = 1
"""A side may be one pixel shorter than the source's, evened out for an encoder."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One frame of the finished video and its frame of the source."""

    number: int
    """In the finished video."""
    shown: YuvFrame
    origin: YuvFrame | None
    """As large as `shown`. None where the source has no frame for this moment."""
    origin_number: int
    """In the source; -1 where it has none."""
    goes_on: bool
    """The pair before shows the source's neighbouring frame: the two may be compared in time."""


class Pairing:
    """Which frame of the source belongs to each frame of a finished video."""

    def __init__(self, shown: Footage, origin: Footage, rewritten: Rewritten | None) -> None:
        """Plan it.

        Args:
            shown: the finished video.
            origin: its source.
            rewritten: the plan that was followed; None pairs frames that are seen at the same time.
        """
        self.shown, self.origin = shown, origin
        self.numbers = _numbers(shown, origin, rewritten)
        """(frames,) of the source, -1 where it has none."""
        self.by_plan = rewritten is not None

    @property
    def same_size(self) -> bool:
        """The pictures are as large as each other, but for a pixel that an encoder did not take."""
        across = abs(self.shown.width_px - self.origin.width_px)
        down = abs(self.shown.height_px - self.origin.height_px)
        return across <= _MOST_ROWS_OFF and down <= _MOST_ROWS_OFF

    def read(self) -> Iterator[Pair]:
        """Decode both, each once where the plan rises. Closing the iterator closes the files.

        Raises: MediaNotFound, MediaUnreadable: a file is gone or breaks off.
        """
        from lipwright.media.footage import read_footage, read_frames_at

        known = self.numbers >= 0
        origins = read_frames_at(self.origin, self.numbers[known])
        before = -2
        for number, shown in enumerate(read_footage(self.shown)):
            origin_number = int(self.numbers[number])
            origin = next(origins) if origin_number >= 0 else None
            if not self.same_size:
                origin, origin_number = None, -1
            goes_on = origin is not None and before >= 0 and abs(origin_number - before) == 1
            if origin is None:
                yield Pair(number, shown, None, origin_number, goes_on)
            else:
                yield Pair(number, *_cut_alike(shown, origin), origin_number, goes_on)
            before = origin_number


def _numbers(shown: Footage, origin: Footage, rewritten: Rewritten | None) -> NDArray[np.int64]:
    if rewritten is None:
        frames = np.arange(shown.frame_count, dtype=np.int64)
        # Exact in integers: the frame of the source that is seen at the middle of this one.
        step = origin.fps / shown.fps
        numbers = (2 * frames + 1) * step.numerator // (2 * step.denominator)
    else:
        planned = np.asarray(rewritten.source_frame_numbers(), np.int64)
        numbers = np.full(shown.frame_count, -1, np.int64)
        common = min(len(planned), shown.frame_count)
        numbers[:common] = planned[:common]
    numbers[numbers >= origin.frame_count] = -1
    return np.asarray(numbers, np.int64)


def _cut_alike(shown: YuvFrame, origin: YuvFrame) -> tuple[YuvFrame, YuvFrame]:
    if shown.y.shape == origin.y.shape and shown.u.shape == origin.u.shape:
        return shown, origin
    height, width = (min(a, b) for a, b in zip(shown.y.shape, origin.y.shape, strict=True))
    return _cut(shown, height, width), _cut(origin, height, width)


def _cut(frame: YuvFrame, height: int, width: int) -> YuvFrame:
    """The upper left part, with colour samples to match."""
    down, across = -(-frame.y.shape[0] // frame.u.shape[0]), -(-frame.y.shape[1] // frame.u.shape[1])
    rows, columns = -(-height // down), -(-width // across)
    return YuvFrame(
        np.ascontiguousarray(frame.y[:height, :width]),
        np.ascontiguousarray(frame.u[:rows, :columns]),
        np.ascontiguousarray(frame.v[:rows, :columns]),
    )


def footage_of(path: Path) -> Footage:
    """Index a video. Raises: MediaNotFound, MediaUnreadable, MediaTooLarge."""
    from lipwright.media.footage import index_footage

    return index_footage(path)
