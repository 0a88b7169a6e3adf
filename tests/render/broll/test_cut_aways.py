"""Cut-aways: pictures that the view wanders over evenly, and clips from their start."""

from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from skimage import data

from lipwright.errors import MediaUnreadable
from lipwright.render.broll.cut_away import open_cut_away
from lipwright.render.broll.focus import focus_of
from lipwright.render.broll.pan import View, between, pan, views
from lipwright.render.broll.sampling import RIM, sample_view
from support.drawn_video import draw, steady, write_video

FPS = Fraction(25)


def blobs(width: int, height: int) -> NDArray[np.uint8]:
    """Two soft dots on grey, the first red and the second blue."""
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    picture = np.full((height, width, 3), 40.0)
    for channel, (across, down) in ((0, (0.4, 0.45)), (2, (0.62, 0.56))):
        away = (x - across * width) ** 2 + (y - down * height) ** 2
        picture[..., channel] += 200 * np.exp(-away / (2 * (0.03 * width) ** 2))
    return picture.astype(np.uint8)


def dot(picture: NDArray[np.uint8], channel: int) -> NDArray[np.float64]:
    """Where a dot is: x and y."""
    light = np.clip(picture[..., channel].astype(float) - 60, 0, None)
    y, x = np.mgrid[: light.shape[0], : light.shape[1]]
    return np.array([(light * x).sum(), (light * y).sum()]) / light.sum()


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
@pytest.mark.parametrize("size", [(640, 360), (500, 500)])
def test_everything_moves_evenly_along_straight_lines(seed: int, size: tuple[int, int]) -> None:
    frames = list(pan(blobs(*size), 320, 180, FPS, 40, seed))
    for channel in (0, 2):
        way = np.array([dot(picture, channel) for picture in frames])
        steps = np.diff(way, axis=0)
        assert np.abs(np.diff(steps, axis=0)).max() < 0.04
        length = float(np.linalg.norm(way[-1] - way[0]))
        assert 1.0 < length < 80
        assert np.linalg.norm(steps, axis=1).sum() == pytest.approx(length, rel=0.03)


def test_slow_motion_does_not_breathe() -> None:
    noise = np.random.default_rng(5).integers(0, 256, (360, 640, 3), np.uint8)
    texture = np.asarray(cv2.GaussianBlur(noise, (0, 0), 0.6), np.uint8)
    frames = list(pan(texture, 320, 180, FPS, 60, 1))
    sharpness = np.array([np.abs(np.diff(picture[..., 1].astype(float), axis=1)).mean() for picture in frames])
    smooth = np.polyval(np.polyfit(np.arange(60), sharpness, 3), np.arange(60))
    assert np.abs(sharpness / smooth - 1).max() < 0.01


@given(
    st.tuples(st.integers(1, 4096), st.integers(1, 4096)),
    st.tuples(st.floats(0, 1), st.floats(0, 1)),
    st.sampled_from([16 / 9, 9 / 16, 1.0, 4.0]),
    st.floats(0.04, 600),
    st.integers(0, 2**32 - 1),
)
def test_views_lie_inside_the_picture_all_the_way(
    size: tuple[int, int], focus: tuple[float, float], shape: float, lasting_s: float, seed: int
) -> None:
    begin, end = views(size, focus, shape, lasting_s, seed)
    assert 1.02 < max(begin.width, end.width) / min(begin.width, end.width) < 1.16
    for share in (0, 0.3, 0.7, 1):
        view = between(begin, end, share)
        slack = 1e-6 * max(size)
        assert view.width / 2 - slack <= view.x <= size[0] - view.width / 2 + slack
        assert view.width / shape / 2 - slack <= view.y <= size[1] - view.width / shape / 2 + slack


def test_seeds_choose_between_nearer_and_farther() -> None:
    ways = {seed: views((1600, 900), (0.5, 0.5), 16 / 9, 5, seed) for seed in range(20)}
    assert {begin.width > end.width for begin, end in ways.values()} == {True, False}
    assert ways[3] == views((1600, 900), (0.5, 0.5), 16 / 9, 5, 3)


