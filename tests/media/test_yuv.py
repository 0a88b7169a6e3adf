import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lipwright.contracts.footage import Region, YuvFrame
from lipwright.media.colour import YuvConverter
from lipwright.media.yuv import apply_change, region_around, region_rgb, shrunk_rgb

WIDTH, HEIGHT = 96, 64
WHOLE = Region(0, 0, WIDTH, HEIGHT)
LUMA = np.array([0.2126, 0.7152, 0.0722])


def smooth_rgb(width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    planes = [128 + 100 * np.sin(3 * x + 2 * y), 128 + 100 * np.cos(4 * y - x), 60 + 150 * x * y]
    return np.ascontiguousarray(np.stack(planes, -1).astype(np.uint8))


def stored(image: np.ndarray) -> YuvFrame:
    """As swscale stores it."""
    picture = YuvConverter()(image)
    planes = [np.asarray(plane).reshape(plane.height, plane.line_size)[:, : plane.width] for plane in picture.planes]
    return YuvFrame(*(np.ascontiguousarray(plane) for plane in planes))


def noise(seed: int, full_chroma: bool = False) -> YuvFrame:
    random = np.random.default_rng(seed)
    step = 1 if full_chroma else 2
    size = (HEIGHT, WIDTH), (HEIGHT // step, WIDTH // step), (HEIGHT // step, WIDTH // step)
    return YuvFrame(*(random.integers(0, 256, shape, np.uint8) for shape in size))


def copy(frame: YuvFrame) -> YuvFrame:
    return YuvFrame(frame.y.copy(), frame.u.copy(), frame.v.copy())


REGIONS = st.builds(
    lambda left, top, width, height: Region(2 * left, 2 * top, 2 * width, 2 * height),
    st.integers(0, 23), st.integers(0, 15), st.integers(1, 24), st.integers(1, 16),
)  # fmt: skip


def test_stored_picture_is_seen_in_its_colours() -> None:
    image = smooth_rgb()
    seen = region_rgb(stored(image), WHOLE).astype(int)
    assert np.abs(seen - image)[2:-2, 2:-2].max() <= 4


@pytest.mark.parametrize("colour", [(255, 255, 255), (0, 0, 0), (255, 0, 0), (0, 255, 0), (0, 0, 255), (200, 150, 130)])
def test_plain_colour_is_seen_within_two_levels(colour: tuple[int, int, int]) -> None:
    seen = region_rgb(stored(np.full((HEIGHT, WIDTH, 3), colour, np.uint8)), WHOLE).astype(int)
    assert np.abs(seen - colour).max() <= 2


@pytest.mark.parametrize("full_chroma", [False, True])
@given(region=REGIONS)
@settings(max_examples=40, deadline=None)  # the first call compiles
def test_region_shows_what_the_whole_frame_shows(full_chroma: bool, region: Region) -> None:
    frame = noise(1, full_chroma)
    rows, columns = slice(region.top, region.top + region.height), slice(region.left, region.left + region.width)
    assert np.array_equal(region_rgb(frame, region), region_rgb(frame, WHOLE)[rows, columns])


@pytest.mark.parametrize("full_chroma", [False, True])
def test_what_is_not_changed_stays_bit_identical(full_chroma: bool) -> None:
    frame = noise(2, full_chroma)
    kept = copy(frame)
    region = Region(10, 8, 40, 40)
    before = region_rgb(frame, region)
    after = before.copy()
    after[10:20, 12:30] = 255 - after[10:20, 12:30]
    apply_change(frame, region, before, after)
    step = HEIGHT // frame.u.shape[0]
    outside = np.ones((HEIGHT, WIDTH), bool)
    outside[18:28, 22:40] = False
    assert np.array_equal(frame.y[outside], kept.y[outside])
    assert np.array_equal(frame.u[outside[::step, ::step]], kept.u[outside[::step, ::step]])
    assert np.array_equal(frame.v[outside[::step, ::step]], kept.v[outside[::step, ::step]])
    assert (frame.y[~outside] != kept.y[~outside]).any()


@pytest.mark.parametrize("seed", range(3))
def test_unchanged_region_leaves_any_frame_as_it_is(seed: int) -> None:
    frame = noise(seed)
    kept = copy(frame)
    before = region_rgb(frame, WHOLE)
    apply_change(frame, WHOLE, before, before.copy())
    assert np.array_equal(frame.y, kept.y)
    assert np.array_equal(frame.u, kept.u)
    assert np.array_equal(frame.v, kept.v)


def test_changed_region_is_read_back() -> None:
    frame = stored(smooth_rgb())
    region = Region(16, 16, 48, 32)
    before = region_rgb(frame, region)
    wanted = np.ascontiguousarray(np.clip(before[::-1].astype(int) // 2 + 40, 0, 255).astype(np.uint8))
    apply_change(frame, region, before, wanted)
    got = region_rgb(frame, region)
    light = np.abs((got.astype(float) - wanted) @ LUMA)[2:-2, 2:-2]
    assert light.max() <= 2.5
    assert light.mean() <= 0.7
    assert np.abs(got.astype(int) - wanted)[2:-2, 2:-2].mean() <= 1.5


def test_full_chroma_is_read_back_pixel_by_pixel() -> None:
    frame = YuvFrame(*(np.full((65, 97), level, np.uint8) for level in (110, 120, 140)))
    region = Region(0, 0, 97, 65)
    wanted = smooth_rgb(97, 65)
    wanted = wanted // 2 + 60
    apply_change(frame, region, region_rgb(frame, region), wanted)
    assert np.abs(region_rgb(frame, region).astype(int) - wanted).max() <= 3


def test_small_picture_keeps_colours_and_proportions() -> None:
    image = smooth_rgb(270, 480)
    small = shrunk_rgb(stored(image), 100)
    assert small.shape == (178, 100, 3)
    reference = av.VideoFrame.from_ndarray(image, format="rgb24").reformat(100, 178, interpolation="AREA").to_ndarray()
    assert np.abs(small.astype(int) - reference).mean() <= 2


@pytest.mark.parametrize("width_px", [1, 40, WIDTH, 500])
def test_small_picture_is_never_wider_than_the_frame(width_px: int) -> None:
    small = shrunk_rgb(noise(3), width_px)
    assert small.shape == (max(round(HEIGHT * min(width_px, WIDTH) / WIDTH), 1), min(width_px, WIDTH), 3)


EDGES = st.floats(-50, 200)


@given(left=EDGES, top=EDGES, width=st.floats(0, 150), height=st.floats(0, 150))
def test_region_lies_in_the_frame_on_even_corners(left: float, top: float, width: float, height: float) -> None:
    region = region_around(left, top, left + width, top + height, (WIDTH + 1, HEIGHT))
    assert region.left % 2 == region.top % 2 == 0
    assert min(region.width, region.height, region.left + 1, region.top + 1) >= 1
    right, bottom = region.left + region.width, region.top + region.height
    assert right <= WIDTH + 1
    assert bottom <= HEIGHT
    assert region.width % 2 == 0 or right == WIDTH + 1
    if left >= 0 and left + width <= WIDTH + 1:
        assert region.left <= left
        assert right >= left + width
