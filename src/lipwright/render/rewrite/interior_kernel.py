"""The compiled shader of the inside of a mouth: cavity, lower teeth, upper teeth, light."""

import math

import numpy as np
from numba import njit

BEND = 1.3
BEND_LIMIT = 0.06
RELIGHT_LOW, RELIGHT_HIGH = -1.6, 0.35
"""Limits of the shading's logarithm."""


@njit(cache=True, nogil=True, inline="always")
def _read(picture, x, y, out):  # type: ignore[no-untyped-def]
    """Bilinear sample of (h, w, channels), its rim repeated."""
    height, width = picture.shape[0], picture.shape[1]
    x = min(max(x, 0.0), width - 1.001)
    y = min(max(y, 0.0), height - 1.001)
    i, j = int(x), int(y)
    fx, fy = x - i, y - j
    a, b = (1 - fx) * (1 - fy), fx * (1 - fy)
    c, d = (1 - fx) * fy, fx * fy
    for k in range(picture.shape[2]):
        out[k] = (
            a * picture[j, i, k] + b * picture[j, i + 1, k] + c * picture[j + 1, i, k] + d * picture[j + 1, i + 1, k]
        )


@njit(cache=True, nogil=True, fastmath=True)
def shade(  # type: ignore[no-untyped-def]
    left, top, inverse, origin, tilt, lips, opening, cavity, light, rows, relight, scale, brightest, out, where
):
    """Colour every pixel of a region.

    Args:
        left, top: corner of the region in pixels.
        inverse: float64 (2, 2), pixels to IOD on the sheet, where it does not bend.
        origin: float64 (2,), pixel of the sheet's middle.
        tilt: float64 (2,), IOD by which a place moves for one unit of depth.
        lips: float64 (11, 3), as Sheet.lips.
        opening: float64, log(gap / .08).
        cavity: float32 (rows, columns, 3), what is not tooth, over (v, u).
        light: float32 (rows, columns, 3), added at the end, over (v, u).
        rows: tuple of (picture float32 (h, w, 4) RGB and alpha, offset x, offset y, presence), back to front.
        relight: float64 (2, 11), coefficients of the shading of each row.
        scale: float64, samples of the pictures per IOD.
        brightest: float64 (3,), no tooth is brighter.
        out: float32 (height, width, 3), written.
        where: float32 (height, width, 4), written: u, -1 to 1 from corner to corner; v, 0 to 1 from the upper lip
            down; alpha of the lower row and of the upper one, before presence.
    """
    height, width = out.shape[0], out.shape[1]
    first, last = lips[0, 0], lips[10, 0]
    centre, half = (first + last) / 2, max((last - first) / 2, 1e-3)
    found = np.zeros(4)
    base = np.zeros(3)
    cavity_height, cavity_width = cavity.shape[0], cavity.shape[1]
    light_height, light_width = light.shape[0], light.shape[1]
    for row in range(height):
        for column in range(width):
            px, py = column + left - origin[0], row + top - origin[1]
            flat_x = inverse[0, 0] * px + inverse[0, 1] * py
            flat_y = inverse[1, 0] * px + inverse[1, 1] * py
            x = flat_x
            for _ in range(3):
                x = flat_x - tilt[0] * BEND * min(x * x, BEND_LIMIT)
            y = flat_y - tilt[1] * BEND * min(x * x, BEND_LIMIT)
            k = 0
            while k < 9 and x > lips[k + 1, 0]:
                k += 1
            f = min(max((x - lips[k, 0]) / max(lips[k + 1, 0] - lips[k, 0], 1e-6), 0.0), 1.0)
            under_upper = y - (lips[k, 1] * (1 - f) + lips[k + 1, 1] * f)
            over_lower = lips[k, 2] * (1 - f) + lips[k + 1, 2] * f - y
            under_upper = min(max(under_upper, 0.0), 0.3)
            over_lower = min(max(over_lower, 0.0), 0.3)
            u = (x - centre) / half
            v = under_upper / max(under_upper + over_lower, 1e-3)
            where[row, column, 0] = u
            where[row, column, 1] = v
            _read(cavity, (u + 1) / 2 * cavity_width - 0.5, v * cavity_height - 0.5, found)
            base[0], base[1], base[2] = found[0], found[1], found[2]
            for which in range(2):
                picture, offset_x, offset_y, presence = rows[which]
                where[row, column, 2 + which] = 0.0
                at_x = (x - offset_x) * scale + picture.shape[1] / 2 - 0.5
                at_y = (y - offset_y) * scale + picture.shape[0] / 2 - 0.5
                if at_x < 0 or at_y < 0 or at_x > picture.shape[1] - 1 or at_y > picture.shape[0] - 1:
                    continue
                _read(picture, at_x, at_y, found)
                alpha = found[3]
                where[row, column, 2 + which] = alpha
                alpha *= presence
                if alpha <= 0.003:
                    continue
                c = relight[which]
                near_upper, shadow_upper = math.exp(-under_upper / 0.012), math.exp(-under_upper / 0.035)
                near_lower, shadow_lower = math.exp(-over_lower / 0.012), math.exp(-over_lower / 0.035)
                tone = c[0] + c[1] * near_upper + c[2] * shadow_upper + c[3] * near_lower + c[4] * shadow_lower
                tone += c[5] * u * u + c[6] * max(abs(u) - 0.45, 0.0)
                tone += opening * (c[7] + c[8] * shadow_upper + c[9] * u * u) + c[10] * min(opening, 0.0)
                lit = math.exp(min(max(tone, RELIGHT_LOW), RELIGHT_HIGH))
                for channel in range(3):
                    value = min(found[channel] * lit, brightest[channel])
                    base[channel] += alpha * (value - base[channel])
            _read(light, (u + 1) / 2 * light_width - 0.5, v * light_height - 0.5, found)
            for channel in range(3):
                out[row, column, channel] = min(max(base[channel] + found[channel], 0.0), brightest[channel])


@njit(cache=True, nogil=True, fastmath=True)
def gather(difference, where, mask, doubt, out):  # type: ignore[no-untyped-def]
    """Average pixels into the nodes of a (v, u) grid, pulled to 0 where few are seen.

    Args:
        difference: float32 (height, width, 3).
        where: float32 (height, width, 4), as `shade` writes it.
        mask: uint8 (height, width), 0 where a pixel does not count.
        doubt: float64, how many pixels of 0 each node begins with.
        out: float32 (rows, columns, 3), written.
    """
    rows, columns = out.shape[0], out.shape[1]
    weight = np.full((rows, columns), doubt)
    out[:] = 0
    for row in range(mask.shape[0]):
        for column in range(mask.shape[1]):
            if mask[row, column] == 0:
                continue
            x = min(max((where[row, column, 0] + 1) / 2 * columns - 0.5, 0.0), columns - 1.001)
            y = min(max(where[row, column, 1] * rows - 0.5, 0.0), rows - 1.001)
            i, j = int(x), int(y)
            fx, fy = x - i, y - j
            for b in range(2):
                for a in range(2):
                    share = (fx if a else 1 - fx) * (fy if b else 1 - fy)
                    weight[j + b, i + a] += share
                    for channel in range(3):
                        out[j + b, i + a, channel] += share * difference[row, column, channel]
    for j in range(rows):
        for i in range(columns):
            for channel in range(3):
                out[j, i, channel] /= weight[j, i]
