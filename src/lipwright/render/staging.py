"""Where a person from a photo comes to lie on a canvas: pure geometry.

What the photo's border cuts off of the person lies at or beyond the canvas' border, so that nobody floats.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.face import FaceMesh
from lipwright.contracts.story import Framing, Place
from lipwright.face import topology
from lipwright.render.arrays import Floats
from lipwright.render.framing import PhotoFit

FACE_HEIGHT = {Framing.CLOSE: 0.42, Framing.MEDIUM: 0.26, Framing.WIDE: 0.19}
"""Hairline to chin, as a share of the canvas' measure; of `wide` the most."""
EYE_LINE = {Framing.CLOSE: 0.43, Framing.MEDIUM: 0.38, Framing.WIDE: 0.36}
"""Share of the canvas' height at which the eyes lie, where cut edges and hair allow it."""
HEADROOM = {Framing.CLOSE: 0.0, Framing.MEDIUM: 0.04, Framing.WIDE: 0.06}
"""Of the canvas' height, above the hair."""
LOWEST_EYES = 0.5
"""Share of the canvas' height."""
TALL_MEASURE = 1.4
"""The measure of a tall canvas is this many times its width, of any other its height."""
WIDE_FIGURE = 0.96
"""Of the canvas' width: what a `wide` person fills at most."""
LEAST_FACE = 0.07
"""Of the measure: no framing makes the face smaller."""
LARGEST_FACE = 0.8
"""Of the canvas' height: neither sides nor a background take a face further, so that it stays whole."""
ENLARGED_AT_MOST = 4.0
"""Canvas pixels per photo pixel that a framing may ask for; only cut edges take a photo further."""
SOFT_FROM = 2.0
"""Enlarged more than this a photo looks soft."""
CLOSER_THAN_ASKED = 1.2
"""From which factor on it is said that a photo does not allow its framing."""
COVER_FOR = 1.35
"""A photo that keeps its background is enlarged so much more if it then fills the canvas."""

HALF_PIXEL = 0.5
"""Closer than this a photo fills the canvas."""


class HeadTurn(StrEnum):
    """To which side the head is turned, as the viewer sees it."""

    AHEAD = "ahead"
    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True)
class Figure:
    """Where a person lies in their photo, in pixels from its top left corner (not from the first pixel's centre)."""

    width: float
    height: float
    """Of the photo."""
    eye_x: float
    eye_y: float
    face_left: float
    face_right: float
    face_height: float
    """Hairline to chin."""
    left: float
    top: float
    """Of the head, hair and all."""
    right: float
    bottom: float
    """Of the person."""
    top_cut: bool
    """Whether the photo's border cuts the head off."""
    left_cut: bool
    right_cut: bool
    """Whether it cuts the person off on this side, above the chin."""


@dataclass(frozen=True)
class Placement:
    """How a photo lies on a canvas."""

    fit: PhotoFit
    advice: tuple[str, ...]
    """What is not as asked, and what would help; empty where all is well."""


def measure_figure(alpha: Floats, mesh: FaceMesh) -> Figure:
    """Find a person in their photo.

    Args:
        alpha: (height, width) 0 to 1, the person.
        mesh: their face.
    """
    height, width = alpha.shape
    points = mesh.points[:, :2] + 0.5
    oval = points[list(topology.FACE_OVAL)]
    (face_left, face_top), (face_right, chin) = oval.min(axis=0), oval.max(axis=0)
    body = _body(alpha, oval)
    rows, columns = np.flatnonzero(body.any(axis=1)), np.flatnonzero(body.any(axis=0))
    near = body[:, max(0, int(face_left)) : max(1, int(face_right) + 1)].any(axis=1)
    top = min(float(np.argmax(near)), max(0.0, float(face_top)))
    head = body[: int(np.clip(chin, 1, height))]
    x, y = points[[33, 133, 362, 263]].mean(axis=0)
    return Figure(
        width=width,
        height=height,
        eye_x=float(x),
        eye_y=float(y),
        face_left=float(face_left),
        face_right=float(face_right),
        face_height=float(np.linalg.norm(points[10] - points[152])),
        left=float(columns[0]),
        top=top,
        right=float(columns[-1] + 1),
        bottom=float(rows[-1] + 1),
        top_cut=top <= 1,
        left_cut=bool(head[:, :2].any()),
        right_cut=bool(head[:, -2:].any()),
    )


def _body(alpha: Floats, oval: Floats) -> NDArray[np.bool_]:
    """The person whose face it is, without others: (height, width)."""
    face = np.zeros(alpha.shape, np.uint8)
    cv2.fillPoly(face, [np.rint(oval - 0.5).astype(np.int32)], 1)
    _, labels = cv2.connectedComponents(((alpha > 0.5) | (face > 0)).astype(np.uint8))
    ours = np.unique(np.asarray(labels)[face > 0])
    return np.asarray(np.isin(labels, ours), bool)


