"""A person from a clip in a scene: they speak, stand where the scene wants them, and no two scenes begin alike."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwright.contracts.lipsync import FaceFrame, LipSyncNeeds
from lipwright.contracts.progress import SilentProgress
from lipwright.contracts.story import Framing, Place
from lipwright.contracts.sync import Preset
from lipwright.errors import FaceNotFound
from lipwright.face.video_matte import CutOut, MatteCapability, Seen, VideoMatter
from lipwright.media.spool import AudioSpool
from lipwright.motion.recording import RecordingToMouth
from lipwright.pipeline.stages.clip_person import ClipPerson, load_clip
from lipwright.pipeline.stages.clip_place import ClipScene, ClipWindow, faded_sides, place_clip
from lipwright.pipeline.stages.clip_speech import clip_plan
from lipwright.pipeline.stages.present_clip import ClipPresenter
from lipwright.pipeline.stages.soundtrack import Soundtrack
from lipwright.render.backgrounds.backdrop import Backdrop
from lipwright.render.framing import PhotoFit
from lipwright.render.lipsync.base import LipSyncer, LipSyncSession
from lipwright.render.lipsync.fake import FakeLipSync, mark_of
from lipwright.render.lipsync.presets import Knobs
from lipwright.render.staging import Figure
from lipwright.store.stages import StageStore
from support.clips import write_clip
from support.synced import FRAMES as CLIP_FRAMES
from support.synced import RATE_HZ, write_scene

FPS = Fraction(25)
FRAMES = 20
SIZE = (320, 180)
GREEN = np.full((SIZE[1], SIZE[0], 3), (0, 255, 0), np.uint8)


class Counting(FakeLipSync):
    """Wants to get to know people, and counts how often."""

    needs = LipSyncNeeds(exemplars=True)
    met = 0

    def begin(self, exemplars: Iterable[FaceFrame]) -> LipSyncSession:
        Counting.met += 1
        return super().begin(exemplars)


class Halves(VideoMatter):
    """The person is the left half of whatever is seen."""

    capability = MatteCapability("halves", "none", False, "Apache-2.0", "")

    def cut_out(self, frames: Iterable[Seen]) -> Iterator[CutOut]:
        for seen in frames:
            alpha = np.zeros(seen.image.shape[:2], np.uint8)
            alpha[:, : alpha.shape[1] // 2] = 255
            yield CutOut(alpha, seen.image.copy())


def build(name: str, knobs: Knobs) -> LipSyncer:
    return Counting()


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory, drawn_portrait: Path) -> Path:
    return write_scene(tmp_path_factory.mktemp("clip"), drawn_portrait).source


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StageStore]:
    with StageStore(tmp_path_factory.mktemp("store")) as opened:
        yield opened


@pytest.fixture(scope="module")
def person(clip: Path, store: StageStore) -> ClipPerson:
    return load_clip(
        clip, preset=Preset.FAST, engine="fake", lipsync=build, store=store, progress=SilentProgress(), seed=0
    )


@pytest.fixture(scope="module")
def track() -> Iterator[Soundtrack]:
    times = np.arange(round(FRAMES / FPS * RATE_HZ)) / RATE_HZ
    loud = np.clip(np.sin(2 * np.pi * 3 * times), 0, 1)
    with AudioSpool(RATE_HZ) as sound:
        sound.append((0.5 * loud * np.sin(2 * np.pi * 300 * times)).astype(np.float32))
        yield Soundtrack(sound)


def scene(start_s: float = 0.0, place: Place = Place.CENTRE, frames: int = FRAMES) -> ClipScene:
    return ClipScene(*SIZE, FPS, frames, Framing.MEDIUM, place, start_s)


def presented(
    person: ClipPerson, given_scene: ClipScene, track: Soundtrack | None, store: StageStore, keep: bool = False
) -> ClipPresenter:
    return ClipPresenter(
        person,
        given_scene,
        behind="keep" if keep else Backdrop(GREEN, lambda: iter([GREEN] * given_scene.frames)),
        matter=Halves(),
        track=track,
        listener=RecordingToMouth(),
        store=store,
        progress=SilentProgress(),
    )


def test_every_frame_comes_once_and_none_where_something_else_is_seen(
    person: ClipPerson, track: Soundtrack, store: StageStore
) -> None:
    presenter = presented(person, scene(), track, store)
    wanted = [index % 7 != 3 for index in range(FRAMES)]
    frames = list(presenter.frames(wanted))
    assert [frame is not None for frame in frames] == wanted
    assert {frame.shape for frame in frames if frame is not None} == {(SIZE[1], SIZE[0], 3)}
    assert (presenter.gap[3::7] == 0).all()
    again = list(presented(person, scene(), track, store).frames([True] * FRAMES))
    shown = [index for index in range(FRAMES) if wanted[index]]
    assert len(again) == FRAMES
    assert all(np.array_equal(frames[index], again[index]) for index in shown[:3])


def test_the_mouth_is_that_of_the_new_words(person: ClipPerson, track: Soundtrack, store: StageStore) -> None:
    presenter = presented(person, scene(), track, store, keep=True)
    marked = 0
    for index, frame in enumerate(presenter.frames([True] * FRAMES)):
        box, mark = presenter.face_box, mark_of(index, float(presenter.gap[index]))
        assert frame is not None
        part = frame[box.top : box.bottom, box.left : box.right].astype(int)
        marked += bool((np.abs(part - mark).max(axis=2) < 40).mean() > 0.02)
    assert marked > FRAMES // 2
    assert presenter.gap.max() > 0.02


def test_a_still_background_is_seen_beside_the_person_and_not_changed(
    person: ClipPerson, track: Soundtrack, store: StageStore
) -> None:
    frame = next(presented(person, scene(), track, store).frames([True] * FRAMES))
    assert frame is not None
    assert (frame[:, -20:] == GREEN[:, -20:]).all()
    assert (GREEN == (0, 255, 0)).all()


def test_a_clip_that_keeps_its_background_fills_the_canvas(person: ClipPerson, store: StageStore) -> None:
    still = presented(person, scene(), None, store, keep=True).still()
    assert still.shape == (SIZE[1], SIZE[0], 3)
    assert not (still == GREEN).all(axis=2).any()


def test_a_resting_picture_needs_no_words(person: ClipPerson, store: StageStore) -> None:
    presenter = presented(person, scene(), None, store)
    assert presenter.frame_count == 0
    assert list(presenter.frames([])) == []
    assert presenter.still().shape == (SIZE[1], SIZE[0], 3)


def test_other_scenes_meet_the_person_no_second_time(clip: Path, track: Soundtrack, store: StageStore) -> None:
    known = load_clip(clip, preset=Preset.FAST, engine="fake", lipsync=build, store=store, progress=SilentProgress())
    Counting.met = 0
    for start_s in (0.4, 0.8):
        list(presented(known, scene(start_s), track, store).frames([True] * FRAMES))
    assert Counting.met == 1
    list(presented(known, scene(0.8, Place.LEFT), track, store, keep=True).frames([True] * FRAMES))
    assert Counting.met == 1


def test_the_wrong_number_of_wishes_is_refused(person: ClipPerson, track: Soundtrack, store: StageStore) -> None:
    with pytest.raises(ValueError, match="wanted"):
        presented(person, scene(), track, store).frames([True])


def test_a_clip_without_anybody_is_refused(tmp_path: Path, store: StageStore) -> None:
    empty = write_clip(tmp_path / "empty.mp4", 10)
    with pytest.raises(FaceNotFound):
        load_clip(empty, preset=Preset.FAST, engine="fake", lipsync=build, store=store, progress=SilentProgress())


@pytest.mark.parametrize("start_s", [0.0, 0.52, 2.4, 7.3])
def test_scenes_that_begin_at_another_moment_show_another_frame(person: ClipPerson, start_s: float) -> None:
    plan = clip_plan(person, Fraction(4), start_s)
    assert len(plan) == 100
    assert plan[0] == round(start_s * 25) % CLIP_FRAMES
    assert plan.min() >= 0
    assert plan.max() < CLIP_FRAMES
    assert np.abs(np.diff(plan)).max() == 1


FIGURE = Figure(
    width=1080, height=720, eye_x=540, eye_y=260, face_left=450, face_right=630, face_height=240, left=200, top=100,
    right=880, bottom=720, top_cut=False, left_cut=False, right_cut=False,
)  # fmt: skip


@given(left=st.floats(-400, 700), top=st.floats(-300, 400), scale=st.floats(0.3, 4), width=st.integers(40, 1200))
def test_window_lies_within_clip_and_canvas(left: float, top: float, scale: float, width: int) -> None:
    window = ClipWindow.of(PhotoFit(640, 360, scale, left, top), width + 720, 800)
    (rows, columns), (down, across) = window.source, window.part
    assert 0 <= rows.start < rows.stop <= 800
    assert 0 <= columns.start < columns.stop <= width + 720
    assert 0 <= down.start < down.stop <= 360
    assert 0 <= across.start < across.stop <= 640


def test_a_person_whose_shoulders_are_cut_off_fades_at_the_sides_rather_than_filling_the_canvas() -> None:
    both = place_clip(_with_cuts(), ClipScene(1920, 1080, FPS, 1, Framing.WIDE, Place.CENTRE), keeps_background=False)
    free = place_clip(FIGURE, ClipScene(1920, 1080, FPS, 1, Framing.WIDE, Place.CENTRE), keeps_background=False)
    assert both.fit.scale == free.fit.scale
    assert "shoulders" in both.advice[-1]
    window = ClipWindow.of(both.fit, 1080, 720)
    fade = faded_sides(window.part, both.fit, _with_cuts())
    assert fade is not None
    assert fade[0] < 0.1
    assert fade[len(fade) // 2] == 1
    assert fade[-1] < 0.1
    assert faded_sides(window.part, both.fit, FIGURE) is None


def _with_cuts() -> Figure:
    return replace(FIGURE, left=0, right=1080, left_cut=True, right_cut=True)


def test_a_scene_of_another_rate_shows_the_clip_s_nearest_frames(
    person: ClipPerson, track: Soundtrack, store: StageStore
) -> None:
    other = replace(scene(frames=24), fps=Fraction(30))
    presenter = presented(person, other, track, store, keep=True)
    assert presenter.frame_count == 24
    assert len(list(presenter.frames([True] * 24))) == 24
    assert presenter.gap.argmax() / 30 == pytest.approx(reference(person, track, store), abs=1 / 25)


def reference(person: ClipPerson, track: Soundtrack, store: StageStore) -> float:
    presenter = presented(person, scene(), track, store, keep=True)
    list(presenter.frames([True] * FRAMES))
    return float(presenter.gap.argmax() / 25)


def test_a_clip_whose_background_is_blurred_stands_before_it(person: ClipPerson, store: StageStore) -> None:
    presenter = ClipPresenter(
        person,
        scene(),
        behind="blur",
        matter=Halves(),
        track=None,
        listener=RecordingToMouth(),
        store=store,
        progress=SilentProgress(),
    )
    blurred, sharp = presenter.still(), presented(person, scene(), None, store, keep=True).still()
    assert np.array_equal(blurred[:, :150], sharp[:, :150])
    assert not np.array_equal(blurred[:, 170:], sharp[:, 170:])
