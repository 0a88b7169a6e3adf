"""A person cut out of a video: every engine keeps its promises, and the embedded one stands still and is right."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lipwright.contracts.face import FaceMesh
from lipwright.errors import ProviderUnavailable
from lipwright.face.foreground import estimate_foreground
from lipwright.face.matte import PersonMatte
from lipwright.face.video_matte import CutOut, Seen, VideoMatter
from lipwright.face.video_matte_pixels import lay_over
from lipwright.face.video_matte_rvm import RobustVideoMatting
from lipwright.face.video_matte_selfie import SelfieMatter
from support.onnx_pictures import write_enlarger, write_rvm

Image = NDArray[np.uint8]
SIDE_PX = 288


@pytest.fixture(scope="module")
def rvm_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_rvm(tmp_path_factory.mktemp("rvm") / "tiny.onnx")


@pytest.fixture(params=["selfie", "rvm"])
def matter(request: pytest.FixtureRequest, rvm_file: Path) -> VideoMatter:
    return SelfieMatter() if request.param == "selfie" else RobustVideoMatting(rvm_model=rvm_file)


class Clip:
    """A person whose alpha is known moves over a wall of bricks, with the noise of a camera."""

    def __init__(self, portrait: Image, mesh: FaceMesh) -> None:
        large = PersonMatte().matte(portrait, mesh)
        colours = estimate_foreground(portrait, large)
        scale = SIDE_PX / len(portrait)
        size = (SIDE_PX, SIDE_PX)
        self._alpha = cv2.resize(large, size, interpolation=cv2.INTER_AREA)
        self._colours = cv2.resize(colours, size, interpolation=cv2.INTER_AREA).astype(np.float32)
        rows, columns = np.mgrid[0:SIDE_PX, 0:SIDE_PX]
        gap = (rows % 24 < 2) | ((columns + 20 * (rows // 24 % 2)) % 40 < 2)
        self._wall = np.where(gap[..., None], (120, 150, 160), (70, 110, 150)).astype(np.float32)
        self._points = (mesh.points + 0.5) * scale - 0.5
        self._random = np.random.default_rng(1)

    def frame(self, shift_px: float) -> tuple[Seen, NDArray[np.float32]]:
        """A frame and its true alpha, with the person so far to the right."""
        place = np.array([[1, 0, shift_px], [0, 1, 0]], np.float32)
        alpha, colours = (
            cv2.warpAffine(one, place, (SIDE_PX, SIDE_PX), borderMode=cv2.BORDER_REPLICATE)
            for one in (self._alpha, self._colours)
        )
        mixed = alpha[..., None] * colours + (1 - alpha[..., None]) * self._wall
        noise = cv2.GaussianBlur(self._random.normal(0, 4, mixed.shape), (0, 0), 0.8)
        points = self._points.copy()
        points[:, 0] += shift_px
        picture = np.clip(np.rint(mixed + noise), 0, 255).astype(np.uint8)
        return Seen(picture, FaceMesh(points.astype(np.float32), 1.0)), np.asarray(alpha, np.float32)


@pytest.fixture(scope="module")
def clip(portrait: Image, portrait_mesh: FaceMesh) -> Clip:
    return Clip(portrait, portrait_mesh)


def unrest(mattes: list[NDArray[np.float32]], truths: list[NDArray[np.float32]]) -> float:
    """Root mean square of the change from frame to frame that the true alpha does not have, near the edge."""
    parts = []
    for number in range(4, len(mattes)):
        truth = truths[number]
        near = cv2.dilate(((truth > 0.02) & (truth < 0.98)).astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
        change = (mattes[number] - mattes[number - 1]) - (truth - truths[number - 1])
        parts.append(np.square(change[near]).mean())
    return float(np.sqrt(np.mean(parts)))


def shares(cuts: Iterator[CutOut]) -> list[NDArray[np.float32]]:
    return [cut.alpha.astype(np.float32) / 255 for cut in cuts]


def test_each_frame_is_cut_out_before_the_next_is_read(matter: VideoMatter) -> None:
    read = 0

    def frames() -> Iterator[Seen]:
        nonlocal read
        for _ in range(3):
            read += 1
            yield Seen(np.full((40, 64, 3), 90, np.uint8))

    for number, cut in enumerate(matter.cut_out(frames()), 1):
        assert read == number
        assert cut.alpha.shape == (40, 64)
        assert cut.foreground.shape == (40, 64, 3)
        assert cut.alpha.dtype == cut.foreground.dtype == np.uint8
    assert read == 3


def test_the_same_video_is_cut_out_the_same_way_again(matter: VideoMatter, clip: Clip) -> None:
    frames = [clip.frame(shift)[0] for shift in (0, 2, 4)]
    first, second = ([cut.alpha for cut in matter.cut_out(frames)] for _ in range(2))
    assert all(np.array_equal(one, other) for one, other in zip(first, second, strict=True))


def test_a_person_who_stands_still_has_a_still_edge(clip: Clip) -> None:
    frames, truths = zip(*(clip.frame(0) for _ in range(9)), strict=True)
    steady = unrest(shares(SelfieMatter().cut_out(frames)), list(truths))
    plain = PersonMatte()
    each = unrest([plain.matte(seen.image, seen.face) for seen in frames], list(truths))
    assert steady < 0.01
    assert steady < each / 3


def test_a_person_who_moves_is_followed(clip: Clip) -> None:
    frames, truths = zip(*(clip.frame(3 * number) for number in range(9)), strict=True)
    mattes = shares(SelfieMatter().cut_out(frames))
    plain = PersonMatte().matte(frames[-1].image, frames[-1].face)
    right, of_one_frame = (float(np.abs(matte - truths[-1]).mean()) for matte in (mattes[-1], plain))
    assert right < max(0.01, 1.1 * of_one_frame)


def test_what_is_shown_after_a_cut_owes_nothing_to_what_was_before(clip: Clip) -> None:
    still = clip.frame(0)[0]
    empty = Seen(np.full((SIDE_PX, SIDE_PX, 3), 200, np.uint8))
    *_, alone = SelfieMatter().cut_out([still])
    *_, after = SelfieMatter().cut_out([empty, empty, still])
    assert np.abs(alone.alpha.astype(int) - after.alpha).mean() < 2


def test_a_picture_without_a_person_is_clear() -> None:
    (cut,) = SelfieMatter().cut_out([Seen(np.full((120, 200, 3), 90, np.uint8))])
    assert cut.alpha.max() == 0


def test_a_new_background_shows_nothing_of_the_old_one(clip: Clip) -> None:
    frames, truths = zip(*(clip.frame(0) for _ in range(3)), strict=True)
    *_, cut = SelfieMatter().cut_out(frames)
    white = np.full((SIDE_PX, SIDE_PX, 3), 255, np.uint8)
    lay_over(cut, white)
    assert (white[truths[-1] == 0] > 250).mean() > 0.97
    assert np.array_equal(white[cut.alpha == 255], frames[-1].image[cut.alpha == 255])


def test_a_network_of_the_user_s_remembers_the_frame_before(rvm_file: Path) -> None:
    grey = Seen(np.full((8, 12, 3), 200, np.uint8))
    first, second = RobustVideoMatting(rvm_model=rvm_file).cut_out([grey, grey])
    assert np.unique(first.alpha).tolist() == [100]
    assert np.unique(second.alpha).tolist() == [150]
    assert np.array_equal(first.foreground, grey.image)


def test_another_model_of_the_user_s_is_another_version(rvm_file: Path, tmp_path: Path) -> None:
    other = write_enlarger(tmp_path / "other.onnx", 2, 1.0)
    assert RobustVideoMatting(rvm_model=rvm_file).version != RobustVideoMatting(rvm_model=other).version


def test_a_model_that_is_missing_or_no_such_network_is_named(tmp_path: Path) -> None:
    frame = [Seen(np.zeros((8, 8, 3), np.uint8))]
    with pytest.raises(ProviderUnavailable, match="LIPWRIGHT_RVM_MODEL"):
        next(RobustVideoMatting().cut_out(frame))
    with pytest.raises(ProviderUnavailable, match="LIPWRIGHT_RVM_MODEL"):
        next(RobustVideoMatting(rvm_model=tmp_path / "none.onnx").cut_out(frame))
    (tmp_path / "text.onnx").write_text("no network", encoding="utf-8")
    with pytest.raises(ProviderUnavailable, match="does not load"):
        next(RobustVideoMatting(rvm_model=tmp_path / "text.onnx").cut_out(frame))
    with pytest.raises(ProviderUnavailable, match="does not"):
        next(RobustVideoMatting(rvm_model=write_enlarger(tmp_path / "x2.onnx", 2, 1.0)).cut_out(frame))
