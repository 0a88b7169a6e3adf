"""How a head is placed and turned. Poses are weighted three-dimensional similarities between point sets.

Source: Umeyama, Least-squares estimation of transformation parameters, PAMI 1991; Gower, Generalized Procrustes
analysis, Psychometrika 1975.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.face import FaceMesh, HeadPose
from lipwright.face import topology

_NOSE_TIP = 1
_CHEEKS = (234, 454)
"""Of the face oval, beside the ears."""
_PROCRUSTES_PASSES = 3
_FIT_WEIGHTS: tuple[tuple[float, tuple[int, ...]], ...] = (
    (2.0, (33, 133, 362, 263, 168, 6, 197, 195, 5)),
    (1.0, (8, 9, 151, 46, 276, 70, 300, 105, 334, 107, 336, 193, 417, 122, 351)),
    (0.35, (10, 338, 109, 297, 67, 332, 103, 284, 54, 251, 21, 389, 162, 127, 356)),
    (2.0, (4, 1, 2, 98, 327, 19, 94, 48, 278, 115, 344)),
)
"""Points that speech does not move: eyes and bridge, brows and inner eye, forehead and upper oval, nose."""
_FIT_POINTS = np.array([point for _, points in _FIT_WEIGHTS for point in points])
_WEIGHTS = np.array([weight for weight, points in _FIT_WEIGHTS for _ in points])
_WEIGHTS /= _WEIGHTS.sum()


class HeadAngles(NamedTuple):
    """How a head is turned, against one that looks into the camera; signs as in HeadPose."""

    yaw_degrees: float
    pitch_degrees: float
    roll_degrees: float

    @property
    def away_degrees(self) -> float:
        """The angle between the face's axis and the line to the camera."""
        cosine = math.cos(math.radians(self.yaw_degrees)) * math.cos(math.radians(self.pitch_degrees))
        return math.degrees(math.acos(cosine))


def canonical_reference(meshes: Sequence[FaceMesh]) -> NDArray[np.float64]:
    """The mean shape of one person, looking straight ahead.

    Args:
        meshes: at least one, all of one person.
    Returns: (478, 3): x right, y down, z away from the camera, outer eye distance 1 in space, origin at point 168.
    """
    shapes = [mesh.points.astype(np.float64) for mesh in meshes]
    mean = shapes[len(shapes) // 2]
    for _ in range(_PROCRUSTES_PASSES):
        fitted = []
        for shape in shapes:
            scale, rotation, translation = _similarity(shape, mean)
            fitted.append(scale * shape @ rotation.T + translation)
        mean = np.mean(fitted, axis=0)
    right = mean[topology.LEFT_EYE.outer_corner] - mean[topology.RIGHT_EYE.outer_corner]
    eye_distance = np.linalg.norm(right)
    right = right / eye_distance
    down = mean[152] - mean[10]
    down = down - right * (right @ down)
    down /= np.linalg.norm(down)
    axes = np.stack([right, down, np.cross(right, down)])
    return np.asarray((mean - mean[168]) @ axes.T / eye_distance)


def fit_pose(reference: NDArray[np.float64], mesh: FaceMesh) -> HeadPose:
    """Where the reference lies in the picture; mouth and jaw have no say.

    Args:
        reference: canonical points, (478, 3) or (468, 3).
    """
    scale, rotation, translation = _similarity(reference, mesh.points.astype(np.float64))
    return HeadPose(scale, rotation, translation, *angles_of(rotation))


def to_canonical(mesh: FaceMesh, pose: HeadPose) -> NDArray[np.float64]:
    """The mesh with its pose taken out, (478, 3), in canonical units."""
    return np.asarray((mesh.points - pose.translation) @ pose.rotation / pose.scale)


def head_angles(mesh: FaceMesh) -> HeadAngles:
    """How the head is turned, measured against the canonical face: one picture is enough."""
    return angles_of(fit_pose(topology.canonical_vertices().astype(np.float64), mesh).rotation)


def turned_away_degrees(mesh: FaceMesh) -> float:
    """How far a face is turned from the camera: exact for small turns, above 45 for every real profile.

    The network flattens strong turns: real profiles come out at 40 to 50 degrees in space. Where the tip of the nose
    lies between the cheeks in the picture tells more; on the canonical face that place grows with the yaw's tangent.
    """
    canonical = topology.canonical_vertices().astype(np.float64)
    nose, right_cheek, left_cheek = _NOSE_TIP, *_CHEEKS
    depth = (canonical[right_cheek, 2] + canonical[left_cheek, 2]) / 2 - canonical[nose, 2]
    half_width = (canonical[left_cheek, 0] - canonical[right_cheek, 0]) / 2
    points = mesh.points[:, :2].astype(np.float64)
    along = points[topology.LEFT_EYE.outer_corner] - points[topology.RIGHT_EYE.outer_corner]
    along /= np.linalg.norm(along)
    before, behind = (points[nose] - points[right_cheek]) @ along, (points[left_cheek] - points[nose]) @ along
    yaw = math.degrees(math.atan2(abs(before - behind) * half_width, max(before + behind, 0.0) * depth))
    return max(yaw, head_angles(mesh).away_degrees)


def angles_of(rotation: NDArray[np.float64]) -> HeadAngles:
    """Yaw and pitch of the face's axis, and the roll about it.

    Args:
        rotation: (3, 3), from a face that looks into the camera. It is yaw after pitch after roll.
    """
    facing = -rotation[:, 2]
    yaw = math.atan2(facing[0], -facing[2])
    pitch = math.asin(float(np.clip(-facing[1], -1, 1)))
    unrolled = rotation_of(math.degrees(yaw), math.degrees(pitch), 0).T @ rotation
    roll = math.atan2(unrolled[1, 0], unrolled[0, 0])
    return HeadAngles(math.degrees(yaw), math.degrees(pitch), math.degrees(roll))


def rotation_of(yaw_degrees: float, pitch_degrees: float, roll_degrees: float) -> NDArray[np.float64]:
    """The rotation with these angles, (3, 3); signs as in HeadPose."""
    yaw, pitch, roll = (math.radians(angle) for angle in (yaw_degrees, pitch_degrees, roll_degrees))
    about_y = np.array([[math.cos(yaw), 0, -math.sin(yaw)], [0, 1, 0], [math.sin(yaw), 0, math.cos(yaw)]])
    about_x = np.array([[1, 0, 0], [0, math.cos(pitch), math.sin(pitch)], [0, -math.sin(pitch), math.cos(pitch)]])
    about_z = np.array([[math.cos(roll), -math.sin(roll), 0], [math.sin(roll), math.cos(roll), 0], [0, 0, 1]])
    return np.asarray(about_y @ about_x @ about_z)


def _similarity(
    source: NDArray[np.float64], target: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
    """The similarity that takes the fit points of `source` closest to those of `target`."""
    one, other = source[_FIT_POINTS], target[_FIT_POINTS]
    one_mean, other_mean = _WEIGHTS @ one, _WEIGHTS @ other
    one, other = one - one_mean, other - other_mean
    u, singular, v = np.linalg.svd((other * _WEIGHTS[:, None]).T @ one)
    signs = np.array([1.0, 1.0, np.sign(np.linalg.det(u @ v))])
    rotation = u @ np.diag(signs) @ v
    scale = float((singular * signs).sum() / (_WEIGHTS[:, None] * one**2).sum())
    return scale, rotation, other_mean - scale * rotation @ one_mean
