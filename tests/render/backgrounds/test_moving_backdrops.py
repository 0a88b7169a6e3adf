"""Clips and animations behind a person: by presentation time, forth and back, upright, and in bounded memory."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from lipwright.contracts.story import Background
from lipwright.errors import MediaTooLarge, MediaUnreadable
from lipwright.render.backgrounds import animation, reel
from lipwright.render.backgrounds.backdrop import Backdrop, open_backdrop
from lipwright.render.backgrounds.reel import Reel, Shot, play, units
from support.drawn_video import Kind, draw, steady, write_video
from support.vendor_openai import wav

FPS = Fraction(25)


def opened(path: Path, frames: int, *, fps: Fraction = FPS, size: tuple[int, int] = (192, 128)) -> Backdrop:
    background = Background(kind="file", value="sea.mp4")
    return open_backdrop(background, {"sea.mp4": path}, *size, fps, frames, None)


def number_in(picture: NDArray[np.uint8]) -> int:
    """Read the number that a drawn picture shows."""
    height, width = picture.shape[:2]
    return sum(int(picture[height // 8, (2 * bit + 1) * width // 16, 1] > 110) << bit for bit in range(8))


def numbers(backdrop: Backdrop) -> list[int]:
    assert backdrop.still is None
    return [number_in(picture) for picture in backdrop.frames()]


def test_clip_plays_from_its_start_and_begins_anew(tmp_path: Path) -> None:
    backdrop = opened(write_video(tmp_path / "a.mp4", steady(40)), 20)
    assert numbers(backdrop) == list(range(20))
    assert numbers(backdrop) == list(range(20))


def test_short_clip_plays_forth_and_back(tmp_path: Path) -> None:
    assert numbers(opened(write_video(tmp_path / "a.mp4", steady(5)), 14)) == [0, 1, 2, 3, 4, 3, 2, 1, 0, 1, 2, 3, 4, 3]


def test_one_picture_of_a_clip_stands_still(tmp_path: Path) -> None:
    assert numbers(opened(write_video(tmp_path / "a.mp4", steady(1)), 3)) == [0, 0, 0]


@pytest.mark.parametrize(
    ("rate", "wanted"),
    [
        (Fraction(50), [0, 2, 4, 6, 8, 10]),
        (Fraction(25, 2), [0, 0, 1, 1, 2, 2]),
        (Fraction(30), [0, 1, 2, 4, 5, 6]),
        (Fraction(25_000, 1001), [0, 1, 2, 3, 4, 5]),
    ],
)
def test_pictures_come_at_their_own_times(tmp_path: Path, rate: Fraction, wanted: list[int]) -> None:
    assert numbers(opened(write_video(tmp_path / "a.mp4", steady(30, rate)), 6)) == wanted


def test_variable_rate_is_followed_by_its_times(tmp_path: Path) -> None:
    times = [Fraction(n, 100) for n in (0, 4, 8, 20, 24, 28, 32)]
    assert numbers(opened(write_video(tmp_path / "a.mp4", times), 7)) == [0, 1, 2, 2, 2, 3, 4]


def test_clip_is_turned_upright(tmp_path: Path) -> None:
    upright = [draw(number) for number in range(3)]
    stored = [np.ascontiguousarray(np.rot90(image)) for image in upright]
    path = write_video(tmp_path / "a.mp4", steady(3), Kind(rotation=-90), stored)
    assert numbers(opened(path, 3)) == [0, 1, 2]


@pytest.mark.parametrize("size", [(320, 180), (90, 160), (50, 50), (96, 64)])
def test_clip_covers_any_shape_without_distortion(tmp_path: Path, size: tuple[int, int]) -> None:
    x, y = np.meshgrid(np.arange(300), np.arange(200))
    disc = (((x - 150) ** 2 + (y - 100) ** 2 < 50**2) * 200 + 20).astype(np.uint8)
    path = write_video(tmp_path / "a.mp4", steady(2), images=[np.dstack([disc] * 3)] * 2)
    for picture in opened(path, 2, size=size).frames():
        assert picture.shape == (size[1], size[0], 3)
        rows, columns = np.nonzero(picture[..., 1] > 120)
        assert np.ptp(columns) == pytest.approx(np.ptp(rows), rel=0.02, abs=1)
        assert columns.mean() == pytest.approx((size[0] - 1) / 2, abs=1)
        assert rows.mean() == pytest.approx((size[1] - 1) / 2, abs=1)


def test_clip_of_odd_sides_covers_too(tmp_path: Path) -> None:
    images = [np.ascontiguousarray(draw(number)[:63, :95]) for number in range(2)]
    path = write_video(tmp_path / "a.mp4", steady(2), Kind(pixel_format="yuv444p"), images)
    assert [picture.shape for picture in opened(path, 2, size=(100, 80)).frames()] == [(80, 100, 3)] * 2


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.mov", Kind("qtrle", "argb", {})),
        ("a.mov", Kind("prores_ks", "yuva444p10le", {"profile": "4444"})),
        ("a.webm", Kind("libvpx-vp9", "yuva420p", {"cpu-used": "8", "deadline": "realtime"})),
        ("a.webm", Kind("libvpx", "yuva420p", {"cpu-used": "8", "auto-alt-ref": "0"})),
    ],
    ids=["animation", "prores", "vp9", "vp8"],
)
def test_transparent_parts_of_a_clip_lie_on_grey(tmp_path: Path, name: str, kind: Kind) -> None:
    images = []
    for number in range(4):
        rgba = np.dstack([draw(number), np.full((64, 96), 255, np.uint8)])
        rgba[32:, :48, 3] = 0
        images.append(av.VideoFrame.from_ndarray(rgba, format="rgba").reformat(format=kind.pixel_format))
    backdrop = opened(write_pictures(tmp_path / name, kind, images), 7, size=(96, 64))
    assert numbers(backdrop) == [0, 1, 2, 3, 2, 1, 0]
    for picture in backdrop.frames():
        assert np.abs(picture[36:60, 4:40].astype(int) - 128).max() <= 3
        assert np.ptp(picture[36:60, 56:90, 1].astype(int)) > 5


@pytest.mark.parametrize("ending", ["gif", "webp", "png"])
def test_animation_plays_by_its_own_times(tmp_path: Path, ending: str) -> None:
    images = [Image.fromarray(draw(number)) for number in range(4)]
    path = tmp_path / f"a.{ending}"
    images[0].save(path, save_all=True, append_images=images[1:], duration=[40, 120, 40, 40], loop=0)
    assert numbers(opened(path, 9)) == [0, 1, 1, 1, 2, 3, 2, 1, 1]


def test_hurried_animation_is_shown_as_browsers_do(tmp_path: Path) -> None:
    images = [Image.fromarray(draw(number)) for number in range(2)]
    images[0].save(tmp_path / "a.gif", save_all=True, append_images=images[1:], duration=0)
    assert numbers(opened(tmp_path / "a.gif", 4, fps=Fraction(20))) == [0, 0, 1, 1]


def test_huge_animation_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    images = [Image.fromarray(draw(number)) for number in range(4)]
    images[0].save(tmp_path / "a.gif", save_all=True, append_images=images[1:])
    monkeypatch.setattr(animation, "MOST_PIXELS", 3 * 96 * 64)
    with pytest.raises(MediaTooLarge, match=r"`sea\.mp4`"):
        opened(tmp_path / "a.gif", 4)


def test_damage_further_on_is_told_by_the_scripts_name(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", steady(10))
    backdrop = opened(path, 10)
    path.write_bytes(b"")
    with pytest.raises(MediaUnreadable, match=r"`sea\.mp4`"):
        list(backdrop.frames())


def test_sound_alone_is_no_background(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(wav(np.zeros(8000, np.float32)))
    with pytest.raises(MediaUnreadable, match=r"`sea\.mp4`.*Clips may be"):
        opened(path, 3)


def write_pictures(path: Path, kind: Kind, pictures: list[av.VideoFrame]) -> Path:
    """Encode pictures that are in the pixel format already, 25 a second."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(kind.codec, rate=25, options=kind.options)
        stream.width, stream.height, stream.pix_fmt = pictures[0].width, pictures[0].height, kind.pixel_format
        for picture in pictures:
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return path


