"""Compiled inner loops: triangles into displacement fields, fields into sampling maps, layers into pixels.

Every kernel releases the GIL, allocates nothing, and writes into arrays of its caller.
"""

import math

import numpy as np
from numba import njit

PAD = 16
"""Pixels by which a sampled picture is repeated beyond its rim."""
LONG_RUN = 24
"""Pixels from which on a run is worth the setting up of its vector loop."""
CRISPNESS = np.float32(0.085)
"""Added to the two inner taps half-way between pixels, and taken from the outer ones. A sample between two pixels is
softer than one on a pixel, and a slowly moving face would breathe in sharpness; on three photos this keeps the median
at .96 to 1.13 of the photo's."""


@njit(cache=True, nogil=True, fastmath=True)
def rasterise(target, source, triangles, left, top, field, valid):  # type: ignore[no-untyped-def]
    """Fill a region with the displacement from each pixel to the place it shows.

    Args:
        target: float32 (n, 2), where the vertices are in the picture that is being made.
        source: float32 (n, 2), where they are in the picture that is sampled.
        triangles: int32 (t, 3); later ones are drawn over earlier ones.
        left, top: the region's corner in pixels.
        field: float32 (height, width, 2), written: source minus target position.
        valid: uint8 (height, width), written: 1 inside a triangle, 2 and 3 in the cracks beside one, else 0.
    Edges are widened by up to .3 px, and cracks of up to 2 px take their neighbour's displacement.
    """
    height, width = valid.shape
    valid[:] = 0
    field[:] = 0.0
    for t in range(triangles.shape[0]):
        i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ax, ay = target[i, 0] - left, target[i, 1] - top
        bx, by = target[j, 0] - left, target[j, 1] - top
        cx, cy = target[k, 0] - left, target[k, 1] - top
        area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
        if abs(area) < 0.15:
            continue
        inverse = 1.0 / area
        x0 = max(0, int(math.floor(min(ax, bx, cx) - 0.5)))
        x1 = min(width - 1, int(math.ceil(max(ax, bx, cx) + 0.5)))
        y0 = max(0, int(math.floor(min(ay, by, cy) - 0.5)))
        y1 = min(height - 1, int(math.ceil(max(ay, by, cy) + 0.5)))
        size = abs(area)
        slack_u = -min(0.3, 0.5 * math.hypot(cx - ax, cy - ay) / size)
        slack_v = -min(0.3, 0.5 * math.hypot(bx - ax, by - ay) / size)
        limit = 1.0 + min(0.3, 0.5 * math.hypot(cx - bx, cy - by) / size)
        dax, day = source[i, 0] - target[i, 0], source[i, 1] - target[i, 1]
        dbx, dby = source[j, 0] - target[j, 0] - dax, source[j, 1] - target[j, 1] - day
        dcx, dcy = source[k, 0] - target[k, 0] - dax, source[k, 1] - target[k, 1] - day
        for y in range(y0, y1 + 1):
            for x in range(x0, x1 + 1):
                u = ((x - ax) * (cy - ay) - (cx - ax) * (y - ay)) * inverse
                if u < slack_u:
                    continue
                v = ((bx - ax) * (y - ay) - (x - ax) * (by - ay)) * inverse
                if v < slack_v or u + v > limit:
                    continue
                valid[y, x] = 1
                field[y, x, 0] = dax + u * dbx + v * dcx
                field[y, x, 1] = day + u * dby + v * dcy
    for sweep in range(2):
        mark = 2 + sweep
        for y in range(height):
            for x in range(width):
                if valid[y, x] != 0:
                    continue
                found = False
                for dy in range(-1, 2):
                    for dx in range(-1, 2):
                        xx, yy = x + dx, y + dy
                        if found or xx < 0 or yy < 0 or xx >= width or yy >= height:
                            continue
                        if valid[yy, xx] != 0 and valid[yy, xx] < mark:
                            field[y, x, 0] = field[yy, xx, 0]
                            field[y, x, 1] = field[yy, xx, 1]
                            found = True
                if found:
                    valid[y, x] = mark


