"""Meshes of one person's mouths, laid more exactly on their pictures: alike mouths come to lie on each other.

A mesh network is unsure of each point by about a pixel, anew in each frame. Shown one after the other on one mesh, its
pictures would tremble by that, which a filmed mouth does not.
"""

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.render.arrays import Floats
from lipwright.render.kernels import rasterise
from lipwright.render.portrait.rows import LOWER_LIP, UPPER_LIP
from lipwright.render.rewrite.exemplar import Exemplar
from lipwright.render.rewrite.patch import patch_triangles

SIZE = (96, 56)
"""Width and height in which mouths are laid on each other."""
REACH = (1.25, 1.8)
"""Of it, in parts of the lips' width and height at rest."""
NOISE_IOD = 0.005
"""Standard deviation of the network's points about where they should be ..."""
NOISE_REACH_IOD = 0.10
"""... and how far its errors go together, from point to point."""
OPENED_IOD = 0.12
"""Lips err apart from each other, as if they were so far open."""
SHAPES = 14
"""Forms of error that are told apart, along each axis."""
ALIKE = 10
"""Mouths that each is laid on: those that look most like it."""
TOGETHER_PX = 12.0
"""Pixels that differ for the same reason: what one tells, so many tell."""
LIGHT_PX = 6.0
"""Standard deviation of what counts as light, and is left out."""
ROUNDS = 2
LEAST = 12
"""Fewer mouths are left as they are."""


def registered(exemplars: Sequence[Exemplar], neutral: Floats, likeness: Floats) -> tuple[Exemplar, ...]:
    """The same mouths with better `points`.

    Args:
        neutral: (478, 3) the relaxed closed mouth in canonical space.
        likeness: (n, n) how much two exemplars differ as pictures.
    """
    if len(exemplars) < LEAST:
        return tuple(exemplars)
    view = _View(neutral)
    count = len(exemplars)
    near = np.argsort(likeness + np.where(np.eye(count) > 0, np.inf, 0), axis=1, kind="stable")[:, :ALIKE]
    found = np.zeros((count, 2, SHAPES))
    for _ in range(ROUNDS):
        pictures = np.stack([view.picture(one, view.moved(one, found[i])) for i, one in enumerate(exemplars)])
        for i in range(count):
            found[i] += view.step(pictures[i], pictures[near[i]].mean(axis=0), found[i])
        found -= found.mean(axis=0)
    return tuple(replace(one, points=view.moved(one, found[i])) for i, one in enumerate(exemplars))


