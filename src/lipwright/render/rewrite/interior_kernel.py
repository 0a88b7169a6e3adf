"""The compiled shader of the inside of a mouth: cavity, upper teeth, light."""

import math

import numpy as np
from numba import njit

BEND = 1.3
BEND_LIMIT = 0.06
RIM = 0.008
BEHIND_WIDTH, BEHIND_HEIGHT = 0.68, 0.15
"""IOD that the picture of what lies behind the teeth spans: about the middle of the lips, and up from the lower one."""
SHINE_WIDTH, SHINE_HEIGHT, SHINE_LOW = 0.44, 0.16, 0.06
"""IOD that the picture of the row's shine spans about the row's middle, and how far down from there it reaches."""
FADE_UP, FADE_ASIDE = 0.80, 0.85
"""What a frame shows of the inside goes on beyond what it shows, and fades by this factor a cell."""
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
        above = a * picture[j, i, k] + b * picture[j, i + 1, k]
        out[k] = above + c * picture[j + 1, i, k] + d * picture[j + 1, i + 1, k]


@njit(cache=True, nogil=True, inline="always")
def _cubic(t, weights):  # type: ignore[no-untyped-def]
    """Catmull-Rom's four taps."""
    s = 1.0 - t
    weights[0] = -0.5 * t * s * s
    weights[1] = 1.0 + t * t * (1.5 * t - 2.5)
    weights[2] = 1.0 + s * s * (1.5 * s - 2.5)
    weights[3] = -0.5 * s * t * t


@njit(cache=True, nogil=True, fastmath=True)
def _read_crisp(picture, x, y, across, down, out):  # type: ignore[no-untyped-def]
    """Bicubic sample of (h, w, channels), its rim repeated."""
    height, width = picture.shape[0], picture.shape[1]
    x = min(max(x, 0.0), width - 1.001)
    y = min(max(y, 0.0), height - 1.001)
    i, j = int(x), int(y)
    if i < 1 or j < 1 or i > width - 3 or j > height - 3:
        _read(picture, x, y, out)
        return
    _cubic(x - i, across)
    _cubic(y - j, down)
    for k in range(picture.shape[2]):
        out[k] = 0.0
    for b in range(4):
        for a in range(4):
            weight = down[b] * across[a]
            for k in range(picture.shape[2]):
                out[k] += weight * picture[j + b - 1, i + a - 1, k]


@njit(cache=True, nogil=True, fastmath=True)
def shade(  # type: ignore[no-untyped-def]
    left,
    top,
    inverse,
    origin,
    tilt,
    lips,
    opening,
    cavity,
    behind,
    light,
    row_picture,
    row_x,
    row_y,
    presence,
    shine,
    relight,
    scale,
    brightest,
    palest,
    out,
    where,
):
    """Colour every pixel of a region.

    Args:
        left, top: corner of the region in pixels.
        inverse: float64 (2, 2), pixels to IOD on the sheet, where it does not bend.
        origin: float64 (2,), pixel of the sheet's middle.
        tilt: float64 (2,), IOD by which a place moves for one unit of depth.
        lips: float64 (11, 3), as Sheet.lips.
        opening: float, log(gap / .08).
        cavity: float32 (rows, columns, 3), what is not tooth, over (v, u).
        behind: float32 (rows, columns, 3), added to it, over (height above the lower lip, x); see `BEHIND_WIDTH`.
        light: float32 (rows, columns, 3), added at the end, over (v, u).
        row_picture: float32 (h, w, 4), RGB and alpha of the row of teeth, `scale` pixels per IOD.
        row_x, row_y: float, IOD from the sheet's middle to the row's.
        presence: float, 0 to 1, how much of the row is there.
        shine: float32 (rows, columns, 3), added to the row, fixed to it; see `SHINE_WIDTH`.
        relight: float64 (11,), coefficients of the row's shading.
        brightest: float64 (3,), nothing is brighter.
        palest: float64 (2,), green and blue against red: in a mouth nothing is paler than a tooth.
        out: float32 (height, width, 3), written.
        where: float32 (height, width, 5), written: u, -1 to 1 from corner to corner; v, 0 to 1 from the upper lip
            down; alpha of the row, before presence; IOD from the middle of the lips to the right; IOD above the
            lower lip.
    """
    height, width = out.shape[0], out.shape[1]
    first, last = lips[0, 0], lips[10, 0]
    centre, half = (first + last) / 2, max((last - first) / 2, 1e-3)
    found = np.zeros(4)
    base = np.zeros(3)
    gloss = np.zeros(3)
    shine_height, shine_width = shine.shape[0], shine.shape[1]
    across, down = np.zeros(4), np.zeros(4)
    cavity_height, cavity_width = cavity.shape[0], cavity.shape[1]
    light_height, light_width = light.shape[0], light.shape[1]
    behind_height, behind_width = behind.shape[0], behind.shape[1]
    row_height, row_width = row_picture.shape[0], row_picture.shape[1]
    c = relight
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
            _read(cavity, (u + 1) / 2 * cavity_width - 0.5, v * cavity_height - 0.5, found)
            base[0], base[1], base[2] = found[0], found[1], found[2]
            at_x = ((x - centre) / BEHIND_WIDTH + 0.5) * behind_width - 0.5
            _read_crisp(behind, at_x, over_lower / BEHIND_HEIGHT * behind_height - 0.5, across, down, found)
            for channel in range(3):
                base[channel] += found[channel]
            at_x = (x - row_x) * scale + row_width / 2 - 0.5
            at_y = (y - row_y) * scale + row_height / 2 - 0.5
            found[3] = 0.0
            if 0 <= at_x <= row_width - 1 and at_y <= row_height - 1:
                _read_crisp(row_picture, at_x, at_y, across, down, found)
                found[3] = min(max(found[3], 0.0), 1.0)
            where[row, column, 0] = u
            where[row, column, 1] = v
            where[row, column, 2] = found[3]
            where[row, column, 3] = x - centre
            where[row, column, 4] = over_lower
            alpha = found[3] * presence
            if alpha > 0.003:
                below, above = max(under_upper, RIM), max(over_lower, RIM)
                shadow = math.exp(-below / 0.035)
                tone = c[0] + c[1] * math.exp(-below / 0.012) + c[2] * shadow
                tone += c[3] * math.exp(-above / 0.012) + c[4] * math.exp(-above / 0.035)
                tone += c[5] * u * u + c[6] * max(abs(u) - 0.45, 0.0)
                tone += opening * (c[7] + c[8] * shadow + c[9] * u * u) + c[10] * min(opening, 0.0)
                tone = min(max(tone, RELIGHT_LOW), RELIGHT_HIGH)
                place = ((x - row_x) / SHINE_WIDTH + 0.5) * shine_width - 0.5
                _read(shine, place, ((y - row_y - SHINE_LOW) / SHINE_HEIGHT + 1) * shine_height - 0.5, gloss)
                for channel in range(3):
                    # What lies in the shade of lips is lit by them: it loses blue before red.
                    warm = 1.0 if tone > 0 else 0.88 + 0.10 * channel
                    value = found[channel] * math.exp(tone * warm) + gloss[channel]
                    value = min(max(value, 0.0), brightest[channel])
                    base[channel] += alpha * (value - base[channel])
            _read(light, (u + 1) / 2 * light_width - 0.5, v * light_height - 0.5, found)
            for channel in range(3):
                out[row, column, channel] = min(max(base[channel] + found[channel], 0.0), brightest[channel])
            red = out[row, column, 0]
            for channel in range(1, 3):
                out[row, column, channel] = min(out[row, column, channel], red * palest[channel - 1])


