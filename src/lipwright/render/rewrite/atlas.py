"""A person's teeth as an atlas: both rows drawn once from many frames, so that they never change while the mouth does.

The frames that are chosen for a moment only say how much of a row is there, in what light, and how sharp. Source: the
second study of video mode, a teeth atlas per person.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

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
MOST_FRAMES = 160
"""Frames that the rows are looked for in; of more, evenly thinned ones."""
BRIGHTEST = 1.3
"""No tooth gets brighter than this times the person's tooth colour."""
CAVITY_RIM, WITNESS_RIM = 0.016, 0.008
SHUT_GAP = 0.012
"""IOD: a narrower opening says nothing of its light."""
_NO_ROW = (np.zeros((2, 2, 4), np.float32), 0.0, 0.0, 0.0)
_NO_LIGHT = np.zeros((2, 2, 3), np.float32)


@dataclass(frozen=True, slots=True)
class MouthModel:
    """What an atlas draws with."""

    sheet: Sheet
    light: MouthLight
    cavity: Cavity
    lower: PlacedRow | None
    upper: PlacedRow | None

    def draw(
        self,
        region: tuple[int, int, int, int],
        lips: Floats,
        seen: tuple[Floats, Floats, Floats],
        gap: float,
        places: Floats,
        presence: Floats,
        extra_light: Floats,
    ) -> tuple[Floats, Floats]:
        """Colour a region.

        Args:
            region: left, top, width, height in pixels.
            lips: (11, 3) as Sheet.lips.
            seen: pixels to IOD on the flat sheet (2, 2); pixel of its middle (2,); IOD that a unit of depth moves (2,).
            gap: of the inner lips, IOD.
            places: (2, 2) where lower and upper row lie on the sheet, IOD.
            presence: (2,) how much of them is there.
            extra_light: float32 (rows, columns, 3), added over (v, u).
        Returns: float32 (height, width, 3) RGB under the person's mean light; (height, width, 4) u, v, alphas.
        """
        left, top, width, height = region
        colour, where = np.empty((height, width, 3), np.float32), np.empty((height, width, 4), np.float32)
        rows, relight = [], np.zeros((2, 11))
        for n, row in enumerate((self.lower, self.upper)):
            if row is None:
                rows.append(_NO_ROW)
                continue
            rows.append((row.row.picture, float(places[n, 0]), float(places[n, 1]), float(presence[n])))
            relight[n] = row.row.relight
        brightest = np.minimum(255.0, self.light.tooth * BRIGHTEST)
        inverse, origin, tilt = seen
        shade(
            left, top, inverse, origin, tilt, lips, log_opening(gap), self.cavity.at(gap), extra_light,
            (rows[0], rows[1]), relight, self.sheet.scale, brightest, colour, where,
        )  # fmt: skip
        return colour, where

    def places(self, canonical: Floats, turn: Floats) -> Floats:
        """Where the rule says that lower and upper row lie, (2, 2) IOD; 0 for a row that is not known."""
        rows = (self.lower, self.upper)
        return np.stack([np.zeros(2) if row is None else row.expected(canonical, turn) for row in rows])


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
        upper = lower = None
        if light.has_teeth:
            usable = [*chosen, *(frame for frame in exemplars if frame.gap <= OPEN_GAP)]
            upper = find_row(usable, sheet, light, rest, None)
            lower = None if upper is None else find_row(usable, sheet, light, rest, upper)
        blank = MouthModel(sheet, light, CavityCollector().finish(light), lower, upper)
        model = MouthModel(sheet, light, _look_between(blank, chosen), lower, upper)
        rows = [name for name, row in (("upper", upper), ("lower", lower)) if row is not None]
        note = f"{len(opened)} frames show an open mouth; rows of teeth drawn: {' and '.join(rows) or 'none'}"
        return cls(model, _witness(model, exemplars), note)


@dataclass(frozen=True, slots=True)
class _Unrolled:
    """One frame's opening on the sheet, and what the model draws there."""

    picture: Floats
    drawn: Floats
    where: Floats
    inside: Pixels
    places: Floats


def _unroll(model: MouthModel, frame: Exemplar, rim: float, presence: Floats | None = None) -> _Unrolled | None:
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
    middle = np.array([sheet.width, sheet.height]) / 2 - 0.5
    places = np.stack([np.zeros(2) if row is None else row.place_in(frame) for row in (model.lower, model.upper)])
    seen = (np.eye(2) / sheet.scale, middle, np.zeros(2))
    everything = np.ones(2) if presence is None else presence
    region = (left, top, width, height)
    drawn, where = model.draw(region, lips, seen, frame.gap, places, everything, _NO_LIGHT)
    return _Unrolled(picture, drawn, where, inside[box], places)


def _look_between(model: MouthModel, frames: Sequence[Exemplar]) -> Cavity:
    """What is neither tooth nor lip in open mouths."""
    collector = CavityCollector()
    for frame in frames:
        unrolled = _unroll(model, frame, CAVITY_RIM)
        if unrolled is None:
            continue
        where = unrolled.where
        tooth = model.light.toothness(unrolled.picture, 0.0)
        free = (unrolled.inside > 0) & (where[..., 2:].max(axis=-1) < 0.1)
        if model.upper is not None:
            free &= tooth < 0.3
        collector.add(unrolled.picture[free], where[free][:, :2], frame.gap)
    return collector.finish(model.light)


def _witness(model: MouthModel, exemplars: Sequence[Exemplar]) -> Evidence:
    """Ask every frame of its own moment."""
    count = len(exemplars)
    presence, presence_say = np.zeros((count, 2), np.float32), np.full((count, 2), 1e-4, np.float32)
    shift = np.zeros((count, 2, 2), np.float32)
    light = np.zeros((count, atlas_evidence.LIGHT_ROWS, atlas_evidence.LIGHT_COLUMNS, 3), np.float32)
    light_say = np.full(count, 0.15, np.float32)
    blur, blur_say = np.zeros(count, np.float32), np.full(count, 1e-4, np.float32)
    presence[:, 1] = 1
    scale = model.sheet.scale
    for n, frame in enumerate(exemplars):
        unrolled = _unroll(model, frame, WITNESS_RIM) if frame.gap > SHUT_GAP else None
        if unrolled is None or unrolled.inside.sum() < 12:
            continue
        expected = model.places(frame.canonical, turn_of(frame.pose))
        shift[n] = unrolled.places - expected
        tooth = model.light.toothness(unrolled.picture, 0.0)
        presence[n], presence_say[n] = atlas_evidence.row_presence(tooth, unrolled.where, unrolled.inside, scale)
        again = _unroll(model, frame, WITNESS_RIM, presence[n]) or unrolled
        light[n] = atlas_evidence.low_light(again.picture, again.drawn, again.where, again.inside)
        light_say[n] += float(np.clip((frame.gap - SHUT_GAP) / 0.04, 0, 1))
        teeth = (again.where[..., 3] > 0.6) & (again.inside > 0)
        if model.upper is not None and teeth.sum() > 60 and presence[n, 1] > 0.5:
            blur[n] = atlas_evidence.softness(again.picture, again.drawn, teeth, scale)
            blur_say[n] = float(teeth.sum()) / scale**2
    return Evidence(presence, presence_say, shift, light, light_say, blur, blur_say)