@njit(cache=True, nogil=True, fastmath=True)
def _cubic_weights(phase, count, weights):  # type: ignore[no-untyped-def]
    """Catmull-Rom's four taps for each sub-pixel phase, crisper between pixels: writes (4, count).

    What crispness moves between the taps keeps their sum and their centre, so that a ramp is sampled exactly.
    """
    half, one = np.float32(0.5), np.float32(1.0)
    for i in range(count):
        t = phase[i]
        s = one - t
        crisp = CRISPNESS * np.float32(4.0) * t * s
        weights[0, i] = -half * t * s * s - crisp
        weights[1, i] = one + t * t * (np.float32(1.5) * t - np.float32(2.5)) + crisp
        weights[2, i] = one + s * s * (np.float32(1.5) * s - np.float32(2.5)) + crisp
        weights[3, i] = -half * s * t * t - crisp


@njit(cache=True, nogil=True, fastmath=True)
def _add_line(line, across_0, across_1, across_2, across_3, down, sampled):  # type: ignore[no-untyped-def]
    """Add one line's share to pixels that lie one beside the other: a loop that compiles to vector instructions.

    Args, all float32 and contiguous, which is what that takes:
        line: (count + 3,), the part of the picture's line that the run touches.
        across_0 to across_3, down: (count,), weights of the four columns and of this line.
        sampled: (count,), changed.
    """
    before, here, after, beyond = line[:-3], line[1:-2], line[2:-1], line[3:]
    for n in range(sampled.size):
        sampled[n] += down[n] * (
            across_0[n] * before[n] + across_1[n] * here[n] + across_2[n] * after[n] + across_3[n] * beyond[n]
        )


