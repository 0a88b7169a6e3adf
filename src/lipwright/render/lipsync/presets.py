"""What a preset means: which engine, how hard it looks for the best mouth, and how the picture is encoded."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeAlias

from lipwright.contracts.sync import Preset

Knobs: TypeAlias = Mapping[str, int | float | bool | str]
"""Keyword arguments of an engine's constructor."""


@dataclass(frozen=True, slots=True)
class PresetTuning:
    """All that a preset decides."""

    engine: str
    """Name in the registry."""
    knobs: Knobs
    most_exemplars: int
    """Frames of the person that the engine gets to know, at most."""
    x264_preset: str
    crf: int
    """x264's constant rate factor."""
    recognises: bool = False
    """Whether the words of a recording without a transcript are recognised, so that lips can follow their phones."""


_TUNINGS: Final[Mapping[Preset, PresetTuning]] = MappingProxyType(
    {
        Preset.FAST: PresetTuning("rewrite", {"candidates": 24}, 150, "superfast", 20),
        Preset.BALANCED: PresetTuning("rewrite", {"candidates": 48}, 400, "veryfast", 18),
        Preset.HIGH_QUALITY: PresetTuning("rewrite", {"candidates": 96}, 750, "medium", 16, recognises=True),
        Preset.ULTRA: PresetTuning("rewrite", {"candidates": 96}, 750, "slow", 14, recognises=True),
    }
)
"""What each number buys, measured on real clips:

- Candidates: with 10, 24, 48 and 96, another person's speech made a mouth jump to an unlike one 2.8, 2.0, 1.6 and 1.5
  times a second (mean of three pairs of clips); the time for it grew from .40 to .46 ms a frame.
- Exemplars: with 45, 90 and 150, a speaker's own unseen speech came back at 24.4, 25.2 and 25.7 dB in the mouth (mean
  of four clips); each takes about 3.5 ms before the first frame is drawn.
- Encoder: superfast/20, veryfast/18, medium/16 and slow/14 took 15, 25, 67 and 103 ms of one core for a frame of
  1080 x 1920, came to 48.0, 47.7, 49.1 and 50.1 dB, and to 5.8, 3.8, 4.4 and 5.4 Mbit/s.
"""


def preset_tuning(preset: Preset) -> PresetTuning:
    """What a preset resolves to; `lipwright sync --engine` replaces the engine alone."""
    return _TUNINGS[preset]
