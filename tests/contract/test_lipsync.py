"""What every lip-sync engine must do, the fake first: a drawn person speaks, and each engine gives them other words."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lipwright.contracts.lipsync import DrawnFace, FaceFrame
from lipwright.face.matte import PersonMatte
from lipwright.face.select import find_face
from lipwright.media.image import flatten, load_image
from lipwright.motion.shapes import load_shape_basis
from lipwright.pipeline.stages.prepare import set_scene
from lipwright.render.lipsync.base import LipSyncer, LipSyncSession
from lipwright.render.lipsync.runner import draw_stretch
from lipwright.render.portrait.portrait import Portrait
from lipwright.settings import Settings
from lipwright.wiring.capabilities import EMBEDDED_LIPSYNC
from lipwright.wiring.engines import build_lipsyncer
from support.rewriting import Talker, filmed, window_of

NAMES = sorted(EMBEDDED_LIPSYNC, key=lambda name: name != "fake")
READ_AHEAD_S = 3
"""An engine that streams holds no more than so much of a clip."""
GAPS = 0.06 * (1 - np.cos(np.arange(24) * 2 * np.pi / 8))


@pytest.fixture(scope="module")
def talker(drawn_portrait: Path) -> Talker:
    photo = flatten(load_image(drawn_portrait))
    mesh = find_face(photo, drawn_portrait.name)
    scene = set_scene(photo, PersonMatte().matte(photo, mesh), "keep", mesh.eye_distance_px)
    time = np.arange(40)
    return filmed(Portrait(scene, mesh, load_shape_basis(), seed=1), 0.06 * (1 - np.cos(time * 2 * np.pi / 10)))


@pytest.fixture(scope="module", params=NAMES)
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> LipSyncer:
    return build_lipsyncer(Settings(cache_dir=tmp_path_factory.mktemp("cache")), request.param)


@pytest.fixture(scope="module")
def session(engine: LipSyncer, talker: Talker) -> LipSyncSession:
    return engine.begin(talker.frames if engine.needs.exemplars else ())


def run(
    session: LipSyncSession, engine: LipSyncer, frames: Iterator[FaceFrame], gaps: NDArray[np.float64]
) -> list[DrawnFace | None]:
    drawn = list(draw_stretch(session, engine.needs, window_of(frames, gaps), pytest.fail))
    assert [number for number, _ in drawn] == list(range(len(gaps)))
    return [face for _, face in drawn]


def test_engine_says_what_it_is(engine: LipSyncer) -> None:
    assert EMBEDDED_LIPSYNC[engine.name].endswith(f":{type(engine).__name__}")
    assert engine.version >= 1
    assert engine.needs.chunk_frames >= 1
    assert type(engine).__doc__ is not None
    assert "Apache-2.0" in type(engine).__doc__


def test_every_frame_is_drawn_at_its_size_and_left_unchanged(
    engine: LipSyncer, session: LipSyncSession, talker: Talker
) -> None:
    given = [replace(frame, image=frame.image.copy()) for frame in talker.frames[:24]]
    for frame in given:
        frame.image.flags.writeable = False
    for frame, before, face in zip(given, talker.frames, run(session, engine, iter(given), GAPS), strict=False):
        assert face is not None
        assert (face.image.shape, face.image.dtype) == (before.image.shape, np.uint8)
        assert not np.shares_memory(face.image, frame.image)
        np.testing.assert_array_equal(frame.image, before.image)
        assert np.isnan(face.gap) or -0.01 < face.gap < 0.5


def test_mouth_changes_and_the_edge_of_the_picture_does_not(
    engine: LipSyncer, session: LipSyncSession, talker: Talker
) -> None:
    for before, face in zip(talker.frames, run(session, engine, iter(talker.frames[:24]), GAPS), strict=False):
        assert face is not None
        changed = (face.image != before.image).any(axis=2)
        assert changed.any()
        top = int(before.points[[159, 386], 1].min())
        assert not changed[:top].any()
        assert not changed[:, [0, -1]].any()


def test_frames_of_weight_zero_stay_as_they_are(engine: LipSyncer, session: LipSyncSession, talker: Talker) -> None:
    weights = np.ones(24)
    weights[8:12] = 0
    for number, face in enumerate(run(session, engine, talker.weighted(weights), GAPS)):
        assert (face is None) == (weights[number] == 0)


def test_the_same_window_gives_the_same_pixels(engine: LipSyncer, session: LipSyncSession, talker: Talker) -> None:
    def pixels() -> list[bytes]:
        faces = run(session, engine, iter(talker.frames[:24]), GAPS)
        return [face.image.tobytes() for face in faces if face is not None]

    once = pixels()
    run(session, engine, iter(talker.frames[5:15]), GAPS[5:15])
    assert pixels() == once


def test_engine_without_a_longest_window_streams(engine: LipSyncer, session: LipSyncSession, talker: Talker) -> None:
    if engine.needs.longest_window_s is not None:
        pytest.skip(f"the engine {engine.name} takes whole windows of {engine.needs.longest_window_s} s")
    read = 0
    count = 4 * READ_AHEAD_S * 25

    def frames() -> Iterator[FaceFrame]:
        nonlocal read
        for number in range(count):
            read += 1
            yield talker.frames[number % len(talker.frames)]

    drawing = draw_stretch(session, engine.needs, window_of(frames(), np.resize(GAPS, count)), pytest.fail)
    next(drawing)
    assert read < READ_AHEAD_S * 25
    drawing.close()


def test_one_frame_is_a_stretch(engine: LipSyncer, session: LipSyncSession, talker: Talker) -> None:
    (face,) = run(session, engine, iter(talker.frames[:1]), np.array([0.1]))
    assert face is not None
    assert (face.image != talker.frames[0].image).any()
