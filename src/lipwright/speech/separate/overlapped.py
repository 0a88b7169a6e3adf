"""A network that hears some seconds of stereo at another rate, led over a sound of any length."""

from collections.abc import Callable, Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from lipwright.media.audio import resample
from lipwright.speech.separate.base import SAMPLE_RATE_HZ, Stems
from lipwright.speech.separate.blocks import blocks

Find = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""Gives the voice in (window, 2), of the same shape."""


def stems_of(
    find: Find, window: int, rate_hz: int, chunks: Iterable[NDArray[np.float32]], channels: int
) -> Iterator[Stems]:
    """Take a sound apart.

    Args:
        find: hears `window` samples at `rate_hz`.
        window: even.
        chunks: (n, channels) at 48 kHz.
    """
    waiting = np.zeros((0, channels), np.float32)

    def heard() -> Iterator[NDArray[np.float32]]:
        nonlocal waiting
        for block in blocks(chunks, channels, SAMPLE_RATE_HZ):
            waiting = np.concatenate([waiting, block])
            yield np.repeat(block, 2, axis=1) if channels == 1 else block

    voices = _overlapped(find, window, resample(heard(), SAMPLE_RATE_HZ, rate_hz))
    for found in resample(voices, rate_hz, SAMPLE_RATE_HZ):
        voice = (found.mean(axis=1, keepdims=True) if channels == 1 else found)[: len(waiting)]
        sound, waiting = waiting[: len(voice)], waiting[len(voice) :]
        yield Stems(voice, sound - voice)
    if len(waiting):  # a sample may be lost in rounding twice
        yield Stems(np.zeros_like(waiting), waiting)


def _overlapped(find: Find, window: int, chunks: Iterable[NDArray[np.float32]]) -> Iterator[NDArray[np.float32]]:
    """The voice in windows that overlap by half, each faded in and out: the edges count little."""
    half = window // 2
    fade = np.asarray((np.arange(half) + 0.5) / half, np.float32)[:, None]
    before = rising = np.zeros((half, 2), np.float32)
    taken = given = 0
    for block in blocks(chunks, 2, half):
        taken += len(block)
        after = np.pad(block, ((0, half - len(block)), (0, 0)))
        voice = find(np.concatenate([before, after]))
        if given or taken > half:
            yield rising + voice[:half] * fade[::-1]
            given += half
        before, rising = after, voice[half:] * fade
    if taken:
        voice = find(np.concatenate([before, np.zeros_like(before)]))
        yield (rising + voice[:half] * fade[::-1])[: taken - given]