class Counted(Reel):
    """A reel of numbers that knows how many it was asked to keep."""

    def __init__(self, count: int, fps: Fraction) -> None:
        self.duration_s = count / fps
        self.shot_bytes = reel.KEPT_BYTES // 6
        self.kept = self.most_kept = 0
        self._count, self._fps = count, fps

    def numbers(self, moments: NDArray[np.int64], unit_s: Fraction) -> NDArray[np.int64]:
        return np.minimum(units(moments, unit_s, self._fps), self._count - 1)

    @contextmanager
    def opened(self) -> Iterator[Callable[[int], Shot]]:
        def read(number: int) -> Shot:
            return Kept(self, number)

        yield read


class Kept:
    """One number, counted as long as somebody keeps it."""

    def __init__(self, owner: Counted, number: int) -> None:
        self._owner, self._number = owner, number
        owner.kept += 1
        owner.most_kept = max(owner.most_kept, owner.kept)

    def __call__(self) -> NDArray[np.uint8]:
        return np.array([self._number], np.uint8)

    def __del__(self) -> None:
        self._owner.kept -= 1


RATES = st.sampled_from([Fraction(24), Fraction(25), Fraction(30), Fraction(30_000, 1001), Fraction(60), Fraction(12)])


@given(st.integers(1, 200), RATES, RATES, st.integers(0, 500))
def test_play_gives_just_as_many_pictures_and_jumps_nowhere(
    count: int, own: Fraction, fps: Fraction, frames: int
) -> None:
    counted = Counted(count, own)
    shown = [int(picture[0]) for picture in play(counted, fps, frames)]
    assert len(shown) == frames
    if shown:
        assert shown[0] <= own / fps
        assert np.abs(np.diff(shown)).max(initial=0) <= np.ceil(own / fps)
        if frames > 2 * max(round(count / own * fps), 1):
            assert max(shown) >= count - 1 - np.ceil(own / fps)
    assert counted.most_kept <= 8
    assert counted.kept == 0
