"""Which mesh points form which part of a face. `right` and `left` are the person's; rows run left to right in a picture
that is not mirrored.

Source: the numbering of MediaPipe's face mesh (Apache-2.0).
"""

import io
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lipwright.assets.packaged import read_asset

POINT_COUNT = 478
SKIN_POINT_COUNT = 468
"""The points of the canonical face; the irises come after."""

Row = tuple[int, ...]


class Eye(NamedTuple):
    """The points around one eye. Rows of one eye have equal length and meet in the corners."""

    outer_corner: int
    inner_corner: int
    upper_lid: Row
    lower_lid: Row
    upper_socket: tuple[Row, Row]
    """The fold and the row above it, from the lid outwards."""
    lower_socket: tuple[Row, Row]
    """The rows below the lid, outwards."""
    iris: Row
    """The centre, then four points of the rim."""
    upper_brow: Row
    lower_brow: Row


UPPER_LIP_ROWS: tuple[Row, Row, Row, Row] = (
    (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291),
    (76, 184, 74, 73, 72, 11, 302, 303, 304, 408, 306),
    (62, 183, 42, 41, 38, 12, 268, 271, 272, 407, 292),
    (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308),
)
"""From the skin to the opening. Column k of an upper row lies over column k of the lower one."""
LOWER_LIP_ROWS: tuple[Row, Row, Row, Row] = (
    (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291),
    (76, 77, 90, 180, 85, 16, 315, 404, 320, 307, 306),
    (62, 96, 89, 179, 86, 15, 316, 403, 319, 325, 292),
    (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308),
)
"""From the skin to the opening; a row shares its corners with the upper row of its ring."""
OUTER_LIP_UPPER, OUTER_LIP_LOWER = UPPER_LIP_ROWS[0], LOWER_LIP_ROWS[0]
INNER_LIP_UPPER, INNER_LIP_LOWER = UPPER_LIP_ROWS[3], LOWER_LIP_ROWS[3]
LIP_RINGS: tuple[Row, ...] = tuple(
    upper + lower[-2:0:-1] for upper, lower in zip(UPPER_LIP_ROWS, LOWER_LIP_ROWS, strict=True)
)
"""Closed rings of 20 points, from the left corner over the top; from the skin to the opening."""
MOUTH_CORNERS = (61, 291)

RIGHT_EYE = Eye(
    outer_corner=33,
    inner_corner=133,
    upper_lid=(33, 246, 161, 160, 159, 158, 157, 173, 133),
    lower_lid=(33, 7, 163, 144, 145, 153, 154, 155, 133),
    upper_socket=((130, 247, 30, 29, 27, 28, 56, 190, 243), (226, 113, 225, 224, 223, 222, 221, 189, 244)),
    lower_socket=((130, 25, 110, 24, 23, 22, 26, 112, 243), (226, 31, 228, 229, 230, 231, 232, 233, 244)),
    iris=(468, 469, 470, 471, 472),
    upper_brow=(70, 63, 105, 66, 107),
    lower_brow=(46, 53, 52, 65, 55),
)
LEFT_EYE = Eye(
    outer_corner=263,
    inner_corner=362,
    upper_lid=(362, 398, 384, 385, 386, 387, 388, 466, 263),
    lower_lid=(362, 382, 381, 380, 374, 373, 390, 249, 263),
    upper_socket=((463, 414, 286, 258, 257, 259, 260, 467, 359), (464, 413, 441, 442, 443, 444, 445, 342, 446)),
    lower_socket=((463, 341, 256, 252, 253, 254, 339, 255, 359), (464, 453, 452, 451, 450, 449, 448, 261, 446)),
    iris=(473, 474, 475, 476, 477),
    upper_brow=(336, 296, 334, 293, 300),
    lower_brow=(285, 295, 282, 283, 276),
)
EYES = (RIGHT_EYE, LEFT_EYE)
EYE_RINGS: tuple[Row, Row] = (
    RIGHT_EYE.upper_lid + RIGHT_EYE.lower_lid[-2:0:-1],
    LEFT_EYE.upper_lid + LEFT_EYE.lower_lid[-2:0:-1],
)
"""Closed rings of 16 points, from the left corner over the top."""

