"""The upper row of a person's teeth as a picture, drawn from many frames."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

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
RIM = 0.008
"""IOD from the lips in which shading was not measured and does not change any more; also in the shader."""
LAST_SEEN = 0.012
"""IOD of a tooth, next to the lip, that tells how it goes on under it."""
TOOTH_HEIGHT = 0.095
"""IOD from a tooth's edge to its gum."""
LEAST_OUTLINE = 0.002
"""IOD squared that a row covers at least."""
CLOSED_HOLES = 0.045
"""IOD: a dark place between two teeth that is no wider belongs to the row, as dark as it is."""
SMOOTH_OUTLINE = 0.006
"""IOD: what is smaller in the row's outline is noise."""


@dataclass(frozen=True, slots=True)
class AtlasRow:
    """A row of teeth under the person's mean light."""

    picture: Floats
    """float32 (height, width, 4): RGB everywhere, and where the row is, 0 to 1, up to the rim of the sheet."""
    relight: Floats
    """float64 (11,), how the log of its brightness follows lips and opening; see `relight_features`."""


def relight_features(x: Floats, y: Floats, lips: Floats, opening: float) -> Floats:
    """What the shading of a tooth at (x, y) depends on, (..., 11): see `interior_kernel.shade`."""
    upper = np.clip(y - np.interp(x, lips[:, 0], lips[:, 1]), RIM, 0.3)
    lower = np.clip(np.interp(x, lips[:, 0], lips[:, 2]) - y, RIM, 0.3)
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


def draw_row(views: Sequence[View], dim_views: Sequence[View], sheet: Sheet, light: MouthLight) -> AtlasRow | None:
    """Draw a row.

    Args:
        views: best first, each in the row's place.
        dim_views: narrow openings, which tell how the row darkens.
    Returns: None when no outline is found.
    """
    core = _outline(views[:SHAPED_BY], sheet)
    if (core > 0.5).sum() < LEAST_OUTLINE * sheet.scale**2:
        return None
    alpha = _up_to_the_gum(core, sheet)
    relight: Floats = np.zeros(RELIGHT_COUNT)
    colour: Floats = np.zeros((sheet.height, sheet.width, 3), np.float32)
    for _ in range(2):
        colour = _colour(views[:BEST], relight, core, sheet, light)
        relight = _learn_relight([*views, *dim_views], colour, alpha, sheet, light)
    return AtlasRow(np.ascontiguousarray(np.dstack([colour, alpha]), np.float32), relight)


def _outline(views: Sequence[View], sheet: Sheet) -> Floats:
    """Where most frames that see a place see a tooth there, 0 to 1."""
    x = sheet.places()[0]
    seen = np.stack([view.inside for view in views])
    tooth = np.stack([view.tooth for view in views])
    trust = np.array([1.0 if view.frame.gap > 0.05 else 0.35 for view in views], np.float32)[:, None, None] * seen
    order = np.argsort(np.where(seen > 0, tooth, 9), axis=0)
    total = trust.sum(axis=0)
    counted = np.cumsum(np.take_along_axis(trust, order, axis=0), axis=0)
    share = 0.40 + 0.15 * np.clip(np.abs(x) / 0.2, 0, 1) ** 2
    at = np.argmax(counted >= share * total, axis=0)[None]
    core = np.take_along_axis(tooth, np.take_along_axis(order, at, axis=0), axis=0)[0]
    core = cv2.GaussianBlur(np.where(total > 0.9, core, 0).astype(np.float32), (0, 0), 0.7)
    vote = np.sum([view.zone for view in views], axis=0) / np.maximum(seen.sum(axis=0), 1e-3)
    core = _one_row(np.asarray(core * (vote > 0.5), np.float32), sheet)
    core = np.asarray(cv2.morphologyEx(smoothstep(core, 0.25, 0.70), cv2.MORPH_OPEN, np.ones((3, 5), np.uint8)))
    core = _without_crumbs(core)
    across = np.ones((1, 2 * int(CLOSED_HOLES / 2 * sheet.scale) + 1), np.uint8)
    core = np.asarray(cv2.morphologyEx(core, cv2.MORPH_CLOSE, across), np.float32)
    return smoothstep(cv2.GaussianBlur(core, (0, 0), SMOOTH_OUTLINE * sheet.scale), 0.25, 0.75)


