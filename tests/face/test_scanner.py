from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from lipwright.contracts.footage import YuvFrame
from lipwright.face.scan_window import ScanWindow
from lipwright.face.scanner import FaceScanner
from lipwright.face.tracks import ClipFaces
from lipwright.face.visibility import NO_FACE, visibility
from support.scenes import moved, view, yuv_of
from support.talking import close_up

FPS = Fraction(25)


@pytest.fixture(scope="module")
def stage() -> NDArray[np.uint8]:
    """A face, 105 px wide, in the middle of a wider picture."""
    wide = view(7, 480, 320)
    wide[32:288, 112:368] = close_up()
    return wide


def wandering(stage: NDArray[np.uint8], count: int, hidden: range = range(0)) -> Iterator[YuvFrame]:
    """The face moves and turns; in some frames a board stands before it, which rises and falls."""
    for frame in range(count):
        picture = moved(stage, 30 * np.sin(frame / 9), 8 * np.cos(frame / 7), 8 * np.sin(frame / 11))
        if hidden:
            outside = max(hidden.start - frame, frame - hidden.stop + 1, 0)
            picture[min(80 + 48 * outside, 320) :, 140:340] = 128
        yield yuv_of(picture)


def faces_of(*windows: ScanWindow) -> ClipFaces:
    return ClipFaces.of(windows, FPS)


def test_a_moving_face_is_one_track(stage: NDArray[np.uint8]) -> None:
    faces = faces_of(FaceScanner(FPS).scan(wandering(stage, 30)))
    assert len(faces.shots) == len(faces.tracks) == 1
    track = faces.tracks[0]
    assert (track.first_frame, track.end_frame, track.person) == (0, 30, 1)
    assert track.features.presence.min() > 0.9
    path = np.array([30 * np.sin(f / 9) for f in range(30)])
    assert np.corrcoef(track.features.centre[:, 0], path)[0, 1] > 0.99


def test_a_face_upside_down_is_followed_upside_down(stage: NDArray[np.uint8]) -> None:
    pictures = [moved(stage, 2 * frame, 0) for frame in range(4)]
    (upright,) = faces_of(FaceScanner(FPS).scan(map(yuv_of, pictures))).tracks
    turned = [np.ascontiguousarray(picture[::-1, ::-1]) for picture in pictures]
    (track,) = faces_of(FaceScanner(FPS).scan(map(yuv_of, turned))).tracks
    assert np.abs(upright.features.roll_degrees).max() < 10
    assert np.abs(track.features.roll_degrees).min() > 170
    there = (stage.shape[1] - 1, stage.shape[0] - 1) - upright.read(3, 4).points[0, :, :2]
    eyes_px = float(np.nanmedian(upright.features.eye_distance_px))
    assert np.linalg.norm(track.read(3, 4).points[0, :, :2] - there, axis=1).max() < 0.05 * eyes_px


