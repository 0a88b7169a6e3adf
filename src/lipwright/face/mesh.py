"""The 478-point mesh of one face. Landmarks are never smoothed over time: smoothing makes a patch slide on the face.

Source: Grishchenko et al., Attention Mesh, 2020 (arXiv:2006.10962); the geometry around the network follows MediaPipe's
face_landmark graphs.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.face import FaceBox, FaceMesh
from lipwright.face import topology
from lipwright.face.network import Network

_CROP_PX = 192
_CROP_MARGIN = 1.5
"""Side of the crop over the longer side of the face."""
_AREA_FROM, _WHOLE_FROM = 1.5, 2.0
"""From this many picture pixels per crop pixel on, the picture is averaged down before it is sampled; from the second
on, by a whole number."""
_STABLE_IOD = 0.001
"""A refined mesh has settled when its points move less than this, in outer eye distances, on average."""
_SETTLE_ROUNDS = 4
_JITTER = (
    (0.0, 0.0, 1.0, 0.0),
    (0.012, 0.004, 1.03, 0.02),
    (-0.012, 0.004, 0.97, -0.02),
    (0.004, -0.012, 0.985, 0.035),
    (-0.004, -0.012, 1.015, -0.035),
    (0.008, 0.012, 0.96, -0.01),
    (-0.008, 0.012, 1.04, 0.01),
)
"""Shift x and y in crop sides, scale, turn in radians. They average to no change."""


@dataclass(frozen=True, slots=True)
class _Crop:
    """A turned square in the picture. Its centre is in edge coordinates: the top left pixel spans 0 to 1."""

    centre: NDArray[np.float64]
    side_px: float
    angle: float

    def axes(self) -> NDArray[np.float64]:
        """Picture pixels per crop pixel, (2, 2): columns are the crop's x and y axes."""
        cosine, sine = math.cos(self.angle), math.sin(self.angle)
        scale = self.side_px / _CROP_PX
        return np.array([[cosine, -sine], [sine, cosine]]) * scale

    def jittered(self, x: float, y: float, scale: float, turn: float) -> "_Crop":
        shift = self.axes() @ np.array([x, y]) * _CROP_PX
        return _Crop(self.centre + shift, self.side_px * scale, self.angle + turn)


class FaceMesher:
    """Fits the mesh to faces, one at a time."""

    def __init__(self, threads: int = 1) -> None:
        """Load the network.

        Args:
            threads: how many cores one call may use.
        """
        self._network = Network("face_landmark_with_attention.onnx", threads)

    def mesh(self, image: NDArray[np.uint8], box: FaceBox) -> FaceMesh:
        """Fit the mesh to a detected face.

        Args:
            image: uint8 RGB, (height, width, 3).
            box: from a detector that saw this picture.
        """
        right_eye, left_eye = box.keypoints[0], box.keypoints[1]
        angle = math.atan2(left_eye[1] - right_eye[1], left_eye[0] - right_eye[0])
        centre = np.array([box.x_px + box.width_px / 2 + 0.5, box.y_px + box.height_px / 2 + 0.5])
        return self._fit(image, _Crop(centre, max(box.width_px, box.height_px) * _CROP_MARGIN, angle))

    def track(self, image: NDArray[np.uint8], previous: FaceMesh) -> FaceMesh:
        """Fit the mesh where it was a moment ago.

        Args:
            image: uint8 RGB, (height, width, 3).
            previous: the mesh in the frame before, or a first estimate in this one.
        """
        return self._fit(image, _crop_around(previous))

    def refine(self, image: NDArray[np.uint8], mesh: FaceMesh) -> FaceMesh:
        """Fit a still picture as well as the network can: settle, then average over slightly different crops.

        Args:
            image: uint8 RGB, (height, width, 3).
            mesh: a first estimate.
        """
        for _ in range(_SETTLE_ROUNDS):
            settled = self.track(image, mesh)
            moved = np.linalg.norm(settled.points[:, :2] - mesh.points[:, :2], axis=1).mean()
            mesh = settled
            if moved < _STABLE_IOD * mesh.eye_distance_px:
                break
        crop = _crop_around(mesh)
        fits = [self._fit(image, crop.jittered(*jitter)) for jitter in _JITTER]
        points = np.stack([fit.points for fit in fits]).astype(np.float64).mean(axis=0)
        return FaceMesh(np.asarray(points, np.float32), float(np.mean([fit.presence for fit in fits])))

    def _fit(self, image: NDArray[np.uint8], crop: _Crop) -> FaceMesh:
        outputs = self._network(np.divide(_sample(image, crop), 255, dtype=np.float32))
        whole, lips, right_eye, left_eye, right_iris, left_iris, flag = (output.reshape(-1) for output in outputs)
        local = np.empty((topology.POINT_COUNT, 3))
        local[: topology.SKIN_POINT_COUNT] = whole.reshape(-1, 3)
        local[list(topology.ATTENTION_LIPS), :2] = lips.reshape(-1, 2)
        for eye, order, contour, iris in (
            (topology.RIGHT_EYE, topology.ATTENTION_RIGHT_EYE, right_eye, right_iris),
            (topology.LEFT_EYE, topology.ATTENTION_LEFT_EYE, left_eye, left_iris),
        ):
            local[list(order), :2] = contour.reshape(-1, 2)
            local[list(eye.iris), :2] = iris.reshape(-1, 2)
            lids = sorted({*eye.upper_lid, *eye.lower_lid})
            local[list(eye.iris), 2] = local[lids, 2].mean()
        points = np.empty_like(local)
        points[:, :2] = (local[:, :2] - _CROP_PX / 2) @ crop.axes().T + crop.centre - 0.5
        points[:, 2] = local[:, 2] * (crop.side_px / _CROP_PX)
        return FaceMesh(points.astype(np.float32), 1 / (1 + math.exp(-float(flag[0]))))


