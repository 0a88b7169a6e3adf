"""The sound of a video that is dubbed: as long as its picture, and known to hold something."""

from collections.abc import Iterator
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.progress import Progress
from lipwright.errors import SpeechNotHeard
from lipwright.media.audio import has_sound, read_audio, resample, sound_channels
from lipwright.media.spool import AudioSpool

SAMPLE_RATE_HZ = 48_000
SPEECH_RATE_HZ = 16_000
SILENT = 1e-4
"""No sample of a silent recording is larger."""


def source_sound(
    video: Path, track: int | None, duration_s: Fraction, damaged: list[Fraction], progress: Progress
) -> AudioSpool:
    """Decode a sound track to 48 kHz, cut or filled up with silence to the length of the picture.

    Args:
        damaged: gets the times of what cannot be decoded.
    Returns: 1 or 2 channels; the caller closes it.
    Raises: SpeechNotHeard: there is no sound, or only silence. MediaUnreadable, UsageError.
    """
    progress.stage("listen", None)
    if not has_sound(video):
        raise SpeechNotHeard(
            f"`{video}`: it has no sound, so there is nothing to dub. Use a video in which somebody speaks."
        )
    channels = sound_channels(video, track)
    samples = round(duration_s * SAMPLE_RATE_HZ)
    loudest = 0.0
    with ExitStack() as on_error:
        sound = on_error.enter_context(AudioSpool(SAMPLE_RATE_HZ, channels))
        for chunk in read_audio(video, SAMPLE_RATE_HZ, channels, track, on_damage=damaged.append):
            progress.check_cancelled()
            wanted = chunk[: samples - len(sound)]
            if not len(wanted):
                break
            loudest = max(loudest, float(np.abs(wanted).max()))
            sound.append(wanted)
        while len(sound) < samples:
            missing = min(samples - len(sound), SAMPLE_RATE_HZ)
            sound.append(np.zeros(missing if channels == 1 else (missing, channels), np.float32))
        if loudest <= SILENT:
            raise SpeechNotHeard(f"`{video}`: there is nothing to hear in it. Use a video in which somebody speaks.")
        on_error.pop_all()
    return sound


def for_recognition(sound: AudioSpool) -> AudioSpool:
    """The same in one channel at 16 kHz; the caller closes it."""

    def mono() -> Iterator[NDArray[np.float32]]:
        for chunk in sound.chunks():
            yield chunk if chunk.ndim == 1 else chunk.mean(axis=1, dtype=np.float32)

    heard = AudioSpool(SPEECH_RATE_HZ)
    for chunk in resample(mono(), sound.sample_rate_hz, SPEECH_RATE_HZ):
        heard.append(chunk)
    return heard