def test_a_view_at_whole_pixels_is_the_picture_itself() -> None:
    picture = np.random.default_rng(1).integers(0, 256, (40, 60, 3), np.uint8)
    view = np.empty((20, 30, 3), np.uint8)
    sample_view(np.ascontiguousarray(picture.transpose(1, 0, 2)), 7, 5, 1, 1, view)
    assert np.array_equal(view, picture[5:25, 7:37])


@settings(max_examples=40)
@given(st.floats(RIM, 12), st.floats(RIM, 12), st.floats(0.95, 1.16))
def test_a_ramp_is_sampled_exactly(left: float, top: float, step: float) -> None:
    x, y = np.meshgrid(np.arange(60), np.arange(50))
    picture = np.stack([4 * x, 4 * y, 2 * (x + y)], -1).astype(np.uint8)
    view = np.empty((20, 30, 3), np.uint8)
    sample_view(np.ascontiguousarray(picture.transpose(1, 0, 2)), left, top, step, step, view)
    across = left + (np.arange(30) + 0.5) * step - 0.5
    down = top + (np.arange(20) + 0.5) * step - 0.5
    assert np.abs(view[..., 0] - 4 * across).max() <= 1.01
    assert np.abs(view[..., 1] - 4 * down[:, None]).max() <= 1.01


def test_faces_are_kept_in_view() -> None:
    photo = np.ascontiguousarray(data.astronaut())
    tall = np.concatenate([photo, np.full((900, 512, 3), 90, np.uint8)])
    assert focus_of(tall)[1] < 0.15
    begin, end = views((512, 1412), focus_of(tall), 16 / 9, 8, 1)
    for view in (begin, end):
        assert view.y - view.width * 9 / 32 < 110  # the face is 60 to 180 px below the upper rim
        assert view.y + view.width * 9 / 32 > 200


def test_without_faces_what_stands_out_is_looked_at() -> None:
    picture = np.full((200, 600, 3), 120, np.uint8)
    picture[80:130, 430:480] = (230, 40, 40)
    x, y = focus_of(picture)
    assert 0.6 < x < 0.85
    assert 0.35 < y < 0.65


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1), (40, 30), (3001, 2001)])
def test_pictures_of_any_size_fill_every_frame(tmp_path: Path, size: tuple[int, int]) -> None:
    Image.new("RGB", size, (10, 200, 90)).save(tmp_path / "a.png")
    for shape in ((128, 72), (72, 128)):
        frames = list(open_cut_away(tmp_path / "a.png", *shape, FPS, 7, 1))
        assert len(frames) == 7
        for picture in frames:
            assert picture.shape == (shape[1], shape[0], 3)
            assert (picture == (10, 200, 90)).all()
    assert len(list(open_cut_away(tmp_path / "a.png", 128, 72, FPS, 1, 1))) == 1


def test_clip_is_seen_from_its_start_and_bounces(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", steady(3))
    frames = list(open_cut_away(path, 192, 128, FPS, 7, 1))
    shown = [sum(int(picture[16, (2 * bit + 1) * 12, 1] > 110) << bit for bit in range(8)) for picture in frames]
    assert shown == [0, 1, 2, 1, 0, 1, 2]


def test_broken_cut_away_is_told_at_once_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"nothing")
    with pytest.raises(MediaUnreadable, match=r"`desk\.mp4`"):
        open_cut_away(tmp_path / "x", 64, 64, FPS, 5, 1, name="desk.mp4")
    with pytest.raises(MediaUnreadable, match=str(tmp_path)):
        open_cut_away(tmp_path / "x", 64, 64, FPS, 5, 1)


def test_frames_belong_to_the_caller(tmp_path: Path) -> None:
    Image.fromarray(draw(5)).save(tmp_path / "a.png")
    frames = list(open_cut_away(tmp_path / "a.png", 96, 64, FPS, 3, 1))
    before = frames[1].copy()
    frames[0][:] = 0
    assert np.array_equal(frames[1], before)


def test_between_two_views_the_width_changes_by_the_same_factor() -> None:
    widths = [between(View(0, 0, 100), View(10, 0, 121), share).width for share in (0, 0.5, 1)]
    assert widths == pytest.approx([100, 110, 121])
