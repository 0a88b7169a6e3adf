"""A stream of sound cut anew, so that the chunks in which it arrives change nothing."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray


def blocks(chunks: Iterable[NDArray[np.float32]], channels: int, samples: int) -> Iterator[NDArray[np.float32]]:
    """Give (samples, channels) at a time; the last block is shorter, unless the sound ends with a whole one.

    Raises: ValueError: a chunk has another shape than (n, channels).
    """
    kept: list[NDArray[np.float32]] = []
    count = 0
    for chunk in chunks:
        if chunk.ndim != 2 or chunk.shape[1] != channels:
            raise ValueError(f"sound of shape {chunk.shape}: give (n, {channels}).")
        kept.append(chunk)
        count += len(chunk)
        if count >= samples:
            joined = np.concatenate(kept)
            whole = count // samples * samples
            for start in range(0, whole, samples):
                yield joined[start : start + samples]
            kept = [joined[whole:]]
            count -= whole
    if count:
        yield np.concatenate(kept)
