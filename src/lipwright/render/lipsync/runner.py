"""The window runner: every engine, whatever it needs, serves a stretch of any rate and length through it.

It gives the engine frames at its own rate, in its chunks, no more than its longest window at once, cut to its square,
and brings what it draws back to the source's frames. Where an engine fails, the frames stay as they were.
"""

from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

from lipwright.contracts.lipsync import DrawnFace, FaceFrame, LipSyncNeeds, LipSyncWindow
from lipwright.contracts.sync import Untouched
from lipwright.errors import InputError, ProviderError, ProviderUnavailable, ProviderUnknown
from lipwright.render.lipsync.base import LipSyncSession
from lipwright.render.lipsync.crop import Placement, between, cut, place, put_back
from lipwright.render.lipsync.resample import FrameMap, longest_source_frames, mouth_at, sound_between
from lipwright.render.lipsync.tape import Tape

SHORTEST_S: Final = 3
"""A window that fails is halved down to this; what fails in so short a one stays as it was."""
EASE_S: Final = 0.2
"""How long the mouth takes to its own shape beside a frame that stays as it was."""


def draw_stretch(
    session: LipSyncSession, needs: LipSyncNeeds, stretch: LipSyncWindow, failed: Callable[[Untouched], None]
) -> Generator[tuple[int, DrawnFace | None], None, None]:
    """Draw a stretch of any length with an engine.

    An engine that streams at any rate gets the frames as they are, and hands its own pictures on. A frame whose picture
    was yielded is not held any longer.

    Args:
        session: of the engine, with the person of the stretch.
        needs: of the engine.
        stretch: at the source's rate. Its frames are read when they are needed.
        failed: told each span that the engine could not draw, in seconds from the start of the stretch, and why.
    Yields: number and picture of every frame, once, in order; None where the frame stays as it is, because its weight
        is 0 or the engine failed.
    Raises: whatever the source of the frames raises; ProviderUnavailable and ProviderUnknown of the engine; ValueError:
        source or engine do not keep their promises.
    """
    run = _Run(session, needs, stretch)
    with closing(run.frames()) as frames:
        for number, drawn in frames:
            for span in run.failures.told_until(number):
                failed(span)
            yield number, drawn
    for span in run.failures.told_until(None):
        failed(span)


class _Failures:
    """Spans that an engine did not draw; adjoining ones with one reason are one."""

    def __init__(self, fps: Fraction) -> None:
        self._fps = fps
        self._spans: list[tuple[int, int, str]] = []

    def add(self, start: int, end: int, reason: str) -> None:
        if self._spans and self._spans[-1][1:] == (start, reason):
            start = self._spans.pop()[0]
        self._spans.append((start, end, reason))

    def told_until(self, number: int | None) -> list[Untouched]:
        """Spans that can grow no more, because frame `number` lies behind them; each is given once."""
        done = [span for span in self._spans if number is None or span[1] < number]
        del self._spans[: len(done)]
        return [Untouched(float(start / self._fps), float(end / self._fps), reason) for start, end, reason in done]


@dataclass(frozen=True, slots=True)
class _Given:
    """A frame as the engine was given it."""

    frame: FaceFrame
    source: int
    """Number of the frame in the stretch."""
    placement: Placement | None
    """How it lies in the engine's square; None for a frame that was not cut."""


