"""What is noted of a face in every frame: a few numbers, so that those of a whole film fit into memory."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.face import FaceMesh
from lipwright.face import topology
from lipwright.face.pose import fit_pose, to_canonical, turned_away_degrees
from lipwright.face.select import face_width_px

LOOK_PARTS = ("skin", "lips", "chin", "hair", "clothes")
COLUMNS = (
    "presence",
    "eye_distance_px",
    "width_px",
    "yaw_degrees",
    "pitch_degrees",
    "roll_degrees",
    "away_degrees",
    "gap",
    "mouth_width",
    "sharpness",
    "lips_inside",
    "centre_x",
    "centre_y",
    *(f"{part}_{channel}" for part in LOOK_PARTS for channel in ("lightness", "red_green", "yellow_blue")),
)
_LOOK = len(COLUMNS) - 3 * len(LOOK_PARTS)
_GAP_PAIRS = ((82, 87, 0.25), (13, 14, 0.5), (312, 317, 0.25))
"""Inner lip points above and below, and their weights."""
_SKIN = (151, 9, 50, 280, 101, 330, 205, 425, 117, 346)
_LIPS = (*topology.UPPER_LIP_ROWS[1][2:9], *topology.LOWER_LIP_ROWS[1][2:9])
_CHIN = (164, 167, 393, 200, 201, 421, 199, 208, 428)
"""Skin above and below the lips."""
_HAIR_ABOVE, _CLOTHES_BELOW = 0.35, 0.45
"""Beyond the face oval, in outer eye distances."""
_SIDEWAYS = (-0.4, -0.2, 0.0, 0.2, 0.4)
_MOUTH_MARGIN = 0.12


@dataclass(frozen=True, slots=True)
class FaceFeatures:
    """Rows are frames, columns are COLUMNS; rows without a face hold presence 0 and NaN."""

    values: NDArray[np.float32]
    """(frames, columns)."""

    def __len__(self) -> int:
        return len(self.values)

    def column(self, name: str) -> NDArray[np.float32]:
        """(frames,) one of COLUMNS."""
        return self.values[:, COLUMNS.index(name)]

    @property
    def presence(self) -> NDArray[np.float32]:
        """(frames,) the mesh network's certainty, 0 to 1; 0 where no face was found."""
        return self.column("presence")

    @property
    def eye_distance_px(self) -> NDArray[np.float32]:
        """(frames,) between the outer eye corners in the picture."""
        return self.column("eye_distance_px")

    @property
    def width_px(self) -> NDArray[np.float32]:
        """(frames,) of the face along the line of its eyes, ears left out."""
        return self.column("width_px")

    @property
    def yaw_degrees(self) -> NDArray[np.float32]:
        """(frames,) positive to the right of the picture."""
        return self.column("yaw_degrees")

    @property
    def pitch_degrees(self) -> NDArray[np.float32]:
        """(frames,) positive when the nose points up."""
        return self.column("pitch_degrees")

    @property
    def roll_degrees(self) -> NDArray[np.float32]:
        """(frames,) positive clockwise in the picture."""
        return self.column("roll_degrees")

    @property
    def away_degrees(self) -> NDArray[np.float32]:
        """(frames,) how far the face is turned from the camera."""
        return self.column("away_degrees")

    @property
    def gap(self) -> NDArray[np.float32]:
        """(frames,) between the inner lips with the pose taken out, outer eye distances."""
        return self.column("gap")

    @property
    def mouth_width(self) -> NDArray[np.float32]:
        """(frames,) between the mouth corners with the pose taken out, outer eye distances."""
        return self.column("mouth_width")

    @property
    def sharpness(self) -> NDArray[np.float32]:
        """(frames,) variance of the Laplacian over variance of the lightness about the mouth, at the picture's scale:
        to be compared within one track."""
        return self.column("sharpness")

    @property
    def lips_inside(self) -> NDArray[np.float32]:
        """(frames,) from the lips to the nearest edge of the frame, outer eye distances; negative where the frame cuts
        them off."""
        return self.column("lips_inside")

    @property
    def centre(self) -> NDArray[np.float32]:
        """(frames, 2) x, y of the face oval's middle, pixels."""
        start = COLUMNS.index("centre_x")
        return self.values[:, start : start + 2]

    @property
    def look(self) -> NDArray[np.float32]:
        """(frames, parts, 3) mean colour of LOOK_PARTS: lightness 0 to 255, red over green, yellow over blue, the
        latter two in levels."""
        return self.values[:, _LOOK:].reshape(len(self.values), len(LOOK_PARTS), 3)


