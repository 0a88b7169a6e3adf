"""The dubbed voice over the bed of the source: what is heard in a dub."""

import math
from dataclasses import dataclass

from lipwright.contracts.progress import Progress
from lipwright.media.mixdown import Mixdown, SourceLevels, levels_of, mix_down
from lipwright.media.spool import AudioSpool

_TOLERANCE_LU = 0.5


@dataclass(frozen=True, slots=True)
class Mixed:
    """The sound of a dub."""

    sound: AudioSpool
    """48 kHz, channels of the source; its owner closes it."""
    integrated_lufs: float
    """Minus infinity for silence."""
    deepest_duck_db: float
    """How far the bed was lowered under the voice at most, 0 or more."""
    notes: tuple[str, ...]

    def close(self) -> None:
        """Remove the sound from the disk."""
        self.sound.close()


def source_levels(sound: AudioSpool, old_voice: AudioSpool, progress: Progress) -> SourceLevels:
    """Measure how loud a source and its voice are.

    Args:
        sound: of the source, 48 kHz, 1 or 2 channels.
        old_voice: taken out of it, 48 kHz, 1 or 2 channels.
    Raises: Cancelled.
    """
    progress.stage("measure loudness", None)
    progress.check_cancelled()
    return levels_of(sound, old_voice)


def mix(
    voice: AudioSpool,
    bed: AudioSpool | None,
    levels: SourceLevels,
    *,
    bed_gain_db: float = 0.0,
    progress: Progress,
) -> Mixed:
    """Mix a dub.

    Args:
        voice: 48 kHz, one channel, silent between its lines.
        bed: 48 kHz, 1 or 2 channels; None for none.
        bed_gain_db: how much louder than in the source the bed is.
    Returns: a sound as long as the longer of the two.
    Raises: OutputNotWritable, DiskFull, Cancelled.
    """
    progress.stage("mix", None)
    progress.check_cancelled()
    mixed = mix_down(voice, bed, levels, bed_gain_db=bed_gain_db)
    return Mixed(mixed.sound, mixed.integrated_lufs, mixed.deepest_duck_db, tuple(_notes(mixed, levels)))


def _notes(mixed: Mixdown, levels: SourceLevels) -> list[str]:
    notes = []
    if not math.isfinite(levels.integrated_lufs):
        notes.append(f"the video is silent: the dub is made as loud as {mixed.wanted_lufs:.0f} LUFS")
    if not math.isfinite(mixed.bed_lufs):
        notes.append("there is no background: between the lines it is silent")
    if not math.isfinite(mixed.integrated_lufs):
        notes.append("nothing is heard in the dub")
    elif abs(mixed.integrated_lufs - mixed.wanted_lufs) > _TOLERANCE_LU:
        came_out, wanted = mixed.integrated_lufs, mixed.wanted_lufs
        notes.append(f"the dub is {came_out:.1f} LUFS loud, the video {wanted:.1f}")
    return notes