class _Run:
    """One way through a stretch."""

    def __init__(self, session: LipSyncSession, needs: LipSyncNeeds, stretch: LipSyncWindow) -> None:
        self._session, self._needs, self._stretch = session, needs, stretch
        self._fps = stretch.fps
        self._engine_fps = needs.fps or stretch.fps
        self._count = len(stretch)
        self._tape = Tape(stretch.frames, self._count)
        self._longest = self._count
        if needs.longest_window_s is not None:
            self._longest = longest_source_frames(
                self._fps, self._engine_fps, needs.longest_window_s, needs.chunk_frames
            )
        self._shortest = min(max(1, int(SHORTEST_S * self._fps)), self._longest)
        self.failures = _Failures(self._fps)
        self._failed, self._reason = False, ""
        self._barred: int | None = None
        """A frame ahead that the engine cannot use; windows end before it."""
        self._eases_in_from: int | None = None
        """The first frame behind one that stayed as it was."""
        self._ease_frames = round(EASE_S * self._fps)

    def frames(self) -> Generator[tuple[int, DrawnFace | None], None, None]:
        """Draw window after window; after a failure shorter ones, down to SHORTEST_S."""
        position, allowed = 0, self._longest
        while position < self._count:
            if position == self._barred:
                self.failures.add(position, position + 1, self._reason)
                self._barred, self._eases_in_from = None, position + 1
                allowed = self._halved(allowed)
                yield self._untouched(position)
                position += 1
                continue
            if self._tape[position].weight <= 0:
                yield self._untouched(position)
                position += 1
                continue
            end = min(position + self._length(position, allowed), self._barred or self._count)
            self._tape.reached = position + 1
            self._failed = False
            for drawn in self._window_until_failure(position, end):
                yield drawn
                position += 1
            self._tape.release(position)
            if not self._failed or position == end:
                allowed = min(2 * allowed, self._longest)
                continue
            reached = max(position + 1, min(self._tape.reached, end))
            if position + 1 < reached < end:
                self._barred = reached - 1  # it stopped while it read: on the frame that it had just got
            elif reached - position > self._shortest:
                allowed = self._halved(reached - position)
            else:
                allowed = self._halved(allowed)
                self.failures.add(position, reached, self._reason)
                for number in range(position, reached):
                    yield self._untouched(number)
                position = self._eases_in_from = reached
        self._tape.finish()

    def _window_until_failure(self, start: int, end: int) -> Iterator[tuple[int, DrawnFace | None]]:
        """Draw a window as far as the engine comes, and note why it stopped."""
        with closing(self._window(start, end)) as drawing:
            while True:
                try:
                    drawn = next(drawing, None)
                except (InputError, ProviderError) as exc:
                    if self._tape.error is not None or isinstance(exc, ProviderUnavailable | ProviderUnknown):
                        raise
                    self._failed, self._reason = True, str(exc)
                    return
                if drawn is None:
                    return
                yield drawn

    def _halved(self, frames: int) -> int:
        return max(self._shortest, -(-frames // 2))

    def _length(self, position: int, allowed: int) -> int:
        """Of the next window: what is left is cut into windows of about one length."""
        left = self._count - position
        windows = -(-left // allowed)
        return -(-left // windows)

    def _untouched(self, number: int) -> tuple[int, None]:
        self._tape.release(number + 1)
        return number, None

    def _window(self, start: int, end: int) -> Generator[tuple[int, DrawnFace | None], None, None]:
        """Draw frames `start` to `end` at once."""
        frames = FrameMap(self._fps, self._engine_fps, end - start)
        chunk = self._needs.chunk_frames
        count = -(-frames.engine_frames // chunk) * chunk
        given: dict[int, _Given] = {}

        def read() -> Iterator[FaceFrame]:
            latest = None
            for index in range(count):
                source = start + frames.source_of(min(index, frames.engine_frames - 1))
                if latest is None or latest.source != source:
                    latest = self._give(source)
                given[index] = latest
                yield latest.frame

        start_s = start / self._fps
        window = LipSyncWindow(
            fps=self._engine_fps,
            frames=read(),
            mouth=mouth_at(self._stretch.mouth, start, frames, count),
            sound=sound_between(self._stretch.sound, start_s, start_s + count / self._engine_fps),
        )
        position = start
        with _closed_after(self._session.render(window)) as drawing:
            for index in range(count):
                drawn = next(drawing, None)
                if drawn is None or index not in given:
                    raise ValueError(f"the engine drew {index} frames of a window of {count}")
                source = given.pop(index)
                if drawn.image.shape != source.frame.image.shape:
                    raise ValueError(f"the engine was given {source.frame.image.shape} and drew {drawn.image.shape}")
                while position < end and frames.engine_of(position - start) == index:
                    taken = self._taken_back(position, source, drawn)
                    self._release(position + 1, start, frames)
                    yield position, taken
                    position += 1
            if next(drawing, None) is not None:
                raise ValueError(f"the engine drew more frames than a window of {count} has")

    def _release(self, following: int, start: int, frames: FrameMap) -> None:
        """Keep frame `following`, the one that it is drawn from, and the last one, which fills the window up."""
        ahead = min(following - start, frames.source_frames - 1)
        self._tape.release(start + min(ahead, frames.source_of(frames.engine_of(ahead))))

    def _give(self, source: int) -> _Given:
        frame = self._eased(self._tape[source], source)
        if self._needs.crop_px is None:
            return _Given(frame, source, None)
        placement = place(frame.points, self._needs.crop_px)
        return _Given(cut(frame, placement), source, placement)

    def _eased(self, frame: FaceFrame, number: int) -> FaceFrame:
        """A frame beside one that stays as it is, with less weight, so that the mouth does not jump."""
        behind = number - self._eases_in_from if self._eases_in_from is not None else self._ease_frames
        before = self._barred - number - 1 if self._barred is not None else self._ease_frames
        nearest = min(behind, before)
        if nearest >= self._ease_frames:
            return frame
        return replace(frame, weight=frame.weight * (nearest + 1) / (self._ease_frames + 1))

    def _taken_back(self, number: int, given: _Given, drawn: DrawnFace) -> DrawnFace | None:
        """What an engine made of one frame, in the frame that it is nearest to in time."""
        frame = self._tape[number]
        if frame.weight <= 0:
            return None
        if given.placement is None and given.source == number:
            return drawn
        if given.placement is not None:
            matrix = place(frame.points, given.placement.side_px).matrix
        else:
            matrix = between(frame, given.frame)
        return DrawnFace(put_back(frame, given.frame.image, drawn.image, matrix), drawn.gap)


@contextmanager
def _closed_after(drawing: Iterator[DrawnFace]) -> Iterator[Iterator[DrawnFace]]:
    """Close what an engine returned, if it is a generator, so that it lets go of its frames at once."""
    try:
        yield drawing
    finally:
        if isinstance(drawing, Generator):
            drawing.close()
