"""A packaged network, ready to run. The only module of this room that knows the runtime."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipwright.assets.packaged import read_asset
from lipwright.inference import load_onnxruntime


class Network:
    """One packaged ONNX model with a single input. Engine: ONNX Runtime, MIT. Weights: MediaPipe, Apache-2.0."""

    def __init__(self, file_name: str, threads: int) -> None:
        """Load `face/<file_name>`.

        Args:
            threads: how many cores one call may use.
        Raises: ProviderUnavailable: the packaged file is missing or damaged.
        """
        ort = load_onnxruntime()
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Threads that wait for work in a loop would starve the decoder and the encoder beside them.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        model = read_asset(f"face/{file_name}")
        self._session: Any = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def __call__(self, values: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """Run once.

        Args:
            values: (height, width, 3), of the network's own size and range.
        Returns: all outputs with their batch axis, in the order of the file.
        """
        outputs: list[NDArray[np.float32]] = self._session.run(None, {"input": values[None]})
        return outputs
