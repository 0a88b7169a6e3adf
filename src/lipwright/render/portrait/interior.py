"""The inside of an open mouth: cavity, tongue, both rows of teeth, shade, and the wet rims of the lips.

One compiled shader looks at each pixel of the opening and lays the parts over each other, back to front. Lengths are
IOD in the plane of the lips; source of the constants: the photo-mode study.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numba import njit

from lipwright.render.arrays import Floats, Pixels
from lipwright.render.easing import smoothstep
from lipwright.render.portrait.appearance import Appearance, own_upper_teeth, tooth_colour_of
from lipwright.render.portrait.rows import INNER_LOWER, INNER_UPPER
from lipwright.render.portrait.teeth import ToothRow, draw_row

GRAIN_SIZE = 256
FEATHER_PX = 0.5
"""Softness of the opening's rim, at least."""
SMALL_FACE_GAIN = 0.3
"""In a small face an opening is a pixel or two wide, and its feather would all but hide it."""
OWN_TEETH_ABOVE_GAP = 0.05
"""IOD: a photo whose mouth is open wider than this shows teeth worth keeping."""


@dataclass(frozen=True)
class Layer:
    """Soft pixels to lay over a frame."""

    colour: Floats
    """(height, width, 3) RGB, 0 to 255."""
    alpha: Floats
    """(height, width), 0 to 1."""
    left: int
    top: int


@dataclass(frozen=True)
class MouthView:
    """How the mouth stands in the frame that is being made."""

    lips: Floats
    """(478, 2) mesh points in the frame's pixels."""
    to_frame: Floats
    """(2, 2): canonical x, y in the lips' plane to pixels."""
    origin: Floats
    """(2,) pixel of the canonical origin in that plane."""
    depth: Floats
    """(2,) pixels by which a point moves for one unit away from the camera."""
    jaw_drop: float
    """How far the chin is below its neutral place, IOD."""
    photo_to_frame: Floats
    """(2, 3) affine of this place from the still photo to the frame."""


@njit(cache=True, inline="always")
def _step(value, low, high):  # type: ignore[no-untyped-def]
    ramp = (value - low) / (high - low)
    ramp = 0.0 if ramp < 0.0 else (1.0 if ramp > 1.0 else ramp)
    return ramp * ramp * (3.0 - 2.0 * ramp)


@njit(cache=True, inline="always")
def _sample(atlas, x, y, out):  # type: ignore[no-untyped-def]
    """Bilinear sample of a (h, w, channels) atlas into `out`; zero outside."""
    height, width = atlas.shape[0], atlas.shape[1]
    i, j = int(np.floor(x)), int(np.floor(y))
    if i < 0 or j < 0 or i >= width - 1 or j >= height - 1:
        out[:] = 0.0
        return
    fx, fy = x - i, y - j
    for c in range(atlas.shape[2]):
        above = atlas[j, i, c] * (1 - fx) + atlas[j, i + 1, c] * fx
        below = atlas[j + 1, i, c] * (1 - fx) + atlas[j + 1, i + 1, c] * fx
        out[c] = above * (1 - fy) + below * fy


