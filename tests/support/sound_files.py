"""Files with sound alone, in any codec, whole or damaged."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

from support.clips import SoundPlan


def write_sound(path: Path, plan: SoundPlan, pieces: Sequence[tuple[int, NDArray[np.float32]]] | None = None) -> Path:
    """A file with sound alone; `pieces` are samples (n, channels) and where their time stamps put them."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(plan.codec, rate=plan.rate_hz, layout=plan.layout)
        resampler = AudioResampler(format=stream.format.name, layout=plan.layout, rate=plan.rate_hz)
        for start, samples in pieces or [(0, plan.samples)]:
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples).reshape(1, -1), "flt", plan.layout)
            frame.sample_rate, frame.pts, frame.time_base = plan.rate_hz, start, Fraction(1, plan.rate_hz)
            for ready in resampler.resample(frame):
                container.mux(stream.encode(ready))
        container.mux(stream.encode(None))
    return path


def damaged(path: Path, at: float, length: int) -> Path:
    """Overwrite bytes of a file, at a share of its length."""
    data = bytearray(path.read_bytes())
    start = int(len(data) * at)
    data[start : start + length] = np.random.default_rng(1).integers(0, 256, length, np.uint8).tobytes()
    path.write_bytes(data)
    return path
