"""Which pixels are the person: a network finds the outline, the picture's colours make it exact.

Network: MediaPipe Selfie Segmentation (Apache-2.0).
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.face import FaceMesh
from lipwright.face import topology
from lipwright.face.matting import ColourWindows, Plane, colour_evidence, solve_coverage
from lipwright.face.network import Network

_NETWORK_PX = 256
_BELOW = 0.15
"""Of the picture's height: so much of it is mirrored at its lower edge."""
_WORK_PX = 768
"""Longer side at which coverage is solved; a larger picture takes over the local colour fits."""
_HEAD_SIDE = 2.6
"""Of the closer look at head and shoulders, in heights of the face oval."""
_BAND = 0.015
"""Half width of the uncertain band about the outline, in shares of the working picture's longer side."""
_EVIDENCE_REACH = 3
"""Radius of the colour models in half bands."""
_SMALL_HOLE = 0.004
"""Of the picture's area: a smaller gap in the outline is a fault of the network."""
_SURE_GAP = 0.1
"""A gap in which the network's coverage nowhere falls below this is a fault as well."""
_OTHER_PERSON = 0.2
"""Of the largest region's area: a smaller region apart from it is dropped."""
_SOFT = (0.1, 0.9)
"""The network is unsure between these."""
_KNOWN_WEIGHT, _EVIDENCE_WEIGHT, _OUTLINE_WEIGHT = 10.0, 0.15, 0.006
_WINDOW_RADIUS, _NOISE_VARIANCE, _ROUNDS = 2, 1e-4, 40
_FAINT = 0.04
"""Coverage below this is none, and above 1 minus this whole: no veil about the person."""


class PersonMatte:
    """Separates people from the background."""

    def __init__(self, threads: int = 1) -> None:
        """Load the network.

        Args:
            threads: how many cores one call of the network may use.
        """
        self._network = Network("selfie_segmentation.onnx", threads)

    def matte(self, image: NDArray[np.uint8], face: FaceMesh | None = None) -> NDArray[np.float32]:
        """Coverage by the person, hair by hair as far as colours tell.

        Args:
            image: uint8 RGB, (height, width, 3).
            face: where the face is: the head is looked at more closely, and the face is surely solid.
        Returns: float32, (height, width), 0 background to 1 person.
        """
        height, width = image.shape[:2]
        scale = min(1.0, _WORK_PX / max(height, width))
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        small = image if scale == 1 else cv2.resize(image, size, interpolation=cv2.INTER_AREA)
        colours = np.divide(small, 255, dtype=np.float32)
        outline = np.asarray(cv2.resize(self.outline(image, face), size, interpolation=cv2.INTER_AREA), np.float32)
        oval = _oval(face, small.shape, size[0] / width)
        band = max(3, round(_BAND * max(size)))
        person, background = _known(outline, oval, band)

        evidence, confidence = colour_evidence(colours, outline, person, background, _EVIDENCE_REACH * band)
        known = person | background
        start = np.where(known, evidence, confidence * evidence + (1 - confidence) * outline).astype(np.float32)
        weight = np.where(known, _KNOWN_WEIGHT, _EVIDENCE_WEIGHT * confidence + _OUTLINE_WEIGHT).astype(np.float32)
        windows = ColourWindows.of(colours, _WINDOW_RADIUS, _NOISE_VARIANCE)
        coverage = solve_coverage(windows, start, weight, _ROUNDS)
        if scale < 1:
            coverage = _enlarge(coverage, windows, image, person, background)
        clear = (coverage - np.float32(_FAINT)) / np.float32(1 - 2 * _FAINT)
        return np.asarray(np.clip(clear, 0, 1), np.float32)

    def outline(self, image: NDArray[np.uint8], face: FaceMesh | None = None) -> NDArray[np.float32]:
        """The network's own answer, soft and blunt: fast enough for every frame.

        Args:
            image: uint8 RGB, (height, width, 3).
            face: where the face is, for a closer look at the head.
        Returns: float32, (height, width), 0 to 1.
        """
        height, width = image.shape[:2]
        whole = self._run(image)
        if face is None:
            return whole
        oval = face.points[list(topology.FACE_OVAL), :2]
        low, high = oval.min(axis=0), oval.max(axis=0)
        side = float((high - low).max()) * _HEAD_SIDE
        centre = (low + high) / 2
        left, right = (int(np.clip(centre[0] + share * side, 0, width)) for share in (-0.5, 0.5))
        top, bottom = (int(np.clip(centre[1] + share * side, 0, height)) for share in (-0.5, 0.5))
        if right - left < 2 or bottom - top < 2:
            return whole
        rows, columns = np.mgrid[top:bottom, left:right]
        # The closer look fades out towards those of its sides that lie inside the picture.
        far = np.full(rows.shape, side)
        inner = np.minimum.reduce(
            [
                columns - left if left > 0 else far,
                right - 1 - columns if right < width else far,
                rows - top if top > 0 else far,
                bottom - 1 - rows if bottom < height else far,
            ]
        )
        share = np.clip(inner / (0.15 * side), 0, 1).astype(np.float32)
        part = whole[top:bottom, left:right]
        part += share * (self._run(image[top:bottom, left:right]) - part)
        return whole

    def _run(self, image: NDArray[np.uint8]) -> Plane:
        """Two looks, averaged: a plain one, and a mirrored one at a picture that goes on below its lower edge.

        At the lower edge the network alone tends to lose clothes.
        """
        height, width = image.shape[:2]
        below = max(1, round(height * _BELOW))
        longer = cv2.copyMakeBorder(image, 0, below, 0, 0, cv2.BORDER_REFLECT)
        plain = cv2.resize(self._look(image), (width, height), interpolation=cv2.INTER_LINEAR)
        mirrored = self._look(longer[:, ::-1])[:, ::-1]
        longer = cv2.resize(mirrored, (width, height + below), interpolation=cv2.INTER_LINEAR)
        return np.asarray((plain + longer[:height]) / 2, np.float32)

    def _look(self, image: NDArray[Any]) -> Plane:
        square = cv2.resize(image, (_NETWORK_PX, _NETWORK_PX), interpolation=cv2.INTER_AREA)
        return self._network(np.divide(square, 255, dtype=np.float32))[0][0, :, :, 0]


