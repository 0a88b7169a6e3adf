"""Looks of a mouth: what is done to a picture on purpose is measured at its size, after encoding as before."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lipwright.contracts.face import FaceMesh
from lipwright.contracts.footage import YuvFrame
from lipwright.media.segment import SegmentWriter
from lipwright.quality.alike import AlikeCoder
from lipwright.quality.matched import MatchedRatio, matched_ratio
from lipwright.quality.mouth import Floats
from lipwright.quality.mouth_box import PARTS
from lipwright.quality.mouth_meter import COLUMNS, MouthMeter
from lipwright.quality.source_mouth import SourceMouth
from lipwright.quality.x264_settings import x264_settings
from support.clips import write_timed_clip
from support.faces import placed

FPS = Fraction(25)
SIDE_PX, EYES_PX = 256, 100
FRAMES = 80
STILL = np.zeros(FRAMES)

Luma = NDArray[np.uint8]
Change = Callable[[int, NDArray[np.float32]], NDArray[np.float32]]


def blurred(sigma_px: float) -> Change:
    return lambda _number, luma: np.asarray(cv2.GaussianBlur(luma, (0, 0), sigma_px), np.float32)


def smaller(_number: int, luma: NDArray[np.float32]) -> NDArray[np.float32]:
    half = cv2.resize(luma, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(half, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_CUBIC), np.float32)


def noisy(number: int, luma: NDArray[np.float32]) -> NDArray[np.float32]:
    return luma + np.random.default_rng(number).normal(0, 2, luma.shape).astype(np.float32)


def flickering(number: int, luma: NDArray[np.float32]) -> NDArray[np.float32]:
    return luma + (1 if number % 2 else -1)


def unchanged(_number: int, luma: NDArray[np.float32]) -> NDArray[np.float32]:
    return luma


def skin() -> NDArray[np.float32]:
    """As much detail at each size, like a photo, and a few levels of it."""
    draws = np.random.default_rng(0)
    found = np.full((SIDE_PX, SIDE_PX), 120, np.float32)
    for step in (1, 2, 4, 8, 16):
        rough = draws.normal(0, 2.2 * step**0.7, (SIDE_PX // step, SIDE_PX // step)).astype(np.float32)
        found += cv2.resize(rough, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_CUBIC)
    return np.asarray(cv2.GaussianBlur(found, (0, 0), 0.8), np.float32)


def speaking(drops_px: Floats, change: Change = unchanged) -> tuple[list[Luma], list[FaceMesh]]:
    """A face that sways while everything below its lips goes down by so much, and its mesh."""
    texture, mesh = skin(), placed(0, 0, 0, scale=EYES_PX, at=(SIDE_PX / 2, 90))
    line, middle = float(mesh.points[[13, 14], 1].mean()), float(mesh.points[[13, 14], 0].mean())
    rows, columns = np.mgrid[0:SIDE_PX, 0:SIDE_PX].astype(np.float32)

    def share(x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[np.float32]:
        below = np.clip((y - line) / 12 + 0.5, 0, 1)
        return np.asarray(below * np.exp(-np.square((x - middle) / (0.5 * EYES_PX))), np.float32)

    pictures, meshes = [], []
    for number, opening in enumerate(drops_px):
        across, drop = np.float32(3 * np.sin(number / 9)), np.float32(opening)
        opened = cv2.remap(texture, columns - across, rows - drop * share(columns - across, rows), cv2.INTER_CUBIC)
        pictures.append(np.clip(np.rint(change(number, opened)), 16, 235).astype(np.uint8))
        points = mesh.points.copy()
        points[:, 1] += drop * share(points[:, 0], points[:, 1])
        points[:, 0] += across
        meshes.append(FaceMesh(points.astype(np.float32), 1.0))
    return pictures, meshes


def frame(luma: Luma) -> YuvFrame:
    grey = np.full((SIDE_PX // 2, SIDE_PX // 2), 128, np.uint8)
    return YuvFrame(luma, grey, grey.copy())


@pytest.fixture(scope="module")
def encoded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The face, as every finished video is encoded."""
    path = tmp_path_factory.mktemp("looks") / "face.mp4"
    with SegmentWriter(path, SIDE_PX, SIDE_PX, FPS) as writer:
        for luma in speaking(STILL)[0]:
            writer.write(frame(luma))
    return path


@pytest.fixture(scope="module")
def settings(encoded: Path) -> str:
    found = x264_settings(encoded)
    assert found is not None
    return found


def measured(pictures: Sequence[Luma], meshes: Sequence[FaceMesh], settings: str | None) -> dict[str, Floats]:
    source = SourceMouth(FPS, settings)
    for number, (luma, mesh) in enumerate(zip(pictures, meshes, strict=True)):
        source.look(number, frame(luma), mesh, goes_on=number > 0, untouched=False)
    source.finish()
    return {name: source.ledger[name] for name in COLUMNS}


