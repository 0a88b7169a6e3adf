"""Compiled inner loops: triangles into displacement fields, fields into sampling maps, layers into pixels.

Every kernel releases the GIL, allocates nothing, and writes into arrays of its caller.
"""

import math

import numpy as np
from numba import njit


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
def sampling_maps(grid, cell, field, field_left, field_top, left, top, whole, fraction):  # type: ignore[no-untyped-def]
    """Join head motion and mouth motion into OpenCV's fixed-point maps, so that the picture is sampled once.

    A pixel p of the frame shows the photo at q + field(q), where q = p + grid(p).

    Args:
        grid: float32 (rows, columns, 2), displacement from frame to still photo at every `cell` pixels.
        cell: int, pixels between two grid nodes.
        field: float32 (fh, fw, 2), displacement of the mouth and eyes in the still photo, 0 at its rim.
        field_left, field_top: its corner in the photo.
        left, top: corner of the region that is made, in the frame.
        whole: int16 (h, w, 2), written: integer part of the sampling position.
        fraction: uint16 (h, w), written: index of its 1/32 px fraction, row * 32 + column.
    """
    height, width = fraction.shape
    field_height, field_width = field.shape[0], field.shape[1]
    scale = 1.0 / cell
    for row in range(height):
        y = row + top
        gy = y * scale
        j = int(gy)
        fy = gy - j
        for column in range(width):
            x = column + left
            gx = x * scale
            i = int(gx)
            fx = gx - i
            w00 = (1 - fx) * (1 - fy)
            w10 = fx * (1 - fy)
            w01 = (1 - fx) * fy
            w11 = fx * fy
            qx = (
                x
                + w00 * grid[j, i, 0]
                + w10 * grid[j, i + 1, 0]
                + w01 * grid[j + 1, i, 0]
                + w11 * grid[j + 1, i + 1, 0]
            )
            qy = (
                y
                + w00 * grid[j, i, 1]
                + w10 * grid[j, i + 1, 1]
                + w01 * grid[j + 1, i, 1]
                + w11 * grid[j + 1, i + 1, 1]
            )
            px = qx - field_left
            py = qy - field_top
            if px >= 0.0 and py >= 0.0 and px < field_width - 1 and py < field_height - 1:
                ix, iy = int(px), int(py)
                ux, uy = px - ix, py - iy
                v00 = (1 - ux) * (1 - uy)
                v10 = ux * (1 - uy)
                v01 = (1 - ux) * uy
                v11 = ux * uy
                qx += (
                    v00 * field[iy, ix, 0]
                    + v10 * field[iy, ix + 1, 0]
                    + v01 * field[iy + 1, ix, 0]
                    + v11 * field[iy + 1, ix + 1, 0]
                )
                qy += (
                    v00 * field[iy, ix, 1]
                    + v10 * field[iy, ix + 1, 1]
                    + v01 * field[iy + 1, ix, 1]
                    + v11 * field[iy + 1, ix + 1, 1]
                )
            sx = int(math.floor(qx * 32.0 + 0.5))
            sy = int(math.floor(qy * 32.0 + 0.5))
            whole[row, column, 0] = sx >> 5
            whole[row, column, 1] = sy >> 5
            fraction[row, column] = ((sy & 31) << 5) | (sx & 31)


@njit(cache=True, nogil=True, fastmath=True)
def compose(person, fraction, crispness, plate, reachable, left, top, out):  # type: ignore[no-untyped-def]
    """Lay a resampled person over a still plate, and give back the sharpness that resampling took.

    Between pixels a bicubic sample is softer than on them, so a slowly moving face would breathe in sharpness. Each
    pixel is sharpened by its four neighbours as much as its own sub-pixel phase softened it.

    Args:
        person: uint8 (h, w, 4), colours already multiplied by alpha, and alpha.
        fraction: uint16 (h, w), the phase of each sample as in `sampling_maps`.
        crispness: float32 (1024,), strength of the sharpening for each phase.
        plate: uint8 (H, W, 3).
        reachable: uint8 (h, w), 0 where the person never comes.
        left, top: where the person's corner is in the plate.
        out: uint8 (H, W, 3), written where reachable.
    """
    height, width = fraction.shape
    for row in range(height):
        y = row + top
        above = max(row - 1, 0)
        below = min(row + 1, height - 1)
        for column in range(width):
            if reachable[row, column] == 0:
                continue
            x = column + left
            before = max(column - 1, 0)
            after = min(column + 1, width - 1)
            strength = crispness[fraction[row, column]]
            hidden = np.float32(255 - person[row, column, 3]) * np.float32(1.0 / 255.0)
            for c in range(3):
                here = np.float32(person[row, column, c])
                around = (
                    np.float32(person[above, column, c])
                    + np.float32(person[below, column, c])
                    + np.float32(person[row, before, c])
                    + np.float32(person[row, after, c])
                )
                value = here + strength * (np.float32(4.0) * here - around)
                value += hidden * np.float32(plate[y, x, c]) + np.float32(0.5)
                out[y, x, c] = np.uint8(min(max(value, np.float32(0.0)), np.float32(255.0)))


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
