"""A lip-sync engine for tests: it marks each frame so that one can see what it was told, and fails on demand."""

from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import ClassVar

import numpy as np

from lipwright.contracts.lipsync import DrawnFace, FaceFrame, LipSyncNeeds, LipSyncWindow
from lipwright.errors import FaceLost, LipwrightError
from lipwright.face.topology import MOUTH_CORNERS
from lipwright.render.lipsync.base import LipSyncer, LipSyncSession


class FakeLipSync(LipSyncer):
    """Paints a square over the mouth: red and green tell the frame's number, blue tells the gap that it was given.

    A test that needs other `needs` makes a subclass. Licence: Apache-2.0, as Lipwright.
    """

    name: ClassVar[str] = "fake"
    version: ClassVar[int] = 1
    needs: ClassVar[LipSyncNeeds] = LipSyncNeeds()

    def __init__(
        self,
        *,
        fails_on: Collection[int] = (),
        failure: LipwrightError | None = None,
        reads_ahead: int | None = 0,
    ) -> None:
        """Describe how it behaves.

        Args:
            fails_on: numbers of the frames in which it finds no face.
            failure: raised on them; a FaceLost when None.
            reads_ahead: how many frames it reads before it draws the first of them; None for the whole window.
        """
        self._fails_on = frozenset(fails_on)
        self._failure = failure
        self._reads_ahead = reads_ahead
        self.windows: list[LipSyncWindow] = []
        """Every window so far."""
        self.weights: dict[int, float] = {}
        """With which weight it last saw each frame."""

    def begin(self, exemplars: Iterable[FaceFrame]) -> LipSyncSession:
        """Read the exemplars, which change nothing."""
        for _ in exemplars:
            pass
        return _FakeSession(self)

    def check(self, window: LipSyncWindow) -> None:
        """Raise ValueError if a window is not what `needs` asks for."""
        needs = self.needs
        if needs.fps is not None and window.fps != needs.fps:
            raise ValueError(f"the window has {window.fps} fps, not {needs.fps}")
        if len(window) % needs.chunk_frames or not len(window):
            raise ValueError(f"the window has {len(window)} frames, no multiple of {needs.chunk_frames}")
        if needs.longest_window_s is not None and len(window) > max(
            needs.chunk_frames, needs.longest_window_s * window.fps
        ):
            raise ValueError(f"the window has {len(window)} frames, more than {needs.longest_window_s} s")

    def look(self, frame: FaceFrame) -> FaceFrame:
        """Look at a frame. Raises the failure that was ordered for it, or ValueError."""
        self.weights[frame.number] = frame.weight
        if frame.number in self._fails_on:
            raise self._failure or FaceLost(f"no face in frame {frame.number}")
        side = self.needs.crop_px
        if side is not None and frame.image.shape != (side, side, 3):
            raise ValueError(f"the frame is {frame.image.shape}, not a square of {side}")
        return frame

    def drawn(self, window: LipSyncWindow) -> Iterator[DrawnFace]:
        """Draw a window."""
        self.windows.append(window)
        self.check(window)
        if self._reads_ahead is None:
            frames, ahead = map(self.look, list(window.frames)), len(window)
        else:
            frames, ahead = map(self.look, window.frames), self._reads_ahead
        waiting = list(islice(frames, ahead))
        for gap in window.mouth.gap:
            frame = next(frames, None)
            if frame is not None:
                waiting.append(frame)
            yield _marked(waiting.pop(0), float(gap))


class _FakeSession(LipSyncSession):
    def __init__(self, engine: FakeLipSync) -> None:
        self._engine = engine

    def render(self, window: LipSyncWindow) -> Iterator[DrawnFace]:
        return self._engine.drawn(window)


def mark_of(number: int, gap: float) -> tuple[int, int, int]:
    """The colour that a frame's mouth is painted with."""
    return number % 256, number // 256 % 256, min(255, max(0, round(gap * 1000)))


def _marked(frame: FaceFrame, gap: float) -> DrawnFace:
    image = frame.image.copy()
    right, left = frame.points[list(MOUTH_CORNERS), :2].astype(np.float64)
    (x, y), half = (right + left) / 2, float(np.linalg.norm(left - right)) / 2
    rows = slice(max(0, round(y - half)), max(0, round(y + half) + 1))
    columns = slice(max(0, round(x - half)), max(0, round(x + half) + 1))
    image[rows, columns] = mark_of(frame.number, gap)
    return DrawnFace(image, gap)