@njit(cache=True, nogil=True, fastmath=True)
def gather(difference, across, down, mask, doubt, out):  # type: ignore[no-untyped-def]
    """Average pixels into the nodes of a grid, pulled to 0 where few are seen.

    Args:
        difference: float32 (height, width, channels).
        across, down: float32 (height, width), place of each pixel on the grid, 0 to 1.
        mask: uint8 (height, width), 0 where a pixel does not count.
        doubt: float, how many pixels of 0 each node begins with.
        out: float32 (rows, columns, channels), written.
    Returns: float64 (rows, columns), the weight of each node, with its doubt.
    """
    rows, columns = out.shape[0], out.shape[1]
    weight = np.full((rows, columns), doubt)
    out[:] = 0
    for row in range(mask.shape[0]):
        for column in range(mask.shape[1]):
            if mask[row, column] == 0:
                continue
            x = min(max(across[row, column] * columns - 0.5, 0.0), columns - 1.001)
            y = min(max(down[row, column] * rows - 0.5, 0.0), rows - 1.001)
            i, j = int(x), int(y)
            fx, fy = x - i, y - j
            for b in range(2):
                for a in range(2):
                    share = (fx if a else 1 - fx) * (fy if b else 1 - fy)
                    weight[j + b, i + a] += share
                    for channel in range(out.shape[2]):
                        out[j + b, i + a, channel] += share * difference[row, column, channel]
    for j in range(rows):
        for i in range(columns):
            for channel in range(out.shape[2]):
                out[j, i, channel] /= weight[j, i]
    return weight


@njit(cache=True, nogil=True, fastmath=True)
def fade_on(grid, weight, least):  # type: ignore[no-untyped-def]
    """Carry a picture on into cells of less than `least` weight: down to the lower lip, up, and to both sides."""
    rows, columns = grid.shape[0], grid.shape[1]
    for step in range(2):
        first, last, way = (rows - 2, -1, -1) if step == 0 else (1, rows, 1)
        keep = 1.0 if step == 0 else FADE_UP
        for j in range(first, last, way):
            for i in range(columns):
                if weight[j, i] < least and weight[j - way, i] >= least:
                    for channel in range(3):
                        grid[j, i, channel] = grid[j - way, i, channel] * keep
                    weight[j, i] = least
    for step in range(2):
        first, last, way = (1, columns, 1) if step == 0 else (columns - 2, -1, -1)
        for i in range(first, last, way):
            for j in range(rows):
                if weight[j, i] < least and weight[j, i - way] >= least:
                    for channel in range(3):
                        grid[j, i, channel] = grid[j, i - way, channel] * FADE_ASIDE
                    weight[j, i] = least