# fmt: off
FACE_OVAL: Row = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)
# fmt: on
"""A closed ring, clockwise from the middle of the forehead."""
JAW: Row = (132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361)
"""The lower part of the oval, ear to ear."""
NOSE_BRIDGE: Row = (168, 6, 197, 195, 5, 4, 1)
"""From between the eyes down to the tip."""
NOSE_BASE: Row = (98, 97, 2, 326, 327)
CHIN: Row = (148, 152, 377, 175)
"""The three lowest points of the oval, and the one above the middle."""

# fmt: off
ATTENTION_LIPS: Row = (
    *OUTER_LIP_LOWER, *OUTER_LIP_UPPER[1:-1], *INNER_LIP_LOWER, *INNER_LIP_UPPER[1:-1],
    *LOWER_LIP_ROWS[1], *UPPER_LIP_ROWS[1][1:-1], *LOWER_LIP_ROWS[2], *UPPER_LIP_ROWS[2][1:-1],
)
# fmt: on
"""The order in which the mesh network gives its refined lips."""
# fmt: off
ATTENTION_RIGHT_EYE: Row = (
    33, 7, 163, 144, 145, 153, 154, 155, 133, 246, 161, 160, 159, 158, 157, 173,
    130, 25, 110, 24, 23, 22, 26, 112, 243, 247, 30, 29, 27, 28, 56, 190,
    226, 31, 228, 229, 230, 231, 232, 233, 244, 113, 225, 224, 223, 222, 221, 189,
    35, 124, 46, 53, 52, 65, 143, 111, 117, 118, 119, 120, 121, 128, 245,
    156, 70, 63, 105, 66, 107, 55, 193,
)
# fmt: on
"""The order in which the mesh network gives the eye that lies left in the picture."""
# fmt: off
ATTENTION_LEFT_EYE: Row = (
    263, 249, 390, 373, 374, 380, 381, 382, 362, 466, 388, 387, 386, 385, 384, 398,
    359, 255, 339, 254, 253, 252, 256, 341, 463, 467, 260, 259, 257, 258, 286, 414,
    446, 261, 448, 449, 450, 451, 452, 453, 464, 342, 445, 444, 443, 442, 441, 413,
    265, 353, 276, 283, 282, 295, 372, 340, 346, 347, 348, 349, 350, 357, 465,
    383, 300, 293, 334, 296, 336, 285, 417,
)
# fmt: on
"""The order in which the mesh network gives the eye that lies right in the picture."""


@cache
def _canonical_face() -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    with np.load(io.BytesIO(read_asset("face/canonical_face.npz"))) as stored:
        vertices, triangles = stored["vertices"].astype(np.float32), stored["triangles"].astype(np.int32)
    vertices.flags.writeable = triangles.flags.writeable = False
    return vertices, triangles


def canonical_vertices() -> NDArray[np.float32]:
    """MediaPipe's canonical face, (468, 3), read-only: x right, y down, z away from the camera, outer eye distance 1,
    origin at point 168."""
    return _canonical_face()[0]


def triangles() -> NDArray[np.int32]:
    """The whole canonical surface, (898, 3), read-only: a disk bounded by the face oval, with the openings closed."""
    return _canonical_face()[1]


@cache
def skin_triangles() -> NDArray[np.int32]:
    """The surface without the openings of mouth and eyes, (852, 3), read-only."""
    surface = triangles()
    keep = np.ones(len(surface), bool)
    for ring in (LIP_RINGS[3], *EYE_RINGS):
        keep &= ~np.isin(surface, ring).all(axis=1)
    skin = surface[keep]
    skin.flags.writeable = False
    return skin