@njit(cache=True, nogil=True, fastmath=True)
def draw_person(source, solid, grid, cell, field, field_left, field_top, spans, plate, out):  # type: ignore[no-untyped-def]
    """Sample the photo once, through head motion and mouth motion, and lay it over the plate.

    A pixel p of the frame shows the photo at q + field(q), where q = p + grid(p). Neighbouring pixels mostly lie at the
    same whole-pixel offset from the photo: such a run is sampled as one straight loop over contiguous memory.

    Args:
        source: float32 (4, height + 2 PAD, width + 2 PAD), planes of colour times alpha and of alpha, 0 to 255, the rim
            repeated PAD pixels outward.
        solid: int32 (height + 2 PAD, 2), first column of each row's longest stretch without any transparency in the
            four rows that a sample touches, and the first column after it: alpha need not be sampled there.
        grid: float32 (rows, columns, 2), displacement from frame to still photo at every `cell` pixels.
        cell: int, pixels between two grid nodes.
        field: float32 (fh, fw, 2), displacement of mouth and brows in the still photo, 0 at its rim.
        field_left, field_top: its corner in the photo.
        spans: int32 (height, 2), first column of each row that the person can reach, and the first one after it.
        plate: uint8 (height, width, 3), what is behind the person.
        out: uint8 (height, width, 3), written inside the spans; may be the plate itself.
    """
    height, width = plate.shape[0], plate.shape[1]
    field_height, field_width = field.shape[0], field.shape[1]
    at_x = np.empty(width, np.float32)
    at_y = np.empty(width, np.float32)
    whole_x = np.empty(width, np.int32)
    whole_y = np.empty(width, np.int32)
    across = np.empty((4, width), np.float32)
    down = np.empty((4, width), np.float32)
    sampled = np.empty((4, width), np.float32)
    for y in range(height):
        first, last = spans[y, 0], spans[y, 1]
        count = last - first
        if count <= 0:
            continue
        j = y // cell
        fy = np.float32(y - j * cell) / np.float32(cell)
        x = first
        while x < last:
            i = x // cell
            end = min(last, (i + 1) * cell)
            left_x = grid[j, i, 0] + fy * (grid[j + 1, i, 0] - grid[j, i, 0])
            left_y = grid[j, i, 1] + fy * (grid[j + 1, i, 1] - grid[j, i, 1])
            slope_x = (grid[j, i + 1, 0] + fy * (grid[j + 1, i + 1, 0] - grid[j, i + 1, 0]) - left_x) / np.float32(cell)
            slope_y = (grid[j, i + 1, 1] + fy * (grid[j + 1, i + 1, 1] - grid[j, i + 1, 1]) - left_y) / np.float32(cell)
            for k in range(x, end):
                ahead = np.float32(k - i * cell)
                at_x[k - first] = np.float32(k) + left_x + slope_x * ahead
                at_y[k - first] = np.float32(y) + left_y + slope_y * ahead
            x = end
        for k in range(count):
            px = at_x[k] - np.float32(field_left)
            py = at_y[k] - np.float32(field_top)
            if px >= 0 and py >= 0 and px < field_width - 1 and py < field_height - 1:
                ix, iy = int(px), int(py)
                ux, uy = px - np.float32(ix), py - np.float32(iy)
                upper = field[iy, ix, 0] + ux * (field[iy, ix + 1, 0] - field[iy, ix, 0])
                lower = field[iy + 1, ix, 0] + ux * (field[iy + 1, ix + 1, 0] - field[iy + 1, ix, 0])
                at_x[k] += upper + uy * (lower - upper)
                upper = field[iy, ix, 1] + ux * (field[iy, ix + 1, 1] - field[iy, ix, 1])
                lower = field[iy + 1, ix, 1] + ux * (field[iy + 1, ix + 1, 1] - field[iy + 1, ix, 1])
                at_y[k] += upper + uy * (lower - upper)
        for k in range(count):
            sx = min(max(at_x[k] + np.float32(PAD), np.float32(1.0)), np.float32(width + 2 * PAD - 3))
            sy = min(max(at_y[k] + np.float32(PAD), np.float32(1.0)), np.float32(height + 2 * PAD - 3))
            whole_x[k] = np.int32(sx)
            whole_y[k] = np.int32(sy)
            at_x[k] = sx - np.float32(whole_x[k])
            at_y[k] = sy - np.float32(whole_y[k])
            whole_x[k] -= k
        _cubic_weights(at_x, count, across)
        _cubic_weights(at_y, count, down)
        k = 0
        while k < count:
            offset, row = whole_x[k], whole_y[k]
            end = k + 1
            while end < count and whole_x[end] == offset and whole_y[end] == row:
                end += 1
            opaque = k + offset - 1 >= solid[row, 0] and end + offset + 2 <= solid[row, 1]
            for plane in range(3 if opaque else 4):
                if end - k >= LONG_RUN:
                    pixels = sampled[plane, k:end]
                    pixels[:] = np.float32(0.0)
                    for tap in range(4):
                        _add_line(
                            source[plane, row + tap - 1, k + offset - 1 : end + offset + 2],
                            across[0, k:end],
                            across[1, k:end],
                            across[2, k:end],
                            across[3, k:end],
                            down[tap, k:end],
                            pixels,
                        )
                    continue
                for n in range(k, end):
                    m = n + offset
                    total = np.float32(0.0)
                    for tap in range(4):
                        line = source[plane, row + tap - 1]
                        total += down[tap, n] * (
                            across[0, n] * line[m - 1]
                            + across[1, n] * line[m]
                            + across[2, n] * line[m + 1]
                            + across[3, n] * line[m + 2]
                        )
                    sampled[plane, n] = total
            for n in range(k, end):
                hidden = np.float32(0.0)
                if not opaque:
                    shown = min(max(sampled[3, n], np.float32(0.0)), np.float32(255.0))
                    hidden = np.float32(1.0) - shown * np.float32(1.0 / 255.0)
                for c in range(3):
                    value = sampled[c, n] + np.float32(0.5)
                    if not opaque:
                        value += hidden * np.float32(plate[y, first + n, c])
                    out[y, first + n, c] = np.uint8(min(max(value, np.float32(0.0)), np.float32(255.0)))
            k = end


@njit(cache=True, nogil=True, fastmath=True)
def blend(out, colour, alpha, left, top):  # type: ignore[no-untyped-def]
    """Lay a soft layer over a region: out = out (1 - alpha) + colour alpha.

    Args:
        out: uint8 (H, W, 3), changed in place.
        colour: float32 (h, w, 3), 0 to 255.
        alpha: float32 (h, w), 0 to 1.
        left, top: where the layer's corner is; the layer lies wholly inside `out`.
    """
    for row in range(alpha.shape[0]):
        for column in range(alpha.shape[1]):
            a = alpha[row, column]
            if a <= 0.0:
                continue
            for c in range(3):
                value = out[row + top, column + left, c] * (1.0 - a) + colour[row, column, c] * a
                out[row + top, column + left, c] = np.uint8(min(max(value + 0.5, 0.0), 255.0))
