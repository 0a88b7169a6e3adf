import contextlib
import io
import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from lipwright.errors import MediaNotFound, MediaTooLarge, MediaUnreadable
from lipwright.media.image import flatten, load_image

RED, GREEN, BLUE = (200, 40, 30), (20, 180, 60), (30, 60, 210)


def flag() -> Image.Image:
    """48 x 32: red left half, green right top, blue right bottom."""
    pixels = np.zeros((32, 48, 3), np.uint8)
    pixels[:, :24], pixels[:16, 24:], pixels[16:, 24:] = RED, GREEN, BLUE
    return Image.fromarray(pixels)


def png_header(width_px: int, height_px: int) -> bytes:
    """A PNG that promises many pixels and holds few."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    start = chunk(b"IHDR", struct.pack(">IIBBBBB", width_px, height_px, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + start + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "AVIF", "TIFF", "BMP", "GIF", "JPEG2000"])
def test_each_format_is_read_whatever_its_name(tmp_path: Path, kind: str) -> None:
    flag().save(tmp_path / "a.jpg", kind)
    picture = load_image(tmp_path / "a.jpg")
    assert picture.alpha is None
    assert picture.image.shape == (32, 48, 3)
    assert picture.image.dtype == np.uint8
    np.testing.assert_allclose(picture.image[8, 8], RED, atol=12)
    np.testing.assert_allclose(picture.image[26, 40], BLUE, atol=12)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_rotation_is_applied(tmp_path: Path, orientation: int) -> None:
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = flag().transpose(turns[orientation]) if orientation in turns else flag()
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored.save(tmp_path / "a.jpg", quality=95, exif=exif)
    image = load_image(tmp_path / "a.jpg").image
    assert image.shape == (32, 48, 3)
    np.testing.assert_allclose(image[26, 40], BLUE, atol=12)
    np.testing.assert_allclose(image[6, 40], GREEN, atol=12)


def test_cmyk_becomes_rgb(tmp_path: Path) -> None:
    flag().convert("CMYK").save(tmp_path / "a.jpg", quality=95)
    np.testing.assert_allclose(load_image(tmp_path / "a.jpg").image[8, 8], RED, atol=12)


@pytest.mark.parametrize("mode", ["L", "1", "I;16"])
def test_greyscale_of_any_depth_becomes_rgb(tmp_path: Path, mode: str) -> None:
    ramp = np.tile(np.linspace(0, 1, 64), (8, 1))
    if mode == "I;16":
        Image.fromarray((ramp * 65535).astype(np.uint16)).save(tmp_path / "a.png")
    else:
        Image.fromarray((ramp * 255).astype(np.uint8)).convert(mode).save(tmp_path / "a.png")
    image = load_image(tmp_path / "a.png").image
    assert image.shape == (8, 64, 3)
    assert (image[0, 0].tolist(), image[0, -1].tolist()) == ([0, 0, 0], [255, 255, 255])
    if mode != "1":
        np.testing.assert_allclose(image[4, 32], 129, atol=2)


def test_16_bit_colour_becomes_8(tmp_path: Path) -> None:
    rows = b"".join(b"\x00" + struct.pack(">3H", 65535, 32896, 257) * 4 for _ in range(4))
    header = struct.pack(">IIBBBBB", 4, 4, 16, 2, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n"
    for name, content in ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")):
        data += struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
    (tmp_path / "a.png").write_bytes(data)
    assert load_image(tmp_path / "a.png").image[2, 2].tolist() == [255, 128, 1]


def test_float_tiff_is_scaled(tmp_path: Path) -> None:
    Image.fromarray(np.full((8, 8), 0.5, np.float32)).save(tmp_path / "a.tiff")
    assert load_image(tmp_path / "a.tiff").image[0, 0].tolist() == [128, 128, 128]


@pytest.mark.parametrize("kind", ["rgba", "palette", "grey"])
def test_alpha_is_kept_beside_the_colours(tmp_path: Path, kind: str) -> None:
    if kind == "rgba":
        clear = flag().convert("RGBA")
        clear.putalpha(Image.fromarray(np.tile(np.repeat(np.uint8([0, 255]), 24), (32, 1))))
        clear.save(tmp_path / "a.png")
    elif kind == "palette":
        image = Image.fromarray(np.tile(np.repeat(np.uint8([0, 1]), 24), (32, 1)), "P")
        image.putpalette([200, 40, 30, 20, 180, 60])
        image.save(tmp_path / "a.png", transparency=0)
    else:
        image = Image.fromarray(np.tile(np.repeat(np.uint8([10, 90]), 24), (32, 1)))
        image.save(tmp_path / "a.png", transparency=10)
    picture = load_image(tmp_path / "a.png")
    assert picture.alpha is not None
    assert (picture.alpha[5, 5], picture.alpha[5, 40]) == (0, 255)
    flat = flatten(picture, (1, 2, 3))
    assert flat[5, 5].tolist() == [1, 2, 3]
    np.testing.assert_array_equal(flat[5, 40], picture.image[5, 40])


def test_solid_alpha_is_none(tmp_path: Path) -> None:
    flag().convert("RGBA").save(tmp_path / "a.png")
    assert load_image(tmp_path / "a.png").alpha is None


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_first_picture_of_an_animation_is_taken(tmp_path: Path, kind: str) -> None:
    first, second = Image.new("RGB", (32, 32), RED), Image.new("RGB", (32, 32), BLUE)
    first.save(tmp_path / "a.gif", kind, save_all=True, append_images=[second], duration=100)
    np.testing.assert_allclose(load_image(tmp_path / "a.gif").image[5, 5], RED, atol=12)


def test_colours_are_brought_to_srgb(tmp_path: Path) -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    flag().save(tmp_path / "same.png", icc_profile=lab)
    np.testing.assert_allclose(load_image(tmp_path / "same.png").image[8, 8], RED, atol=2)
    flag().save(tmp_path / "swapped.png", icc_profile=swapped_primaries(lab))
    assert load_image(tmp_path / "swapped.png").image[8, 8].argmax() == 1


def swapped_primaries(profile: bytes) -> bytes:
    """A profile in which the first channel is green and the second red."""
    changed = bytearray(profile)
    for at in range(132, 132 + 12 * struct.unpack(">I", profile[128:132])[0], 12):
        if profile[at : at + 4] in (b"rXYZ", b"gXYZ"):
            changed[at : at + 4] = b"gXYZ" if profile[at : at + 4] == b"rXYZ" else b"rXYZ"
    return bytes(changed)


def test_damaged_profile_is_left_out(tmp_path: Path) -> None:
    flag().save(tmp_path / "a.png", icc_profile=b"no profile at all")
    assert load_image(tmp_path / "a.png").image[8, 8].tolist() == list(RED)


def test_large_pictures_are_scaled_down(tmp_path: Path) -> None:
    Image.linear_gradient("L").resize((1200, 600)).convert("RGB").save(tmp_path / "a.jpg")
    assert load_image(tmp_path / "a.jpg", max_side_px=500).image.shape == (250, 500, 3)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "GIF"])
def test_cut_picture_is_said(tmp_path: Path, kind: str) -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8))
    buffer = io.BytesIO()
    noise.save(buffer, kind)
    (tmp_path / "a.img").write_bytes(buffer.getvalue()[: len(buffer.getvalue()) // 2])
    with pytest.raises(MediaUnreadable, match=r"a\.img`: .*(cut short|damaged)"):
        load_image(tmp_path / "a.img")


def test_empty_and_missing_and_foreign_files_are_said(tmp_path: Path) -> None:
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "text.jpg").write_text("Dear reader")
    (tmp_path / "phone.jpg").write_bytes(b"\x00\x00\x00\x18ftypheic" + bytes(100))
    (tmp_path / "print.jpg").write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n")
    with pytest.raises(MediaUnreadable, match="the file is empty"):
        load_image(tmp_path / "empty.jpg")
    with pytest.raises(MediaUnreadable, match="not a picture"):
        load_image(tmp_path / "text.jpg")
    with pytest.raises(MediaUnreadable, match="HEIC"):
        load_image(tmp_path / "phone.jpg")
    with pytest.raises(MediaUnreadable, match="not a picture"):
        load_image(tmp_path / "print.jpg")
    with pytest.raises(MediaNotFound, match="no such file"):
        load_image(tmp_path / "nowhere.jpg")
    with pytest.raises(MediaUnreadable, match="not a file"):
        load_image(tmp_path)


@pytest.mark.parametrize("size", [(20_000, 20_000), (10_000, 9_500), (9_000, 8_900), (60_000, 60_000)])
def test_too_many_pixels_are_refused_before_decoding(tmp_path: Path, size: tuple[int, int]) -> None:
    (tmp_path / "bomb.png").write_bytes(png_header(*size))
    with pytest.raises(MediaTooLarge, match="at most 80 megapixels"):
        load_image(tmp_path / "bomb.png")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(["PNG", "JPEG", "WEBP", "TIFF", "GIF", "BMP"]),
    damage=st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1, max_size=12),
)
def test_damage_gives_a_picture_or_our_error(tmp_path: Path, kind: str, damage: list[tuple[float, int]]) -> None:
    buffer = io.BytesIO()
    flag().save(buffer, kind)
    data = bytearray(buffer.getvalue())
    for place, value in damage:
        data[int(place * len(data))] = value
    (tmp_path / "a.img").write_bytes(data)
    with contextlib.suppress(MediaUnreadable, MediaTooLarge):
        assert load_image(tmp_path / "a.img").image.ndim == 3


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable_file_is_said(tmp_path: Path) -> None:
    flag().save(tmp_path / "a.png")
    (tmp_path / "a.png").chmod(0)
    with pytest.raises(MediaUnreadable, match="may not be read"):
        load_image(tmp_path / "a.png")


def test_real_pictures_are_read(shared_media: Path) -> None:
    assert load_image(shared_media / "painting.png").image.shape[2] == 3
    assert load_image(shared_media / "full-body.png").image.shape[2] == 3
