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


_TUNINGS: Final[Mapping[Preset, PresetTuning]] = MappingProxyType(
    {
        Preset.FAST: PresetTuning("rewrite", {"candidates": 10, "ahead_frames": 10}, 250, "superfast", 20),
        Preset.BALANCED: PresetTuning("rewrite", {"candidates": 24, "ahead_frames": 20}, 750, "veryfast", 18),
        Preset.HIGH_QUALITY: PresetTuning("rewrite", {"candidates": 32, "ahead_frames": 30}, 750, "medium", 16),
        Preset.ULTRA: PresetTuning("rewrite", {"candidates": 48, "ahead_frames": 45}, 750, "slow", 14),
    }
)


def preset_tuning(preset: Preset) -> PresetTuning:
    """What a preset resolves to; `lipwright sync --engine` replaces the engine alone."""
    return _TUNINGS[preset]
