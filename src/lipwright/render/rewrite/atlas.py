"""A person's teeth as an atlas: drawn once from many frames, so that they never change while the mouth does.

The frames that are chosen for a moment only say how much of the teeth is there, what lies behind them, in what light,
and how sharp. Source: the second study of video mode, a teeth atlas per person.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import cv2
import numpy as np

from lipwright.render.arrays import Floats, Pixels
from lipwright.render.rewrite import atlas_evidence
from lipwright.render.rewrite.atlas_cavity import Cavity, CavityCollector
from lipwright.render.rewrite.atlas_evidence import Evidence
from lipwright.render.rewrite.atlas_light import MouthLight
from lipwright.render.rewrite.atlas_place import PlacedRow, Rest, find_row
from lipwright.render.rewrite.atlas_sheet import Sheet
from lipwright.render.rewrite.atlas_views import log_opening
from lipwright.render.rewrite.exemplar import Exemplar
from lipwright.render.rewrite.interior_kernel import shade
from lipwright.render.rewrite.measure import turn_of

OPEN_GAP = 0.035
"""IOD: from here on a mouth shows its inside."""
LEAST_FRAMES = 5
MOST_FRAMES = 120
"""Frames that the rows are looked for in; of more, evenly thinned ones."""
BRIGHTEST = 1.3
"""No tooth gets brighter than this times the person's tooth colour."""
PALEST = 1.04
"""Nothing in the mouth is less red than the tooth colour by more than this factor."""
CAVITY_RIM, WITNESS_RIM = 0.016, 0.008
TEETH_MARGIN = 0.012
"""IOD around the teeth that tells nothing of what lies behind them."""
LIP_MARGIN = 0.004
"""IOD around lips in which their colour still mixes into the inside."""
SHUT_GAP = 0.012
"""IOD: a narrower opening says nothing of its light."""
_NO_ROW = np.zeros((2, 2, 4), np.float32)
_NO_RELIGHT = np.zeros(11)
_NO_LIGHT = np.zeros((2, 2, 3), np.float32)


@dataclass(frozen=True, slots=True)
class Moment:
    """What changes from frame to frame."""

    gap: float
    """Of the inner lips, IOD."""
    lips: Floats
    """(11, 3), as Sheet.lips."""
    place: Floats
    """(2,) where the row lies on the sheet, IOD."""
    presence: float
    behind: Floats | None = None
    """Added to the usual cavity."""
    shine: Floats | None = None
    """Added to the teeth."""
    light: Floats | None = None
    """Added to everything."""


@dataclass(frozen=True, slots=True)
class MouthModel:
    """What an atlas draws with."""

    sheet: Sheet
    light: MouthLight
    cavity: Cavity
    row: PlacedRow | None
    """The upper teeth; None when the person never showed them."""

    def draw(
        self, region: tuple[int, int, int, int], seen: tuple[Floats, Floats, Floats], moment: Moment
    ) -> tuple[Floats, Floats]:
        """Colour a region.

        Args:
            region: left, top, width, height in pixels.
            seen: pixels to IOD on the flat sheet (2, 2); pixel of its middle (2,); IOD that a unit of depth moves (2,).
        Returns: float32 (height, width, 3) RGB under the person's mean light; (height, width, 5), see `shade`.
        """
        left, top, width, height = region
        colour, where = np.empty((height, width, 3), np.float32), np.empty((height, width, 5), np.float32)
        cavity = self.cavity.at(moment.gap)
        behind = _NO_LIGHT if moment.behind is None else moment.behind
        picture = _NO_ROW if self.row is None else self.row.row.picture
        relight = _NO_RELIGHT if self.row is None else self.row.row.relight
        light = _NO_LIGHT if moment.light is None else moment.light
        shine = _NO_LIGHT if moment.shine is None else moment.shine
        inverse, origin, tilt = seen
        tooth = self.light.tooth
        shade(
            left, top, inverse, origin, tilt, moment.lips, log_opening(moment.gap), cavity, behind, light, picture,
            float(moment.place[0]), float(moment.place[1]), float(moment.presence), shine, relight, self.sheet.scale,
            np.minimum(255.0, tooth * BRIGHTEST), tooth[1:] / max(float(tooth[0]), 1.0) * PALEST, colour, where,
        )  # fmt: skip
        return colour, where

    def place(self, canonical: Floats, turn: Floats) -> Floats:
        """Where the rule says that the row lies, (2,) IOD; 0 when no row is known."""
        return np.zeros(2) if self.row is None else self.row.expected(canonical, turn)


