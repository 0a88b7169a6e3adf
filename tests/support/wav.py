"""Plain WAV files."""

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def write_wav(path: Path, samples: NDArray[np.float32], rate_hz: int, channels: int = 1) -> None:
    """Write 16-bit sound; one channel is repeated in all."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(np.repeat((samples * 32767).astype("<i2"), channels).tobytes())
