"""Mouths that are drawn, teeth and all, so that a test knows where every tooth is."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.face import HeadPose
from lipwright.face.pose import angles_of, rotation_of
from lipwright.face.topology import canonical_vertices
from lipwright.render.arrays import Floats
from lipwright.render.portrait.rows import CHIN, INNER_LOWER, INNER_UPPER, LOWER_LIP, UPPER_LIP
from lipwright.render.rewrite.atlas_sheet import Sheet
from lipwright.render.rewrite.exemplar import Exemplar
from lipwright.render.rewrite.opening import Opening

SIDE_PX = 240
UNIT_PX = 190.0
SKIN = np.array([205, 160, 140])
LIP = np.array([185, 95, 95])
CAVITY = np.array([60, 22, 24])
TOOTH = np.array([225, 208, 190])
TOOTH_WIDTH, TOOTH_COUNT = 0.052, 8
EDGE_Y = 0.028
"""How far the edge of the teeth is below the middle of the closed lips, IOD."""
SUPERSAMPLING = 4


def neutral_face() -> Floats:
    """(478, 3): the canonical face with its lips brought together."""
    face = np.concatenate([canonical_vertices().astype(np.float64), np.zeros((10, 3))])
    middle = (face[INNER_UPPER] + face[INNER_LOWER]) / 2
    face[INNER_UPPER] = face[INNER_LOWER] = middle
    return face


def open_face(gap: float, *, lip: float = 0.0) -> Floats:
    """The face with its lips apart by `gap` IOD in the middle, the lower one `lip` further down with the chin."""
    face = neutral_face()
    profile = np.clip(1.15 - np.linspace(-1, 1, 11) ** 2, 0, 1)
    profile[[0, -1]] = 0
    for row in range(4):
        face[UPPER_LIP[row], 1] -= 0.30 * gap * profile
        face[LOWER_LIP[row], 1] += (0.70 * gap + lip) * profile
    face[CHIN, 1] += 0.6 * gap + lip
    return face


def pose_of(x: float = SIDE_PX / 2, y: float = 20.0, yaw: float = 0.0, scale: float = UNIT_PX) -> HeadPose:
    """A head whose canonical origin, between the eyes, is at a pixel."""
    rotation = rotation_of(yaw, 0.0, 0.0)
    return HeadPose(scale, rotation, np.array([x, y, 0.0]), *angles_of(rotation))


def placed(face: Floats, pose: HeadPose) -> Floats:
    """The mesh in pixels."""
    return np.asarray(pose.scale * face @ pose.rotation.T + pose.translation)


def draw(face: Floats, pose: HeadPose, *, teeth: bool = True, light: float = 1.0) -> NDArray[np.uint8]:
    """Skin, lips, a dark opening, and teeth that are fixed to the skull."""
    sheet = Sheet.behind(neutral_face(), UNIT_PX)
    size = SIDE_PX * SUPERSAMPLING
    picture = np.empty((size, size, 3), np.float32)
    picture[:] = SKIN
    points = placed(face, pose)[:, :2]
    _fill(picture, np.concatenate([points[UPPER_LIP[0]], points[LOWER_LIP[0]][::-1]]), LIP)
    inside = np.zeros((size, size), np.uint8)
    outline = np.concatenate([points[INNER_UPPER], points[INNER_LOWER][::-1]])
    cv2.fillPoly(inside, [_corners(outline)], 1, shift=4)
    within = np.empty_like(picture)
    within[:] = CAVITY
    if teeth:
        view = sheet.view(pose)
        for number in range(TOOTH_COUNT):
            left = (number - TOOTH_COUNT / 2) * TOOTH_WIDTH + 0.003
            right = left + TOOTH_WIDTH - 0.006
            corner = np.array([[left, -0.08], [right, -0.08], [right, EDGE_Y], [left, EDGE_Y]])
            bend = 1.3 * np.minimum(corner[:, 0] ** 2, 0.06)
            shade = TOOTH * (1 - 0.05 * (number % 2))
            _fill(within, corner @ view.matrix.T + bend[:, None] * view.depth + view.origin, shade)
    picture = np.where(inside[..., None] > 0, within, picture) * light
    small = cv2.resize(picture, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA)
    return np.clip(np.round(small), 0, 255).astype(np.uint8)


def exemplar(number: int, gap: float, *, teeth: bool = True, light: float = 1.0, **head: float) -> Exemplar:
    """One frame of the drawn person."""
    face, pose = open_face(gap), pose_of(**head)
    picture = draw(face, pose, teeth=teeth, light=light)
    return Exemplar(
        number=number,
        image=picture,
        points=placed(face, pose).astype(np.float32),
        canonical=face.astype(np.float32),
        pose=pose,
        controls=np.zeros(8, np.float32),
        gap=gap,
        skin=(SKIN * light).astype(np.float32),
        sharpness=1.0,
        focus=1.0,
        teeth=0.0,
        cavity=0.0,
    )


def talk(frames: int = 24, *, teeth: bool = True, widest: float = 0.16) -> list[Exemplar]:
    """A person who opens and shuts the mouth while the head drifts and turns a little."""
    made = []
    for number in range(frames):
        gap = widest * abs(np.sin(number * 0.55))
        head = {
            "x": SIDE_PX / 2 + 3 * np.sin(number),
            "y": 20 + 2 * np.cos(number * 0.7),
            "yaw": 3 * np.sin(number / 5),
        }
        made.append(exemplar(number, float(gap), teeth=teeth, **head))
    return made


@dataclass(frozen=True)
class Wanted:
    """A mouth that is asked for, over a picture in which its lips are drawn already."""

    opening: Opening
    image: NDArray[np.uint8]


def wanted(frames: list[Exemplar], gap: float, *, lip: float = 0.0, **head: float) -> Wanted:
    """Ask for a mouth, with the frame whose gap is nearest as its exemplar."""
    face, pose = open_face(gap, lip=lip), pose_of(**head)
    rows = np.array([int(np.argmin([abs(frame.gap - gap) for frame in frames]))] if frames else [], np.int32)
    opening = Opening(
        points=placed(face, pose),
        canonical=face,
        pose=pose,
        gap=gap,
        jaw_drop=0.6 * gap + lip,
        skin=SKIN.astype(np.float32),
        exemplars=rows,
        shares=np.ones(len(rows), np.float32),
    )
    return Wanted(opening, draw(face, pose, teeth=False))


def at_skin(wanted: Wanted, skin: Floats) -> Opening:
    """The same mouth under another light."""
    return replace(wanted.opening, skin=np.asarray(skin, np.float32))


def _corners(polygon: Floats) -> NDArray[np.int32]:
    return np.round(((polygon + 0.5) * SUPERSAMPLING - 0.5) * 16).astype(np.int32)


def _fill(picture: Floats, polygon: Floats, colour: Floats) -> None:
    cv2.fillPoly(picture, [_corners(polygon)], colour.tolist(), shift=4)
