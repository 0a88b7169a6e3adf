"""Real-ESRGAN on the mouth alone, with weights that the user brings; the frame keeps its size."""

from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from lipwright.assets.own_model import file_digest, find_file
from lipwright.contracts.sidecar import PixelBox
from lipwright.errors import ProviderUnavailable
from lipwright.inference import load_onnxruntime, loading_errors
from lipwright.render.arrays import Pixels
from lipwright.render.enhance.base import EnhanceCapability, Enhancer
from lipwright.render.enhance.region import with_new_mouth

VARIABLE: Final = "LIPWRIGHT_REALESRGAN_MODEL"
_EVEN_PX: Final = 4
"""Sides of what the network is shown are multiples of this: models that enlarge twice fold pixels together first."""
_EDGE_PX: Final = 8
"""Repeated about the mouth, so that the network sees no edge."""
_LIGHT: Final = 0.06
"""Sigma in widths of the picture above which light and colour stay the frame's own: networks shift them."""


class RealEsrgan(Enhancer):
    """Real-ESRGAN (Wang et al., ICCVW 2021, arXiv:2107.10833) in ONNX, run by ONNX Runtime.

    Takes any model with one input and one output of shape (1, 3, height, width), RGB, 0 to 1, the output larger by a
    whole factor. It runs on the CPU: of its authors' models the compact ones, made for video, are the ones to bring.

    Licence: code Apache-2.0, as Lipwright. The weights are the user's; those of its authors are BSD-3-Clause.
    """

    capability = EnhanceCapability(
        name="realesrgan", cost_unit="none", needs_gpu=False, code_licence="Apache-2.0", weights_licence=""
    )

    def __init__(self, *, realesrgan_model: Path | None = None, threads: int = 0) -> None:
        """
        Args:
            realesrgan_model: the ONNX file.
            threads: of the network; 0 uses every core.
        """
        self._model = realesrgan_model
        self._threads = threads
        self._network: _Network | None = None

    @property
    def version(self) -> str:
        return f"{super().version} {file_digest('realesrgan', self._model, VARIABLE)}"

    def enhance(self, frame: Pixels, mouth: PixelBox) -> Pixels:
        if self._network is None:
            self._network = _Network(find_file("realesrgan", self._model, VARIABLE), self._threads)
        network = self._network
        return with_new_mouth(frame, mouth, network.restored)


class _Network:
    """The loaded model."""

    def __init__(self, path: Path, threads: int) -> None:
        runtime = load_onnxruntime()
        options = runtime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        try:
            self._session: Any = runtime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except loading_errors(runtime) as exc:
            raise ProviderUnavailable(f"realesrgan: `{path}` does not load ({exc}). Give Real-ESRGAN in ONNX.") from exc
        given, made = self._session.get_inputs(), self._session.get_outputs()
        if len(given) != 1 or len(made) != 1 or len(given[0].shape) != 4 or given[0].shape[1] not in {3, "3"}:
            raise ProviderUnavailable(
                f"realesrgan: `{path}` takes {[one.shape for one in given]}, which Real-ESRGAN does not. Give a model "
                "of shape (1, 3, height, width)."
            )
        if any(isinstance(side, int) for side in given[0].shape[2:]):
            raise ProviderUnavailable(
                f"realesrgan: `{path}` takes pictures of one size only, {given[0].shape}. Export it with dynamic "
                "height and width."
            )
        self._name = given[0].name
        self._type = np.float16 if given[0].type == "tensor(float16)" else np.float32

    def restored(self, part: Pixels) -> Pixels:
        """A picture as the network sees it, at its own size, in its own light."""
        height, width = part.shape[:2]
        down, right = (-side % _EVEN_PX + _EDGE_PX for side in (height, width))
        shown = cv2.copyMakeBorder(part, _EDGE_PX, down, _EDGE_PX, right, cv2.BORDER_REPLICATE)
        values = np.divide(shown.transpose(2, 0, 1)[None], 255, dtype=np.float32).astype(self._type)
        (answer,) = self._session.run(None, {self._name: values})
        large = np.ascontiguousarray(answer[0].transpose(1, 2, 0).astype(np.float32)) * 255
        small = cv2.resize(large, shown.shape[1::-1], interpolation=cv2.INTER_AREA)
        made = np.asarray(small[_EDGE_PX : _EDGE_PX + height, _EDGE_PX : _EDGE_PX + width], np.float32)
        light = cv2.GaussianBlur(part - made, (0, 0), max(1.0, _LIGHT * width))
        return np.asarray(np.clip(np.rint(made + light), 0, 255), np.uint8)
