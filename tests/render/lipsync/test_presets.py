"""A preset that promises more takes more pains."""

import itertools

import pytest

from lipwright.contracts.sync import Preset
from lipwright.render.lipsync.presets import preset_tuning

X264_PRESETS = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow")


@pytest.mark.parametrize(("less", "more"), list(itertools.pairwise(Preset)))
def test_presets_rise_in_every_respect(less: Preset, more: Preset) -> None:
    one, other = preset_tuning(less), preset_tuning(more)
    assert one.knobs["candidates"] <= other.knobs["candidates"]  # type: ignore[operator]
    assert one.most_exemplars <= other.most_exemplars
    assert X264_PRESETS.index(one.x264_preset) < X264_PRESETS.index(other.x264_preset)
    assert one.crf > other.crf
