"""LSE-D and LSE-C with SyncNet weights that the user brings; none are packaged.

Source: Chung and Zisserman, Out of time: automated lip sync in the wild, 2016; the two scores as in Prajwal et al., A
lip sync expert is all you need, 2020: mean distance at the best offset, and the median over offsets less that distance.
The published code pads the sound with zeros at both ends; here, windows without a partner are left out.
Engine: ONNX Runtime, MIT. Weights: the user's, under the licence that they came with.
"""

import math
from collections import deque
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.face import FaceMesh
from lipwright.contracts.footage import YuvFrame
from lipwright.errors import MediaNotFound, ProviderUnavailable
from lipwright.inference import load_onnxruntime, loading_errors
from lipwright.quality.mfcc import WIDTH

FPS: Final = 25
"""The only frame rate that SyncNet knows; frames of another rate are repeated or left out."""
FRAMES, CROP_PX, ROWS = 5, 224, 20
REACH: Final = 15
"""Frames of 40 ms, early and late."""
_ROWS_A_FRAME: Final = 4
_BATCH: Final = 16
_BELOW: Final = 0.4
"""Of the face's half side: how much wider the crop is, and twice that lower."""
_LEAST_WINDOWS: Final = 25
_PLACES: Final = 13
"""Frames that the crop's place is averaged over, so that it does not tremble."""


@dataclass(frozen=True, slots=True)
class SyncScores:
    """How well lips and sound go together, by SyncNet."""

    lse_d: float
    """Distance at the best offset: lower is better."""
    lse_c: float
    """Confidence: higher is better."""
    offset_frames: int
    """Frames of 40 ms that the sound comes behind the picture."""
    windows: int


