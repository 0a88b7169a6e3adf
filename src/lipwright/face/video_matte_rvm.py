"""Robust Video Matting: people out of a video, hair by hair, with weights that the user brings."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lipwright.assets.own_model import file_digest, find_file
from lipwright.errors import ProviderUnavailable
from lipwright.face.video_matte import CutOut, MatteCapability, Seen, VideoMatter
from lipwright.inference import load_onnxruntime, loading_errors

VARIABLE: Final = "LIPWRIGHT_RVM_MODEL"
_STATES: Final = ("r1", "r2", "r3", "r4")
_INPUTS: Final = {"src", "downsample_ratio", *(f"{state}i" for state in _STATES)}
_OUTPUTS: Final = ["fgr", "pha", *(f"{state}o" for state in _STATES)]
_INNER_PX: Final = 512
"""Longer side at which the network looks at a frame before it refines the edges."""


class RobustVideoMatting(VideoMatter):
    """Robust Video Matting (Lin et al., WACV 2022, arXiv:2108.11515) in ONNX, run by ONNX Runtime.

    Licence: code Apache-2.0, as Lipwright. The weights are the user's; those of its authors are GPL-3.0, which
    does not extend to the videos made with them. Inputs and outputs as in the authors' documentation/inference.md.
    """

    capability = MatteCapability(
        name="rvm", cost_unit="none", needs_gpu=False, code_licence="Apache-2.0", weights_licence=""
    )

    def __init__(self, *, rvm_model: Path | None = None, threads: int = 1) -> None:
        """
        Args:
            rvm_model: the ONNX file, such as rvm_mobilenetv3_fp32.onnx; half precision works as well.
            threads: of the network; 0 uses every core.
        """
        self._model = rvm_model
        self._threads = threads
        self._network: _Network | None = None

    @property
    def version(self) -> str:
        return f"{super().version} {file_digest('rvm', self._model, VARIABLE)}"

    def cut_out(self, frames: Iterable[Seen]) -> Iterator[CutOut]:
        if self._network is None:
            self._network = _Network(find_file("rvm", self._model, VARIABLE), self._threads)
        states = self._network.fresh()
        for seen in frames:
            cut, states = self._network(seen.image, states)
            yield cut


class _Network:
    """The loaded model. What it remembers of a video is passed from frame to frame."""

    def __init__(self, path: Path, threads: int) -> None:
        runtime = load_onnxruntime()
        options = runtime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session: Any = runtime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except loading_errors(runtime) as exc:
            raise ProviderUnavailable(
                f"rvm: `{path}` does not load ({exc}). Give Robust Video Matting in ONNX."
            ) from exc
        given = {one.name: one.type for one in self._session.get_inputs()}
        made = {one.name for one in self._session.get_outputs()}
        if set(given) != _INPUTS or not made.issuperset(_OUTPUTS):
            raise ProviderUnavailable(
                f"rvm: `{path}` takes {sorted(given)} and gives {sorted(made)}, which Robust Video Matting does not. "
                "Give its ONNX file."
            )
        self._type = np.float16 if given["src"] == "tensor(float16)" else np.float32

    def fresh(self) -> list[NDArray[Any]]:
        """What it remembers before the first frame."""
        return [np.zeros((1, 1, 1, 1), self._type) for _ in _STATES]

    def __call__(self, image: NDArray[np.uint8], states: list[NDArray[Any]]) -> tuple[CutOut, list[NDArray[Any]]]:
        ratio = min(1.0, _INNER_PX / max(image.shape[:2]))
        source = np.divide(image.transpose(2, 0, 1)[None], 255, dtype=np.float32).astype(self._type)
        remembered = {f"{name}i": state for name, state in zip(_STATES, states, strict=True)}
        foreground, alpha, *states = self._session.run(
            _OUTPUTS, {"src": source, "downsample_ratio": np.array([ratio], np.float32), **remembered}
        )
        return CutOut(_levels(alpha[0, 0]), np.ascontiguousarray(_levels(foreground[0]).transpose(1, 2, 0))), states


def _levels(shares: NDArray[Any]) -> NDArray[np.uint8]:
    return np.asarray(np.clip(shares.astype(np.float32) * 255 + 0.5, 0, 255), np.uint8)