def _oval(face: FaceMesh | None, shape: tuple[int, ...], scale: float) -> NDArray[np.bool_]:
    mask = np.zeros(shape[:2], np.uint8)
    if face is not None:
        points = (face.points[list(topology.FACE_OVAL), :2] + 0.5) * scale - 0.5
        cv2.fillPoly(mask, [np.rint(points).astype(np.int32)], 1)
    return mask > 0


def _known(outline: Plane, oval: NDArray[np.bool_], band: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """What is surely person and surely background; the rest is a band about the outline.

    Args:
        outline: the network's coverage, (height, width).
        oval: the face.
        band: half width in pixels.
    """
    solid = _filled(_main_regions((outline > 0.5) | oval, oval), outline)
    inside, outside = _eroded(solid, band), _eroded(~solid, band)
    # Where the network is unsure near the outline the band is as wide as its doubt.
    unsure = (outline > _SOFT[0]) & (outline < _SOFT[1])
    inside &= ~unsure | _eroded(solid, 3 * band)
    outside &= ~unsure | _eroded(~solid, 3 * band)
    return inside | _eroded(oval, max(1, band // 3)), outside & ~oval


def _main_regions(mask: NDArray[np.bool_], oval: NDArray[np.bool_]) -> NDArray[np.bool_]:
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    areas = np.array([stats[label][cv2.CC_STAT_AREA] for label in range(count)])
    areas[0] = 0
    keep = areas >= max(1, _OTHER_PERSON * areas.max())
    keep[np.unique(np.asarray(labels)[oval])] = True
    keep[0] = False
    return np.asarray(keep[labels], bool)


def _filled(mask: NDArray[np.bool_], outline: Plane) -> NDArray[np.bool_]:
    """Without the gaps that are faults of the network."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats((~mask).astype(np.uint8))
    filled = mask.copy()
    height, width = mask.shape
    for label in range(1, count):
        left, top, wide, high, area = (int(value) for value in stats[label])
        enclosed = left > 0 and top > 0 and left + wide < width and top + high < height
        gap = np.asarray(labels) == label
        if (enclosed and area < _SMALL_HOLE * mask.size) or outline[gap].min() > _SURE_GAP:
            filled |= gap
    return filled


def _eroded(mask: NDArray[np.bool_], radius: int) -> NDArray[np.bool_]:
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    return np.asarray(cv2.erode(mask.astype(np.uint8), kernel, borderType=cv2.BORDER_REPLICATE)) > 0


def _enlarge(
    coverage: Plane,
    windows: ColourWindows,
    image: NDArray[np.uint8],
    person: NDArray[np.bool_],
    background: NDArray[np.bool_],
) -> Plane:
    """Coverage of the full picture: the small picture's local fits, applied to the full picture's colours.

    Source: He, Sun, Fast Guided Filter, 2015 (arXiv:1505.00996).
    """
    size = image.shape[1::-1]

    def enlarged(plane: NDArray[np.float32]) -> Plane:
        return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR), np.float32)

    slope, offset = windows.fit(coverage)
    colours = np.divide(image, 255, dtype=np.float32) - np.float32(0.5)
    full = np.einsum("ijk,ijk->ij", enlarged(slope), colours) + enlarged(offset)
    full[enlarged(person.astype(np.float32)) > 0.99] = 1
    full[enlarged(background.astype(np.float32)) > 0.99] = 0
    return np.asarray(np.clip(full, 0, 1), np.float32)
