"""Hibari: English in an instant, one voice, everything inside its package."""

import json
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipwright.errors import ProviderUnavailable
from lipwright.inference import load_onnxruntime
from lipwright.speech import alphabet
from lipwright.speech.tts.base import Gender, TtsCapability, Voice
from lipwright.speech.tts.neural import SAMPLE_RATE_HZ, DurationModel
from lipwright.speech.tts.onnx import extra_output

_DURATIONS = "/Clip_output_0"
_VOICES = (Voice("heart", "en-US", Gender.FEMALE, "hibari", "female, American English"),)


class Hibari(DurationModel):
    """An 8 MB model that speaks over a hundred times faster than real time on one core.

    Licence: code and weights Apache-2.0 (hibari-tts).
    """

    capability = TtsCapability(
        name="hibari",
        languages=("en-US",),
        voice_count=len(_VOICES),
        accepts_voice_files=False,
        phoneme_timing_error_ms=12.0,
        sample_rate_hz=SAMPLE_RATE_HZ,
        streaming=False,
        cost_unit="none",
        needs_gpu=False,
        code_licence="Apache-2.0",
        weights_licence="Apache-2.0",
    )
    longest_part = 400

    def __init__(self, *, threads: int = 1, seed: int = 0) -> None:
        """
        Args:
            threads: of the network; one is enough.
            seed: of the noise in breathy sounds.
        """
        super().__init__()
        self._threads = threads
        self._seed = seed
        self._session: Any = None

    def voices(self) -> tuple[Voice, ...]:
        return _VOICES

    def _synthesise(self, symbols: str, voice: Voice, speed: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        load_onnxruntime()  # the package below imports it
        from hibari import dsp

        if self._session is None:
            self._session = _load(self._threads)
        inputs = {
            "ids": np.array([alphabet.token_ids(symbols)], np.int64),
            "speed": np.array([speed], np.float32),
        }
        *spectrum, durations = self._session.run(None, inputs)
        samples = dsp.synth(*(output[0] for output in spectrum), np.random.default_rng(self._seed))
        return samples.astype(np.float32), durations.ravel().astype(np.float32)


def _load(threads: int) -> Any:
    """The network with its durations as seventh output."""
    ort = load_onnxruntime()
    try:
        assets = resources.files("hibari") / "assets"
        model = (assets / "hibari.onnx").read_bytes()
        symbols = json.loads((assets / "vocab.json").read_text("utf-8"))
    except (ModuleNotFoundError, FileNotFoundError) as exc:
        raise ProviderUnavailable(
            "hibari: its model is missing. Install it again: pip install hibari-tts==0.2.1"
        ) from exc
    if symbols != dict(alphabet.SYMBOL_IDS):
        raise ProviderUnavailable("hibari: this release has another alphabet. Install hibari-tts==0.2.1")
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    return ort.InferenceSession(model + extra_output(_DURATIONS), options, providers=["CPUExecutionProvider"])