class _View:
    """The mouth at rest, in which all are compared."""

    def __init__(self, neutral: Floats) -> None:
        lips = neutral[np.unique(np.concatenate([UPPER_LIP, LOWER_LIP])), :2]
        low, high = lips.min(axis=0), lips.max(axis=0)
        middle, half = (low + high) / 2, (high - low) / 2 * REACH
        size = np.array(SIZE, np.float64)
        self._px = size / (2 * half)
        self._places = np.ascontiguousarray((neutral[:, :2] - middle + half) * self._px, np.float32)
        self._shapes = _shapes(neutral)
        self._field = np.empty((SIZE[1], SIZE[0], 2), np.float32)
        self._valid = np.empty((SIZE[1], SIZE[0]), np.uint8)
        spread = self._spread()
        self._across, self._down = (spread * np.float32(px) for px in self._px)

    def _spread(self) -> Floats:
        """Each shape at each pixel: (shapes, pixels)."""
        maps = []
        for shape in self._shapes.T:
            aim = self._places.copy()
            aim[:, 0] += shape
            rasterise(self._places, aim, patch_triangles(), 0, 0, self._field, self._valid)
            maps.append(self._field[..., 0].ravel().copy())
        return np.array(maps)

    def moved(self, exemplar: Exemplar, found: Floats) -> Floats:
        """Its points, (478, 3), moved by (2, shapes)."""
        points = exemplar.points.copy()
        off = self._shapes @ found.T
        points[:, :2] += exemplar.pose.scale * off @ exemplar.pose.rotation[:2, :2].T
        return points

    def picture(self, exemplar: Exemplar, points: Floats) -> Floats:
        """The mouth, grey, as bright as all, without its light."""
        source = np.ascontiguousarray(points[:, :2], np.float32)
        rasterise(self._places, source, patch_triangles(), 0, 0, self._field, self._valid)
        columns, rows = np.arange(SIZE[0], dtype=np.float32), np.arange(SIZE[1], dtype=np.float32)[:, None]
        soft = cv2.cvtColor(exemplar.image, cv2.COLOR_RGB2GRAY)
        across = exemplar.pose.scale / float(self._px.mean())
        soft = cv2.GaussianBlur(soft, (0, 0), max(0.5, 0.6 * across))
        seen = cv2.remap(soft, self._field[..., 0] + columns, self._field[..., 1] + rows, cv2.INTER_LINEAR)
        grey = seen.astype(np.float32)
        grey *= 100 / max(float(grey.mean()), 1.0)
        return np.asarray(cv2.GaussianBlur(grey, (0, 0), 0.8) - cv2.GaussianBlur(grey, (0, 0), LIGHT_PX), np.float32)

    def step(self, picture: Floats, wanted: Floats, found: Floats) -> Floats:
        """What is to be added to `found`, (2, shapes): the likeliest, given that errors are small.

        Source: Lucas and Kanade, 1981, with a prior.
        """
        down, across = np.gradient((picture + wanted) / 2)
        slopes = np.concatenate([across.ravel() * self._across, down.ravel() * self._down])
        missing = (wanted - picture).ravel()
        limit = 2.5 * float(np.median(np.abs(missing))) + 1e-3
        trust = np.minimum(np.float32(1.0), np.float32(limit) / np.maximum(np.abs(missing), np.float32(1e-6)))
        noise = np.float32(TOGETHER_PX * (float(np.median(np.abs(missing))) / 0.6745) ** 2 + 1e-6)
        normal = (slopes * trust) @ slopes.T / noise + np.eye(2 * SHAPES)
        right = slopes @ (missing * trust) / noise - found.ravel()
        return np.asarray(np.linalg.solve(normal, right).reshape(2, SHAPES))


def _shapes(neutral: Floats) -> NDArray[np.float64]:
    """Forms of error, each as large as usual: (478, shapes), IOD. They fade beside the lips."""
    opened = neutral[:, :2].copy()
    lower = np.unique(LOWER_LIP[:, 1:-1])
    stomion = float(neutral[[13, 14], 1].mean())
    corner = float(np.abs(neutral[[61, 291], 0] - neutral[[13, 14], 0].mean()).mean())
    sideways = np.clip(np.abs(neutral[:, 0] - neutral[[13, 14], 0].mean()) / corner, 0, 1)
    below = (neutral[:, 1] > stomion) | np.isin(np.arange(len(neutral)), lower)
    below &= ~np.isin(np.arange(len(neutral)), np.unique(UPPER_LIP[:, 1:-1]))
    opened[:, 1] += np.where(below, OPENED_IOD, 0) * (1 - sideways**2)
    lips = np.unique(np.concatenate([UPPER_LIP, LOWER_LIP]))
    away = np.linalg.norm(neutral[:, None, :2] - neutral[None, lips, :2], axis=-1).min(axis=1)
    fades = np.exp(-0.5 * (away / 0.08) ** 2)
    used = np.flatnonzero(fades > 0.02)
    apart = np.square(opened[used, None] - opened[None, used]).sum(axis=-1)
    kernel = NOISE_IOD**2 * np.exp(-0.5 * apart / NOISE_REACH_IOD**2) * fades[used, None] * fades[None, used]
    values, vectors = np.linalg.eigh(kernel)
    shapes = np.zeros((len(neutral), SHAPES))
    shapes[used] = (vectors * np.sqrt(np.maximum(values, 0)))[:, ::-1][:, :SHAPES]
    return shapes