def _one_row(core: Floats, sheet: Sheet) -> Floats:
    """Only the largest part and what lies at its height."""
    labels, places = _parts(core)
    if len(places) < 2:
        return core
    areas = places[1:, cv2.CC_STAT_AREA]
    largest = 1 + int(areas.argmax())
    for part in range(1, len(places)):
        if places[part, cv2.CC_STAT_AREA] < 0.10 * areas.max():
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


def _parts(core: Floats) -> tuple[NDArray[np.int_], NDArray[np.int_]]:
    _, labels, places, _ = cv2.connectedComponentsWithStats((core > 0.35).astype(np.uint8))
    return np.asarray(labels), np.asarray(places)


def _up_to_the_gum(core: Floats, sheet: Sheet) -> Floats:
    """The row with what the lip hid above it, soft at its sides."""
    full = np.maximum.accumulate(core[::-1], axis=0)[::-1]
    columns = (full.max(axis=0) > 0.5).astype(np.uint8)[None]
    closed = cv2.morphologyEx(columns, cv2.MORPH_CLOSE, np.ones((1, 2 * int(0.02 * sheet.scale) + 1), np.uint8))
    closed = cv2.erode(closed.astype(np.float32), np.ones((1, 3), np.uint8))
    full = full * cv2.GaussianBlur(closed, (0, 0), 0.010 * sheet.scale)
    return np.asarray(cv2.GaussianBlur(full.astype(np.float32), (0, 0), 0.6), np.float32)


def _colour(views: Sequence[View], relight: Floats, core: Floats, sheet: Sheet, light: MouthLight) -> Floats:
    """The row as it looks with the shade of lips taken away; grown upwards to the gum where nobody has seen it."""
    x, y = np.meshgrid(*sheet.places())
    border = np.ones((3, 3), np.uint8)
    layers = []
    for view in views:
        shade = relight_features(x, y, view.lips, view.opening) @ relight
        clean = view.picture * np.exp(-np.clip(shade, -0.8, 0.5))[..., None]
        surely = cv2.erode(view.inside, border) > 0.5
        layers.append(np.where(surely[..., None], clean, np.nan).astype(np.float32))
    stack = np.sort(np.stack(layers), axis=0)
    count = (~np.isnan(stack[..., 0])).sum(axis=0)
    middle = np.maximum(count - 1, 0)
    low = np.take_along_axis(stack, (middle // 2)[None, ..., None], axis=0)[0]
    high = np.take_along_axis(stack, ((middle + 1) // 2)[None, ..., None], axis=0)[0]
    known = count >= min(2, len(views))
    colour = np.where(known[..., None], (low + high) / 2, 0).astype(np.float32)
    return _with_roots(colour, known, core, sheet, light)


def _with_roots(colour: Floats, known: NDArray[np.bool_], core: Floats, sheet: Sheet, light: MouthLight) -> Floats:
    """Teeth go on upwards as they were last seen, column by column, until the gum begins."""
    rows = np.arange(sheet.height)[:, None]
    band: NDArray[np.bool_] = np.asarray((core > 0.5) & known)
    has: NDArray[np.bool_] = np.asarray(band.any(axis=0))
    first = np.where(has, band.argmax(axis=0), 0)
    # The uppermost pixels are the lip's rim as often as the tooth.
    inset = np.minimum(first + round(0.010 * sheet.scale), sheet.height - 1)
    hidden: NDArray[np.bool_] = np.asarray((rows < inset[None]) & has[None])
    below = np.minimum(inset[None] + np.arange(max(1, round(LAST_SEEN * sheet.scale)))[:, None], sheet.height - 1)
    last_seen = cv2.GaussianBlur(colour[below, np.arange(sheet.width)[None]].mean(axis=0)[None], (0, 0), 1.0)[0]
    filled = fill_smoothly(colour, np.asarray(known & ~hidden, np.float32))
    grown = np.where(hidden[..., None], last_seen[None], filled)
    grown = np.where(hidden[..., None], cv2.GaussianBlur(grown, (0, 0), 0.004 * sheet.scale), grown)
    edges = (sheet.height - 1 - band[::-1].argmax(axis=0))[has]
    edge = float(np.median(edges)) if len(edges) else 0.0
    gum = np.clip((edge - TOOTH_HEIGHT * sheet.scale - rows) / (0.02 * sheet.scale), 0, 1) * hidden
    share = gum[..., None].astype(np.float32)
    return np.asarray(grown * (1 - share) + (0.8 * light.lip).astype(np.float32) * share, np.float32)


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
        inputs.append(relight_features(x[columns], y[rows], view.lips, view.opening))
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