@njit(cache=True, nogil=True, fastmath=True)
def _shade(  # type: ignore[no-untyped-def]
    left,
    top,
    inverse,
    origin,
    tilt,
    columns,
    colours,
    numbers,
    upper,
    shadow,
    lower,
    atlas_scale,
    own,
    own_place,
    grain,
    out,
    gap_out,
):
    """Colour every pixel of a region. See MouthInterior.layer for the arguments.

    columns: (11, 4) canonical x, upper lip y, lower lip y, local gap. colours: (27, 3) cavity, tongue, gum, teeth,
    their yellow, then the upper lip's 11 columns and the lower lip's.
    """
    upper_edge, lower_edge, centre, tongue_top, opening, gap, own_share = numbers
    height, width = out.shape[0], out.shape[1]
    first, last = columns[0, 0], columns[10, 0]
    half = max((last - first) / 2, 1e-3)
    tooth = np.zeros(4)
    low_tooth = np.zeros(4)
    shade_of = np.zeros(1)
    mine = np.zeros(4)
    for row in range(height):
        for column in range(width):
            px, py = column + left - origin[0], row + top - origin[1]
            x = inverse[0, 0] * px + inverse[0, 1] * py
            y = inverse[1, 0] * px + inverse[1, 1] * py
            k = 0
            while k < 9 and x > columns[k + 1, 0]:
                k += 1
            span = max(columns[k + 1, 0] - columns[k, 0], 1e-6)
            f = min(max((x - columns[k, 0]) / span, 0.0), 1.0)
            lip_above = columns[k, 1] * (1 - f) + columns[k + 1, 1] * f
            lip_below = columns[k, 2] * (1 - f) + columns[k + 1, 2] * f
            local_gap = columns[k, 3] * (1 - f) + columns[k + 1, 3] * f
            under_upper, over_lower = y - lip_above, lip_below - y
            aside = abs((x - (first + last) / 2) / half)
            depth = min(max((y - upper_edge) / 0.09, 0.0), 1.0)
            dim = (0.75 + 0.65 * depth) * (1.1 - 0.35 * min(aside, 1.0) ** 2)
            r, g, b = colours[0, 0] * dim, colours[0, 1] * dim, colours[0, 2] * dim

            across = (x - centre) / 0.185
            dome = tongue_top + 0.030 * across * across
            a = _step(y - dome, -0.010, 0.026) * (1 - _step(abs(across), 0.85, 1.25))
            light = 0.46 + 0.44 * _step(y - dome, 0.0, 0.045)
            light *= 1 - 0.10 * np.exp(-(((x - centre) / 0.014) ** 2))
            light += 0.13 * np.exp(-(((abs(x - centre) - 0.055) / 0.035) ** 2) - ((y - dome - 0.040) / 0.012) ** 2)
            light *= 0.62 + 0.38 * opening
            r += a * (colours[1, 0] * light - r)
            g += a * (colours[1, 1] * light - g)
            b += a * (colours[1, 2] * light - b)

            away = x - centre
            for _ in range(2):
                away = x - centre - tilt[0] * 2.4 * min(away * away, 0.09)
            sink = tilt[1] * 2.4 * min(away * away, 0.09)
            half_width = upper.shape[1] / 2
            _sample(
                lower,
                away * atlas_scale + half_width,
                (y - lower_edge - sink) * atlas_scale + lower.shape[0] * 0.25,
                low_tooth,
            )
            a = low_tooth[0] * 0.9 * _step(gap, 0.07, 0.12)
            if a > 0:
                tone = min(max(low_tooth[2] + 0.15, -0.3), 1.0)
                gum = low_tooth[3]
                lit = 0.55 + 0.45 * _step(y - upper_edge, 0.01, 0.06)
                for c in range(3):
                    value = colours[3, c] * 0.60 * low_tooth[1] * (1 + tone * (colours[4, c] - 1))
                    value = (value * (1 - gum) + gum * colours[2, c] * 0.6) * lit
                    if c == 0:
                        r += a * (value - r)
                    elif c == 1:
                        g += a * (value - g)
                    else:
                        b += a * (value - b)

            at_x = away * atlas_scale + half_width
            at_y = (y - upper_edge - sink) * atlas_scale + upper.shape[0] * 0.75
            _sample(shadow, at_x, at_y - 0.018 * atlas_scale, shade_of)
            keep = 1 - 0.36 * shade_of[0]
            r, g, b = r * keep, g * keep, b * keep
            _sample(upper, at_x, at_y, tooth)
            a = tooth[0]
            if a > 0:
                tone = min(max(tooth[2], -0.3), 1.0)
                gum = tooth[3]
                for c in range(3):
                    value = colours[3, c] * tooth[1] * (1 + tone * (colours[4, c] - 1))
                    value = value * (1 - gum) + gum * colours[2, c] * 0.85
                    if c == 0:
                        r += a * (value - r)
                    elif c == 1:
                        g += a * (value - g)
                    else:
                        b += a * (value - b)
            if own_share > 0:
                ox = own_place[0, 0] * (column + left) + own_place[0, 1] * (row + top) + own_place[0, 2]
                oy = own_place[1, 0] * (column + left) + own_place[1, 1] * (row + top) + own_place[1, 2]
                _sample(own, ox, oy, mine)
                a = mine[3] * own_share
                if a > 0:
                    r += a * (mine[0] / max(mine[3], 1e-3) - r)
                    g += a * (mine[1] / max(mine[3], 1e-3) - g)
                    b += a * (mine[2] / max(mine[3], 1e-3) - b)

            shade = (0.60 + 0.40 * _step(under_upper, -0.004, 0.030)) * (0.64 + 0.36 * opening)
            corner = _step(aside, 0.42, 0.97)
            shade *= (1 - 0.62 * corner) * (0.86 + 0.14 * _step(over_lower, 0.0, 0.02))
            shade = max(shade, 0.02)
            r, g, b = r * shade**0.86, g * shade**1.06, b * shade**1.14
            upper_lip = colours[5 + k] * (1 - f) + colours[6 + k] * f
            lower_lip = colours[16 + k] * (1 - f) + colours[17 + k] * f
            a = 0.55 * corner
            r += a * (upper_lip[0] * 0.42 - r)
            g += a * (upper_lip[1] * 0.30 - g)
            b += a * (upper_lip[2] * 0.32 - b)

            t = min(max(over_lower / (0.007 + 0.075 * min(local_gap, 0.12)), 0.0), 1.0)
            a = (1 - _step(t, 0.25, 1.0)) * (0.95 if own_share == 0 else 0.6)
            dark = 1 - 0.52 * t
            gleam = 10 * np.exp(-(((t - 0.22) / 0.13) ** 2)) * max(1 - aside * 1.5, 0.0) * opening
            r += a * (lower_lip[0] * 0.87 * dark + gleam - r)
            g += a * (lower_lip[1] * 0.68 * dark + gleam - g)
            b += a * (lower_lip[2] * 0.70 * dark + gleam - b)
            t = min(max(under_upper / (0.006 + 0.035 * min(local_gap, 0.12)), 0.0), 1.0)
            a = (1 - _step(t, 0.15, 1.0)) * 0.85
            dark = 1 - 0.35 * t
            r += a * (upper_lip[0] * 0.58 * dark - r)
            g += a * (upper_lip[1] * 0.45 * dark - g)
            b += a * (upper_lip[2] * 0.46 * dark - b)
            noise = grain[row % grain.shape[0], column % grain.shape[1]]
            out[row, column, 0] = r + noise
            out[row, column, 1] = g + noise
            out[row, column, 2] = b + noise
            gap_out[row, column] = _step(local_gap, 0.002, 0.014)


