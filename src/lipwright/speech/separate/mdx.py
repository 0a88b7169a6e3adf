"""MDX-Net: sung and spoken voice out of music, with a model file that the user brings."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lipwright.assets.own_model import file_digest, find_file
from lipwright.errors import ProviderUnavailable
from lipwright.inference import load_onnxruntime, loading_errors
from lipwright.speech.separate.base import SeparateCapability, Separator, Stems
from lipwright.speech.separate.overlapped import stems_of

VARIABLE: Final = "LIPWRIGHT_MDX_MODEL"
MODEL_RATE_HZ: Final = 44_100
_HOP: Final = 1024
_PLANES: Final = 4
"""Real and imaginary part of the left channel, then of the right one."""
_LOWEST_BIN: Final = 3
"""These models are shown nothing lower."""


class Mdx(Separator):
    """An MDX-Net model in ONNX, as Ultimate Vocal Remover uses them, run by ONNX Runtime.

    Licence: code Apache-2.0, as Lipwright; the weights are the user's.
    """

    capability = SeparateCapability(
        name="mdx",
        sung=True,
        stereo=True,
        cost_unit="none",
        needs_gpu=False,
        code_licence="Apache-2.0",
        weights_licence="",
    )
    lead_in_s = look_ahead_s = 12.0

    def __init__(
        self,
        *,
        mdx_model: Path | None = None,
        mdx_fft_size: int = 6144,
        mdx_gives: str = "vocals",
        threads: int = 0,
    ) -> None:
        """
        Args:
            mdx_model: the ONNX file.
            mdx_fft_size: which the model was trained with; the file does not tell it. 6144 for most, 7680 for
                Kim Vocal, 5120 for some HQ ones.
            mdx_gives: `vocals`, or `instrumental` for a model that gives everything but the voice.
            threads: of the network; 0 uses every core.
        """
        self._model = mdx_model
        self._fft_size = mdx_fft_size
        self._gives = mdx_gives
        self._threads = threads
        self._network: _Network | None = None

    @property
    def version(self) -> str:
        digest = file_digest("mdx", self._model, VARIABLE)
        return f"{super().version} {self._gives} {self._fft_size} {digest}"

    def separate(self, chunks: Iterable[NDArray[np.float32]], channels: int) -> Iterator[Stems]:
        if self._network is None:
            path = find_file("mdx", self._model, VARIABLE)
            self._network = _Network(path, self._fft_size, self._gives, self._threads)
        yield from stems_of(self._network.voice, self._network.window, MODEL_RATE_HZ, chunks, channels)


class _Network:
    """The loaded model: a picture of the sound goes in, a picture of one of its stems comes out."""

    def __init__(self, path: Path, fft_size: int, gives: str, threads: int) -> None:
        if gives not in {"vocals", "instrumental"}:
            raise ProviderUnavailable(
                f"mdx: a model gives `vocals` or `instrumental`, not `{gives}`. Set LIPWRIGHT_MDX_GIVES to one of them."
            )
        runtime = load_onnxruntime()
        options = runtime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        try:
            self._session: Any = runtime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except loading_errors(runtime) as exc:
            raise ProviderUnavailable(f"mdx: `{path}` does not load ({exc}). Give an MDX-Net model in ONNX.") from exc
        (given,) = self._session.get_inputs()
        shape = given.shape
        if len(shape) != 4 or shape[1] != _PLANES or not all(isinstance(size, int) for size in shape[2:]):
            raise ProviderUnavailable(f"mdx: `{path}` takes {shape}, which no MDX-Net model does. Give another one.")
        self._name, self._bins, self._columns = given.name, int(shape[2]), int(shape[3])
        if self._bins > fft_size // 2 + 1:
            raise ProviderUnavailable(
                f"mdx: `{path}` shows {self._bins} pitches, more than an FFT of {fft_size} gives. Set "
                "LIPWRIGHT_MDX_FFT_SIZE to the size that it was trained with, such as 7680."
            )
        self._fft_size = fft_size
        self._is_bed = gives == "instrumental"
        self._fade = np.hanning(fft_size + 1)[:-1].astype(np.float32)
        self.window = _HOP * (self._columns - 1)

    def voice(self, sound: NDArray[np.float32]) -> NDArray[np.float32]:
        """The voice in (window, 2)."""
        edge = self._fft_size // 2
        padded = np.pad(sound, ((edge, edge), (0, 0)), mode="reflect")
        frames = np.arange(self._columns)[:, None] * _HOP + np.arange(self._fft_size)
        spectrum = np.fft.rfft(padded[frames] * self._fade[:, None], axis=1)  # (columns, pitches, 2)
        planes = np.stack([spectrum.real, spectrum.imag], axis=-1).transpose(2, 3, 1, 0)
        shown = planes.reshape(1, _PLANES, -1, self._columns)[:, :, : self._bins].astype(np.float32)
        shown[:, :, :_LOWEST_BIN] = 0
        (answer,) = self._session.run(None, {self._name: shown})
        parts = answer.reshape(2, 2, self._bins, self._columns).transpose(3, 2, 0, 1)
        found = np.zeros_like(spectrum)
        found[:, : self._bins] = parts[..., 0] + 1j * parts[..., 1]
        pieces = np.fft.irfft(found, self._fft_size, axis=1) * self._fade[:, None]
        made, weight = np.zeros_like(padded), np.zeros(len(padded), np.float32)
        for column, piece in enumerate(pieces):
            start = column * _HOP
            made[start : start + self._fft_size] += piece
            weight[start : start + self._fft_size] += np.square(self._fade)
        stem = (made / np.maximum(weight, 1e-8)[:, None])[edge : edge + self.window].astype(np.float32)
        return np.asarray(sound - stem if self._is_bed else stem, np.float32)