@dataclass(frozen=True, slots=True)
class TeethAtlas:
    """The inside of one person's mouth, as far as the person has shown it."""

    model: MouthModel
    evidence: Evidence
    note: str
    """What was found, in words."""

    @classmethod
    def build(cls, exemplars: Sequence[Exemplar], neutral: Floats) -> Self | None:
        """Draw the atlas; the same frames give the same atlas.

        Args:
            exemplars: frames of the person, in order.
            neutral: (478, 3), the person's closed relaxed mouth in canonical space.
        Returns: None when fewer than 5 frames show an open mouth.
        """
        opened = [frame for frame in exemplars if frame.gap > OPEN_GAP]
        if len(opened) < LEAST_FRAMES:
            return None
        chosen = [opened[i] for i in np.unique(np.linspace(0, len(opened) - 1, MOST_FRAMES).round().astype(int))]
        sheet = Sheet.behind(neutral, float(np.median([frame.unit_px for frame in chosen])))
        light = MouthLight.measure(chosen, sheet)
        turn = np.mean([turn_of(frame.pose) for frame in chosen], axis=0)
        rest = Rest(np.asarray(neutral, np.float64), turn)
        nearly_shut = [frame for frame in exemplars if frame.gap <= OPEN_GAP]
        row = find_row([*chosen, *nearly_shut], sheet, light, rest) if light.has_teeth else None
        blank = MouthModel(sheet, light, CavityCollector().finish(light), row)
        model = MouthModel(sheet, light, _look_behind(blank, chosen), row)
        teeth = f"the upper teeth agree in {len(row.found)} of them" if row else "the upper teeth are not seen"
        note = f"{len(opened)} frames show an open mouth; {teeth}"
        return cls(model, _witness(model, exemplars), note)


@dataclass(frozen=True, slots=True)
class _Unrolled:
    """One frame's opening on the sheet."""

    frame: Exemplar
    region: tuple[int, int, int, int]
    lips: Floats
    place: Floats
    picture: Floats
    inside: Pixels
    tooth: Floats


def _unroll(model: MouthModel, frame: Exemplar, rim: float) -> _Unrolled | None:
    sheet = model.sheet
    lips = sheet.lips(frame.canonical, frame.pose)
    inside = sheet.opening(lips, np.zeros(2), rim)
    columns, rows = np.flatnonzero(inside.any(axis=0)), np.flatnonzero(inside.any(axis=1))
    if not len(columns):
        return None
    left, top = int(columns[0]), int(rows[0])
    width, height = int(columns[-1]) + 1 - left, int(rows[-1]) + 1 - top
    box = np.s_[top : top + height, left : left + width]
    picture = sheet.rectify(frame.image, frame.pose, np.zeros(2))[box] * np.float32(model.light.gain(frame))
    place = np.zeros(2) if model.row is None else model.row.place_in(frame)
    tooth = model.light.toothness(picture, 0.0)
    return _Unrolled(frame, (left, top, width, height), lips, place, picture, inside[box], tooth)


def _draw_flat(model: MouthModel, unrolled: _Unrolled, presence: float, behind: Floats | None) -> tuple[Floats, Floats]:
    """What the model draws on the sheet itself."""
    middle = np.array([model.sheet.width, model.sheet.height]) / 2 - 0.5
    seen = (np.eye(2) / model.sheet.scale, middle, np.zeros(2))
    moment = Moment(unrolled.frame.gap, unrolled.lips, unrolled.place, presence, behind)
    return model.draw(unrolled.region, seen, moment)


def _open(model: MouthModel, unrolled: _Unrolled, where: Floats) -> Pixels:
    """uint8, 1 where a frame shows the inside: what the mesh says, less what looks like lip."""
    return unrolled.inside & (1 - model.light.lips_within(unrolled.picture, unrolled.inside, where[..., 2]))


def _behind(model: MouthModel, inside: Pixels, where: Floats, presence: float) -> Pixels:
    """uint8, 1 where a frame shows what lies behind the teeth."""
    size = 2 * int(TEETH_MARGIN * model.sheet.scale) + 1
    teeth = cv2.dilate(np.ascontiguousarray(where[..., 2]), np.ones((size, size), np.uint8))
    return np.asarray((inside > 0) & (teeth * presence < 0.1), np.uint8)


