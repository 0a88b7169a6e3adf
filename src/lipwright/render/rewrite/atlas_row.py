"""One row of a person's teeth as a picture, drawn from many frames."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from lipwright.render.arrays import Floats
from lipwright.render.easing import smoothstep
from lipwright.render.fill import fill_smoothly
from lipwright.render.portrait.appearance import LUMA
from lipwright.render.rewrite.atlas_light import MouthLight
from lipwright.render.rewrite.atlas_sheet import Sheet
from lipwright.render.rewrite.atlas_views import View

BEST = 13
"""Frames that the colour is the median of."""
SHAPED_BY = 60
"""Frames that decide where the row's outline is."""
SAMPLES_PER_VIEW = 150
RELIGHT_COUNT = 11


@dataclass(frozen=True, slots=True)
class AtlasRow:
    """A row of teeth under the person's mean light."""

    picture: Floats
    """float32 (height, width, 4): RGB everywhere, and where the row is, 0 to 1, up to its gum."""
    relight: Floats
    """float64 (11,), how the log of its brightness follows lips and opening; see `relight_features`."""
    foot: float
    """y of the lowest seen pixel in the middle of the row, IOD."""


def relight_features(places: tuple[Floats, Floats], lips: Floats, opening: float) -> Floats:
    """What the shading of a tooth depends on, (..., 11), at places (x, y) on the sheet: see `interior_kernel.shade`."""
    x, y = places
    upper = np.clip(y - np.interp(x, lips[:, 0], lips[:, 1]), 0, 0.3)
    lower = np.clip(np.interp(x, lips[:, 0], lips[:, 2]) - y, 0, 0.3)
    u = (x - (lips[0, 0] + lips[10, 0]) / 2) / max((lips[10, 0] - lips[0, 0]) / 2, 1e-3)
    one = np.ones_like(u)
    shadow = np.exp(-upper / 0.035)
    return np.stack(
        [
            one,
            np.exp(-upper / 0.012),
            shadow,
            np.exp(-lower / 0.012),
            np.exp(-lower / 0.035),
            u * u,
            np.maximum(np.abs(u) - 0.45, 0),
            one * opening,
            shadow * opening,
            u * u * opening,
            one * min(opening, 0.0),
        ],
        axis=-1,
    )


def draw_row(
    views: Sequence[View], dim_views: Sequence[View], sheet: Sheet, light: MouthLight, *, upper: bool
) -> AtlasRow | None:
    """Draw a row.

    Args:
        views: best first, each in the row's place.
        dim_views: narrow openings, which tell how the row darkens.
    Returns: None when no outline is found.
    """
    core = _outline(views[:SHAPED_BY], sheet, upper=upper)
    if (core > 0.5).sum() < 0.002 * sheet.scale**2:
        return None
    alpha = _extended(core, sheet, upper=upper)
    relight = np.zeros(RELIGHT_COUNT)
    colour = np.zeros((sheet.height, sheet.width, 3), np.float32)
    for _ in range(2):
        colour = _colour(views[:BEST], relight, core, sheet, light, upper=upper)
        relight = _learn_relight([*views, *dim_views], colour, alpha, sheet, light)
    middle = core[:, int(0.42 * sheet.width) : int(0.58 * sheet.width)].max(axis=1)
    rows = np.flatnonzero(middle > 0.5)
    foot = float(sheet.places()[1][rows[-1]]) if len(rows) else 0.0
    return AtlasRow(np.ascontiguousarray(np.dstack([colour, alpha]), np.float32), relight, foot)


