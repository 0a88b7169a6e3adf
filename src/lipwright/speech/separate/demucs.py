"""Demucs: sung and spoken voice out of music, with a model file that the user brings."""

import pickle
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lipwright.assets.own_model import file_digest, find_file
from lipwright.errors import ProviderUnavailable
from lipwright.speech.separate.base import SeparateCapability, Separator, Stems
from lipwright.speech.separate.overlapped import stems_of

VARIABLE: Final = "LIPWRIGHT_DEMUCS_MODEL"
_INSTALL: Final = "pip install demucs"
_LONGEST_S: Final = 10.0


class Demucs(Separator):
    """A model of Demucs 4, run by PyTorch on the CPU.

    Such a file holds a Python object and may run any code when it is opened: use one that you trust.

    Licence: code MIT (Demucs), BSD-3-Clause (PyTorch); the weights are the user's.
    """

    capability = SeparateCapability(
        name="demucs",
        sung=True,
        stereo=True,
        cost_unit="none",
        needs_gpu=False,
        code_licence="MIT AND BSD-3-Clause",
        weights_licence="",
    )
    lead_in_s = look_ahead_s = 2 * _LONGEST_S

    def __init__(self, *, demucs_model: Path | None = None, threads: int = 0) -> None:
        """
        Args:
            demucs_model: the file of one model, such as `955717e8-8726e21a.th`.
            threads: of PyTorch in this process; 0 leaves the choice to it.
        """
        self._model = demucs_model
        self._threads = threads
        self._network: _Network | None = None

    @property
    def version(self) -> str:
        return f"{super().version} {file_digest('demucs', self._model, VARIABLE)}"

    def separate(self, chunks: Iterable[NDArray[np.float32]], channels: int) -> Iterator[Stems]:
        if self._network is None:
            self._network = _Network(find_file("demucs", self._model, VARIABLE), self._threads)
        network = self._network
        yield from stems_of(network.voice, network.window, network.rate_hz, chunks, channels)


class _Network:
    """The loaded model."""

    def __init__(self, path: Path, threads: int) -> None:
        try:
            import demucs.apply
            import demucs.states
            import torch
        except ImportError as exc:
            raise ProviderUnavailable(f"demucs: it is not installed ({exc}). Install it: {_INSTALL}") from exc
        if threads:
            torch.set_num_threads(threads)
        try:
            self._model: Any = demucs.states.load_model(path).eval()
            self._voice = self._model.sources.index("vocals")
        except (
            ArithmeticError,
            AttributeError,
            EOFError,
            ImportError,
            LookupError,
            OSError,
            RuntimeError,
            TypeError,
            ValueError,
            pickle.UnpicklingError,
        ) as exc:
            raise ProviderUnavailable(f"demucs: `{path}` does not load ({exc}). Give the file of one model.") from exc
        self._torch: Any = torch
        self._apply: Any = demucs.apply.apply_model
        self.rate_hz = int(self._model.samplerate)
        self.window = int(min(float(self._model.segment), _LONGEST_S) * self.rate_hz) // 2 * 2

    def voice(self, sound: NDArray[np.float32]) -> NDArray[np.float32]:
        """The voice in (window, 2)."""
        mixed = self._torch.from_numpy(np.ascontiguousarray(sound.T))[None]
        with self._torch.inference_mode():
            stems = self._apply(self._model, mixed, shifts=0, split=False)
        return np.asarray(stems[0, self._voice].numpy().T, np.float32)