class MouthInterior:
    """The inside of one person's mouth, ready to be drawn at any opening."""

    def __init__(
        self,
        photo: Pixels,
        points: Floats,
        appearance: Appearance,
        *,
        photo_gap: float,
        mouth_width: float,
        centre_x: float,
        stomion_y: float,
        pixels_per_unit: float,
        seed: int,
    ) -> None:
        """Draw the teeth, or find the photo's own; see MouthShape for the geometry (canonical units)."""
        self._eye_distance = float(np.linalg.norm(points[263, :2] - points[33, :2]))
        scale = float(np.clip(2 * pixels_per_unit, 120, 600))
        size = float(np.clip(mouth_width / 0.54, 0.92, 1.08))
        self._upper: ToothRow = draw_row(upper=True, size=size, scale=scale, seed=seed)
        self._lower: ToothRow = draw_row(upper=False, size=size, scale=scale, seed=seed + 1)
        self._shadow = np.ascontiguousarray(self._upper.shadow[..., None])
        self._centre_x, self._stomion_y = centre_x, stomion_y
        self._own = np.zeros((2, 2, 4), np.float32)
        self._own_corner = (0, 0)
        self.has_own_teeth = False
        teeth = appearance.teeth
        if photo_gap > OWN_TEETH_ABOVE_GAP:
            teeth = self._keep_own_teeth(photo, points, appearance)
        self._palette = np.zeros((27, 3))
        self._palette[:5] = appearance.cavity, appearance.tongue, appearance.gum, teeth, appearance.yellow
        self._palette[5:16] = appearance.upper_lip_columns
        self._palette[16:27] = appearance.lower_lip_columns
        noise = np.random.default_rng(seed).standard_normal((GRAIN_SIZE, GRAIN_SIZE)).astype(np.float32)
        strength = appearance.grain if appearance.grain > 0.5 else 0.0
        self._grain = cv2.GaussianBlur(noise, (0, 0), 0.7) * np.float32(strength)

    def _keep_own_teeth(self, photo: Pixels, points: Floats, appearance: Appearance) -> Floats:
        inner = np.concatenate([points[INNER_UPPER], points[INNER_LOWER]])[:, :2]
        height, width = photo.shape[:2]
        left, top = np.maximum(np.floor(inner.min(axis=0)).astype(int) - 4, 0)
        right, bottom = np.minimum(np.ceil(inner.max(axis=0)).astype(int) + 5, (width, height))
        alpha = own_upper_teeth(photo, points, appearance.lip, left, top, right - left, bottom - top)
        if alpha is None:
            return appearance.teeth
        patch = photo[top:bottom, left:right]
        colour = tooth_colour_of(patch, alpha)
        self._own = np.ascontiguousarray(np.dstack([patch * alpha[..., None], alpha]), np.float32)
        self._own_corner = (int(left), int(top))
        self.has_own_teeth = True
        return appearance.teeth if colour is None else colour

    def layer(self, view: MouthView, frame_height: int, frame_width: int) -> Layer | None:
        """The inside as a layer over the frame, or None while the lips touch."""
        upper, lower = view.lips[INNER_UPPER], view.lips[INNER_LOWER]
        local_gap = np.linalg.norm(upper - lower, axis=1) / self._eye_distance
        gap = float(local_gap[4:7].mean())
        if gap * self._eye_distance < 0.6:
            return None
        outline = np.concatenate([upper, lower[::-1]])
        left, top = np.maximum(np.floor(outline.min(axis=0)).astype(int) - 3, 0)
        right, bottom = np.minimum(np.ceil(outline.max(axis=0)).astype(int) + 4, (frame_width, frame_height))
        if right <= left or bottom <= top:
            return None
        width, height = int(right - left), int(bottom - top)
        mask = np.zeros((height, width), np.uint8)
        cv2.fillPoly(
            mask, [np.round((outline - (left, top)) * 16).astype(np.int32)], 255, lineType=cv2.LINE_AA, shift=4
        )
        feather = max(FEATHER_PX, 0.0065 * self._eye_distance)
        firm = 1 + SMALL_FACE_GAIN * (1 - float(smoothstep(self._eye_distance, 70, 130)))
        alpha = np.clip(cv2.GaussianBlur(mask, (0, 0), feather).astype(np.float32) * (firm / 255), 0, 1)
        inverse = np.linalg.inv(view.to_frame)
        upper_plane, lower_plane = (upper - view.origin) @ inverse.T, (lower - view.origin) @ inverse.T
        x = np.maximum.accumulate((upper_plane[:, 0] + lower_plane[:, 0]) / 2 + np.arange(11) * 1e-5)
        columns = np.stack([x, upper_plane[:, 1], lower_plane[:, 1], local_gap], axis=1)
        upper_edge = self._stomion_y + 0.019
        lower_edge = max(self._stomion_y + 0.024 + 0.92 * view.jaw_drop, float(lower_plane[5, 1]) - 0.030)
        opening = float(np.clip(gap / 0.09, 0, 1))
        opening = opening * opening * (3 - 2 * opening)
        tongue_top = upper_edge - 0.004 + 0.26 * max(0.0, view.jaw_drop) + 0.016 * (1 - opening)
        own_share = 1.0 if self.has_own_teeth else 0.0
        numbers = (upper_edge, lower_edge, self._centre_x, tongue_top, opening, gap, own_share)
        to_photo = cv2.invertAffineTransform(view.photo_to_frame)
        to_photo[:, 2] -= self._own_corner
        colour = np.empty((height, width, 3), np.float32)
        fade = np.empty((height, width), np.float32)
        _shade(
            int(left), int(top), inverse, view.origin, inverse @ view.depth, columns, self._palette, numbers,
            self._upper.atlas, self._shadow, self._lower.atlas, self._upper.scale, self._own, to_photo, self._grain,
            colour, fade,
        )  # fmt: skip
        soft = cv2.GaussianBlur(colour, (0, 0), max(0.0040 * self._eye_distance, 0.45))
        return Layer(np.clip(soft, 0, 255), alpha * fade, int(left), int(top))
