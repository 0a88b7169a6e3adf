"""The person of a video by the packaged network, made steady: what the picture does not change, the matte keeps.

Each frame's outline and coverage are carried along with the motion from the frame before. Where the carried picture
agrees with the new one, the carried matte counts for more than the new answer; where it does not, nothing is carried.

Motion: Kroeger et al., Fast Optical Flow using Dense Inverse Search, ECCV 2016, as OpenCV has it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.face import FaceMesh
from lipwright.face import topology
from lipwright.face.matte import PersonMatte
from lipwright.face.matting import ColourWindows, Plane, colour_evidence, solve_coverage
from lipwright.face.video_matte import CutOut, MatteCapability, Seen, VideoMatter
from lipwright.face.video_matte_pixels import BACKGROUND, PERSON, UNSURE, SmallMatte, full_size

Image = NDArray[np.uint8]
Mask = NDArray[np.bool_]

_WORK_AREA_PX = 130_000
"""Coverage is solved on a picture of this area; a larger one takes over the local colour fits."""
_BAND = 0.010
"""Half width of the uncertain band about the outline, in shares of the root of the working picture's area."""
_SOFT = (0.1, 0.9)
"""The network is unsure between these."""
_EVIDENCE_REACH = 3
"""Radius of the colour models in half bands."""
_SMALL_HOLE = 0.004
"""Of the picture's area: a smaller gap in the outline is a fault of the network."""
_OTHER_PERSON = 0.2
"""Of the largest region's area: a smaller region apart from it is dropped."""
_KNOWN_WEIGHT, _EVIDENCE_WEIGHT, _OUTLINE_WEIGHT, _CARRIED_WEIGHT = 10.0, 0.15, 0.006, 0.3
_WINDOW_RADIUS, _NOISE_VARIANCE, _ROUNDS = 2, 1e-4, 3
_OUTLINE_FOLLOWS = 0.35
"""Share of the network's new answer that a pixel takes over which shows the same thing as before."""
_CALM = 0.96
"""A frame that shows the same as the one before in so much of its area is calm."""
_STILL_LEVELS = 7.0
"""Change of brightness at which a pixel half counts as showing something else."""
_STANDS_LEVELS = 3.0
"""A pixel moves only if that explains it better by this: compression makes noise that looks like motion."""
_FAR_COLOURS, _NEAR_COLOURS = 0.12, 0.01
"""Radii within which the colours of person and background are gathered, in shares of the root of the area."""


class SelfieMatter(VideoMatter):
    """MediaPipe Selfie Segmentation, with steadiness and colours of our own.

    Licence: code Apache-2.0, as Lipwright; weights Apache-2.0 (MediaPipe).
    """

    capability = MatteCapability(
        name="selfie", cost_unit="none", needs_gpu=False, code_licence="Apache-2.0", weights_licence="Apache-2.0"
    )

    def __init__(self, *, threads: int = 1) -> None:
        """
        Args:
            threads: how many cores one call of the network may use.
        """
        self._threads = threads
        self._network: PersonMatte | None = None

    def cut_out(self, frames: Iterable[Seen]) -> Iterator[CutOut]:
        network = self._network = self._network or PersonMatte(self._threads)
        memory: _Memory | None = None
        before: Image | None = None
        alpha: Image | None = None
        for seen in frames:
            small, memory = _solve(network, seen, memory)
            cut = full_size(small, seen.image, before, alpha)
            before, alpha = seen.image, cut.alpha.copy()
            yield cut


@dataclass(frozen=True, slots=True)
class _Memory:
    """What one frame leaves to the next, at working size."""

    grey: Image
    outline: Plane
    coverage: Plane
    looked: bool
    """Whether the network saw it: of calm frames it sees every other one."""


@dataclass(frozen=True, slots=True)
class _Carried:
    """The frame before, moved to where the picture is now."""

    outline: Plane
    coverage: Plane
    still: Plane
    """(height, width), 0 to 1: how surely a pixel shows the same thing as before."""

    def part(self, box: tuple[slice, slice]) -> "_Carried":
        return _Carried(self.outline[box], self.coverage[box], self.still[box])


@dataclass(frozen=True, slots=True)
class _Part:
    """The part of a working picture that holds the outline."""

    colours: Plane
    outline: Plane
    person: Mask
    background: Mask
    carried: _Carried | None


