"""How Whisper hears speech before it writes words: alike for every voice, and in a hundred languages."""

from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lipwright.assets.joined import user_cache
from lipwright.errors import ProviderUnavailable
from lipwright.inference import load_faster_whisper
from lipwright.speech.stt.whisper import INSTALL, join_model

SAMPLE_RATE_HZ: Final = 16_000
STATE_SAMPLES: Final = 320
"""20 ms."""
STATE_SIZE: Final = 512
_LONGEST_S: Final = 30
_MEL_SAMPLES: Final = 160


class Ear:
    """The encoder of Whisper base with 8-bit weights. One thread: the same sound gives the same states.

    Its model is loaded when it first hears something.

    Licence: code MIT (faster-whisper, CTranslate2); weights MIT (OpenAI's Whisper base).
    """

    def __init__(self, *, cache: Path | None = None) -> None:
        """
        Args:
            cache: folder for the joined model (148 MB); the user's cache folder when None.
        """
        self._cache = cache
        self._model: Any = None

    def hear(self, sound: NDArray[np.float32]) -> NDArray[np.float32]:
        """What is heard at k / 50 s, in the light of everything in the piece.

        Args:
            sound: mono at 16 kHz, -1 to 1, (n,); up to 30 s, whole frames of 20 ms.
        Returns: (n / 320, 512)
        Raises: ProviderUnavailable: a package of the model is missing or damaged. OutputNotWritable, DiskFull.
        """
        if len(sound) % STATE_SAMPLES or not 0 < len(sound) <= _LONGEST_S * SAMPLE_RATE_HZ:
            raise ValueError(f"{len(sound)} samples: give whole frames of {STATE_SAMPLES}, up to {_LONGEST_S} s.")
        if self._model is None:
            self._model = _load(self._cache or user_cache())
        features = self._model.feature_extractor(sound)[:, : len(sound) // _MEL_SAMPLES]
        states = np.array(self._model.encode(np.ascontiguousarray(features)))
        return np.asarray(states[0], np.float32)


def _load(cache: Path) -> Any:
    whisper = load_faster_whisper()
    folder = join_model(cache)
    try:
        return whisper.WhisperModel(
            str(folder), device="cpu", compute_type="int8", cpu_threads=1, local_files_only=True
        )
    except (RuntimeError, ValueError) as exc:
        raise ProviderUnavailable(f"whisper: the model does not load ({exc}). Install it again: {INSTALL}") from exc
