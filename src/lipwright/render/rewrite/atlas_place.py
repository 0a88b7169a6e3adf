"""Where the rows of teeth lie while a face moves: the upper one follows the nose, the lower one jaw and lip."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from lipwright.render.arrays import Floats
from lipwright.render.portrait.appearance import LUMA
from lipwright.render.portrait.rows import CHIN
from lipwright.render.rewrite.atlas_align import Drift, align, moved
from lipwright.render.rewrite.atlas_light import MouthLight
from lipwright.render.rewrite.atlas_row import AtlasRow, draw_row
from lipwright.render.rewrite.atlas_sheet import NOSE_BASE, Sheet
from lipwright.render.rewrite.atlas_views import View, above_cut, look
from lipwright.render.rewrite.exemplar import Exemplar
from lipwright.render.rewrite.measure import turn_of

LOWER_LIP_MIDDLE = [14, 87, 317]
REACH = {True: (0.035, 0.035), False: (0.030, 0.075)}
"""How far a row may be from its anchor, x and y, IOD; the upper row first."""
LEAST_AREA = {True: 0.0042, False: 0.0021}
"""IOD squared of teeth that a frame must show to be of use."""
ALIKE = 0.55
"""Correlation with the mean row from which on a frame tells where the row is."""
MISS = {True: 0.025, False: 0.022}
"""IOD by which a frame may contradict the rule."""
UPPER_MARGIN = 0.012
"""IOD around the upper row that no lower tooth is looked for in."""
DIM_GAPS = (0.010, 0.050)
DIM_FRAMES = 60
LEAST_FRAMES = 5


@dataclass(frozen=True, slots=True)
class Rest:
    """The face that the rows' places are told against."""

    neutral: Floats
    """float64 (478, 3) closed relaxed mouth, canonical."""
    turn: Floats
    """float64 (3,) rotation vector of the head."""

    def anchor(self, canonical: Floats, *, upper: bool) -> Floats:
        """Where a row would be if it moved with its anchor, (2,) IOD."""
        if upper:
            return np.asarray((canonical[NOSE_BASE] - self.neutral[NOSE_BASE]).mean(axis=0)[:2])
        chin = (canonical[CHIN, 0] - self.neutral[CHIN, 0]).mean()
        lip = (canonical[LOWER_LIP_MIDDLE, 1] - self.neutral[LOWER_LIP_MIDDLE, 1]).mean()
        return np.array([chin, lip])

    def features(self, canonical: Floats, turn: Floats, *, upper: bool) -> Floats:
        """What a row's place is told from."""
        turned = (turn - self.turn) * 5
        if upper:
            nose = (canonical[NOSE_BASE] - self.neutral[NOSE_BASE]).mean(axis=0)
            return np.concatenate([[1.0], nose * 10, turned])
        chin = (canonical[CHIN] - self.neutral[CHIN]).mean(axis=0)[:2]
        lip = (canonical[LOWER_LIP_MIDDLE] - self.neutral[LOWER_LIP_MIDDLE]).mean(axis=0)[:2]
        return np.concatenate([[1.0], chin * 10, lip * 10, turned])


@dataclass(frozen=True, slots=True)
class PlacedRow:
    """A row of teeth, and the rule for where it lies."""

    row: AtlasRow
    drift: Drift
    rest: Rest
    upper: bool
    found: dict[int, Floats]
    """Where the row was seen for sure, (2,) IOD by number of the frame."""

    def expected(self, canonical: Floats, turn: Floats) -> Floats:
        """Where the rule says that the row lies on the sheet, (2,) IOD."""
        return self.drift.offset(self.rest.features(canonical, turn, upper=self.upper))

    def place_in(self, frame: Exemplar) -> Floats:
        """Where the row lies in a frame: as seen, or as expected."""
        seen = self.found.get(frame.number)
        return self.expected(frame.canonical, turn_of(frame.pose)) if seen is None else seen


def find_row(
    frames: Sequence[Exemplar],
    sheet: Sheet,
    light: MouthLight,
    rest: Rest,
    above: PlacedRow | None,
) -> PlacedRow | None:
    """Find a row in open mouths, learn how it moves, and draw it.

    Args:
        frames: open mouths and nearly shut ones.
        above: the upper row, when the lower one is wanted.
    Returns: None when fewer than 5 frames show it in agreement.
    """
    upper = above is None
    views = []
    for frame in frames:
        if frame.gap <= DIM_GAPS[1] * 0.7:
            continue
        view = _with_zone(look(frame, sheet, light, rest.anchor(frame.canonical, upper=upper)), sheet, above)
        if view.seen > LEAST_AREA[upper]:
            views.append(view)
    if len(views) < LEAST_FRAMES:
        return None
    turned = np.array([np.linalg.norm(turn_of(view.frame.pose) - rest.turn) for view in views])
    worth = np.array([view.seen * np.sqrt(view.sharpness) for view in views]) * np.exp(-3 * turned**2)
    pictures = np.stack([(view.picture @ LUMA).astype(np.float32) for view in views])
    zones = np.stack([view.zone for view in views])
    alignment = align(pictures, zones, worth, sheet.scale, REACH[upper])
    offsets = np.stack([view.offset for view in views]) + alignment.shift / sheet.scale
    alike = alignment.score > ALIKE
    features = np.stack([rest.features(view.frame.canonical, turn_of(view.frame.pose), upper=upper) for view in views])
    drift = Drift.learn(features[alike], offsets[alike])
    if drift is None:
        return None
    agree = np.flatnonzero(alike)[drift.misses < MISS[upper]]
    if len(agree) < LEAST_FRAMES:
        return None
    placed = [_with_zone(look(views[n].frame, sheet, light, offsets[n]), sheet, above) for n in agree]
    sharp = np.array([view.sharpness for view in placed])
    good = np.array([view.seen for view in placed]) * np.clip(sharp / max(np.median(sharp), 1e-6), 0.2, 2) ** 1.5
    good *= np.exp(-4 * turned[agree] ** 2) * alignment.score[agree]
    order = np.argsort(-good, kind="stable")
    dim = [frame for frame in frames if DIM_GAPS[0] < frame.gap <= DIM_GAPS[1]]
    dim = dim[:: max(1, len(dim) // DIM_FRAMES)]
    expected = [drift.offset(rest.features(frame.canonical, turn_of(frame.pose), upper=upper)) for frame in dim]
    dim_views = [
        _with_zone(look(frame, sheet, light, place), sheet, above, whole=True)
        for frame, place in zip(dim, expected, strict=True)
    ]
    row = draw_row([placed[n] for n in order], dim_views, sheet, light, upper=upper)
    if row is None:
        return None
    found = {views[n].frame.number: offsets[n] for n in agree}
    return PlacedRow(row, drift, rest, upper, found)


def _with_zone(view: View, sheet: Sheet, above: PlacedRow | None, *, whole: bool = False) -> View:
    """A view whose zone is where this row can be seen: above the dark line, or clear of the upper row."""
    if above is None:
        zone = view.inside if whole else view.inside * above_cut(view, sheet)
    else:
        size = 2 * int(UPPER_MARGIN * sheet.scale) + 1
        alpha = np.asarray(
            cv2.dilate(np.ascontiguousarray(above.row.picture[..., 3]), np.ones((size, size), np.uint8)), np.float32
        )
        apart = (view.offset - above.place_in(view.frame)) * sheet.scale
        zone = view.inside * (moved(alpha, apart) < 0.1)
    return View(view.frame, view.picture, view.inside, view.tooth, zone.astype(np.float32), view.lips, view.offset)