def _solve(network: PersonMatte, seen: Seen, memory: _Memory | None) -> tuple[SmallMatte, _Memory]:
    height, width = seen.image.shape[:2]
    scale = min(1.0, (_WORK_AREA_PX / (height * width)) ** 0.5)
    size = (max(2, round(width * scale)), max(2, round(height * scale)))
    small = (
        seen.image if scale == 1 else np.asarray(cv2.resize(seen.image, size, interpolation=cv2.INTER_AREA), np.uint8)
    )
    face = _scaled(seen.face, size[0] / width)
    grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8)
    carried = None if memory is None else _carry(memory, grey)
    looks = memory is None or carried is None or not memory.looked or float(carried.still.mean()) < _CALM
    if carried is None:
        outline = network.outline(small, face)
    elif looks:
        outline = network.outline(small, face)
        outline = carried.outline + (1 - (1 - _OUTLINE_FOLLOWS) * carried.still) * (outline - carried.outline)
    else:
        outline = carried.outline
    band = max(3, round(_BAND * (size[0] * size[1]) ** 0.5))
    person, background = _known(outline, _oval(face, grey.shape), band)
    known = np.full(grey.shape, UNSURE, np.uint8)
    known[person], known[background] = PERSON, BACKGROUND
    coverage = person.astype(np.float32)
    planes = [np.zeros((*grey.shape, *more), np.float32) for more in ((3,), (), (3,), (3,))]
    box = _unsure_box(known, 2 * _EVIDENCE_REACH * band)
    if box is not None:
        part = _Part(
            np.divide(small[box], 255, dtype=np.float32),
            outline[box],
            person[box],
            background[box],
            None if carried is None else carried.part(box),
        )
        coverage[box], windows = _covered(part, band)
        found = (*windows.fit(coverage[box]), *_own_colours(part.colours, coverage[box]))
        for plane, piece in zip(planes, found, strict=True):
            plane[box] = piece
    return SmallMatte(known, planes[0], planes[1], planes[2], planes[3]), _Memory(grey, outline, coverage, looks)


def _unsure_box(known: NDArray[np.uint8], margin: int) -> tuple[slice, slice] | None:
    """The part of the picture where anything is to be found out."""
    left, top, width, height = cv2.boundingRect((known == UNSURE).astype(np.uint8))
    if not width:
        return None
    return (
        slice(max(0, top - margin), top + height + margin),
        slice(max(0, left - margin), left + width + margin),
    )


def _covered(part: _Part, band: int) -> tuple[Plane, ColourWindows]:
    """Coverage of a part, and its colour windows."""
    evidence, confidence = colour_evidence(
        part.colours, part.outline, part.person, part.background, _EVIDENCE_REACH * band
    )
    known = part.person | part.background
    of_evidence = _EVIDENCE_WEIGHT * confidence
    weight = of_evidence + _OUTLINE_WEIGHT
    start = of_evidence * evidence + _OUTLINE_WEIGHT * part.outline
    if part.carried is not None:
        of_carried = _CARRIED_WEIGHT * part.carried.still
        weight += of_carried
        start += of_carried * part.carried.coverage
    start = np.where(known, evidence, start / weight).astype(np.float32)
    windows = ColourWindows.of(part.colours, _WINDOW_RADIUS, _NOISE_VARIANCE)
    firm = np.where(known, _KNOWN_WEIGHT, weight).astype(np.float32)
    return solve_coverage(windows, start, firm, _ROUNDS), windows


