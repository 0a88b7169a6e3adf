"""A mouth becomes crisper, and nothing else: every engine keeps to the box, and none makes halos."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from skimage import data

from lipwright.contracts.sidecar import PixelBox
from lipwright.errors import ProviderUnavailable
from lipwright.quality.cpbd import cpbd
from lipwright.render.enhance.base import Enhancer
from lipwright.render.enhance.off import NoEnhancement
from lipwright.render.enhance.realesrgan import RealEsrgan
from lipwright.render.enhance.region import MARGIN, mouth_in, mouth_of
from lipwright.render.enhance.sharpen import Sharpen
from support.onnx_pictures import write_enlarger, write_rvm

Image = NDArray[np.uint8]
MOUTH = PixelBox(left=190, top=125, right=255, bottom=172)
"""Of the astronaut."""


@pytest.fixture(scope="module")
def frame() -> Image:
    """A face whose picture is a little blurred, as an enlarged photo is."""
    return np.asarray(cv2.GaussianBlur(np.ascontiguousarray(data.astronaut()), (0, 0), 1.2), np.uint8)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_enlarger(tmp_path_factory.mktemp("enlarger") / "x2.onnx", 2, 1.0)


@pytest.fixture(params=["off", "sharpen", "realesrgan"])
def enhancer(request: pytest.FixtureRequest, model: Path) -> Enhancer:
    engines: dict[str, Enhancer] = {
        "off": NoEnhancement(),
        "sharpen": Sharpen(),
        "realesrgan": RealEsrgan(realesrgan_model=model, threads=1),
    }
    return engines[request.param]


def test_frame_outside_the_mouth_and_the_given_one_stay_as_they_are(enhancer: Enhancer, frame: Image) -> None:
    before = frame.copy()
    out = enhancer.enhance(frame, MOUTH)
    assert np.array_equal(frame, before)
    assert out.dtype == np.uint8
    kept = out.copy()
    kept[MOUTH.top : MOUTH.bottom, MOUTH.left : MOUTH.right] = frame[MOUTH.top : MOUTH.bottom, MOUTH.left : MOUTH.right]
    assert np.array_equal(kept, frame)


@given(left=st.integers(-80, 110), top=st.integers(-80, 90), width=st.integers(1, 60), height=st.integers(1, 60))
def test_mouth_may_lie_partly_or_wholly_outside(left: int, top: int, width: int, height: int) -> None:
    picture = np.asarray(data.astronaut()[:90, :110], np.uint8)
    box = PixelBox(left=left, top=top, right=left + width, bottom=top + height)
    assert Sharpen().enhance(picture, box).shape == picture.shape


def test_off_gives_the_frame_itself(frame: Image) -> None:
    assert NoEnhancement().enhance(frame, MOUTH) is frame


def test_sharpening_makes_an_enlarged_mouth_sharper_to_the_eye_without_halos() -> None:
    face = np.ascontiguousarray(data.astronaut()[100:200, 160:290])
    enlarged = np.asarray(cv2.resize(face, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC), np.uint8)
    out = Sharpen().enhance(enlarged, PixelBox(left=120, top=100, right=380, bottom=288))
    luma, made = (np.ascontiguousarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)) for image in (enlarged, out))
    mouth = (slice(100, 288), slice(120, 380))
    before, after = (cpbd(np.ascontiguousarray(one[mouth])) for one in (luma, made))
    assert before is not None
    assert after is not None
    assert after > 2 * before
    around = np.ones((11, 11), np.uint8)
    assert (made.astype(int) <= cv2.dilate(luma, around).astype(int) + 2).all()
    assert (made.astype(int) >= cv2.erode(luma, around).astype(int) - 2).all()


def test_sharpening_leaves_grain_alone() -> None:
    grain = np.random.default_rng(1).normal(0, 1, (60, 80, 1))
    skin = np.clip(np.rint(np.array([190, 150, 130]) + grain), 0, 255).astype(np.uint8)
    out = Sharpen().enhance(skin, PixelBox(left=0, top=0, right=80, bottom=60))
    assert out.astype(float).std(axis=(0, 1)).max() < 1.5 * skin.astype(float).std(axis=(0, 1)).max()


@pytest.mark.parametrize("factor", [2, 4])
def test_network_that_only_enlarges_changes_nothing(factor: int, frame: Image, tmp_path: Path) -> None:
    same = RealEsrgan(realesrgan_model=write_enlarger(tmp_path / "x.onnx", factor, 1.0), threads=1)
    assert np.abs(same.enhance(frame, MOUTH).astype(int) - frame).max() <= 1


def test_network_does_not_change_light_and_colour(frame: Image, tmp_path: Path) -> None:
    darker = RealEsrgan(realesrgan_model=write_enlarger(tmp_path / "x.onnx", 2, 0.8), threads=1)
    out = darker.enhance(frame, MOUTH)
    inside = (slice(MOUTH.top, MOUTH.bottom), slice(MOUTH.left, MOUTH.right))
    assert np.abs(out[inside].mean(axis=(0, 1)) - frame[inside].mean(axis=(0, 1))).max() < 2


def test_a_model_that_is_missing_or_no_such_network_is_named(frame: Image, tmp_path: Path) -> None:
    with pytest.raises(ProviderUnavailable, match="LIPWRIGHT_REALESRGAN_MODEL"):
        RealEsrgan().enhance(frame, MOUTH)
    with pytest.raises(ProviderUnavailable, match="LIPWRIGHT_REALESRGAN_MODEL"):
        _ = RealEsrgan(realesrgan_model=tmp_path / "none.onnx").version
    (tmp_path / "text.onnx").write_text("no network", encoding="utf-8")
    with pytest.raises(ProviderUnavailable, match="does not load"):
        RealEsrgan(realesrgan_model=tmp_path / "text.onnx").enhance(frame, MOUTH)
    with pytest.raises(ProviderUnavailable, match="does not"):
        RealEsrgan(realesrgan_model=write_rvm(tmp_path / "rvm.onnx")).enhance(frame, MOUTH)


def test_box_of_a_mouth_holds_the_lips_and_a_margin() -> None:
    points = np.zeros((478, 3), np.float32)
    points[:, :2] = 100
    points[61, :2], points[291, :2] = (60, 100), (160, 100)
    assert mouth_of(points) == PixelBox(left=25, top=65, right=196, bottom=136)
    assert MARGIN == 0.35


def test_mouth_of_the_astronaut_lies_in_the_lower_part_of_the_face() -> None:
    found = mouth_in(PixelBox(left=174, top=68, right=269, bottom=185))
    assert found.left < 205
    assert found.right > 240
    assert found.top < 140
    assert found.bottom > 160
