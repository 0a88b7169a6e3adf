from fractions import Fraction

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lipwright.face.shots import ShotDetector
from support.scenes import moved, view

FPS = Fraction(25)
Picture = NDArray[np.uint8]


def cuts_in(pictures: list[Picture], fps: Fraction = FPS) -> list[int]:
    detector = ShotDetector(fps)
    found = [cut for picture in pictures for cut in detector.see(picture)[1]]
    return found + detector.unsettled()


def panned(seed: int, count: int, step_px: float = 2.0) -> list[Picture]:
    """A shot in which the camera moves, with the grain of a sensor."""
    grain = np.random.default_rng(seed)
    wide = view(seed)
    return [
        cv2.add(moved(wide, step_px * frame, 0.5 * step_px * frame), grain.integers(0, 6, wide.shape).astype(np.uint8))
        for frame in range(count)
    ]


def test_a_cut_is_found_at_its_frame() -> None:
    assert cuts_in(panned(1, 20) + panned(2, 30) + panned(3, 20)) == [20, 50]


def test_a_cut_in_the_last_frames_is_found_at_the_end() -> None:
    assert cuts_in(panned(1, 20) + panned(2, 4)) == [20]


def test_a_frame_that_may_begin_a_shot_is_told_at_once() -> None:
    detector = ShotDetector(FPS)
    sudden = [detector.see(picture)[0] for picture in panned(1, 12) + panned(2, 12)]
    assert sudden.index(True) == 12
    assert sum(sudden) == 1


@pytest.mark.parametrize("frames", [1, 2, 4])
def test_a_flash_is_no_cut(frames: int) -> None:
    pictures = panned(1, 40)
    for frame in range(20, 20 + frames):
        pictures[frame] = np.full_like(pictures[frame], 250)
    assert cuts_in(pictures) == []


def test_fades_are_no_cuts() -> None:
    fade = np.concatenate([np.linspace(1, 0, 15), np.zeros(5), np.linspace(0, 1, 15)])
    shot = panned(1, 60, step_px=0.5)
    pictures = shot[:12] + [(p * k).astype(np.uint8) for p, k in zip(shot[12:], fade, strict=False)] + shot[47:]
    assert cuts_in(pictures) == []


def test_a_slow_change_from_view_to_view_is_no_cut() -> None:
    one, other = view(1), view(2)
    mixed = [cv2.addWeighted(one, 1 - k, other, k, 0) for k in np.linspace(0, 1, 25)]
    assert cuts_in([one] * 15 + mixed + [other] * 15) == []


def test_a_camera_that_whips_round_makes_no_cut() -> None:
    steps = np.concatenate([np.zeros(15), 12 * np.sin(np.linspace(0, np.pi, 14)), np.zeros(15)])
    wide = view(4, 512, 288)
    pictures = [moved(wide, -x, 0)[72:216, 128:384] for x in np.cumsum(steps)]
    assert cuts_in(pictures) == []


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 69), st.integers(1, 69))
def test_stopping_anywhere_and_going_on_changes_nothing(first: int, second: int) -> None:
    pictures = panned(1, 20) + panned(2, 3) + panned(1, 12) + panned(3, 35)
    whole = ShotDetector(FPS)
    expected = [whole.see(picture) for picture in pictures]
    seen: list[tuple[bool, list[int]]] = []
    detector = ShotDetector(FPS)
    for number, picture in enumerate(pictures):
        if number in (first, second):
            detector = ShotDetector(FPS, number, detector.state)
        seen.append(detector.see(picture))
    assert seen == expected
    assert detector.unsettled() == whole.unsettled()


@pytest.mark.parametrize("fps", [Fraction(1), Fraction(24000, 1001), Fraction(240)])
def test_any_rate_will_do(fps: Fraction) -> None:
    reach = max(3, round(0.3 * fps))
    assert cuts_in(panned(1, reach, 0.2) + panned(2, reach, 0.2), fps) == [reach]
