"""The square around a face that an engine is given, upright and at its size, and the way back into the frame.

Only the lower face is put back, with a soft edge, and of it only what the engine changed: everywhere else the frame
stays as it is, bit by bit.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from lipwright.contracts.face import FaceMesh
from lipwright.contracts.lipsync import FaceFrame
from lipwright.face.pose import fit_pose
from lipwright.face.topology import JAW, canonical_vertices
from lipwright.render.arrays import Floats, Pixels

SIDE_IOD = 2.5
"""Side of the square. A face is 2 IOD high, and opens its mouth downwards."""
CENTRE = (0.0, 0.43, 0.1)
"""Of the square, in canonical units: half way between forehead and chin."""
CHIN_ROOM_IOD = 0.12
"""How far below the chin of the frame the new one may come to lie."""
FEATHER_IOD = 0.05
"""Standard deviation of the soft edge."""
_CHEEKBONES = (50, 280)
_NOSE = 5
_RIM = 0.06
"""Share of the square beside its edges in which it fades out."""


@dataclass(frozen=True, slots=True)
class Placement:
    """How a frame's pixels lie in a square that shows the face upright."""

    matrix: Floats
    """(2, 3), from pixels of the frame to pixels of the square."""
    side_px: int

    def to_frame(self) -> Floats:
        """(2, 3), from pixels of the square to pixels of the frame."""
        return np.asarray(cv2.invertAffineTransform(self.matrix))


def place(points: Floats, side_px: int) -> Placement:
    """Put a face into a square.

    Args:
        points: (478, 3) mesh in pixels of the frame.
    """
    pose = fit_pose(canonical_vertices().astype(np.float64), FaceMesh(np.asarray(points, np.float32), 1.0))
    centre = (pose.scale * pose.rotation @ np.array(CENTRE) + pose.translation)[:2]
    roll = np.radians(pose.roll_degrees)
    scale = side_px / (SIDE_IOD * pose.scale)
    upright = scale * np.array([[np.cos(roll), np.sin(roll)], [-np.sin(roll), np.cos(roll)]])
    shift = (side_px - 1) / 2 - upright @ centre
    return Placement(np.column_stack([upright, shift]), side_px)


def cut(frame: FaceFrame, placement: Placement) -> FaceFrame:
    """The square as a frame of its own; parts outside the frame repeat its edge."""
    scale = _scale(placement.matrix)
    image = _blurred(frame.image, scale)
    square = cv2.warpAffine(
        image,
        placement.matrix,
        (placement.side_px, placement.side_px),
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    points = np.empty_like(frame.points)
    points[:, :2] = frame.points[:, :2] @ placement.matrix[:, :2].T + placement.matrix[:, 2]
    points[:, 2] = frame.points[:, 2] * scale
    return FaceFrame(np.asarray(square), points, frame.weight, frame.number)


def put_back(frame: FaceFrame, before: Pixels, after: Pixels, matrix: Floats) -> Pixels:
    """Lay what an engine drew over a frame.

    Args:
        frame: not changed.
        before: what the engine was given, (height, width, 3).
        after: what it made of that.
        matrix: (2, 3), from pixels of the frame to pixels of these two.
    Returns: a new picture as large as the frame's.
    """
    out = frame.image.copy()
    face = _lower_face(frame)
    if face is None or np.array_equal(before, after):
        return out
    local = matrix.copy()
    local[:, 2] += matrix[:, :2] @ np.array([face.left, face.top], np.float64)
    under = out[face.top : face.top + face.alpha.shape[0], face.left : face.left + face.alpha.shape[1]]
    size = (under.shape[1], under.shape[0])
    drawn = cv2.warpAffine(
        _blurred(after, 1 / _scale(matrix)),
        local,
        size,
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    changed = cv2.warpAffine(
        _changed(before, after), local, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderValue=(0,)
    )
    alpha = (np.minimum(face.alpha, changed).astype(np.float32) / np.float32(255))[..., None]
    mixed = under + alpha * (np.asarray(drawn, np.float32) - under)
    under[:] = (mixed + np.float32(0.5)).astype(np.uint8)
    return out


@dataclass(frozen=True, slots=True)
class _LowerFace:
    """The part of a frame that may be changed."""

    left: int
    top: int
    alpha: Pixels
    """(height, width), 255 in the lower face, 0 outside, soft between."""


def _lower_face(frame: FaceFrame) -> _LowerFace | None:
    """None if it lies outside the picture."""
    points = frame.points[:, :2].astype(np.float64)
    one_iod = np.linalg.inv(place(frame.points, 1).matrix[:, :2]) / SIDE_IOD  # columns: right and down, in pixels
    drop = CHIN_ROOM_IOD * np.sin(np.linspace(0, np.pi, len(JAW)))
    outline = np.concatenate([points[list(JAW)] + drop[:, None] * one_iod[:, 1], points[[*_CHEEKBONES, _NOSE]]])
    feather_px = max(0.5, FEATHER_IOD * float(np.linalg.norm(one_iod[:, 1])))
    margin = int(np.ceil(4 * feather_px)) + 1
    height, width = frame.image.shape[:2]
    left, top = np.maximum(np.floor(outline.min(axis=0)).astype(int) - margin, 0)
    right, bottom = np.minimum(np.ceil(outline.max(axis=0)).astype(int) + margin + 1, (width, height))
    if left >= right or top >= bottom:
        return None
    alpha = np.zeros((bottom - top, right - left), np.uint8)
    hull = cv2.convexHull((outline - (left, top)).astype(np.float32))
    cv2.fillConvexPoly(alpha, np.round(hull).astype(np.int32), (255,))
    soft = cv2.GaussianBlur(alpha, (0, 0), feather_px, borderType=cv2.BORDER_REPLICATE)
    return _LowerFace(int(left), int(top), np.asarray(soft, np.uint8))


def between(one: FaceFrame, other: FaceFrame) -> Floats:
    """(2, 3), from the pixels of a frame to those of another one in which the face lies differently."""
    there, back = place(one.points, 1).matrix, place(other.points, 1).to_frame()
    linear = back[:, :2] @ there[:, :2]
    return np.column_stack([linear, back[:, :2] @ there[:, 2] + back[:, 2]])


def _scale(matrix: Floats) -> float:
    return float(np.hypot(matrix[0, 0], matrix[0, 1]))


def _blurred(image: Pixels, scale: float) -> Pixels:
    """Take out what would alias when an image is shown smaller."""
    if scale >= 1:
        return image
    sigma = 0.5 * (1 / scale**2 - 1) ** 0.5
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.uint8)


def _changed(before: Pixels, after: Pixels) -> Pixels:
    """Where an engine changed its square: 255 there, fading out beside it and towards the edges, else 0."""
    height, width = before.shape[:2]
    mask = np.where((before != after).any(axis=2), np.uint8(255), np.uint8(0))
    reach = max(1, round(_RIM * min(height, width)))
    soft = cv2.GaussianBlur(cv2.dilate(mask, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)), (0, 0), reach / 3)
    across, down = (np.minimum(np.arange(n), np.arange(n)[::-1]) / reach for n in (width, height))
    inside = np.minimum(np.minimum(across[None, :], down[:, None]), 1) * 255
    return np.asarray(np.minimum(soft, inside), np.uint8)
