"""Where a row of teeth lies in each frame: found by correlation, then told from what moves the face."""

from dataclasses import dataclass
from typing import Self

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

from lipwright.render.arrays import Floats

PASSES = 3
HIGH_PASS = 0.026
"""IOD: what is smoother than this is light, not teeth."""
LEAST_PIXELS = 60
STEP = 2
"""Shifts are tried at every second pixel first."""
SURE = 0.45
"""Correlation from which on a frame helps to draw the row that the others are compared with."""
LEAST_FRAMES = 5
RIDGE = 0.02


@dataclass(frozen=True, slots=True)
class Alignment:
    """How far the row lies from where its anchor says, per frame."""

    shift: Floats
    """float64 (n, 2), pixels of the sheet."""
    score: Floats
    """float64 (n,), correlation with the mean row, -1 to 1."""


def align(pictures: Floats, zones: Floats, worth: Floats, scale: float, reach: tuple[float, float]) -> Alignment:
    """Find the row in every picture.

    Args:
        pictures: float32 (n, height, width), luma on the sheet, n >= 1.
        zones: float32 (n, height, width), 1 where the row can be.
        worth: float64 (n,), how well each shows it; the best one is what the others are compared with at first.
        scale: pixels per IOD.
        reach: how far x and y may be off, IOD.
    """
    count = len(pictures)
    sigma = HIGH_PASS * scale
    details = np.stack([_details(picture, zone, sigma) for picture, zone in zip(pictures, zones, strict=True)])
    reach_x, reach_y = (max(STEP, round(r * scale)) for r in reach)
    best = int(np.argmax(worth))
    template, known = pictures[best], zones[best]
    shift, score = np.zeros((count, 2)), np.zeros(count)
    for _ in range(PASSES):
        _search(_details(template, known, sigma), known, details, zones, reach_x, reach_y, shift, score)
        total, weight = np.zeros_like(template), np.zeros_like(template)
        seen = np.zeros_like(template)
        for n in np.flatnonzero(score > SURE):
            zone = moved(zones[n], shift[n])
            share = zone * np.float32(worth[n] * score[n] ** 2)
            total += moved(pictures[n], shift[n]) * share
            weight += share
            seen += zone > 0.5
        if not (seen > 0).any():
            break
        template = total / np.maximum(weight, 1e-6)
        known = (seen >= min(3, 0.05 * count)).astype(np.float32)
    return Alignment(shift, score)


def moved(picture: Floats, shift: Floats, interpolation: int = cv2.INTER_LINEAR) -> Floats:
    """A picture (height, width, ...) drawn so that what was at `shift` (2,) pixels comes to 0."""
    matrix = np.array([[1, 0, -shift[0]], [0, 1, -shift[1]]], np.float64)
    return np.asarray(cv2.warpAffine(picture, matrix, (picture.shape[1], picture.shape[0]), flags=interpolation))


@dataclass(frozen=True, slots=True)
class Drift:
    """A linear rule that tells where a row lies from what moves the face."""

    weights: Floats
    """float64 (features, 2)."""
    misses: Floats
    """float64 (n,) IOD by which the rule misses each frame that it was learnt from."""

    @classmethod
    def learn(cls, features: Floats, offsets: Floats) -> Self | None:
        """Learn robustly.

        Args:
            features: float64 (n, k), the first column all ones.
            offsets: float64 (n, 2) IOD.
        Returns: None from fewer than 5 frames.
        """
        count, columns = features.shape
        if count < LEAST_FRAMES:
            return None
        trust = np.ones(count)
        damping = RIDGE * count * np.diag([0.0] + [1.0] * (columns - 1))
        for _ in range(5):
            weighted = features.T * trust
            weights = np.linalg.solve(weighted @ features + damping, weighted @ offsets)
            misses = np.linalg.norm(offsets - features @ weights, axis=1)
            trust = 1 / np.maximum(misses, 1.5 * np.median(misses) + 1e-6)
            trust /= trust.max()
        return cls(weights, misses)

    def offset(self, features: Floats) -> Floats:
        """Where the row lies, IOD, (2,) or (n, 2)."""
        return np.asarray(features @ self.weights)