def _outline(views: Sequence[View], sheet: Sheet, *, upper: bool) -> Floats:
    """Where most frames that see a place see a tooth there, 0 to 1."""
    x = sheet.places()[0]
    seen = np.stack([view.inside if upper else view.zone for view in views])
    tooth = np.stack([view.tooth for view in views])
    trust = np.array([1.0 if view.frame.gap > 0.05 else 0.35 for view in views], np.float32)[:, None, None] * seen
    order = np.argsort(np.where(seen > 0, tooth, 9), axis=0)
    total = trust.sum(axis=0)
    counted = np.cumsum(np.take_along_axis(trust, order, axis=0), axis=0)
    share = 0.40 + 0.15 * np.clip(np.abs(x) / 0.2, 0, 1) ** 2
    at = np.argmax(counted >= share * total, axis=0)[None]
    core = np.take_along_axis(tooth, np.take_along_axis(order, at, axis=0), axis=0)[0]
    core = cv2.GaussianBlur(np.where(total > 0.9, core, 0).astype(np.float32), (0, 0), 0.7)
    if upper:
        vote = sum(view.zone * view.inside for view in views) / np.maximum(seen.sum(axis=0), 1e-3)
        core = core * (vote > 0.5)
    core = _one_row(core, sheet, upper=upper)
    core = smoothstep(core, 0.25, 0.70)
    core = np.asarray(cv2.morphologyEx(core, cv2.MORPH_OPEN, np.ones((3, 5), np.uint8)), np.float32)
    return _without_crumbs(core)


def _one_row(core: Floats, sheet: Sheet, *, upper: bool) -> Floats:
    """Only the largest part and what lies at its height."""
    labels, places = _parts(core)
    if len(places) < 2:
        return core
    areas = places[1:, cv2.CC_STAT_AREA]
    largest = 1 + int(areas.argmax())
    for part in range(1, len(places)):
        if places[part, cv2.CC_STAT_AREA] < 0.10 * areas.max() or (not upper and part != largest):
            core = np.where(labels == part, 0, core)
    top, height = places[largest, cv2.CC_STAT_TOP], places[largest, cv2.CC_STAT_HEIGHT]
    rows = np.arange(sheet.height)
    near = (rows >= top - 0.02 * sheet.scale) & (rows <= top + height + 0.02 * sheet.scale)
    return np.asarray(core * near[:, None], np.float32)


def _without_crumbs(core: Floats) -> Floats:
    labels, places = _parts(core)
    if len(places) < 2:
        return core
    areas = places[:, cv2.CC_STAT_AREA]
    largest = 1 + int(areas[1:].argmax())
    middles = places[:, cv2.CC_STAT_TOP] + places[:, cv2.CC_STAT_HEIGHT] / 2
    for part in range(1, len(places)):
        aside = abs(middles[part] - middles[largest]) > 0.5 * places[largest, cv2.CC_STAT_HEIGHT]
        if part != largest and (areas[part] < 0.03 * areas[largest] or aside):
            core = np.where(labels == part, 0, core)
    return np.asarray(core, np.float32)


def _parts(core: Floats) -> tuple[Floats, Floats]:
    _, labels, places, _ = cv2.connectedComponentsWithStats((core > 0.35).astype(np.uint8))
    return labels, places


def _extended(core: Floats, sheet: Sheet, *, upper: bool) -> Floats:
    """The row with what the lip hid: up to the gum, or down to the foot."""
    full = np.maximum.accumulate(core[::-1], axis=0)[::-1] if upper else np.maximum.accumulate(core, axis=0)
    if not upper:
        rows = np.arange(sheet.height)[:, None]
        foot = np.where((core > 0.5).any(axis=0), sheet.height - 1 - (core > 0.5)[::-1].argmax(axis=0), -1)
        full = full * np.clip(1 - (rows - foot[None] - 0.055 * sheet.scale) / (0.04 * sheet.scale), 0, 1)
    columns = (full.max(axis=0) > 0.5).astype(np.uint8)[None]
    closed = cv2.morphologyEx(columns, cv2.MORPH_CLOSE, np.ones((1, 2 * int(0.02 * sheet.scale) + 1), np.uint8))
    closed = cv2.erode(closed.astype(np.float32), np.ones((1, 3), np.uint8))
    full = full * cv2.GaussianBlur(closed, (0, 0), 0.010 * sheet.scale)
    return np.asarray(cv2.GaussianBlur(full.astype(np.float32), (0, 0), 0.6), np.float32)


