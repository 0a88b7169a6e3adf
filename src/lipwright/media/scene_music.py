"""Music that lies under a whole video: read once, played over and over without a seam that is heard."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipwright.errors import MediaUnreadable
from lipwright.media.audio import read_audio
from lipwright.media.loudness import course
from lipwright.media.spool import AudioSpool

CHANNELS = 2
SAMPLE_RATE_HZ = 48_000
SHORTEST_S = 1.0

_SEAM_S = 2.0
"""The end of the music goes while its beginning comes."""
_SEAM_SHARE = 0.25
"""Of the music, at most."""
_SILENT = 10 ** (-60 / 20)
"""What stays below is silence, at the beginning and at the end of a file."""
_FAINTEST_LUFS = -60.0
"""Below this a file holds the noise of its making."""
_LOUDEST = 1000.0
"""No sound reaches it; damaged numbers do."""
_BLOCK = 2 * SAMPLE_RATE_HZ


@dataclass(frozen=True, slots=True)
class MusicSound:
    """Music that was read."""

    sound: AudioSpool
    """48 kHz, 2 channels, beginning with its first sound; its owner closes it."""
    length: int
    """Samples up to its last sound."""
    integrated_lufs: float
    """How loud it is, from its first to its last sound."""


def read_music(path: Path, longest_s: float) -> MusicSound:
    """Read the music of any file with sound, without the silence before it.

    Args:
        longest_s: how much of it is needed.
    Raises:
        MediaNotFound, MediaUnreadable: there is no sound in it, or it is silent, shorter than a second, or damaged.
        OutputNotWritable, DiskFull.
    """
    sound = AudioSpool(SAMPLE_RATE_HZ, CHANNELS)
    try:
        length = _read(path, round(max(longest_s, SHORTEST_S) * SAMPLE_RATE_HZ), sound)
        lufs = course(sound.chunks(), SAMPLE_RATE_HZ, CHANNELS).integrated_lufs
        if not length or lufs < _FAINTEST_LUFS:
            raise MediaUnreadable(f"`{path}`: this music is silent. Use another file, or leave the music out.")
        if length < SHORTEST_S * SAMPLE_RATE_HZ:
            raise MediaUnreadable(
                f"`{path}`: there is only {length / SAMPLE_RATE_HZ:.2f} s of sound in it, too little for music. Use a "
                f"file of {SHORTEST_S:.0f} s or more."
            )
    except BaseException:
        sound.close()
        raise
    return MusicSound(sound, length, lufs)


def looped(music: MusicSound, count: int) -> Iterator[NDArray[np.float32]]:
    """Play music for so many samples, again and again, its end fading over its beginning at constant power.

    Yields: (n, 2).
    """
    seam = min(round(_SEAM_S * SAMPLE_RATE_HZ), int(music.length * _SEAM_SHARE))
    phase = (np.arange(seam, dtype=np.float64)[:, None] + 0.5) / seam * (math.pi / 2)
    coming, going = np.sin(phase).astype(np.float32), np.cos(phase).astype(np.float32)
    first = given = 0
    while given < count:
        left = count - given
        end = first + left if left <= music.length - first else music.length - seam
        for start in range(first, end, _BLOCK):
            yield music.sound.read(start, min(_BLOCK, end - start))
        given += end - first
        if given < count:
            mixed = (music.sound.read(end, seam) * going + music.sound.read(0, seam) * coming)[: count - given]
            yield mixed
            given += len(mixed)
        first = seam


def _read(path: Path, longest: int, sound: AudioSpool) -> int:
    """Keep what is heard, and the silence between.

    Returns: where the last sound ends.
    """
    length = 0
    for chunk in read_audio(path, SAMPLE_RATE_HZ, CHANNELS):
        levels = np.abs(chunk).max(axis=1)
        if not float(levels.max()) < _LOUDEST:
            raise MediaUnreadable(f"`{path}`: its sound is damaged. Export it again, or use another file.")
        heard = np.flatnonzero(levels > _SILENT)
        begun = 0 if len(sound) else (int(heard[0]) if len(heard) else len(chunk))
        if len(heard):
            length = len(sound) + int(heard[-1]) + 1 - begun
        sound.append(chunk[begun:])
        if len(sound) >= longest:
            break
    return length