class SyncNetMeter:
    """Takes frames in order. Keeps 5 crops, one batch, and 31 embeddings of each kind."""

    def __init__(self, network: Path, cepstra: NDArray[np.float32], fps: Fraction) -> None:
        """Load the weights.

        Args:
            network: an ONNX file with two inputs, pictures (n, 3, 5, 224, 224) in BGR from 0 to 255 and cepstra
                (n, 1, 13, 20), and two outputs (n, d) in that order, the embeddings of lips and of sound.
            cepstra: of the sound, see mfcc.mfcc.
            fps: of the frames.
        Raises: MediaNotFound: there is no such file. ProviderUnavailable: it is no such network.
        """
        self._session, self._names, self._outputs = _load(network)
        self._cepstra, self._fps = cepstra, fps
        self._crops: deque[NDArray[np.float32]] = deque(maxlen=FRAMES)
        self._taken = 0
        self._places: deque[NDArray[np.float64]] = deque(maxlen=_PLACES)
        self._batch: list[tuple[int, NDArray[np.float32]]] = []
        self._lips: deque[NDArray[np.float64] | None] = deque(maxlen=REACH + 1)
        self._sound: deque[NDArray[np.float64] | None] = deque(maxlen=2 * REACH + 1)
        self._sums, self._counts = np.zeros(2 * REACH + 1), np.zeros(2 * REACH + 1, np.int64)

    def look(self, number: int, frame: YuvFrame, mesh: FaceMesh | None) -> None:
        """Take the next frame. A frame without a face breaks the sequence."""
        due = math.ceil((number + 1) * FPS / self._fps - Fraction(1, 2))
        if mesh is None:
            self._taken = due
            self._forget()
            return
        while self._taken < due:
            crop = self._crop(frame, mesh)
            self._crops.append(crop)
            first = self._taken - FRAMES + 1
            self._taken += 1
            rows = slice(first * _ROWS_A_FRAME, first * _ROWS_A_FRAME + ROWS)
            if len(self._crops) == FRAMES and rows.stop <= len(self._cepstra):
                self._batch.append((first, np.stack(self._crops, axis=1)))
                if len(self._batch) == _BATCH:
                    self._run()

    def scores(self) -> SyncScores | None:
        """What the frames so far say; None for too few."""
        self._run()
        if self._counts.min() < _LEAST_WINDOWS:
            return None
        means = self._sums / self._counts
        best = int(np.argmin(means))
        windows = int(self._counts[REACH])
        return SyncScores(float(means[best]), float(np.median(means) - means[best]), best - REACH, windows)

    def _forget(self) -> None:
        self._run()
        self._crops.clear()
        self._places.clear()
        self._lips.clear()
        self._sound.clear()

    def _run(self) -> None:
        if not self._batch:
            return
        pictures = np.stack([crops for _, crops in self._batch])
        sound = np.stack([self._cepstra[n * _ROWS_A_FRAME : n * _ROWS_A_FRAME + ROWS].T for n, _ in self._batch])
        self._batch = []
        feeds = dict(zip(self._names, (pictures, sound[:, None]), strict=True))
        lips, heard = (np.asarray(out, np.float64) for out in self._session.run(self._outputs, feeds))
        for one, other in zip(lips, heard, strict=True):
            self._compare(one, other)

    def _compare(self, lips: NDArray[np.float64], sound: NDArray[np.float64]) -> None:
        """Distances between windows up to REACH apart; column REACH + k holds sound that comes k frames later."""
        self._lips.append(lips)
        self._sound.append(sound)
        for away in range(min(len(self._lips), len(self._sound))):
            early, late = self._lips[-1 - away], self._sound[-1 - away]
            if early is not None:
                self._add(away, early, sound)
            if away and late is not None:
                self._add(-away, lips, late)

    def _add(self, later: int, lips: NDArray[np.float64], sound: NDArray[np.float64]) -> None:
        # The small constant is part of the published scores: torch's pairwise distance adds it.
        self._sums[later + REACH] += float(np.linalg.norm(lips - sound + 1e-6))
        self._counts[later + REACH] += 1

    def _crop(self, frame: YuvFrame, mesh: FaceMesh) -> NDArray[np.float32]:
        """The face as SyncNet sees it: a square about it that reaches below the chin, (3, 224, 224) BGR."""
        from lipwright.media.yuv import region_around, region_rgb

        low, high = mesh.points[:, :2].min(axis=0), mesh.points[:, :2].max(axis=0)
        self._places.append(np.array([*(low + high) / 2, (high - low).max() / 2], np.float64))
        x, y, half = np.median(np.array(self._places), axis=0)
        left, right = x - half * (1 + _BELOW), x + half * (1 + _BELOW)
        top, bottom = y - half, y + half * (1 + 2 * _BELOW)
        height, width = frame.y.shape
        region = region_around(left, top, right, bottom, (width, height))
        scale = CROP_PX / (right - left)
        matrix = np.array([[scale, 0, (region.left - left) * scale], [0, scale, (region.top - top) * scale]])
        flags = cv2.INTER_LINEAR
        cut = cv2.warpAffine(
            region_rgb(frame, region), matrix, (CROP_PX, CROP_PX), flags=flags, borderValue=(110, 110, 110)
        )
        return np.ascontiguousarray(cut[..., ::-1].transpose(2, 0, 1), np.float32)


def _load(network: Path) -> tuple[Any, tuple[str, str], tuple[str, str]]:
    if not network.is_file():
        raise MediaNotFound(f"`{network}`: there is no such file. Name SyncNet's weights as one ONNX file.")
    runtime = load_onnxruntime()
    options = runtime.SessionOptions()
    options.log_severity_level = 3
    advice = (
        "Export it with two inputs, (n, 3, 5, 224, 224) and (n, 1, 13, 20), and their two embeddings (n, d) as outputs."
    )
    try:
        session = runtime.InferenceSession(str(network), options, providers=["CPUExecutionProvider"])
    except loading_errors(runtime) as exc:
        raise ProviderUnavailable(f"`{network}`: no ONNX network ({exc}). {advice}") from exc
    inputs = {len(one.shape): one for one in session.get_inputs()}
    outputs = [one.name for one in session.get_outputs()]
    lips, sound = inputs.get(5), inputs.get(4)
    shapes_known = [3, FRAMES, CROP_PX, CROP_PX], [1, WIDTH, ROWS]
    if (
        lips is None
        or sound is None
        or len(outputs) != 2
        or (list(lips.shape[1:]), list(sound.shape[1:])) != shapes_known
    ):
        shapes = ", ".join(str(one.shape) for one in session.get_inputs())
        raise ProviderUnavailable(f"`{network}`: its inputs are {shapes}, which is not SyncNet. {advice}")
    return session, (lips.name, sound.name), (outputs[0], outputs[1])
