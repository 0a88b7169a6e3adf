"""Whatever an engine needs and wherever it fails, every frame comes out once, in order."""

import weakref
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lipwright.contracts.lipsync import DrawnFace, FaceFrame, LipSyncNeeds, LipSyncWindow
from lipwright.contracts.sync import Untouched
from lipwright.errors import LipwrightError, MediaUnreadable, ProviderError, ProviderUnavailable
from lipwright.face.topology import MOUTH_CORNERS
from lipwright.render.lipsync.base import LipSyncSession
from lipwright.render.lipsync.fake import FakeLipSync, mark_of
from lipwright.render.lipsync.runner import SHORTEST_S, draw_stretch
from support.stretches import face_frame, gaps, stretch

RATES = st.sampled_from([Fraction(n, d) for n, d in ((5, 1), (24000, 1001), (25, 1), (30, 1), (60, 1))])
NEEDS = st.builds(
    LipSyncNeeds,
    fps=st.none() | RATES,
    chunk_frames=st.integers(1, 20),
    longest_window_s=st.none() | st.sampled_from([1.0, 2.0, 4.0, 8.0]),
    crop_px=st.none() | st.sampled_from([32, 64]),
)


def engine(needs: LipSyncNeeds, **behaviour: object) -> FakeLipSync:
    kind = type("Fake", (FakeLipSync,), {"needs": needs})
    made = kind(**behaviour)
    assert isinstance(made, FakeLipSync)
    return made


def draw(fake: FakeLipSync, given_stretch: LipSyncWindow) -> tuple[list[DrawnFace | None], list[Untouched]]:
    """Every frame, and what was reported; the numbers are checked."""
    failures: list[Untouched] = []
    drawn = list(draw_stretch(fake.begin(()), fake.needs, given_stretch, failures.append))
    assert [number for number, _ in drawn] == list(range(len(given_stretch)))
    return [face for _, face in drawn], failures


def frames_of(span: Untouched, fps: Fraction) -> range:
    return range(round(span.start_s * fps), round(span.end_s * fps))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    needs=NEEDS,
    fps=RATES,
    count=st.integers(1, 90),
    fails_on=st.frozensets(st.integers(0, 89), max_size=4),
    unwanted=st.frozensets(st.integers(0, 89), max_size=4),
    reads_ahead=st.none() | st.integers(0, 12),
)
def test_every_frame_comes_out_once_in_order(
    needs: LipSyncNeeds,
    fps: Fraction,
    count: int,
    fails_on: frozenset[int],
    unwanted: frozenset[int],
    reads_ahead: int | None,
) -> None:
    fake = engine(needs, fails_on=fails_on, reads_ahead=reads_ahead)
    drawn, failures = draw(fake, stretch(count, fps, weight=lambda number: float(number not in unwanted)))
    left = {number for span in failures for number in frames_of(span, fps)}
    assert sum(len(frames_of(span, fps)) for span in failures) == len(left), "no frame is reported twice"
    assert {number for number, face in enumerate(drawn) if face is None} == left | {n for n in unwanted if n < count}
    for span in failures:
        named = int(span.reason.rpartition(" ")[2])
        assert named in fails_on
        assert len(frames_of(span, fps)) <= max(1, SHORTEST_S * fps)
    if needs.fps is None or needs.fps >= fps:
        assert {number for number in fails_on if number < count} - left <= unwanted, "none was drawn without a face"
    for number, face in enumerate(drawn):
        assert face is None or face.image.shape == face_frame(number).image.shape


@settings(max_examples=40, deadline=None)
@given(needs=NEEDS.filter(lambda needs: needs.crop_px is None), fps=RATES, count=st.integers(1, 60))
def test_every_frame_gets_its_own_mouth(needs: LipSyncNeeds, fps: Fraction, count: int) -> None:
    drawn, failures = draw(engine(needs), stretch(count, fps))
    assert failures == []
    reached = 1 / min(needs.fps or fps, fps) + Fraction(1, 1000)
    for number, face in enumerate(drawn):
        assert face is not None
        x, y = np.round(face_frame(number).points[list(MOUTH_CORNERS), :2].mean(axis=0)).astype(int)
        red, green, _ = (int(value) for value in face.image[y, x])
        if needs.fps is None or needs.fps >= fps:
            assert red + 256 * green == number
        else:
            assert abs(red - number) / fps <= reached
        near = gaps(count)[max(0, number - int(fps * reached) - 1) : number + int(fps * reached) + 2]
        assert near.min() - 0.001 <= face.gap <= near.max() + 0.001


