"""What is known of a face in one picture. Pixels count from the centre of the top left pixel."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class FaceBox:
    """A detected face."""

    x_px: float
    """Left edge."""
    y_px: float
    """Top edge."""
    width_px: float
    height_px: float
    score: float
    """0 to 1."""
    keypoints: NDArray[np.float32]
    """Right eye, left eye, nose tip, mouth, right ear, left ear of the person; (6, 2), x before y, pixels."""


@dataclass(frozen=True, slots=True)
class FaceMesh:
    """The 478 points of a face; 468 to 472 are the right iris of the person, 473 to 477 the left one."""

    points: NDArray[np.float32]
    """(478, 3) x, y, z in pixels; z grows away from the camera and has the scale of x."""
    presence: float
    """0 to 1: how sure the model is that a face is there."""

    @property
    def eye_distance_px(self) -> float:
        """The unit of all mouth measures (IOD): between the outer eye corners, points 33 and 263."""
        return float(np.linalg.norm(self.points[263, :2] - self.points[33, :2]))


@dataclass(frozen=True, slots=True)
class HeadPose:
    """A similarity that takes canonical points to the picture: image = scale * rotation @ canonical + translation."""

    scale: float
    """Pixels per canonical unit; one unit is the outer eye distance."""
    rotation: NDArray[np.float64]
    """(3, 3)."""
    translation: NDArray[np.float64]
    """(3,) pixels."""
    yaw_degrees: float
    """Positive when the nose points to the right of the picture."""
    pitch_degrees: float
    """Positive when the nose points up."""
    roll_degrees: float
    """Positive when the head leans clockwise in the picture."""


@dataclass(frozen=True, slots=True)
class FaceTrack:
    """One face through one shot, frame by frame without gaps."""

    shot: int
    """Number of the shot, from 0."""
    first_frame: int
    """Frame of the footage that row 0 belongs to."""
    points: NDArray[np.float32]
    """(frames, 478, 3) mesh in pixels of the frame, as in FaceMesh; rows where `presence` is 0 hold NaN."""
    presence: NDArray[np.float32]
    """(frames,) the model's certainty, 0 to 1; 0 where no face was found."""

    def __len__(self) -> int:
        return len(self.presence)
