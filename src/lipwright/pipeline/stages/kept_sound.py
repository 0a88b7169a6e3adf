"""Sound as a stage keeps it: FLAC of 24 bits, with a factor for what is louder than full scale."""

import json
import math
from pathlib import Path
from typing import Final

import av
import numpy as np
from numpy.typing import NDArray

_SOUND, _FACTOR = "sound.flac", "factor.json"
_STEPS: Final = 2**23
_FRAME_SAMPLES: Final = 4096


def keep_sound(folder: Path, samples: NDArray[np.float32], sample_rate_hz: int) -> None:
    """Write sound into the folder of a result.

    Args:
        samples: (n, channels), 1 or 2 channels, n at least 1. Rounded to 24 bits of the next power of two above its
            peak, or of full scale if it is softer: the rest is 138 dB below that.
    """
    peak = float(np.abs(samples).max())
    factor = 2.0 ** max(math.ceil(math.log2(peak)), 0) if peak > 0 else 1.0
    steps = np.rint(samples.astype(np.float64) / factor * _STEPS).clip(-_STEPS, _STEPS - 1).astype(np.int32)
    layout = "mono" if samples.shape[1] == 1 else "stereo"
    with av.open(str(folder / _SOUND), "w", format="flac") as container:
        stream = container.add_stream("flac", rate=sample_rate_hz, layout=layout, format="s32")
        stream.codec_context.options = {"compression_level": "3"}
        for start in range(0, len(steps), _FRAME_SAMPLES):
            piece = np.ascontiguousarray(steps[start : start + _FRAME_SAMPLES] << 8).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(piece, format="s32", layout=layout)
            frame.sample_rate = sample_rate_hz
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    (folder / _FACTOR).write_text(json.dumps(factor), encoding="utf-8")


def kept_sound(folder: Path) -> NDArray[np.float32]:
    """The sound that `keep_sound` wrote, (n, channels)."""
    factor = json.loads((folder / _FACTOR).read_text(encoding="utf-8"))
    with av.open(str(folder / _SOUND)) as container:
        channels = container.streams.audio[0].channels
        pieces = [frame.to_ndarray().astype(np.float64).reshape(-1, channels) for frame in container.decode(audio=0)]
    return np.asarray(np.concatenate(pieces) * (factor / (256 * _STEPS)), np.float32)