def view_of(mesh: FaceMesh) -> tuple[float, float, float, float]:
    """The part of the picture that `FaceMesher.track` looks at, given this mesh of the frame before.

    Returns: left, top, right, bottom in pixels, the last two exclusive; it may reach out of the picture.
    """
    crop = _crop_around(mesh)
    half = crop.side_px / 2 * (abs(math.cos(crop.angle)) + abs(math.sin(crop.angle))) + crop.side_px / _CROP_PX
    (x, y) = crop.centre
    return float(x - half), float(y - half), float(x + half), float(y + half)


def _crop_around(mesh: FaceMesh) -> _Crop:
    points = mesh.points[: topology.SKIN_POINT_COUNT, :2].astype(np.float64) + 0.5
    along = points[topology.LEFT_EYE.outer_corner] - points[topology.RIGHT_EYE.outer_corner]
    angle = math.atan2(along[1], along[0])
    cosine, sine = math.cos(angle), math.sin(angle)
    turn = np.array([[cosine, -sine], [sine, cosine]])
    upright = points @ turn
    low, high = upright.min(axis=0), upright.max(axis=0)
    return _Crop(turn @ ((low + high) / 2), float((high - low).max()) * _CROP_MARGIN, angle)


def _sample(image: NDArray[np.uint8], crop: _Crop) -> NDArray[np.uint8]:
    """The crop, (192, 192, 3); what lies outside the picture repeats its edge."""
    axes = crop.axes()
    scale = crop.side_px / _CROP_PX
    origin, shrink = np.zeros(2), np.ones(2)
    if scale >= _AREA_FROM:
        half = crop.side_px / 2 * (abs(math.cos(crop.angle)) + abs(math.sin(crop.angle))) + scale
        height, width = image.shape[:2]
        left, right = (int(np.clip(crop.centre[0] + side * half, 0, width)) for side in (-1, 1))
        top, bottom = (int(np.clip(crop.centre[1] + side * half, 0, height)) for side in (-1, 1))
        # A crop that lies outside the picture altogether still samples its nearest edge.
        left, top = min(left, width - 1), min(top, height - 1)
        part = image[top : max(bottom, top + 1), left : max(right, left + 1)]
        # Averaging whole squares of pixels is many times as fast as averaging by the exact scale. The mesh is as steady
        # from 2 on; below, it trembles by 3 % more.
        times = int(scale) if scale >= _WHOLE_FROM else scale
        size = (max(1, round(part.shape[1] // times)), max(1, round(part.shape[0] // times)))
        part = part[: max(1, round(size[1] * times)), : max(1, round(size[0] * times))]
        origin, shrink = np.array([left, top], float), np.array(size) / part.shape[1::-1]
        image = cv2.resize(part, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    matrix = np.empty((2, 3))
    matrix[:, :2] = axes * shrink[:, None]
    matrix[:, 2] = (crop.centre - axes @ np.full(2, (_CROP_PX - 1) / 2) - origin) * shrink - 0.5
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    sampled = cv2.warpAffine(image, matrix, (_CROP_PX, _CROP_PX), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return sampled.astype(np.uint8, copy=False)