def test_pictures_encoded_alike_are_those_of_the_file(encoded: Path, settings: str) -> None:
    from lipwright.media.footage import read_footage
    from lipwright.quality.pairs import footage_of

    coder, found = AlikeCoder(settings, FPS), []
    for luma in speaking(STILL)[0]:
        found += list(coder.give(frame(luma)))
    found += list(coder.rest())
    stored = [one.y for one in read_footage(footage_of(encoded))]
    assert len(found) == len(stored) == FRAMES
    assert all(np.array_equal(one, other) for one, other in zip(found, stored, strict=True))


def test_videos_of_other_encoders_have_no_settings(tmp_path: Path) -> None:
    assert x264_settings(write_timed_clip(tmp_path / "clip.mp4", [0, 40, 80])) is not None
    plain = tmp_path / "plain.avi"
    ok = cv2.VideoWriter(str(plain), cv2.VideoWriter_fourcc(*"MJPG"), 25, (64, 64))
    ok.write(np.zeros((64, 64, 3), np.uint8))
    ok.release()
    assert x264_settings(plain) is None


@pytest.mark.parametrize(
    ("change", "least", "most"),
    [
        (blurred(0.5), 0.82, 0.95),
        (blurred(1), 0.4, 0.7),
        (blurred(2), 0.1, 0.4),
        (smaller, 0.65, 0.9),
        (noisy, 1.03, 1.6),
    ],
    ids=["blur of .5 px", "blur of 1 px", "blur of 2 px", "half the size", "noise of 2 levels"],
)  # fmt: skip
def test_change_of_sharpness_is_seen_after_encoding(settings: str, change: Change, least: float, most: float) -> None:
    (pictures, meshes), (worse, _) = speaking(STILL), speaking(STILL, change)
    true, seen = (
        float(np.median(measured(worse, meshes, by)["sharp"] / measured(pictures, meshes, by)["sharp"]))
        for by in (None, settings)
    )
    assert least < true < most
    assert seen == pytest.approx(true, abs=0.12)


def test_flicker_of_two_levels_is_seen(settings: str) -> None:
    (pictures, meshes), (worse, _) = speaking(STILL), speaking(STILL, flickering)
    steady, trembling = (measured(one, meshes, settings) for one in (pictures, worse))
    for part in ("lips", "skin"):
        assert np.nanmean(trembling[f"change_{part}"]) > 3 * np.nanmean(steady[f"change_{part}"])


def test_faster_mouth_of_the_same_face_is_as_lively_at_like_motion() -> None:
    times = np.arange(FRAMES)
    slow, fast = 6 * np.square(np.sin(times / 5)), 9 * np.square(np.sin(times / 3.1))
    found = {part: compared(fast, slow, part) for part in PARTS}
    assert found["lips"].plain > 1.4
    assert found["lips"].alike == pytest.approx(1, abs=0.15)
    trembling = compared(fast, slow, "lips", flickering)
    assert trembling.alike > found["lips"].alike + 0.1


def compared(drops_px: Floats, origin_px: Floats, part: str, change: Change = unchanged) -> MatchedRatio:
    shown, origin = measured(*speaking(drops_px, change), None), measured(*speaking(origin_px), None)
    did = [np.log(np.stack([one[f"motion_{part}"] + 0.5, one["lip_speed"] + 0.03], axis=1)) for one in (shown, origin)]
    everywhere = np.ones(FRAMES, np.bool_)
    found = matched_ratio(
        shown[f"change_{part}"], did[0], origin[f"change_{part}"], did[1], everywhere, np.arange(FRAMES), 0.1
    )
    assert found is not None
    return found


def test_rows_stay_beside_their_frames(settings: str) -> None:
    pictures, meshes = speaking(STILL)
    source = SourceMouth(FPS, settings)
    for number in range(30):
        there = None if 10 <= number < 14 else frame(pictures[number])
        mesh = None if number == 20 else meshes[number]
        source.look(number, there, mesh, goes_on=number != 14, untouched=number == 25)
    source.finish()
    assert np.flatnonzero(np.isnan(source.ledger["sharp"])).tolist() == [10, 11, 12, 13, 20]
    assert np.flatnonzero(np.isnan(source.ledger["change_skin"])).tolist() == [0, 10, 11, 12, 13, 14, 20, 21]
    itself = MouthMeter(25).look(25, pictures[25], meshes[25], meshes[25], goes_on=False)
    assert source.ledger["sharp"][25] == pytest.approx(itself["sharp"])
