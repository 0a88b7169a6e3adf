"""espeak-ng (GPL-3) with the times of its phones, for training only: the product neither links nor contains it."""

import ctypes
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.speech import Phoneme

LATE_S = 0.015
"""Its phone events come this much behind their sound."""
LIBRARY = "libespeak-ng.so.1"
SYNCHRONOUS = 2
PHONEME_EVENTS_IN_IPA = 0x0003
PHONEME_EVENT = 7
UTF_8 = 1
RATE, PITCH, RANGE = 1, 3, 4
SILENT = "_:;,.!?| "


class _Value(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int), ("unique", ctypes.c_uint), ("text_position", ctypes.c_int), ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int), ("sample", ctypes.c_int), ("user", ctypes.c_void_p), ("value", _Value),
    )  # fmt: skip


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


class Espeak:
    """The installed library. Raises OSError when it is not installed (apt-get install espeak-ng)."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(LIBRARY)
        self.sample_rate_hz = int(self._library.espeak_Initialize(SYNCHRONOUS, 0, None, PHONEME_EVENTS_IN_IPA))
        self._sound: list[NDArray[np.int16]] = []
        self._events: list[tuple[float, str]] = []
        self._callback = _Callback(self._collect)
        self._library.espeak_SetSynthCallback(self._callback)

    def speak(self, text: str, voice: str, *, words_per_minute: int, pitch: int, pitch_range: int) -> "Spoken":
        """Say a text. Raises ValueError: the voice is unknown."""
        if self._library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise ValueError(f"espeak-ng has no voice {voice}")
        for parameter, value in ((RATE, words_per_minute), (PITCH, pitch), (RANGE, pitch_range)):
            self._library.espeak_SetParameter(parameter, value, 0)
        self._sound, self._events = [], []
        data = text.encode()
        self._library.espeak_Synth(data, ctypes.c_size_t(len(data) + 1), 0, 0, 0, UTF_8, None, None)
        self._library.espeak_Synchronize()
        samples = np.concatenate([np.zeros(0, np.int16), *self._sound]).astype(np.float32) / 32768
        ends = [*self._events, (len(samples) / self.sample_rate_hz, "")]
        return Spoken(samples, tuple(_phones(ends)))

    def _collect(
        self, samples: "ctypes._Pointer[ctypes.c_short]", count: int, events: "ctypes._Pointer[_Event]"
    ) -> int:
        if samples and count > 0:
            self._sound.append(np.ctypeslib.as_array(samples, (count,)).copy())
        index = 0
        while events and events[index].type:
            if events[index].type == PHONEME_EVENT:
                symbol = bytes(events[index].value.string).split(b"\0")[0].decode("utf-8", "ignore")
                self._events.append((events[index].audio_position / 1000 - LATE_S, symbol))
            index += 1
        return 0


class Spoken:
    """Sound and phones of one text."""

    def __init__(self, samples: NDArray[np.float32], phonemes: tuple[Phoneme, ...]) -> None:
        self.samples, self.phonemes = samples, phonemes


def _phones(events: list[tuple[float, str]]) -> Iterator[Phoneme]:
    for (start_s, symbol), (end_s, _) in pairwise(events):
        bare = symbol.strip(SILENT + "ˈˌ")
        if bare and end_s > max(start_s, 0.0):
            yield Phoneme(bare, max(start_s, 0.0), end_s)
