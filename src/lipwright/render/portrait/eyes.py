"""Lids that close over the eyes, and brows that rise.

A closing lid is painted, not stretched: smooth skin diffused from around the eye, over which the photo's own lashes and
crease travel down with the lid's edge, as darkness per column. At blink 0 the photo is untouched.
"""

import cv2
import numpy as np

from lipwright.face import topology
from lipwright.render.arrays import Floats, Pixels
from lipwright.render.easing import smoothstep
from lipwright.render.fill import fill_smoothly
from lipwright.render.portrait.rows import BROWS

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
BROW_REACH = 0.20
"""IOD over which a raised brow takes its surroundings along."""
LID_HEIGHT = 0.11
LID_BOTTOM = 0.045
LID_SIDES = 0.05
"""IOD: how far the painted lid reaches above, below and beside the eye; above, at most 60 % of the way to the brow."""
OVERLAP = 0.012
"""IOD by which a shut lid reaches over the lower one."""
LASH_WIDTH = 0.008
LASH_ALPHA = 0.55


class Eyelid:
    """One eye of a photo, in a window of it. Inside, s runs along the eye in pixels and t down across it in IOD."""

    def __init__(
        self,
        photo: Pixels,
        plane: Floats,
        eye: topology.Eye,
        eye_distance: float,
        skin: Floats,
        grain: float,
        seed: int,
    ) -> None:
        """Prepare the closed lid.

        Args:
            photo: uint8 RGB.
            plane: (478, 2) its mesh in pixels.
            eye: which points are this eye's.
            eye_distance: pixels.
            skin: (3,) RGB.
            grain: standard deviation of the photo's noise, grey levels.
            seed: of the lid's grain.
        """
        upper, lower, brow = (plane[list(row)] for row in (eye.upper_lid, eye.lower_lid, eye.lower_brow))
        height, width = photo.shape[:2]
        points = np.concatenate([upper, lower])
        margin = int(0.30 * eye_distance) + 2
        self.left, self.top = (int(v) for v in np.maximum(np.floor(points.min(axis=0)).astype(int) - margin, 0))
        right, bottom = np.minimum(np.ceil(points.max(axis=0)).astype(int) + margin + 1, (width, height))
        self._unit = eye_distance
        self._photo = photo[self.top : int(bottom), self.left : int(right)].astype(np.float32)
        along = (upper[-1] - upper[0]) / max(float(np.linalg.norm(upper[-1] - upper[0])), 1e-6)
        along = along if along[0] > 0 else -along
        self._across = np.array([-along[1], along[0]], np.float32)
        centre = (upper[0] + upper[-1]) / 2
        x, y = np.meshgrid(np.arange(self.left, int(right)), np.arange(self.top, int(bottom)))
        self._grid_x, self._grid_y = (x - self.left).astype(np.float32), (y - self.top).astype(np.float32)
        s = (x - centre[0]) * along[0] + (y - centre[1]) * along[1]
        self._t = (((x - centre[0]) * self._across[0] + (y - centre[1]) * self._across[1]) / eye_distance).astype(
            np.float32
        )
        half = float(np.abs((upper[[0, -1]] - centre) @ along).max())

        def edge(row: Floats) -> Floats:
            """Height of a lid's edge at every pixel: a quartic through its points that all but meets the corners."""
            u, v = (row - centre) @ along / half, (row - centre) @ self._across / eye_distance
            weights = np.where(np.arange(len(u)) % (len(u) - 1) == 0, 4.0, 1.0)
            return np.asarray(np.polyval(np.polyfit(u, v, 4, w=weights), np.clip(s / half, -1, 1)), np.float32)

        self._upper = edge(upper)
        self._lower = np.maximum(edge(lower), self._upper)
        beside = np.maximum(np.abs(s) - half, 0) / eye_distance
        self._side = 1 - smoothstep(beside, 0.0, LID_SIDES)
        clear = float((upper[2:7].mean(axis=0) - brow.mean(axis=0)) @ self._across) / eye_distance
        self._paint(float(np.clip(0.6 * clear, 0.03, LID_HEIGHT)), skin, grain, seed)

    def _paint(self, lid_height: float, skin: Floats, grain: float, seed: int) -> None:
        """The closed lid's skin, how much darker than it the photo is, and where it covers the photo."""
        top = self._upper - lid_height * self._side
        hole = (self._t > top) & (self._t < self._lower + LID_BOTTOM) & (self._side > 0.02)
        # Brows, hair and glasses beside the eye must not bleed into the lid: what is far darker than skin is no rim.
        bright = self._photo @ LUMA > 0.60 * float(skin @ LUMA)
        lid = fill_smoothly(self._photo, (~hole & bright).astype(np.float32))
        noise = np.random.default_rng(seed).standard_normal(lid.shape[:2]).astype(np.float32)
        lid = lid + (cv2.GaussianBlur(noise, (0, 0), 0.7) * np.float32(1.6 * grain))[..., None]
        middle = (self._upper + self._lower) / 2
        bulge = np.exp(-(((self._t - middle + 0.03) / 0.07) ** 2)) * self._side
        self._lid = np.asarray(lid * (1 + 0.05 * bulge)[..., None], np.float32)
        ratio = cv2.GaussianBlur(self._photo, (0, 0), 0.5) / np.maximum(self._lid, 8)
        fade = smoothstep(self._t - top, 0.0, 0.6 * lid_height) * (self._t < self._upper)
        self._darkness = np.ascontiguousarray(np.clip(1 - ratio, -0.35, 0.80) * fade[..., None], np.float32)
        cover = smoothstep(self._t - top, 0.0, 0.6 * lid_height) * smoothstep(self._side, 0.0, 0.5)
        below = smoothstep(self._t - self._lower, 0.5 * LID_BOTTOM, LID_BOTTOM)
        self._cover = np.asarray(cover * (1 - below), np.float32)
        self._lash = (skin * 0.22).astype(np.float32)

    def closed(self, blink: float) -> Pixels:
        """The eye's window of the photo with the lid closed by `blink`, 0 to 1: uint8 RGB."""
        if blink <= 0:
            return self._photo.astype(np.uint8)
        edge = self._upper + (self._lower + OVERLAP * self._side - self._upper) * np.float32(blink)
        travel = (edge - self._upper) * np.float32(self._unit)
        from_x, from_y = self._grid_x - travel * self._across[0], self._grid_y - travel * self._across[1]
        moved = cv2.remap(self._darkness, from_x, from_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
        above = edge - self._t
        keep = 1 - np.float32(blink) * (0.35 + 0.55 * smoothstep(above, 0.008, 0.035))
        lid = self._lid * (1 - moved * keep[..., None])
        shadow = np.exp(-np.maximum(-above, 0) / 0.02) * (above < 0) * self._side
        eye = self._photo * (1 - np.float32(0.30 * min(1.0, 3 * blink)) * shadow)[..., None]
        one_pixel = 1.0 / self._unit
        cover = (self._cover * smoothstep(above, -one_pixel, one_pixel))[..., None]
        window = eye * (1 - cover) + lid * cover
        line = np.exp(-((above / LASH_WIDTH) ** 2)) * self._side**2 * np.float32(LASH_ALPHA * min(1.0, 1.5 * blink))
        window = window * (1 - line[..., None]) + self._lash * line[..., None]
        return np.asarray(np.clip(window + 0.5, 0, 255), np.uint8)


class Eyes:
    """Both eyes and brows of one photo."""

    def __init__(self, photo: Pixels, points: Floats, skin: Floats, grain: float, seed: int) -> None:
        """Take the photo, its mesh (478, 3), its skin colour and its grain."""
        plane = points[:, :2]
        self._eye_distance = float(np.linalg.norm(plane[263] - plane[33]))
        self.lids = [
            Eyelid(photo, plane, eye, self._eye_distance, skin, grain, seed + side)
            for side, eye in enumerate(topology.EYES)
        ]
        distance = np.linalg.norm(plane[:468, None] - plane[BROWS][None], axis=-1).min(axis=1) / self._eye_distance
        lids = [point for eye in topology.EYES for point in eye.upper_lid]
        clear_of_lids = np.clip((plane[lids, 1].min() - plane[:468, 1]) / (0.10 * self._eye_distance), 0, 1)
        below_hairline = np.clip((plane[:468, 1] - plane[10, 1]) / (0.25 * self._eye_distance), 0, 1)
        self._brow_lift = np.exp(-((distance / BROW_REACH) ** 2)) * clear_of_lids * below_hairline

    def raise_brows(self, moved: Floats, brow: float) -> None:
        """Add a brow raise of `brow` IOD to a frame's displacements (478, 2), pixels. Changes `moved`."""
        if brow != 0.0:
            moved[:468, 1] -= self._brow_lift * brow * self._eye_distance
