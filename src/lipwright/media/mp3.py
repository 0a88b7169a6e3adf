"""Sound as MP3, which every vendor takes."""

from collections.abc import Iterable
from pathlib import Path

import av
import numpy as np
from av.error import FFmpegError
from numpy.typing import NDArray

from lipwright.media.output import output_error, replacing

BIT_RATE_BPS = 192_000


def write_mp3(path: Path, sound: Iterable[NDArray[np.float32]], sample_rate_hz: int) -> None:
    """Write one channel of sound, whole or not at all.

    Args:
        sound: chunks of any length, float32, (n,).
        sample_rate_hz: one that MP3 has, such as 48,000.
    Raises: OutputNotWritable, DiskFull.
    """
    try:
        with replacing(path) as temporary, av.open(f"file:{temporary}", "w", format="mp3") as container:
            stream = container.add_stream("libmp3lame", rate=sample_rate_hz)
            stream.layout, stream.format = "mono", "fltp"
            stream.bit_rate = BIT_RATE_BPS
            done = 0
            for chunk in sound:
                frame = av.AudioFrame.from_ndarray(
                    np.ascontiguousarray(chunk[None], dtype=np.float32), format="fltp", layout="mono"
                )
                frame.sample_rate, frame.pts = sample_rate_hz, done
                done += len(chunk)
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    except (OSError, FFmpegError) as exc:
        raise output_error(path, exc) from exc
