"""The parts of a comparison with a source: pairing, step, what changed outside, energies, VMAF."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from lipwright.contracts.sidecar import FrameRun, PixelBox, Rewritten
from lipwright.errors import ProviderUnavailable
from lipwright.quality.ledger import Ledger
from lipwright.quality.mask import mask_outline, outside_change
from lipwright.quality.mouth_box import grain, mouth_box
from lipwright.quality.pairs import Pairing, footage_of
from lipwright.quality.plot import Line, line_plot
from lipwright.quality.step import StepMeter
from lipwright.quality.vmaf import BURST, EVERY, vmaf_meter
from support.clips import write_clip
from support.faces import placed

FPS = Fraction(25)


def noise(seed: int, size: tuple[int, int] = (240, 240), strength: float = 30) -> NDArray[np.uint8]:
    values = np.random.default_rng(seed).normal(128, strength, size)
    return np.clip(values, 16, 235).astype(np.uint8)


def plan_of(*runs: FrameRun) -> Rewritten:
    count = sum(run.count for run in runs)
    weight = (1.0,) * count
    return Rewritten(
        source_fps=FPS, source_frames=8, plan=runs, weight=weight, faces=(), lip_sync="drawn", heard="sound"
    )


def test_pairs_follow_the_plan(tmp_path: Path) -> None:
    shown, origin = write_clip(tmp_path / "shown.mp4", 7), write_clip(tmp_path / "origin.mp4", 8)
    plan = plan_of(FrameRun(first=5, count=3), FrameRun(first=6, count=2, step=-1), FrameRun(first=0, count=2))
    pairs = list(Pairing(footage_of(shown), footage_of(origin), plan).read())
    assert [pair.origin_number for pair in pairs] == [5, 6, 7, 6, 5, 0, 1]
    assert [pair.goes_on for pair in pairs] == [False, True, True, True, True, False, True]
    assert all(pair.origin is not None for pair in pairs)


def test_pairs_by_time_find_the_frame_that_is_seen(tmp_path: Path) -> None:
    shown = write_clip(tmp_path / "shown.mp4", 12, Fraction(50))
    origin = write_clip(tmp_path / "origin.mp4", 5, Fraction(25))
    numbers = Pairing(footage_of(shown), footage_of(origin), None).numbers
    assert numbers.tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, -1, -1]


@pytest.mark.parametrize("late", [0, 1, 5, -3])
def test_step_is_found_in_a_moving_picture(late: int) -> None:
    meter = StepMeter()
    pictures = [np.roll(noise(0, (96, 96)), 2 * shift, axis=1) for shift in range(40)]
    for number in range(8, 30):
        meter.look(pictures[number - late], pictures[number], [])
    assert meter.lag() == late


def test_still_picture_tells_no_step() -> None:
    meter = StepMeter()
    for _ in range(30):
        meter.look(noise(0), noise(0), [])
    assert meter.lag() is None


def test_encoding_is_no_change_outside_but_a_patch_is() -> None:
    mesh = placed(0, 0, 0, scale=40, at=(120, 90))
    outline = [mask_outline(mesh)]
    origin = noise(1)
    coded = np.clip(origin.astype(np.int16) + np.random.default_rng(2).integers(-6, 7, origin.shape), 0, 255)
    found = outside_change(coded.astype(np.uint8), origin, outline, mesh.eye_distance_px)
    assert found is not None
    assert found.near == pytest.approx(found.far, rel=0.3)
    assert found.worst < found.worst_far * 1.1
    patched = coded.astype(np.uint8)
    patched[80:180, 60:180] = np.clip(patched[80:180, 60:180].astype(np.int16) + 20, 0, 255)
    seen = outside_change(patched, origin, outline, mesh.eye_distance_px)
    assert seen is not None
    assert seen.near - seen.far > 2
    assert seen.worst - seen.worst_far > 6
    named = PixelBox(left=56, top=72, right=184, bottom=184)
    excused = outside_change(patched, origin, outline, mesh.eye_distance_px, (named,))
    assert excused is not None
    assert excused.near == pytest.approx(found.near, abs=0.2)


def test_mask_holds_mouth_chin_and_neck_and_leaves_the_eyes() -> None:
    mesh = placed(0, 0, 0, scale=40, at=(120, 90))
    low, high = mask_outline(mesh).min(axis=0), mask_outline(mesh).max(axis=0)
    assert low[1] > mesh.points[[33, 263], 1].max()
    assert high[1] > mesh.points[152, 1] + 0.3 * mesh.eye_distance_px
    assert low[0] < mesh.points[132, 0]


def test_mouth_box_shows_lips_and_skin_apart() -> None:
    mesh = placed(0, 0, 0, scale=60, at=(120, 90))
    box = mouth_box(noise(3), mesh, mesh)
    assert not (box.lips & box.skin).any()
    assert not (box.lips & box.interior).any()
    assert box.lips.sum() > 200
    assert box.skin.sum() > 2000


@given(st.floats(1, 20))
def test_grain_is_the_noise_of_flat_skin(strength: float) -> None:
    values = np.random.default_rng(4).normal(128, strength, (64, 64)).astype(np.float32)
    everywhere = np.ones((64, 64), np.bool_)
    # Four fifths of half a normal distribution have .70 of its mean.
    assert grain(values, everywhere) == pytest.approx(0.70 * strength, rel=0.05)


def test_vmaf_sees_blur_and_not_what_is_masked() -> None:
    mesh = placed(0, 0, 0, scale=40, at=(120, 90))
    outline = [mask_outline(mesh)]
    origin = noise(5)
    masked = origin.copy()
    masked[130:150, 110:130] = 0
    blurred = ((origin.astype(np.uint16) + np.roll(origin, 1, axis=1)) // 2).astype(np.uint8)
    scores = []
    for shown in (origin, masked, blurred):
        with vmaf_meter(240, 240, FPS, 3) as meter:
            for number in range(3):
                meter.look(number, shown, origin, outline)
            scores.append(meter.score() or 0.0)
    assert scores[0] == pytest.approx(scores[1], abs=0.01)
    assert scores[0] > 95
    assert scores[2] < 80


def test_vmaf_of_a_long_video_is_taken_in_bursts() -> None:
    with vmaf_meter(64, 64, FPS, 1000) as meter:
        for number in range(2 * EVERY):
            meter.look(number, noise(6, (64, 64)), noise(6, (64, 64)), [])
        assert meter.frames == 2 * BURST


def test_vmaf_of_tiny_pictures_is_not_available() -> None:
    with pytest.raises(ProviderUnavailable, match="too small"), vmaf_meter(16, 16, FPS, 3):
        pass


def test_ledger_gives_back_columns_with_holes() -> None:
    ledger = Ledger(("a", "b"))
    assert len(ledger["a"]) == 0
    ledger.add(a=1.0)
    ledger.add(b=2.0)
    np.testing.assert_array_equal(ledger["a"], [1.0, np.nan])
    np.testing.assert_array_equal(ledger["b"], [np.nan, 2.0])
    with pytest.raises(KeyError):
        ledger.add(c=1.0)


def test_plot_of_a_long_series_stays_small_and_keeps_its_peaks() -> None:
    values = np.zeros(100_000)
    values[70_000] = 1.0
    values[10:500] = np.nan
    text = line_plot("gap", "IOD", np.arange(100_000) / 25, [Line("<found>", values, "a")], [(0.0, 3.0)])
    assert len(text) < 20_000
    assert "&lt;found&gt;" in text
    assert "nan" not in text
    assert " 14.0" in text  # the peak reaches the top


def test_without_a_face_nothing_may_change() -> None:
    origin = noise(7)
    shown = origin.copy()
    shown[100:140, 100:140] = 16
    kept, changed = (outside_change(one, origin, [], float("nan")) for one in (origin, shown))
    assert kept is not None
    assert changed is not None
    assert (kept.worst, kept.far_mean) == (0, 0)
    assert changed.worst - changed.worst_far > 50
