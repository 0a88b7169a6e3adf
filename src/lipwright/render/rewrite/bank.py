"""All mouths that a person showed, ready to be searched and warped. Built once, never changed.

Source: Bregler, Covell and Slaney, Video Rewrite, SIGGRAPH 1997; constants from the video-mode study.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.face import FaceMesh, HeadPose
from lipwright.contracts.lipsync import FaceFrame
from lipwright.face.pose import canonical_reference, fit_pose, head_angles, to_canonical
from lipwright.render.arrays import Floats, Pixels
from lipwright.render.kernels import rasterise
from lipwright.render.portrait.appearance import CHEEKS_AND_FOREHEAD, Appearance, measure_appearance
from lipwright.render.portrait.rows import INNER_LOWER, INNER_UPPER, LOWER_LIP, UPPER_LIP
from lipwright.render.rewrite.exemplar import Exemplar
from lipwright.render.rewrite.measure import measure_gap, to_pixels, turn_of
from lipwright.render.rewrite.patch import OUTLINE, patch_triangles
from lipwright.render.rewrite.person import PersonMouth
from lipwright.render.rewrite.register import registered

CROP_MARGIN_IOD = 0.06
LIKENESS_SIZE = (48, 32)
"""Width and height in which two mouths are compared as pictures."""
REFERENCE_MESHES = 120
_SKIN = np.array(CHEEKS_AND_FOREHEAD)
_LIPS = np.concatenate([UPPER_LIP[0], LOWER_LIP[0]])
_NOSE = np.array([6, 197, 195, 5, 4, 98, 327])
_SEAM_REACH_IOD = 0.022
"""How far above and below the meeting of the lips teeth are looked for."""


@dataclass(frozen=True)
class Bank:
    """The exemplars of one person, and who that person is."""

    exemplars: tuple[Exemplar, ...]
    """At least one, numbers ascending."""
    reference: Floats
    """(478, 3) the person's mean face, looking straight ahead: what poses are fitted to."""
    mouth: PersonMouth
    appearance: Appearance
    """The colours of one frame that looks ahead with a mouth as closed as can be."""
    turns: Floats
    """(n, 3) rotation vectors of the exemplars' poses."""
    likeness: Floats
    """float32 (n, n) how much two exemplars differ as pictures; 1 is usual for two chosen blindly."""

    @property
    def neutral(self) -> Floats:
        """(478, 3) the relaxed closed mouth in canonical space."""
        return self.mouth.neutral

    def nearest(self, number: int) -> NDArray[np.int32]:
        """(1,) the place of the exemplar whose number is nearest to a frame's."""
        numbers = np.array([exemplar.number for exemplar in self.exemplars])
        return np.array([np.abs(numbers - number).argmin()], np.int32)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is kept of one frame while the others are read."""

    number: int
    crop: Pixels
    points: Floats
    """(478, 3) pixels of the crop."""
    skin: Floats
    focus: float


def build_bank(frames: Iterable[FaceFrame], basis: Floats) -> Bank:
    """Read frames of a person once.

    Args:
        frames: at least one; at most `exemplar_limit` of them, or memory grows.
        basis: (8, 478, 3) shape basis of `motion.shapes`.
    Raises: ValueError: there is no frame.
    """
    seen: list[_Seen] = []
    best: tuple[float, FaceFrame] | None = None
    for frame in frames:
        seen.append(_see(frame))
        badness = _unfit_for_colours(frame)
        if best is None or badness < best[0]:
            best = (badness, frame)
    if best is None:
        raise ValueError("no frame of the person to learn from")
    meshes = [FaceMesh(one.points, 1.0) for one in seen]
    reference = canonical_reference(meshes[:: max(1, len(meshes) // REFERENCE_MESHES)])
    poses = [fit_pose(reference, mesh) for mesh in meshes]
    canonical = np.array([to_canonical(mesh, pose) for mesh, pose in zip(meshes, poses, strict=True)])
    turns = np.array([turn_of(pose) for pose in poses])
    mouth = PersonMouth(canonical, turns, basis)
    exemplars = tuple(
        _exemplar(one, pose, shape, turn, mouth)
        for one, pose, shape, turn in zip(seen, poses, canonical, turns, strict=True)
    )
    exemplars = registered(exemplars, mouth.neutral, _likeness(exemplars, mouth.neutral))
    appearance = measure_appearance(best[1].image, best[1].points.astype(np.float64))
    return Bank(exemplars, reference, mouth, appearance, turns, _likeness(exemplars, mouth.neutral))


def skin_colour(image: Pixels, points: Floats) -> Floats:
    """RGB of cheeks and forehead, float32 (3,)."""
    height, width = image.shape[:2]
    reach = max(1, round(0.015 * float(np.linalg.norm(points[263, :2] - points[33, :2]))))
    colours = []
    for x, y in points[_SKIN, :2]:
        column = int(np.clip(x, reach, max(reach, width - 1 - reach)))
        row = int(np.clip(y, reach, max(reach, height - 1 - reach)))
        part = image[row - reach : row + reach + 1, column - reach : column + reach + 1]
        colours.append(part.reshape(-1, 3).mean(axis=0))
    return np.asarray(np.median(colours, axis=0), np.float32)


def _unfit_for_colours(frame: FaceFrame) -> float:
    """Small for a frame that looks ahead with closed lips."""
    points = frame.points.astype(np.float64)
    gap = float(measure_gap(points)) / float(np.linalg.norm(points[263, :2] - points[33, :2]))
    return head_angles(FaceMesh(frame.points, 1.0)).away_degrees / 10 + 10 * gap


def _see(frame: FaceFrame) -> _Seen:
    height, width = frame.image.shape[:2]
    margin = CROP_MARGIN_IOD * float(np.linalg.norm(frame.points[263, :2] - frame.points[33, :2]))
    outline = frame.points[OUTLINE, :2]
    left, top = (int(v) for v in np.clip(np.floor(outline.min(axis=0) - margin), 0, (width - 2, height - 2)))
    right, bottom = (
        int(v) for v in np.clip(np.ceil(outline.max(axis=0) + margin) + 1, (left + 2, top + 2), (width, height))
    )
    points = frame.points.astype(np.float32) - np.array([left, top, 0], np.float32)
    crop = frame.image[top:bottom, left:right].copy()
    focus = measure_focus(frame.image, frame.points)
    return _Seen(frame.number, crop, points, skin_colour(frame.image, frame.points), focus)


def _exemplar(seen: _Seen, pose: HeadPose, canonical: Floats, turn: Floats, mouth: PersonMouth) -> Exemplar:
    shape = mouth.unfold(canonical)
    points = to_pixels(shape, pose).astype(np.float32)
    teeth, cavity = _seam_shares(seen.crop, points, pose.scale)
    return Exemplar(
        number=seen.number,
        image=seen.crop,
        points=points,
        canonical=shape.astype(np.float32),
        pose=pose,
        controls=mouth.own_controls(canonical, turn).astype(np.float32),
        gap=float(measure_gap(canonical)),
        skin=seen.skin,
        sharpness=_detail(seen.crop, points[_LIPS, :2]),
        focus=seen.focus,
        teeth=teeth,
        cavity=cavity,
    )


def measure_focus(image: Pixels, points: Floats) -> float:
    """How sharp a frame is, judged by the nose: the energy of the Laplacian, at least 1."""
    return _detail(image, points[_NOSE, :2])


def _detail(image: Pixels, around: Floats) -> float:
    left, top = np.maximum(np.floor(around.min(axis=0)).astype(int) - 2, 0)
    right, bottom = np.maximum(np.ceil(around.max(axis=0)).astype(int) + 3, 0)
    part = image[top:bottom, left:right]
    if not part.size:
        return 1.0
    return max(1.0, float(cv2.Laplacian(cv2.cvtColor(part, cv2.COLOR_RGB2GRAY), cv2.CV_32F).var()))


def _seam_shares(image: Pixels, points: Floats, unit_px: float) -> tuple[float, float]:
    """Shares of tooth-like and of cavity-like pixels in the band in which the lips meet, judged in Lab against the
    person's own lips."""
    columns = slice(2, 9)
    middle = (points[INNER_UPPER[columns], :2] + points[INNER_LOWER[columns], :2]) / 2
    along = points[291, :2] - points[61, :2]
    across = np.array([-along[1], along[0]]) / max(float(np.linalg.norm(along)), 1e-6)
    steps = np.linspace(-_SEAM_REACH_IOD, _SEAM_REACH_IOD, 9) * unit_px
    band = (middle[None] + steps[:, None, None] * across).astype(np.float32)
    upper = (points[UPPER_LIP[1][columns], :2] + points[UPPER_LIP[2][columns], :2]) / 2
    lower = (points[LOWER_LIP[1][columns], :2] + points[LOWER_LIP[2][columns], :2]) / 2
    both = np.concatenate([band, np.stack([upper, lower]).astype(np.float32)])
    colours = cv2.remap(image, both[..., 0], both[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    lab = cv2.cvtColor(colours, cv2.COLOR_RGB2LAB).astype(np.float32)
    inside, lips = lab[:9], np.median(lab[9:].reshape(-1, 3), axis=0)
    redness = (inside[..., 1] - 128) / max(float(lips[1]) - 128, 6.0)
    bright = inside[..., 0] / max(float(lips[0]), 1.0)
    return float(((redness < 0.55) & (bright > 0.95)).mean()), float((bright < 0.45).mean())


def _likeness(exemplars: Sequence[Exemplar], neutral: Floats) -> Floats:
    """Compare all mouths in small, grey, in the same place, and equally bright."""
    width, height = LIKENESS_SIZE
    lips = neutral[np.unique(np.concatenate([UPPER_LIP, LOWER_LIP])), :2]
    low, high = lips.min(axis=0), lips.max(axis=0)
    middle, half = (low + high) / 2, (high - low) / 2 * (1.15, 1.6)
    small = np.ascontiguousarray((neutral[:, :2] - middle + half) / (2 * half) * (width - 1, height - 1), np.float32)
    field, valid = np.empty((height, width, 2), np.float32), np.empty((height, width), np.uint8)
    columns, rows = np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)[:, None]
    pictures = np.empty((len(exemplars), height * width), np.float32)
    for picture, exemplar in zip(pictures, exemplars, strict=True):
        source = np.ascontiguousarray(exemplar.points[:, :2], np.float32)
        rasterise(small, source, patch_triangles(), 0, 0, field, valid)
        soft = cv2.blur(exemplar.image, (3, 3))
        seen = cv2.remap(soft, field[..., 0] + columns, field[..., 1] + rows, cv2.INTER_LINEAR)
        grey = cv2.cvtColor(seen, cv2.COLOR_RGB2GRAY).astype(np.float32)
        picture[:] = (grey / max(float(grey.mean()), 1.0)).ravel()
    square = (pictures**2).sum(axis=1)
    apart = np.maximum(square[:, None] + square[None] - 2 * pictures @ pictures.T, 0)
    usual = float(np.median(apart)) if len(exemplars) > 1 else 1.0
    return np.asarray(apart / max(usual, 1e-6), np.float32)
