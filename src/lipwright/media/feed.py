"""Sound that is taken along with pictures: chunks of any length come in, stretches of exact length go out."""

from collections.abc import Iterable, Iterator
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from lipwright.media.mp4 import SAMPLE_RATE_HZ


class SoundFeed:
    """Cuts a stream of chunks at the ends of pictures; silence follows its end."""

    def __init__(self, chunks: Iterable[NDArray[np.float32]], channels: int, fps: Fraction) -> None:
        """Read nothing yet.

        Args:
            chunks: float32 at 48 kHz, (n,) or (n, channels).
        """
        self._chunks: Iterator[NDArray[np.float32]] = iter(chunks)
        self._channels = channels
        self._fps = fps
        self._rest = np.empty((0, channels), np.float32)
        self._position = 0

    def read_until(self, picture: int) -> NDArray[np.float32]:
        """Give the samples up to the beginning of a picture, by its number; (n, channels)."""
        return self.read_to(picture / self._fps)

    def read_to(self, time_s: Fraction) -> NDArray[np.float32]:
        """Give the samples up to a time; (n, channels), none when it has passed."""
        end = round(time_s * SAMPLE_RATE_HZ)
        missing = end - self._position
        pieces = []
        while missing > 0:
            if not len(self._rest):
                chunk = next(self._chunks, None)
                self._rest = (
                    np.zeros((missing, self._channels), np.float32)
                    if chunk is None
                    else np.asarray(chunk, np.float32).reshape(-1, self._channels)
                )
            piece, self._rest = self._rest[:missing], self._rest[missing:]
            pieces.append(piece)
            missing -= len(piece)
        self._position = max(end, self._position)
        return np.concatenate(pieces) if pieces else np.empty((0, self._channels), np.float32)

    def rest(self) -> Iterator[NDArray[np.float32]]:
        """Give what is left of the sound; (n, channels)."""
        if len(self._rest):
            yield self._rest
        for chunk in self._chunks:
            yield np.asarray(chunk, np.float32).reshape(-1, self._channels)
