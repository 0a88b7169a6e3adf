"""The frames of a stretch on their way through an engine: read when asked for, held until they are done with."""

from collections import deque
from collections.abc import Iterator

from lipwright.contracts.lipsync import FaceFrame


class Tape:
    """A window over frames that are read once, in order. Frames count from 0."""

    def __init__(self, frames: Iterator[FaceFrame], count: int) -> None:
        """Take an iterator that has `count` frames."""
        self._frames = frames
        self._count = count
        self._held: deque[FaceFrame] = deque()
        self._first = 0
        self.reached = 0
        """One more than the highest frame that was asked for since this was last set."""
        self.error: BaseException | None = None
        """What the source of the frames raised: it is no fault of whoever asked for them."""

    def __getitem__(self, number: int) -> FaceFrame:
        """A frame that is not released yet, read from the source if it has to be.

        Raises: ValueError: the source has fewer frames than it should; whatever the source raises.
        """
        while number >= self._first + len(self._held):
            self._held.append(self._read())
        self.reached = max(self.reached, number + 1)
        return self._held[number - self._first]

    def release(self, before: int) -> None:
        """Let go of all frames before a number."""
        while self._first < before and self._held:
            self._held.popleft()
            self._first += 1

    def finish(self) -> None:
        """See that the source is at its end. Raises ValueError."""
        if next(self._frames, None) is not None:
            raise ValueError(f"the stretch has more frames than rows of its mouth track: {self._count}")

    def _read(self) -> FaceFrame:
        try:
            frame = next(self._frames, None)
            if frame is None:
                raise ValueError(f"the stretch has fewer frames than rows of its mouth track: {self._count}")
        except BaseException as exc:
            self.error = exc
            raise
        return frame