def _details(picture: Floats, zone: Floats, sigma: float) -> Floats:
    """The picture without its light, inside a zone."""
    smooth = cv2.GaussianBlur(picture * zone, (0, 0), sigma)
    weight = cv2.GaussianBlur(zone, (0, 0), sigma)
    return np.asarray((picture - smooth / np.maximum(weight, 1e-3)) * zone, np.float32)


def _search(
    template: Floats,
    known: Floats,
    details: Floats,
    zones: Floats,
    reach_x: int,
    reach_y: int,
    shift: Floats,
    score: Floats,
) -> None:
    rows, columns = np.nonzero(known > 0.5)
    if len(rows) < LEAST_PIXELS:
        return
    values = template[rows, columns]
    for n in range(len(details)):
        shift[n, 0], shift[n, 1], score[n] = _best_shift(values, rows, columns, details[n], zones[n], reach_x, reach_y)


def _search_step(low: float, middle: float, high: float) -> float:
    """Vertex of the parabola through three neighbours."""
    bend = low - 2 * middle + high
    return 0.0 if bend > -1e-6 else float(np.clip(0.5 * (low - high) / bend, -0.5, 0.5))


def _best_shift(
    values: Floats,
    rows: NDArray[np.intp],
    columns: NDArray[np.intp],
    detail: Floats,
    zone: Floats,
    reach_x: int,
    reach_y: int,
) -> tuple[float, float, float]:
    """Shift (x, y) at which the template's pixels agree best with a picture, and how well."""
    best, at_x, at_y = -2.0, 0, 0
    for y in range(-reach_y // STEP * STEP, reach_y + 1, STEP):
        for x in range(-reach_x // STEP * STEP, reach_x + 1, STEP):
            agreement = _agreement(values, rows, columns, detail, zone, x, y)
            if agreement > best:
                best, at_x, at_y = agreement, x, y
    around = np.full((3, 3), -2.0)
    for y in range(3):
        for x in range(3):
            around[y, x] = _agreement(values, rows, columns, detail, zone, at_x + x - 1, at_y + y - 1)
    j, i = np.unravel_index(int(around.argmax()), (3, 3))
    at_x, at_y, best = at_x + int(i) - 1, at_y + int(j) - 1, float(around[j, i])
    left, right, above, below = (
        _agreement(values, rows, columns, detail, zone, at_x + x, at_y + y)
        for x, y in ((-1, 0), (1, 0), (0, -1), (0, 1))
    )
    fine_x = _search_step(left, best, right) if min(left, right) > -2 else 0.0
    fine_y = _search_step(above, best, below) if min(above, below) > -2 else 0.0
    return at_x + fine_x, at_y + fine_y, max(best, -1.0)


@njit(cache=True, nogil=True, fastmath=True)
def _agreement(values, rows, columns, detail, zone, x, y):  # type: ignore[no-untyped-def]
    """Normalised correlation of a template with a picture at one shift, over what both show; -2 when that is little."""
    height, width = detail.shape
    count = 0.0
    sum_a, sum_b, sum_aa, sum_bb, sum_ab = 0.0, 0.0, 0.0, 0.0, 0.0
    for n in range(values.shape[0]):
        row, column = rows[n] + y, columns[n] + x
        if row < 0 or column < 0 or row >= height or column >= width:
            continue
        if zone[row, column] < 0.5:
            continue
        a, b = values[n], detail[row, column]
        count += 1.0
        sum_a += a
        sum_b += b
        sum_aa += a * a
        sum_bb += b * b
        sum_ab += a * b
    if count < 60:
        return -2.0
    spread = (sum_aa - sum_a * sum_a / count) * (sum_bb - sum_b * sum_b / count)
    return (sum_ab - sum_a * sum_b / count) / np.sqrt(max(spread, 0.0) + 1e-3)
