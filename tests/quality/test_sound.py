"""Levels, silences and the time of a click."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from lipwright.contracts.progress import SilentProgress
from lipwright.contracts.speech import Phoneme
from lipwright.media.frames import read_frames
from lipwright.media.writer import VideoFormat, VideoWriter
from lipwright.quality.signals import find_lag
from lipwright.quality.sound import (
    LEVEL_RATE_HZ,
    SAMPLE_RATE_HZ,
    expected_levels,
    levels_of,
    listen,
    quiet_spans,
)
from lipwright.quality.sweep import sweep
from support.clips import SIDE_PX, in_chunks, plain, tone

FPS = Fraction(25)


@pytest.mark.parametrize("late_s", [-0.08, 0.0, 0.12])
def test_click_is_as_late_behind_the_flash_as_it_was_made(tmp_path: Path, late_s: float) -> None:
    flashes, frames = (8, 21, 27, 40), 50
    sound = np.zeros(frames * SAMPLE_RATE_HZ // 25, np.float32)
    for flash in flashes:
        start = round((flash / 25 + late_s) * SAMPLE_RATE_HZ)
        sound[start : start + SAMPLE_RATE_HZ // 25] = tone(1000, 0.04)
    path = tmp_path / "flash.mp4"
    with VideoWriter(path, VideoFormat(SIDE_PX, SIDE_PX, FPS), audio=in_chunks(sound)) as writer:
        for number in range(frames):
            writer.write(plain(250 if number in flashes else 10))
    seen = sweep(read_frames(path), FPS, None, SilentProgress())
    heard = listen(path, 1)
    light = np.repeat(seen.brightness, LEVEL_RATE_HZ // 25)
    found = find_lag(light, heard.levels[: len(light)], LEVEL_RATE_HZ, 0.3)
    assert found is not None
    assert 1000 * found.seconds == pytest.approx(1000 * late_s, abs=3)
    assert heard.end_s == pytest.approx(2.0, abs=0.001)
    assert seen.black_frames == frames - len(flashes)


@pytest.mark.parametrize("chunk", [7, 240, 1000, 10**6])
def test_levels_do_not_depend_on_how_sound_is_cut(chunk: int) -> None:
    sound = tone(440, 0.333)
    levels = levels_of(in_chunks(sound, chunk))
    assert len(levels) == 67
    np.testing.assert_allclose(levels, levels_of([sound]), rtol=1e-6)
    assert levels[10] == pytest.approx(0.5 / np.sqrt(2), rel=0.05)


def test_silences_are_found_by_level() -> None:
    quiet = np.zeros(SAMPLE_RATE_HZ // 2, np.float32)
    spans = quiet_spans(levels_of([tone(300, 0.4), quiet, tone(300, 0.4), quiet[:4800]]))
    assert [(span.start_s, span.end_s) for span in spans] == [(0.4, 0.9)]


def test_silent_track_has_no_pauses() -> None:
    assert quiet_spans(np.zeros(400)) == ()
    assert quiet_spans(np.empty(0)) == ()


def test_vowels_are_expected_louder_than_stops() -> None:
    expected = expected_levels([Phoneme("p", 0.0, 0.1), Phoneme("a", 0.1, 0.2), Phoneme("s", 0.2, 0.9)], 100)
    assert expected.shape == (100,)
    assert expected[10] < expected[50] < expected[30]
