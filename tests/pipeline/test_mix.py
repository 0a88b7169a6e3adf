"""The stage says what a listener should know of the mix."""

import math
from contextlib import closing

import numpy as np
import pytest

from lipwright.contracts.progress import SilentProgress
from lipwright.errors import Cancelled
from lipwright.media.mixdown import SourceLevels
from lipwright.media.spool import AudioSpool
from lipwright.pipeline.stages.mix import mix, source_levels
from support.clips import tone


def notes(voice_level: float, bed_level: float, levels: SourceLevels) -> tuple[str, ...]:
    with AudioSpool() as voice, AudioSpool() as bed:
        voice.append(tone(500, 3, voice_level))
        bed.append(tone(300, 3, bed_level))
        with closing(mix(voice, bed, levels, progress=SilentProgress())) as mixed:
            return mixed.notes


def test_usual_mix_needs_no_note() -> None:
    assert notes(0.2, 0.02, SourceLevels(1, -20.0, -20.0)) == ()


def test_silent_video_silent_bed_and_silent_dub_are_told() -> None:
    levels = SourceLevels(1, -math.inf, -math.inf)
    assert notes(0.2, 0.0, levels) == (
        "the video is silent: the dub is made as loud as -16 LUFS",
        "there is no background: between the lines it is silent",
    )
    assert "nothing is heard in the dub" in notes(0.0, 0.0, levels)


def test_dub_that_stays_quieter_than_the_video_is_told() -> None:
    assert notes(0.0, 0.01, SourceLevels(1, -16.0, -16.0)) == ("the dub is -37.8 LUFS loud, the video -16.0",)


def test_cancelled_mix_stops() -> None:
    class Stopped(SilentProgress):
        def check_cancelled(self) -> None:
            raise Cancelled("stopped")

    with AudioSpool() as voice, pytest.raises(Cancelled):
        mix(voice, None, SourceLevels(1, -16.0, -16.0), progress=Stopped())
    with AudioSpool() as sound, pytest.raises(Cancelled):
        source_levels(sound, sound, Stopped())


def test_levels_of_a_source_are_measured() -> None:
    with AudioSpool(channels=2) as sound, AudioSpool() as voice:
        sound.append(np.repeat(tone(997, 3, 0.1)[:, None], 2, axis=1))
        voice.append(tone(997, 3, 0.1))
        levels = source_levels(sound, voice, SilentProgress())
    assert levels.channels == 2
    assert levels.integrated_lufs == pytest.approx(-20, abs=0.1)
    assert levels.voice_lufs == pytest.approx(-20, abs=0.1)
