"""What stands behind a person: colours, gradients, pictures of every kind, and what is refused."""

import struct
import zlib
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
from lipwright.errors import (
    LipwrightError,
    MediaNotFound,
    MediaTooLarge,
    MediaUnreadable,
    ProviderUnavailable,
    RateLimited,
    UsageError,
)
from lipwright.media.writer import VideoFormat, VideoWriter
from lipwright.render.backgrounds.backdrop import Backdrop, open_backdrop
from lipwright.render.backgrounds.base import ImageEngine
from lipwright.render.backgrounds.cover import covered, middle_part
from lipwright.render.backgrounds.fake import FakePainter
from lipwright.render.backgrounds.gradient import NAMED, draw_gradient

FPS = Fraction(25)
GREY = 128


def opened(
    kind: str, value: str, path: Path | None = None, *, size: tuple[int, int] = (96, 64), frames: int = 5,
    engine: ImageEngine | None = None,
) -> Backdrop:  # fmt: skip
    background = Background.model_validate({"kind": kind, "value": value})
    return open_backdrop(background, {value: path} if path else {}, *size, FPS, frames, engine)


def still(path: Path, size: tuple[int, int] = (96, 64)) -> NDArray[np.uint8]:
    picture = opened("file", "wall.png", path, size=size).still
    assert picture is not None
    assert picture.shape == (size[1], size[0], 3)
    return picture


def halves() -> NDArray[np.uint8]:
    """Red on the left, blue on the right, green above."""
    picture = np.zeros((120, 180, 3), np.uint8)
    picture[:, :90, 0], picture[:, 90:, 2], picture[:20, :, 1] = 200, 200, 200
    return picture


def test_colour_is_itself_in_every_frame() -> None:
    backdrop = opened("colour", "#0b3d5c")
    assert backdrop.still is not None
    assert (backdrop.still == (0x0B, 0x3D, 0x5C)).all()
    for _ in range(2):
        assert [picture is backdrop.still for picture in backdrop.frames()] == [True] * 5


@pytest.mark.parametrize("value", ["blue", "#12345", "", "#0b3d5c,#ffffff"])
def test_what_is_no_colour_is_refused(value: str) -> None:
    with pytest.raises(UsageError, match="no colour"):
        opened("colour", value)


@pytest.mark.parametrize("name", NAMED)
def test_named_gradient_is_lighter_about_the_head_than_in_its_lower_corners(name: str) -> None:
    picture = draw_gradient(name, 160, 90).astype(float)
    assert np.array_equal(picture, draw_gradient(name, 160, 90))
    across = picture[50:].mean(axis=(0, 2))
    assert across[70:90].mean() > across[-10:].mean() - 12  # dusk and dawn get lighter to the right


def test_gradient_runs_from_its_first_colour_to_its_last() -> None:
    picture = draw_gradient("#ff0000, #00ff00, #0000ff", 90, 160).astype(float)
    assert [int(picture[rows].mean(axis=(0, 1)).argmax()) for rows in (slice(12), slice(74, 86), slice(-12, None))] == [
        0,
        1,
        2,
    ]


@pytest.mark.parametrize("value", ["duskk", "#ffffff", "#fff,#000", "#111111,#222222,#333333,#444444", ""])
def test_what_is_no_gradient_is_refused_with_what_is(value: str) -> None:
    with pytest.raises(UsageError, match="studio, slate, dusk"):
        opened("gradient", value)


def test_misspelt_gradient_is_recognised() -> None:
    with pytest.raises(UsageError, match="Did you mean `dusk`"):
        opened("gradient", "duskk")


def test_gradient_keeps_no_bands_when_it_is_encoded(tmp_path: Path) -> None:
    drawn = draw_gradient("night", 640, 360)
    with VideoWriter(tmp_path / "a.mp4", VideoFormat(640, 360, FPS)) as writer:
        for _ in range(5):
            writer.write(drawn.copy())
    with av.open(str(tmp_path / "a.mp4")) as container:
        seen = [picture.to_ndarray()[:360].astype(float) for picture in container.decode(video=0)][-1]
    wanted = 16 + 219 / 255 * drawn @ np.array([0.2126, 0.7152, 0.0722])
    off = (seen - wanted).reshape(18, 20, 32, 20).mean(axis=(1, 3))
    assert np.abs(off - off.mean()).max() < 0.5


@given(
    st.tuples(st.integers(1, 5000), st.integers(1, 5000)),
    st.tuples(st.integers(2, 2000), st.integers(2, 2000)),
    st.sampled_from([1, 2]),
)
def test_the_covering_part_lies_inside_and_touches_two_sides(
    size: tuple[int, int], shape: tuple[int, int], step: int
) -> None:
    left, top, width, height = middle_part(size, shape, step)
    assert left >= 0
    assert top >= 0
    assert width >= 1
    assert height >= 1
    assert left + width <= size[0]
    assert top + height <= size[1]
    assert width > size[0] - 2 * step or height > size[1] - 2 * step
    if min(width, height) > 40:
        assert width / height == pytest.approx(shape[0] / shape[1], rel=0.08)


def test_a_thin_strip_becomes_no_huge_picture_on_the_way() -> None:
    assert covered(np.zeros((1, 4096, 3), np.uint8), 64, 1080).shape == (1080, 64, 3)