def _carry(memory: _Memory, grey: Image) -> _Carried:
    """Move what is known to where the picture has moved; a pixel that stands still stays exactly where it is."""
    height, width = grey.shape
    half = (max(16, width // 2), max(16, height // 2))
    now, then = (cv2.resize(one, half, interpolation=cv2.INTER_AREA) for one in (grey, memory.grey))
    flow = np.zeros((half[1], half[0], 2), np.float32)
    cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST).calc(now, then, flow)
    flow = cv2.resize(flow, (width, height), interpolation=cv2.INTER_LINEAR)
    flow *= np.array([width / half[0], height / half[1]], np.float32)
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    across, down = x + flow[..., 0], y + flow[..., 1]

    def moved(plane: NDArray[np.float32] | Image) -> Plane:
        return np.asarray(cv2.remap(plane, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)

    shown = grey.astype(np.float32)
    apart = [cv2.blur(np.abs(shown - other), (3, 3)) for other in (moved(memory.grey), memory.grey.astype(np.float32))]
    stands = apart[1] < apart[0] + _STANDS_LEVELS
    left = np.where(stands, apart[1], apart[0])
    still = np.exp(-np.square(left / np.float32(_STILL_LEVELS)) * np.float32(np.log(2)))
    return _Carried(
        np.where(stands, memory.outline, moved(memory.outline)),
        np.where(stands, memory.coverage, moved(memory.coverage)),
        np.asarray(still, np.float32),
    )


def _known(outline: Plane, oval: Mask, band: int) -> tuple[Mask, Mask]:
    """What is surely person and surely background; the rest is a band about the outline, wider where it is unsure."""
    solid = _main_regions((outline > 0.5) | oval, oval)
    inside, outside = _distance(solid), _distance(~solid)
    unsure = (outline > _SOFT[0]) & (outline < _SOFT[1])
    far = np.where(unsure, np.float32(3 * band), np.float32(band))
    return (inside > far) | (_distance(oval) > max(1, band // 3)), (outside > far) & ~oval


def _distance(mask: Mask) -> Plane:
    """Of each pixel of a mask from its nearest edge; the picture's own rim is none."""
    if mask.all():
        return np.full(mask.shape, np.float32(np.inf))
    return np.asarray(cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 3), np.float32)


def _main_regions(mask: Mask, oval: Mask) -> Mask:
    """Without specks beside the person, and without small holes."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    areas = np.asarray(stats)[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0
    keep = areas >= max(1, _OTHER_PERSON * areas.max())
    keep[np.unique(np.asarray(labels)[oval])] = True
    keep[0] = False
    solid = keep[np.asarray(labels)]
    _, labels, stats, _ = cv2.connectedComponentsWithStats((~solid).astype(np.uint8))
    holes = np.asarray(stats)[:, cv2.CC_STAT_AREA] < _SMALL_HOLE * mask.size
    holes[0] = False
    return np.asarray(solid | holes[np.asarray(labels)], bool)


def _own_colours(colours: Plane, coverage: Plane) -> tuple[Plane, Plane]:
    """Colours of the person alone and of the background alone, gathered about each pixel: (height, width, 3) each.

    Source: Forte, Approximate Fast Foreground Colour Estimation, ICIP 2021 (arXiv:2006.14970).
    """
    height, width = coverage.shape
    root = (height * width) ** 0.5
    quarter = (max(1, width // 4), max(1, height // 4))
    few, part = (
        np.asarray(cv2.resize(one, quarter, interpolation=cv2.INTER_AREA), np.float32) for one in (colours, coverage)
    )
    sides = []
    for share, far_share in ((coverage, part), (1 - coverage, 1 - part)):
        far = _gathered(few, far_share, max(2, round(_FAR_COLOURS * root / 4)), None)
        sides.append(
            _gathered(colours, share, max(2, round(_NEAR_COLOURS * root)), np.asarray(cv2.resize(far, (width, height))))
        )
    return sides[0], sides[1]


def _gathered(colours: Plane, share: Plane, radius: int, elsewhere: Plane | None) -> Plane:
    """Mean colour of one side within a radius; what it has from elsewhere counts where there is none."""
    size = (2 * radius + 1, 2 * radius + 1)
    firm = np.square(share)  # a pixel that is mostly the other side tells little
    weight = cv2.blur(firm, size)[..., None]
    total = cv2.blur(colours * firm[..., None], size)
    if elsewhere is None:
        return np.asarray(total / (weight + np.float32(1e-5)), np.float32)
    return np.asarray((total + np.float32(0.02) * elsewhere) / (weight + np.float32(0.02)), np.float32)


def _oval(face: FaceMesh | None, shape: tuple[int, ...]) -> Mask:
    mask = np.zeros(shape, np.uint8)
    if face is not None:
        cv2.fillPoly(mask, [np.rint(face.points[list(topology.FACE_OVAL), :2]).astype(np.int32)], (1,))
    return mask > 0


def _scaled(face: FaceMesh | None, scale: float) -> FaceMesh | None:
    if face is None:
        return None
    points = face.points * np.float32(scale)
    points[:, :2] += np.float32(0.5 * scale - 0.5)
    return FaceMesh(points.astype(np.float32), face.presence)