def absent_rows(count: int) -> NDArray[np.float32]:
    """Rows of frames without the face, (count, columns)."""
    rows = np.full((count, len(COLUMNS)), np.nan, np.float32)
    rows[:, 0] = 0
    return rows


def measure_face(
    image: NDArray[np.uint8], mesh: FaceMesh, corner: tuple[int, int], frame_size: tuple[int, int]
) -> NDArray[np.float32]:
    """One row of FaceFeatures.

    Args:
        image: uint8 RGB, (height, width, 3): the face's surroundings.
        mesh: in pixels of `image`.
        corner: x, y of the image's first pixel in the frame.
        frame_size: width, height in pixels.
    Returns: (columns,), positions in pixels of the frame.
    """
    pose = fit_pose(topology.canonical_vertices().astype(np.float64), mesh)
    shape = to_canonical(mesh, pose)
    row = np.empty(len(COLUMNS))
    oval = mesh.points[list(topology.FACE_OVAL), :2]
    lips = mesh.points[list(topology.LIP_RINGS[0]), :2] + corner
    row[:_LOOK] = (
        mesh.presence,
        mesh.eye_distance_px,
        face_width_px(mesh),
        pose.yaw_degrees,
        pose.pitch_degrees,
        pose.roll_degrees,
        turned_away_degrees(mesh),
        sum(weight * (shape[lower, 1] - shape[upper, 1]) for upper, lower, weight in _GAP_PAIRS),
        np.linalg.norm(shape[topology.MOUTH_CORNERS[1]] - shape[topology.MOUTH_CORNERS[0]]),
        _sharpness(image, mesh),
        min(lips.min(), (frame_size - lips).min()) / mesh.eye_distance_px,
        *((oval.min(axis=0) + oval.max(axis=0)) / 2 + corner),
    )
    row[_LOOK:] = np.concatenate([_mean_colour(image, places) for places in _look_places(mesh)])
    return row.astype(np.float32)


def _sharpness(image: NDArray[np.uint8], mesh: FaceMesh) -> float:
    lips = mesh.points[list(topology.LIP_RINGS[0]), :2]
    margin = _MOUTH_MARGIN * mesh.eye_distance_px
    height, width = image.shape[:2]
    left, top = np.clip((lips.min(axis=0) - margin).astype(int), 0, (width - 3, height - 3))
    right, bottom = np.clip((lips.max(axis=0) + margin).astype(int) + 1, (left + 3, top + 3), (width, height))
    grey = cv2.cvtColor(image[top:bottom, left:right], cv2.COLOR_RGB2GRAY)
    laplacian = cv2.Laplacian(grey, cv2.CV_32F)
    return float(laplacian.var() / (grey.var() + 1))


def _look_places(mesh: FaceMesh) -> Sequence[NDArray[np.float64]]:
    points = mesh.points[:, :2].astype(np.float64)
    across = points[263] - points[33]
    down = np.array([-across[1], across[0]])
    sideways = np.array(_SIDEWAYS)[:, None] * across
    hair = points[10] + sideways - _HAIR_ABOVE * down
    clothes = points[152] + sideways + _CLOTHES_BELOW * down
    return points[list(_SKIN)], points[list(_LIPS)], points[list(_CHIN)], hair, clothes


def _mean_colour(image: NDArray[np.uint8], places: NDArray[np.float64]) -> NDArray[np.float64]:
    height, width = image.shape[:2]
    columns, rows = np.clip(np.rint(places).astype(int), 0, (width - 1, height - 1)).T
    red, green, blue = image[rows, columns].astype(np.float64).mean(axis=0)
    return np.array([(red + 2 * green + blue) / 4, red - green, (red + green) / 2 - blue])