def _shrunk(mask: Pixels, by: float, pixels_per_unit: float) -> Pixels:
    """A mask without its rim, `by` IOD wide."""
    size = 2 * round(by * pixels_per_unit) + 1
    element = np.ones((size, size), np.uint8)
    return np.asarray(cv2.erode(mask, element, borderType=cv2.BORDER_CONSTANT, borderValue=0), np.uint8)


def _spread(light: Floats, where: Floats) -> Floats:
    """A light over (v, u) at the pixels of a region, as the shader reads it."""
    at_u = ((where[..., 0] + 1) / 2 * light.shape[1] - 0.5).astype(np.float32)
    at_v = (where[..., 1] * light.shape[0] - 0.5).astype(np.float32)
    return np.asarray(cv2.remap(light, at_u, at_v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)


def _look_behind(model: MouthModel, frames: Sequence[Exemplar]) -> Cavity:
    """What is neither tooth nor lip in open mouths."""
    collector = CavityCollector()
    for frame in frames:
        unrolled = _unroll(model, frame, CAVITY_RIM)
        if unrolled is None:
            continue
        _, where = _draw_flat(model, unrolled, 1.0, None)
        free = _behind(model, _open(model, unrolled, where), where, 1.0) > 0
        if model.row is not None:
            free &= unrolled.tooth < 0.3
        collector.add(unrolled.picture[free], where[free][:, :2], frame.gap)
    return collector.finish(model.light)


def _witness(model: MouthModel, exemplars: Sequence[Exemplar]) -> Evidence:
    """Ask every frame of its own moment."""
    count = len(exemplars)
    presence, row_say = np.ones(count, np.float32), np.full(count, 1e-4, np.float32)
    behind = np.zeros((count, atlas_evidence.BEHIND_ROWS, atlas_evidence.BEHIND_COLUMNS, 3), np.float16)
    light = np.zeros((count, atlas_evidence.LIGHT_ROWS, atlas_evidence.LIGHT_COLUMNS, 3), np.float32)
    lips = np.zeros((count, atlas_evidence.LIP_ROWS, atlas_evidence.LIP_COLUMNS), np.float32)
    shine = np.zeros((count, atlas_evidence.SHINE_ROWS, atlas_evidence.SHINE_COLUMNS, 3), np.float16)
    shift = np.zeros((count, 2), np.float32)
    light_say = np.full(count, 0.15, np.float32)
    blur, blur_say = np.zeros(count, np.float32), np.full(count, 1e-4, np.float32)
    sheet, scale = model.sheet, model.sheet.scale
    for n, frame in enumerate(exemplars):
        seen = _unroll(model, frame, WITNESS_RIM) if frame.gap > SHUT_GAP else None
        if seen is None or seen.inside.sum() < 12:
            continue
        shift[n] = seen.place - model.place(frame.canonical, turn_of(frame.pose))
        _, where = _draw_flat(model, seen, 1.0, None)
        presence[n], row_say[n] = atlas_evidence.row_presence(seen.tooth, where[..., 2], seen.inside, scale)
        there = float(presence[n])
        usual, _ = _draw_flat(model, seen, 0.0, None)
        inside = _open(model, seen, where)
        clear = _shrunk(inside, LIP_MARGIN, scale)
        free = _behind(model, _shrunk(inside, CAVITY_RIM - WITNESS_RIM, scale), where, there)
        behind[n] = atlas_evidence.see_behind(seen.picture - usual, free, seen.lips, seen.region[:2], sheet)
        drawn, _ = _draw_flat(model, seen, there, behind[n].astype(np.float32))
        light[n] = atlas_evidence.see_light(seen.picture - drawn, where, clear)
        lips[n] = atlas_evidence.see_lips(seen.inside - inside, where, seen.inside)
        light_say[n] += float(np.clip((frame.gap - SHUT_GAP) / 0.04, 0, 1))
        flat = drawn + _spread(light[n], where)
        shine[n] = atlas_evidence.see_shine(seen.picture - flat, clear, seen.place, seen.region[:2], sheet)
        teeth = (where[..., 2] > atlas_evidence.TOOTH_ALPHA) & (seen.inside > 0)
        if teeth.sum() > 60 and there > 0.5:
            blur[n] = atlas_evidence.softness(seen.picture, drawn, teeth, scale)
            blur_say[n] = float(teeth.sum()) / scale**2
    gap = np.array([frame.gap for frame in exemplars], np.float32)
    return Evidence(gap, presence, shift, row_say, behind, light, shine, lips, light_say, blur, blur_say)