def canvas_measure(width: int, height: int) -> float:
    """The length in pixels by which faces on a canvas are sized."""
    return min(float(height), TALL_MEASURE * width)


def place_shift(width: int, height: int) -> float:
    """How far `left` and `right` lie from the middle, as a share of the width: thirds on 16:9, less on taller ones."""
    return float(np.clip(0.05 + 0.096 * (width / height - 0.5625), 0.03, 1 / 6))


def place_person(
    figure: Figure, width: int, height: int, framing: Framing, place: Place, *, keeps_background: bool = False
) -> Placement:
    """Choose scale and place.

    Args:
        figure: the person in their photo, whose shoulders are whole.
        width, height: of the canvas, pixels.
        keeps_background: the photo itself is to cover the canvas as far as it goes.
    """
    wanted = _wanted_scale(figure, width, height, framing)
    scale = max(wanted, _least_scale(figure, width, height))
    cover = max(width / figure.width, height / figure.height)
    if keeps_background and scale < cover <= min(COVER_FOR * scale, LARGEST_FACE * height / figure.face_height):
        scale = cover
    x = _across(figure, width, height, scale, framing, place, keeps_background)
    y = _down(figure, height, scale, framing, keeps_background)
    fit = PhotoFit(width, height, scale, figure.eye_x - x / scale, figure.eye_y - y / scale)
    return Placement(fit, _advice(figure, scale, wanted, framing))


def _wanted_scale(figure: Figure, width: int, height: int, framing: Framing) -> float:
    """As the framing has it, were there enough of the photo."""
    measure = canvas_measure(width, height)
    scale = FACE_HEIGHT[framing] * measure / figure.face_height
    if framing is Framing.WIDE:
        across = WIDE_FIGURE * width / (figure.right - figure.left)
        down = (1 - HEADROOM[framing]) * height / (figure.bottom - figure.top)
        scale = max(min(scale, across, down), LEAST_FACE * measure / figure.face_height)
    return min(scale, ENLARGED_AT_MOST)


def _least_scale(figure: Figure, width: int, height: int) -> float:
    """At which the photo's cut edges can lie at the canvas' border. A pixel at each may be half transparent."""
    scale = (1 - LOWEST_EYES) * height / max(1.0, figure.bottom - 1 - figure.eye_y)
    if figure.top_cut:
        scale = max(scale, height / max(1.0, figure.bottom - 2))
    if figure.left_cut and figure.right_cut:
        scale = max(scale, min(width / max(1.0, figure.width - 2), LARGEST_FACE * height / figure.face_height))
    return scale


def _across(
    figure: Figure, width: int, height: int, scale: float, framing: Framing, place: Place, keeps_background: bool
) -> float:
    """Where the eyes lie on the canvas, pixels from its left edge."""
    side = {Place.LEFT: -1, Place.CENTRE: 0, Place.RIGHT: 1}[place]
    x = (0.5 + side * place_shift(width, height)) * width
    spans = [(figure.face_left, figure.face_right)]
    if framing is Framing.WIDE:
        spans.insert(0, (figure.left, figure.right))
    for left, right in spans:
        least, most = scale * (figure.eye_x - left), width - scale * (right - figure.eye_x)
        if least <= most:
            x = min(max(x, least), most)
    to_left, to_right = scale * figure.eye_x, width - scale * (figure.width - figure.eye_x)
    if keeps_background and to_right <= to_left + HALF_PIXEL:
        return min(max(x, to_right), to_left)
    if figure.left_cut:
        x = min(x, to_left - scale)
    if figure.right_cut:
        x = max(x, to_right + scale)
    return x


def _down(figure: Figure, height: int, scale: float, framing: Framing, keeps_background: bool) -> float:
    """Where the eyes lie on the canvas, pixels from its top edge."""
    y = max(EYE_LINE[framing] * height, scale * (figure.eye_y - figure.top) + HEADROOM[framing] * height)
    y = min(y, LOWEST_EYES * height)
    if figure.top_cut:
        y = min(y, scale * (figure.eye_y - 1))
    elif keeps_background and scale * figure.height >= height - HALF_PIXEL:
        y = min(y, scale * figure.eye_y)
    return max(y, height - scale * (figure.bottom - 1 - figure.eye_y))


def _advice(figure: Figure, scale: float, wanted: float, framing: Framing) -> tuple[str, ...]:
    said = []
    if scale > SOFT_FROM:
        least = math.ceil((figure.face_right - figure.face_left) * scale / SOFT_FROM)
        said.append(
            f"the photo is enlarged {scale:.1f} times and looks soft. "
            f"Use one in which the face is at least {least} px wide."
        )
    if scale > CLOSER_THAN_ASKED * wanted:
        said.append(
            f"the photo shows too little for `{framing}`, so the person is seen {scale / wanted:.1f} times as close. "
            "Use one that shows more of them below the chin and beside the shoulders."
        )
    return tuple(said)