def test_picture_is_cropped_about_its_middle_without_distortion(tmp_path: Path) -> None:
    x, y = np.meshgrid(np.arange(300), np.arange(200))
    disc = ((x - 150) ** 2 + (y - 100) ** 2 < 50**2).astype(np.uint8) * 255
    Image.fromarray(disc).save(tmp_path / "disc.png")
    for size in [(320, 180), (180, 320), (64, 64), (600, 400)]:
        rows, columns = np.nonzero(still(tmp_path / "disc.png", size)[..., 0] > 128)
        assert np.ptp(columns) == pytest.approx(np.ptp(rows), abs=1)
        assert columns.mean() == pytest.approx((size[0] - 1) / 2, abs=1)


def test_transparency_lies_on_grey(tmp_path: Path) -> None:
    rgba = np.zeros((64, 96, 4), np.uint8)
    rgba[..., 0], rgba[:, 48:, 3] = 255, 255
    Image.fromarray(rgba).save(tmp_path / "a.png")
    Image.fromarray(rgba).save(tmp_path / "a.webp", lossless=True)
    for name in ("a.png", "a.webp"):
        picture = still(tmp_path / name)
        assert (picture[:, :40] == GREY).all()
        assert (picture[:, 56:] == (255, 0, 0)).all()


def test_every_kind_of_picture_looks_the_same(tmp_path: Path) -> None:
    image = Image.fromarray(halves())
    turned = image.transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6
    turned.save(tmp_path / "turned.jpg", exif=exif, quality=95, subsampling=0)
    image.convert("CMYK").save(tmp_path / "ink.tif")
    image.save(tmp_path / "a.avif", quality=95)
    image.quantize(16).save(tmp_path / "a.gif")
    pages = [image, Image.new("RGB", (180, 120))]
    pages[0].save(tmp_path / "pages.tif", save_all=True, append_images=pages[1:])
    for path in sorted(tmp_path.iterdir()):
        picture = still(path).astype(int)
        assert np.abs(picture[40:, :40].mean(axis=(0, 1)) - (200, 0, 0)).max() < 12, path.name
        assert np.abs(picture[40:, 56:].mean(axis=(0, 1)) - (0, 0, 200)).max() < 12, path.name
        assert picture[:8, :, 1].mean() > 150, path.name


def test_sixteen_bits_become_eight(tmp_path: Path) -> None:
    ramp = np.tile(np.linspace(0, 65535, 96).astype(np.uint16), (64, 1))
    Image.fromarray(ramp).save(tmp_path / "deep.png")
    assert np.abs(still(tmp_path / "deep.png")[30, :, 0] - np.linspace(0, 255, 96)).max() < 1.5


def huge_png(side_px: int) -> bytes:
    """A small file of black pixels, one bit each."""
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", side_px, side_px, 1, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(bytes((side_px // 8 + 1) * 100))),
        (b"IEND", b""),
    )
    chunks = [
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in parts
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def hostile(folder: Path) -> dict[str, tuple[bytes, type[LipwrightError]]]:
    picture = folder / "picture"
    Image.fromarray(halves()).save(picture, "PNG")
    return {
        "empty.png": (b"", MediaUnreadable),
        "words.png": (b"no picture at all\n" * 50, MediaUnreadable),
        "list.m3u8": (b"#EXTM3U\n#EXTINF:10,\nfile:///etc/hostname\n", MediaUnreadable),
        "list.mp4": (b"ffconcat version 1.0\nfile /etc/hostname\n", MediaUnreadable),
        "drawing.svg": (b"<svg xmlns='http://www.w3.org/2000/svg'><rect width='9' height='9'/></svg>", MediaUnreadable),
        "bomb.png": (huge_png(30_000), MediaTooLarge),
        "cut.png": (picture.read_bytes()[:200], MediaUnreadable),
        "cut.gif": (b"GIF89a\x10\x00\x10\x00\x80\x00\x00", MediaUnreadable),
    }


def test_hostile_files_are_refused_by_the_scripts_own_name(tmp_path: Path) -> None:
    for name, (content, error) in hostile(tmp_path).items():
        path = tmp_path / "3f2a9c"
        path.write_bytes(content)
        with pytest.raises(error) as caught:
            opened("file", name, path)
        assert f"`{name}`" in str(caught.value)
        assert str(tmp_path) not in str(caught.value)
    with pytest.raises(MediaNotFound, match=r"`gone\.png`"):
        opened("file", "gone.png", tmp_path / "nothing")
    with pytest.raises(MediaUnreadable, match=r"`folder`: this is not a file"):
        opened("file", "folder", tmp_path)


def test_file_that_was_not_given_along_is_named() -> None:
    with pytest.raises(MediaNotFound, match=r"`sea\.jpg`: this background was not given along"):
        opened("file", "sea.jpg")


def test_words_are_painted_by_the_engine_and_fill_the_output() -> None:
    first = opened("prompt", "a calm sea", engine=FakePainter()).still
    assert first is not None
    assert first.shape == (64, 96, 3)
    assert np.array_equal(first, opened("prompt", "a calm sea", engine=FakePainter()).still)
    assert not np.array_equal(first, opened("prompt", "a desk", engine=FakePainter()).still)


def test_words_without_an_engine_name_the_variable() -> None:
    with pytest.raises(ProviderUnavailable, match="LIPWRIGHT_IMAGE=openai"):
        opened("prompt", "a calm sea")
    with pytest.raises(UsageError, match="what is to be seen"):
        opened("prompt", " ", engine=FakePainter())


def test_failure_of_the_engine_is_passed_on() -> None:
    with pytest.raises(RateLimited):
        opened("prompt", "a calm sea", engine=FakePainter(failure=RateLimited("openai: later")))


@pytest.mark.parametrize("kind", ["keep", "blur"])
def test_what_needs_the_photo_is_not_made_here(kind: str) -> None:
    with pytest.raises(ValueError, match="made from the photo"):
        opened(kind, "")
