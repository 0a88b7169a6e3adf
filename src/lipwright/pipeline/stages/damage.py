"""What is said of a recording that cannot be read everywhere."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path


def damage_note(audio: Path, damaged: Sequence[Fraction]) -> tuple[str, ...]:
    """One note for the times, in seconds, at which a recording is damaged; none for a whole one."""
    if not damaged:
        return ()
    return (f"`{audio.name}` is damaged at {float(damaged[0]):.1f} s: what cannot be read is silent",)