@pytest.mark.parametrize("step_px", [25, 50])
def test_a_face_that_rushes_past_in_a_blur_is_one_track(step_px: int) -> None:
    wide = view(7, 900, 320)
    wide[32:288, 20:276] = close_up()
    blurred = (cv2.blur(moved(wide, step_px * frame, 0), (step_px // 2, 1)) for frame in range(12))
    faces = faces_of(FaceScanner(FPS).scan(yuv_of(np.asarray(picture, np.uint8)) for picture in blurred))
    assert [(track.first_frame, track.end_frame) for track in faces.tracks] == [(0, 12)]


def test_a_face_that_is_hidden_for_a_moment_stays_the_same_one(stage: NDArray[np.uint8]) -> None:
    faces = faces_of(FaceScanner(FPS).scan(wandering(stage, 36, range(15, 21))))
    (track,) = faces.tracks
    absent = np.flatnonzero(track.features.presence == 0)
    assert set(range(15, 21)) <= set(absent.tolist()) <= set(range(10, 26))
    assert np.isnan(track.read(16, 17).points).all()
    seen = visibility(track.features, FPS, enters=False, leaves=False)
    assert set(seen.reason[absent]) == {NO_FACE}


def test_a_face_that_is_gone_for_long_comes_back_as_another_track_of_one_person(stage: NDArray[np.uint8]) -> None:
    faces = faces_of(FaceScanner(FPS).scan(wandering(stage, 60, range(12, 36))))
    assert [track.person for track in faces.tracks] == [1, 1]
    assert faces.tracks[0].end_frame <= 13
    assert faces.tracks[1].first_frame >= 36


def test_a_cut_divides_what_was_followed_through_it(stage: NDArray[np.uint8]) -> None:
    other = view(8, 480, 320)
    other[32:288, 112:368] = moved(close_up(), 3, 2)[:, ::-1]
    frames = [*wandering(stage, 16), *wandering(other, 16)]
    faces = faces_of(FaceScanner(FPS).scan(frames))
    assert [(shot.first_frame, shot.end_frame) for shot in faces.shots] == [(0, 16), (16, 32)]
    assert [(track.shot, track.first_frame, track.end_frame) for track in faces.tracks] == [(0, 0, 16), (1, 16, 32)]


def test_a_face_that_leaves_the_picture_says_so(stage: NDArray[np.uint8]) -> None:
    faces = faces_of(FaceScanner(FPS).scan(yuv_of(moved(stage, 8 * frame, 0)) for frame in range(34)))
    inside = faces.tracks[0].features.lips_inside
    assert inside[0] > 1
    assert inside[-1] < 0.1
    assert np.diff(inside).max() < 0.1


def test_two_faces_keep_apart(stage: NDArray[np.uint8]) -> None:
    both = np.concatenate([stage, stage[:, ::-1]], axis=1)
    faces = faces_of(FaceScanner(FPS).scan(yuv_of(moved(both, frame, 0)) for frame in range(12)))
    assert [len(track) for track in faces.tracks] == [12, 12]
    assert {track.person for track in faces.tracks} == {1, 2}


def test_a_tiny_face_is_only_noted() -> None:
    small = np.ascontiguousarray(data.astronaut()[::2, ::2])
    faces = faces_of(FaceScanner(FPS).scan(yuv_of(small) for _ in range(3)))
    assert faces.tracks == ()
    assert len(faces.small_faces) == 1
    assert 30 < faces.small_faces[0] < 64


def test_a_picture_without_people_has_no_tracks() -> None:
    faces = faces_of(FaceScanner(FPS).scan(yuv_of(view(3)) for _ in range(4)))
    assert (faces.tracks, faces.small_faces, faces.frame_count) == ((), (), 4)


def test_no_frames_at_all_will_do() -> None:
    faces = faces_of(FaceScanner(FPS).scan([]))
    assert (faces.tracks, faces.frame_count) == ((), 0)


def test_odd_sides_in_full_chroma_will_do(stage: NDArray[np.uint8]) -> None:
    y = yuv_of(stage).y[:319, :479].copy()
    grey = np.full_like(y, 128)
    faces = faces_of(FaceScanner(FPS).scan(YuvFrame(y.copy(), grey, grey) for _ in range(3)))
    assert len(faces.tracks) == 1


@pytest.mark.parametrize("cut_at", [(11,), (1, 13, 14), (15, 22)])
def test_windows_that_are_stored_and_resumed_equal_an_unbroken_scan(
    stage: NDArray[np.uint8], tmp_path: Path, cut_at: tuple[int, ...]
) -> None:
    frames = [*wandering(stage, 14, range(7, 9)), *wandering(moved(stage, 12, 4, 20)[:, ::-1], 16)]
    unbroken = FaceScanner(FPS).scan(frames)
    windows: list[ScanWindow] = []
    for number, (start, end) in enumerate(zip((0, *cut_at), (*cut_at, 30), strict=True)):
        folder = tmp_path / str(number)
        folder.mkdir()
        FaceScanner(FPS, windows[-1].state if windows else None).scan(frames[start:end]).save(folder)
        windows.append(ScanWindow.load(folder))

    one, other = faces_of(unbroken), faces_of(*windows)
    assert one.shots == other.shots
    assert len(one.shots) == 2
    assert [(t.shot, t.person, t.first_frame) for t in one.tracks] == [
        (t.shot, t.person, t.first_frame) for t in other.tracks
    ]
    for whole, joined in zip(one.tracks, other.tracks, strict=True):
        np.testing.assert_array_equal(whole.features.values, joined.features.values)
        start, end = whole.first_frame, whole.end_frame
        np.testing.assert_array_equal(whole.read(start, end).points, joined.read(start, end).points)
        np.testing.assert_array_equal(whole.read(start + 3, end - 2).points, joined.read(start + 3, end - 2).points)


def test_one_scanner_goes_on_by_itself_and_writes_the_same_bytes_again(
    stage: NDArray[np.uint8], tmp_path: Path
) -> None:
    frames = list(wandering(stage, 8))
    names = ("window.npz", "state.npz", "points.npy")
    written = []
    for run in ("first", "second"):
        scanner = FaceScanner(FPS)
        scanner.scan(frames[:5])
        folder = tmp_path / run
        folder.mkdir()
        scanner.scan(frames[5:]).save(folder)
        written.append([(folder / name).read_bytes() for name in names])
    assert written[0] == written[1]
