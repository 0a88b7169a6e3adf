"""Where the upper row of teeth lies while a face moves: with the skull, which the base of the nose tells best."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lipwright.render.arrays import Floats
from lipwright.render.portrait.appearance import LUMA
from lipwright.render.rewrite.atlas_align import Drift, align
from lipwright.render.rewrite.atlas_light import MouthLight
from lipwright.render.rewrite.atlas_row import AtlasRow, draw_row
from lipwright.render.rewrite.atlas_sheet import NOSE_BASE, Sheet
from lipwright.render.rewrite.atlas_views import View, above_cut, look
from lipwright.render.rewrite.exemplar import Exemplar
from lipwright.render.rewrite.measure import turn_of

REACH = (0.035, 0.035)
"""How far the row may be from its anchor, x and y, IOD."""
LEAST_AREA = 0.0042
"""IOD squared of teeth that a frame must show to be of use."""
ALIKE = 0.55
"""Correlation with the mean row from which on a frame tells where the row is."""
MISS = 0.025
"""IOD by which a frame may contradict the rule."""
DIM_GAPS = (0.010, 0.050)
DIM_FRAMES = 60
LEAST_FRAMES = 5


@dataclass(frozen=True, slots=True)
class Rest:
    """The face that the row's place is told against."""

    neutral: Floats
    """float64 (478, 3) closed relaxed mouth, canonical."""
    turn: Floats
    """float64 (3,) rotation vector of the head."""

    def anchor(self, canonical: Floats) -> Floats:
        """Where the row would be if it moved with the base of the nose in the picture's plane, (2,) IOD."""
        return np.asarray((canonical[NOSE_BASE] - self.neutral[NOSE_BASE]).mean(axis=0)[:2])

    def features(self, canonical: Floats, turn: Floats) -> Floats:
        """What the row's place is told from, (7,)."""
        nose = (canonical[NOSE_BASE] - self.neutral[NOSE_BASE]).mean(axis=0)
        return np.concatenate([[1.0], nose * 10, (turn - self.turn) * 5])


@dataclass(frozen=True, slots=True)
class PlacedRow:
    """A row of teeth, and the rule for where it lies."""

    row: AtlasRow
    drift: Drift
    rest: Rest
    found: dict[int, Floats]
    """Where the row was seen for sure, (2,) IOD by number of the frame."""

    def expected(self, canonical: Floats, turn: Floats) -> Floats:
        """Where the rule says that the row lies on the sheet, (2,) IOD."""
        return self.drift.offset(self.rest.features(canonical, turn))

    def place_in(self, frame: Exemplar) -> Floats:
        """Where the row lies in a frame: as seen, or as expected."""
        seen = self.found.get(frame.number)
        return self.expected(frame.canonical, turn_of(frame.pose)) if seen is None else seen


def find_row(frames: Sequence[Exemplar], sheet: Sheet, light: MouthLight, rest: Rest) -> PlacedRow | None:
    """Find the upper row in open mouths, learn how it moves, and draw it.

    Args:
        frames: open mouths and nearly shut ones.
    Returns: None when fewer than 5 frames show it in agreement.
    """
    opened = [frame for frame in frames if frame.gap > DIM_GAPS[1] * 0.7]
    views = [_above(look(frame, sheet, light, rest.anchor(frame.canonical)), sheet) for frame in opened]
    views = [view for view in views if view.seen > LEAST_AREA]
    if len(views) < LEAST_FRAMES:
        return None
    turned = np.array([np.linalg.norm(turn_of(view.frame.pose) - rest.turn) for view in views])
    worth = np.array([view.seen * np.sqrt(view.sharpness) for view in views]) * np.exp(-3 * turned**2)
    pictures = np.stack([(view.picture @ LUMA).astype(np.float32) for view in views])
    alignment = align(pictures, np.stack([view.zone for view in views]), worth, sheet.scale, REACH)
    offsets = np.stack([view.offset for view in views]) + alignment.shift / sheet.scale
    alike = alignment.score > ALIKE
    features = np.stack([rest.features(view.frame.canonical, turn_of(view.frame.pose)) for view in views])
    drift = Drift.learn(features[alike], offsets[alike])
    if drift is None:
        return None
    agree = np.flatnonzero(alike)[drift.misses < MISS]
    if len(agree) < LEAST_FRAMES:
        return None
    placed = [_above(look(views[n].frame, sheet, light, offsets[n]), sheet) for n in agree]
    sharp = np.array([view.sharpness for view in placed])
    good = np.array([view.seen for view in placed]) * np.clip(sharp / max(np.median(sharp), 1e-6), 0.2, 2) ** 1.5
    good *= np.exp(-4 * turned[agree] ** 2) * alignment.score[agree]
    order = np.argsort(-good, kind="stable")
    dim = [frame for frame in frames if DIM_GAPS[0] < frame.gap <= DIM_GAPS[1]]
    dim_views = [
        look(frame, sheet, light, drift.offset(rest.features(frame.canonical, turn_of(frame.pose))))
        for frame in dim[:: max(1, len(dim) // DIM_FRAMES)]
    ]
    row = draw_row([placed[n] for n in order], dim_views, sheet, light)
    if row is None:
        return None
    return PlacedRow(row, drift, rest, {views[n].frame.number: offsets[n] for n in agree})


def _above(view: View, sheet: Sheet) -> View:
    """The view with only what lies above the dark line between the rows as its zone."""
    zone = (view.inside * above_cut(view, sheet)).astype(np.float32)
    return View(view.frame, view.picture, view.inside, view.tooth, zone, view.lips, view.offset)