def _colour(
    views: Sequence[View], relight: Floats, core: Floats, sheet: Sheet, light: MouthLight, *, upper: bool
) -> Floats:
    """The row as it looks with the shade of lips taken away; gum colour where nobody has seen it."""
    x, y = np.meshgrid(*sheet.places())
    border = np.ones((3, 3) if upper else (5, 5), np.uint8)
    layers = []
    for view in views:
        shade = relight_features((x, y), view.lips, view.opening) @ relight
        clean = view.picture * np.exp(-np.clip(shade, -0.8, 0.5))[..., None]
        surely = cv2.erode(view.zone, border) > 0.5
        layers.append(np.where(surely[..., None], clean, np.nan).astype(np.float32))
    stack = np.sort(np.stack(layers), axis=0)
    count = (~np.isnan(stack[..., 0])).sum(axis=0)
    middle = np.maximum(count - 1, 0)
    low = np.take_along_axis(stack, (middle // 2)[None, ..., None], axis=0)[0]
    high = np.take_along_axis(stack, ((middle + 1) // 2)[None, ..., None], axis=0)[0]
    known = (count >= min(2, len(views))).astype(np.float32)
    colour = np.where(known[..., None] > 0, (low + high) / 2, 0).astype(np.float32)
    band = core > 0.5
    rows = np.arange(sheet.height)[:, None]
    if not upper:
        top = np.where(band.any(axis=0), band.argmax(axis=0), sheet.height)[None]
        body = (rows >= top + 0.012 * sheet.scale) & (rows < top + 0.12 * sheet.scale)
        # A tongue or lip before the lower teeth is no part of them.
        pale = (light.toothness(colour, x) > 0.6) & (known > 0)
        if (body & pale).sum() > 20:
            from_teeth = fill_smoothly(colour, (body & pale).astype(np.float32))
            colour = np.where((body & ~pale)[..., None], from_teeth, colour)
            known = np.where(body, 1, known).astype(np.float32)
    filled = fill_smoothly(colour, known)
    edge = np.where(band.any(axis=0), band.argmax(axis=0) if upper else sheet.height - 1 - band[::-1].argmax(axis=0), 0)
    beyond = (edge[None] - rows) if upper else (rows - edge[None] - 0.05 * sheet.scale)
    far = np.clip(beyond / (0.02 * sheet.scale), 0, 1) * band.any(axis=0)[None]
    gum = ((1 - cv2.GaussianBlur(known, (0, 0), 1.5)) * far)[..., None].astype(np.float32)
    return np.asarray(filled * (1 - gum) + (0.8 * light.lip).astype(np.float32) * gum, np.float32)


def _learn_relight(views: Sequence[View], colour: Floats, alpha: Floats, sheet: Sheet, light: MouthLight) -> Floats:
    """Robust ridge regression of log(frame / row) on what shades it."""
    random = np.random.default_rng(0)
    x, y = sheet.places()
    brightness = colour @ LUMA
    tooth_luma = float(light.tooth @ LUMA)
    inputs, wanted = [], []
    for view in views:
        rows, columns = np.nonzero((view.zone > 0.5) & (alpha > 0.8) & (brightness > 0.3 * tooth_luma))
        if len(rows) < 12:
            continue
        some = random.integers(0, len(rows), SAMPLES_PER_VIEW)
        rows, columns = rows[some], columns[some]
        inputs.append(relight_features((x[columns], y[rows]), view.lips, view.opening))
        wanted.append(np.log(np.clip(view.picture[rows, columns] @ LUMA, 4, 255) / brightness[rows, columns]))
    if not inputs:
        return np.zeros(RELIGHT_COUNT)
    features, target = np.concatenate(inputs), np.concatenate(wanted)
    trust = np.ones(len(features))
    damping = 0.01 * len(features) * np.diag([0.01] + [1.0] * (RELIGHT_COUNT - 1))
    weights = np.zeros(RELIGHT_COUNT)
    for _ in range(4):
        weighted = features.T * trust
        weights = np.linalg.solve(weighted @ features + damping, weighted @ target)
        trust = 1 / np.maximum(np.abs(target - features @ weights), 0.15)
    return np.asarray(weights)
