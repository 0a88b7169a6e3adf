"""Speech made longer or shorter while its pitch stays: Rubber Band, inside FFmpeg."""

import subprocess

import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray

from lipwright.errors import ProviderUnavailable

_FINER = 0x20000000
"""RubberBandOption EngineFiner (rubberband-c.h): the engine of version 3. FFmpeg has no name for it; it joins the
numbers of all its options into the library's flags."""
_LEAD_S = 0.043
"""FFmpeg takes the engine's delay out as if the sound were not stretched; what is left is in proportion to this.
Measured with clicks at 24 and 48 kHz and speeds of 0.8 to 1.25: what is heard is then within 2 ms of its place."""
_LEAST_SAMPLES = 2


def stretch(samples: NDArray[np.float32], sample_rate_hz: int, count: int) -> NDArray[np.float32]:
    """Change the length of speech.

    Args:
        samples: mono, (n,); some seconds of it. Not modified.
        count: length of the result in samples; `n / count` is how many times as fast it becomes.
    Returns: (count,): every sound at its place times `count / n`.
    Raises: ProviderUnavailable: FFmpeg, or Rubber Band in it, is missing.
    """
    if count == len(samples) or min(count, len(samples)) < _LEAST_SAMPLES:
        return np.pad(samples[:count], (0, count - len(samples[:count])))
    speed = len(samples) / count
    raw = _rubber_band(samples, sample_rate_hz, speed)
    late = round(_LEAD_S * sample_rate_hz * (1 - 1 / speed))
    raw = raw[late:] if late > 0 else np.pad(raw, (-late, 0))
    return np.pad(raw[:count], (0, max(count - len(raw), 0)))


def _rubber_band(samples: NDArray[np.float32], sample_rate_hz: int, speed: float) -> NDArray[np.float32]:
    sound = ["-f", "f32le", "-ar", str(sample_rate_hz), "-ac", "1"]
    effect = f"rubberband=tempo={speed:.9f}:pitchq=quality:transients={_FINER}"
    command = ["-nostdin", "-v", "error", *sound, "-i", "pipe:0", "-af", effect, *sound, "pipe:1"]
    data = samples.astype("<f4").tobytes()
    try:
        program = imageio_ffmpeg.get_ffmpeg_exe()
        done = subprocess.run([program, *command], input=data, capture_output=True, check=False)
    except (OSError, RuntimeError) as exc:
        raise _unavailable(str(exc)) from exc
    if done.returncode:
        raise _unavailable(done.stderr[-500:].decode(errors="replace").strip())
    return np.frombuffer(done.stdout, "<f4").astype(np.float32)


def _unavailable(cause: str) -> ProviderUnavailable:
    return ProviderUnavailable(
        f"FFmpeg cannot change the length of speech ({cause}). It needs its filter rubberband: install imageio-ffmpeg"
        " again, or unset IMAGEIO_FFMPEG_EXE."
    )