def test_engine_without_needs_hands_its_pictures_on() -> None:
    drawn, _ = draw(FakeLipSync(), stretch(5, Fraction(25)))
    for number, face in enumerate(drawn):
        assert face is not None
        x, y = np.round(face_frame(number).points[list(MOUTH_CORNERS), :2].mean(axis=0)).astype(int)
        assert tuple(face.image[y, x]) == mark_of(number, float(gaps(5)[number]))


def test_windows_have_the_sound_of_their_frames() -> None:
    fake = engine(LipSyncNeeds(longest_window_s=1.0))
    draw(fake, stretch(60, Fraction(25)))
    assert [len(window) for window in fake.windows] == [20, 20, 20]
    assert [round(float(window.sound[0]), 3) for window in fake.windows] == [0.0, 0.8, 1.6]
    assert {len(window.sound) for window in fake.windows} == {12_800}


def test_frames_that_stay_as_they_are_are_not_drawn() -> None:
    fake = FakeLipSync()
    drawn, failures = draw(fake, stretch(40, Fraction(25), weight=lambda number: 0.0 if number < 30 else 0.5))
    assert [face is None for face in drawn] == [True] * 30 + [False] * 10
    assert (failures, len(fake.windows)) == ([], 1)


def test_streaming_engine_loses_the_one_frame_without_a_face() -> None:
    drawn, failures = draw(FakeLipSync(fails_on={50}), stretch(200, Fraction(25)))
    assert [number for number, face in enumerate(drawn) if face is None] == [50]
    assert failures == [Untouched(2.0, 2.04, "no face in frame 50")]


def test_engine_that_reads_ahead_loses_the_one_frame_without_a_face() -> None:
    fake = FakeLipSync(fails_on={50, 120}, reads_ahead=12)
    drawn, failures = draw(fake, stretch(200, Fraction(25)))
    assert [number for number, face in enumerate(drawn) if face is None] == [50, 120]
    assert [span.start_s for span in failures] == [2.0, 4.8]
    eased = [round(6 * fake.weights[number]) for number in range(43, 58)]
    assert eased == [6, 6, 5, 4, 3, 2, 1, 6, 1, 2, 3, 4, 5, 6, 6], "the mouth goes to its own shape and back"


def test_engine_of_whole_windows_loses_at_most_the_shortest_window() -> None:
    fake = engine(LipSyncNeeds(longest_window_s=24.0), fails_on={100}, reads_ahead=None)
    drawn, failures = draw(fake, stretch(600, Fraction(25)))
    lost = [number for number, face in enumerate(drawn) if face is None]
    assert 100 in lost
    assert 1 <= len(lost) <= 75
    assert [frames_of(span, Fraction(25)) for span in failures] == [range(lost[0], lost[-1] + 1)]
    assert [len(window) for window in fake.windows[:4]] == [600, 300, 150, 75]


def test_adjoining_failures_are_one() -> None:
    fake = FakeLipSync(fails_on=range(20, 30), failure=ProviderError("out of memory"))
    _, failures = draw(fake, stretch(50, Fraction(25)))
    assert failures == [Untouched(0.8, 1.2, "out of memory")]


def test_restarts_are_short_while_an_engine_fails() -> None:
    fake = FakeLipSync(fails_on=range(100, 900), failure=ProviderError("out of memory"))
    draw(fake, stretch(2000, Fraction(25)))
    asked = sum(len(window) for window in fake.windows)
    assert asked < 2000 + 900 * 3 * 25 + 4 * 2000


@pytest.mark.parametrize("error", [ProviderUnavailable("no GPU"), MemoryError(), ZeroDivisionError()])
def test_errors_that_no_shorter_window_helps_pass(error: Exception) -> None:
    class Failing(LipSyncSession):
        def render(self, window: LipSyncWindow) -> Iterator[DrawnFace]:
            raise error

    with pytest.raises(type(error)):
        list(draw_stretch(Failing(), LipSyncNeeds(), stretch(5, Fraction(25)), pytest.fail))


