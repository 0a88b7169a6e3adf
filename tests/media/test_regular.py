"""Colours of any kind of source come out as they were drawn, and high dynamic range as it should look."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lipwright.contracts.footage import Region, YuvFrame
from lipwright.media.footage import index_footage, read_footage
from lipwright.media.hdr import PEAK_CD_M2, WHITE_CD_M2, Transfer, make_standard, to_standard
from lipwright.media.yuv import region_rgb
from support.drawn_video import HEIGHT_PX, WIDTH_PX, Kind, draw, steady, write_video

FINE = Kind(options={"crf": "4"})
BLOCKS_END = HEIGHT_PX // 4 + 4


def seen(path: Path) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    footage = index_footage(path)
    frame = next(read_footage(footage))
    return region_rgb(frame, Region(0, 0, footage.width_px, footage.height_px)), footage.notes


@pytest.mark.parametrize(
    ("kind", "note"),
    [
        (FINE, None),
        (replace(FINE, pixel_format="nv12"), None),
        (replace(FINE, pixel_format="yuv420p10le"), "10 bits made 8"),
        (replace(FINE, pixel_format="yuv422p10le"), "10 bits made 8"),
        (replace(FINE, pixel_format="yuv422p"), None),
        (replace(FINE, pixel_format="yuv444p"), "colours stored at half the resolution (4:2:0)"),
        (replace(FINE, full_range=True), "full range made limited"),
        (replace(FINE, full_range=True, pixel_format="yuvj420p"), "full range made limited"),
        (replace(FINE, full_range=True, pixel_format="yuv420p10le"), "full range made limited"),
        (replace(FINE, colours=(6, 1, 1)), "colours made BT.709"),
        (replace(FINE, colours=(6, 1, 1), pixel_format="yuv420p10le"), "colours made BT.709"),
        (replace(FINE, colours=(5, 2, 2), full_range=True), "colours made BT.709"),
        (replace(FINE, colours=(6, 2, 2), aspect=Fraction(1001, 1000)), "colours made BT.709"),
    ],
)
def test_colours_come_out_as_they_were_drawn(tmp_path: Path, kind: Kind, note: str | None) -> None:
    image = draw(3)
    rgb, notes = seen(write_video(tmp_path / "a.mp4", steady(2), kind, [image, image]))
    difference = (rgb.astype(int) - image)[BLOCKS_END:]
    assert np.abs(difference).mean() <= 1.2
    assert np.abs(difference.mean((0, 1))).max() <= 1.5
    assert note is None or note in notes


def test_rgb_comes_out_as_it_was_drawn(tmp_path: Path) -> None:
    image = draw(3)
    kind = Kind(codec="libx264rgb", pixel_format="rgb24", colours=(0, 1, 1), options={"crf": "0"})
    rgb, notes = seen(write_video(tmp_path / "a.mkv", steady(2), kind, [image, image]))
    assert np.abs(rgb.astype(int) - image)[BLOCKS_END:].mean() <= 1
    assert notes == ("RGB made YUV",)


def test_odd_sides_in_other_colours_come_out_as_they_were_drawn(tmp_path: Path) -> None:
    image = draw(3, 97, 65)
    kind = replace(FINE, pixel_format="yuv444p", colours=(6, 1, 1))
    rgb, notes = seen(write_video(tmp_path / "a.mp4", steady(2), kind, [image, image]))
    assert np.abs(rgb.astype(int) - image)[20:].mean() <= 1
    assert "an odd side: stored with full colour resolution (4:4:4)" in notes


def test_size_that_changes_on_the_way_is_evened_out(tmp_path: Path) -> None:
    small = write_video(tmp_path / "small.h264", steady(5), images=[draw(n, 96, 64) for n in range(5)])
    large = write_video(tmp_path / "large.h264", steady(5), images=[draw(n, 192, 128) for n in range(5)])
    (tmp_path / "a.h264").write_bytes(small.read_bytes() + large.read_bytes())
    footage = index_footage(tmp_path / "a.h264")
    frames = list(read_footage(footage))
    assert len(frames) == 10
    assert {frame.y.shape for frame in frames} == {(64, 96)}


def coded(light_cd_m2: NDArray[np.float64], transfer: Transfer) -> NDArray[np.float64]:
    """Grey as HDR codes it: (n,) to (n, 3)."""
    if transfer is Transfer.PQ:
        power = (light_cd_m2 / 10_000) ** 0.1593017578125
        signal = ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375
    else:
        scene = (light_cd_m2 / 1000) ** (1 / 1.2)
        high = 0.17883277 * np.log(np.maximum(12 * scene - 0.28466892, 1e-9)) + 0.55991073
        signal = np.where(scene <= 1 / 12, np.sqrt(3 * scene), high)
    return np.repeat(np.asarray(signal, np.float64)[:, None], 3, axis=1)


@pytest.mark.parametrize("transfer", list(Transfer))
def test_light_of_skin_stays_as_it_was(transfer: Transfer) -> None:
    light = np.array([0.5, 2.0, 10.0, 30.0, 60.0, 85.0])
    standard = to_standard(coded(light, transfer), transfer)
    assert np.ptp(standard, axis=1).max() < 1e-3
    assert np.allclose(standard[:, 0] ** 2.4 * WHITE_CD_M2, light, rtol=0.02, atol=0.02)


@pytest.mark.parametrize("transfer", list(Transfer))
def test_brighter_light_stays_brighter_up_to_the_peak(transfer: Transfer) -> None:
    standard = to_standard(coded(np.geomspace(0.1, PEAK_CD_M2, 200), transfer), transfer)[:, 0]
    assert (np.diff(standard) > 0).all()
    assert standard[-1] == pytest.approx(1, abs=0.01)
    assert 0.85 < to_standard(coded(np.array([WHITE_CD_M2]), transfer), transfer)[0, 0] < 0.95


def test_colours_that_do_not_exist_in_standard_range_keep_their_light() -> None:
    signal = np.array([[0.5, 0.05, 0.05], [0.05, 0.5, 0.05], [0.05, 0.05, 0.5]])
    standard = to_standard(signal, Transfer.PQ)
    assert standard.min() >= 0
    assert standard.max() <= 1
    assert (standard.argmax(1) == [0, 1, 2]).all()


@pytest.mark.parametrize("full_chroma", [False, True])
@pytest.mark.parametrize("transfer", list(Transfer))
def test_table_gives_what_the_formula_gives(transfer: Transfer, full_chroma: bool) -> None:
    random = np.random.default_rng(0)
    rgb = random.uniform(0.15, 0.7, (16, 16, 3))
    rgb = 0.9 * rgb.mean(-1, keepdims=True) + 0.1 * rgb
    rgb = np.kron(rgb, np.ones((2, 2, 1)))
    luma = rgb @ [0.2627, 0.6780, 0.0593]
    planes = [luma * 876 + 64, (rgb[..., 2] - luma) / 1.8814 * 896 + 512, (rgb[..., 0] - luma) / 1.4746 * 896 + 512]
    y, u, v = (np.rint(plane).astype(np.uint16) for plane in planes)
    step = 1 if full_chroma else 2
    u, v = u[::step, ::step], v[::step, ::step]
    frame = YuvFrame(np.empty(y.shape, np.uint8), np.empty(u.shape, np.uint8), np.empty(u.shape, np.uint8))
    make_standard(y, u, v, transfer, frame)
    got = region_rgb(YuvFrame(frame.y[::step, ::step].copy(), frame.u, frame.v), Region(0, 0, 32 // step, 32 // step))
    wanted = 255 * to_standard(rgb, transfer)[::step, ::step]
    assert np.abs(got - wanted).mean() <= 1
    assert np.percentile(np.abs(got - wanted), 99) <= 5


@pytest.mark.parametrize("transfer", list(Transfer))
def test_video_of_high_range_becomes_standard(tmp_path: Path, transfer: Transfer) -> None:
    grey = coded(np.array([20.0]), transfer)[0, 0]
    planes = np.concatenate(
        [np.full(WIDTH_PX * HEIGHT_PX, round(64 + 876 * grey)), np.full(WIDTH_PX * HEIGHT_PX // 2, 512)]
    )
    image = planes.astype(np.uint16).reshape(-1, WIDTH_PX)
    kind = replace(FINE, pixel_format="yuv420p10le", colours=(9, 9, int(transfer)), rotation=-90)
    rgb, notes = seen(write_video(tmp_path / "a.mp4", steady(2), kind, [image, image]))
    assert rgb.shape == (WIDTH_PX, HEIGHT_PX, 3)
    assert np.abs(rgb - 255 * (20 / WHITE_CD_M2) ** (1 / 2.4)).max() <= 3
    assert f"high dynamic range ({transfer.name}) made standard" in notes