@pytest.mark.parametrize("needs", [LipSyncNeeds(), LipSyncNeeds(longest_window_s=1.0, chunk_frames=8)])
@pytest.mark.parametrize("reads_ahead", [None, 3])
def test_error_of_the_source_is_no_failure_of_the_engine(needs: LipSyncNeeds, reads_ahead: int | None) -> None:
    def frames() -> Iterator[FaceFrame]:
        yield from map(face_frame, range(12))
        raise MediaUnreadable("damaged in the middle")

    broken = stretch(100, Fraction(25), frames=frames())
    fake = engine(needs, reads_ahead=reads_ahead)
    with pytest.raises(MediaUnreadable, match="in the middle"):
        list(draw_stretch(fake.begin(()), needs, broken, pytest.fail))


@pytest.mark.parametrize(("count", "wrong"), [(9, "fewer"), (11, "more")])
def test_source_has_as_many_frames_as_rows(count: int, wrong: str) -> None:
    odd = stretch(10, Fraction(25), frames=map(face_frame, range(count)))
    with pytest.raises(ValueError, match=wrong):
        list(draw_stretch(FakeLipSync().begin(()), LipSyncNeeds(), odd, pytest.fail))


def drawing(*faces: DrawnFace) -> LipSyncSession:
    class Drawing(LipSyncSession):
        def render(self, window: LipSyncWindow) -> Iterator[DrawnFace]:
            return iter([*zip(window.frames, faces, strict=False)] and faces)

    return Drawing()


@pytest.mark.parametrize(
    ("side", "count", "wrong"), [(72, 2, "drew 2 frames"), (72, 4, "more frames"), (70, 3, r"drew \(70")]
)
def test_engine_that_breaks_its_promise_is_an_error(side: int, count: int, wrong: str) -> None:
    faces = [DrawnFace(np.zeros((side, 64, 3), np.uint8), 0.0)] * count
    with pytest.raises(ValueError, match=wrong):
        list(draw_stretch(drawing(*faces), LipSyncNeeds(), stretch(3, Fraction(25)), pytest.fail))


@pytest.mark.parametrize(
    ("needs", "reads_ahead", "held_at_most"),
    [
        (LipSyncNeeds(), 0, 3),
        (LipSyncNeeds(), 10, 13),
        (LipSyncNeeds(fps=Fraction(30)), 0, 4),
        (LipSyncNeeds(fps=Fraction(10), crop_px=32), 2, 12),
        (LipSyncNeeds(longest_window_s=1.0), None, 53),
    ],
)
def test_frames_are_let_go(needs: LipSyncNeeds, reads_ahead: int | None, held_at_most: int) -> None:
    alive: weakref.WeakSet[FrameGuard] = weakref.WeakSet()
    most = 0

    def frames() -> Iterator[FaceFrame]:
        for number in range(200):
            frame = face_frame(number)
            image = frame.image.copy().view(FrameGuard)
            alive.add(image)
            yield FaceFrame(image, frame.points, 1.0, number)
            del frame, image

    fake = engine(needs, reads_ahead=reads_ahead)
    for _ in draw_stretch(fake.begin(()), needs, stretch(200, Fraction(25), frames=frames()), pytest.fail):
        most = max(most, len(alive))
    assert most <= held_at_most


class FrameGuard(np.ndarray):  # type: ignore[type-arg]
    """An array that can be counted while it lives."""

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other


def test_failure_is_told_before_the_frames_behind_it() -> None:
    told: list[Untouched] = []
    order: list[object] = []

    def failed(span: Untouched) -> None:
        order.append(span.reason)
        told.append(span)

    fake = FakeLipSync(fails_on={3})
    for number, _ in draw_stretch(fake.begin(()), fake.needs, stretch(8, Fraction(25)), failed):
        order.append(number)
    assert order == [0, 1, 2, 3, 4, "no face in frame 3", 5, 6, 7]


def test_fake_is_a_lip_sync_engine() -> None:
    assert isinstance(ProviderError("x"), LipwrightError)
    assert FakeLipSync().name == "fake"
