"""Exact coverage in the uncertain band about an outline, from the picture's colours.

Two things speak: whether a pixel looks like the person or like the background nearby, and the edges in the picture.

In every small window coverage is taken to be an affine function of colour; the coverage that fits this best and agrees
with what is known is the solution of a sparse linear system, solved by conjugate gradients. One product with its matrix
is a handful of box filters, whatever the window's size.

Source: Levin, Lischinski, Weiss, A Closed-Form Solution to Natural Image Matting, PAMI 2008; He, Sun, Tang, Fast
Matting Using Large Kernel Matting Laplacian Matrices, CVPR 2010.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]

_TOLERANCE = 1e-4
_COLOUR_NOISE = 4e-4
"""Variance that every colour model grants, in squares of the full range: about 5 grey levels."""
_MAX_LOG_ODDS = 8.0
_MAX_PRIOR = 3.0
"""In log odds: a colour that clearly belongs to one side outweighs the blunt outline."""
_EXPLAINED = 8.0
"""Squared distance up to which a colour model explains a pixel; 95 % of a model's own pixels lie below it."""


def solve_coverage(windows: "ColourWindows", start: Plane, weight: Plane, rounds: int) -> Plane:
    """Coverage that follows the picture's colours.

    Args:
        windows: of the picture.
        start: coverage 0 to 1, (height, width): what is known, and guesses elsewhere.
        weight: how firmly each pixel of the start holds, (height, width), against a smoothness of about 1.
        rounds: at most so many steps of conjugate gradients.
    Returns: (height, width), 0 to 1.
    """

    def product(plane: Plane) -> Plane:
        return np.asarray(windows.deviation(plane) + weight * plane, np.float32)

    solution = start.copy()
    residual = weight * start - product(solution)
    scale: Plane = np.reciprocal(weight + np.float32(1))
    preconditioned: Plane = residual * scale
    direction = preconditioned.copy()
    energy = float(np.vdot(residual, preconditioned))
    target = energy * _TOLERANCE**2
    for _ in range(rounds):
        if energy <= target:
            break
        image_of = product(direction)
        step = np.float32(energy / float(np.vdot(direction, image_of)))
        solution += step * direction
        residual -= step * image_of
        preconditioned = residual * scale
        previous, energy = energy, float(np.vdot(residual, preconditioned))
        direction = np.asarray(preconditioned + np.float32(energy / previous) * direction, np.float32)
    return np.clip(solution, 0, 1)


@dataclass(frozen=True, slots=True)
class ColourWindows:
    """Mean and inverse covariance of colour about every pixel."""

    image: Plane
    mean: Plane
    inverse: tuple[Plane, ...]
    """Of the covariance plus epsilon: rr, rg, rb, gg, gb, bb."""
    radius: int

    @classmethod
    def of(cls, image: Plane, radius: int, epsilon: float) -> "ColourWindows":
        """Measure a picture.

        Args:
            image: RGB, 0 to 1.
            radius: of the windows, in pixels.
            epsilon: variance of colour that counts as noise.
        """
        # Variances are differences of squares: about the middle of the range they lose the fewest digits.
        image = image - np.float32(0.5)
        mean = _box(image, radius)
        r, g, b = cv2.split(image)
        mr, mg, mb = cv2.split(mean)
        noise = np.float32(epsilon)
        rr, gg, bb = (_box(c * c, radius) - m * m + noise for c, m in ((r, mr), (g, mg), (b, mb)))
        rg, rb, gb = (_box(c * d, radius) - m * n for c, d, m, n in ((r, g, mr, mg), (r, b, mr, mb), (g, b, mg, mb)))
        irr, irg, irb = gg * bb - gb * gb, gb * rb - rg * bb, rg * gb - gg * rb
        igg, igb, ibb = rr * bb - rb * rb, rg * rb - rr * gb, rr * gg - rg * rg
        determinant = rr * irr + rg * irg + rb * irb
        inverse: Any = tuple(plane / determinant for plane in (irr, irg, irb, igg, igb, ibb))
        return cls(image, mean, inverse, radius)

    def fit(self, plane: Plane) -> tuple[Plane, Plane]:
        """The affine function of colour that fits `plane` best, averaged over the windows that hold a pixel.

        Returns: slope (height, width, 3) and offset (height, width); colours count from 0.5.
        """
        irr, irg, irb, igg, igb, ibb = self.inverse
        plane_mean = _box(plane, self.radius)
        covariance = _box(self.image * plane[..., None], self.radius) - self.mean * plane_mean[..., None]
        r, g, b = cv2.split(covariance)
        slope = cv2.merge([irr * r + irg * g + irb * b, irg * r + igg * g + igb * b, irb * r + igb * g + ibb * b])
        offset = plane_mean - np.einsum("ijk,ijk->ij", slope, self.mean)
        return _box(np.asarray(slope, np.float32), self.radius), _box(offset, self.radius)

    def deviation(self, plane: Plane) -> Plane:
        """What the affine fit leaves over: the matting Laplacian times `plane`."""
        slope, offset = self.fit(plane)
        return np.asarray(plane - np.einsum("ijk,ijk->ij", slope, self.image) - offset, np.float32)


def colour_evidence(
    image: Plane, outline: Plane, person: NDArray[np.bool_], background: NDArray[np.bool_], radius: int
) -> tuple[Plane, Plane]:
    """Whether pixels that are neither known person nor known background look like the one or the other nearby.

    Each side's colours within `radius` are a Gaussian. A pixel that its likelier side does not explain either counts
    for little.

    Args:
        image: RGB, 0 to 1, (height, width, 3).
        outline: a blunt first answer, 0 to 1, (height, width): colours that fit both sides leave it as it is.
        person, background: what is known, (height, width).
        radius: in pixels; larger than the width of the uncertain band.
    Returns: coverage by the person and confidence, both 0 to 1, (height, width); known pixels have confidence 1.
    """
    unknown = ~(person | background)
    colours = image[unknown] - np.float32(0.5)
    odds, distances = [], []
    for side in (person, background):
        mean, covariance = _gaussians(image - np.float32(0.5), side, unknown, radius)
        apart = colours - mean
        distance = np.einsum("ni,ni->n", apart, np.linalg.solve(covariance, apart[..., None])[..., 0])
        odds.append(distance + np.linalg.slogdet(covariance)[1])
        distances.append(distance)
    blunt = np.clip(outline[unknown].astype(np.float64), 0.01, 0.99)
    prior = np.clip(np.log(blunt / (1 - blunt)), -_MAX_PRIOR, _MAX_PRIOR)
    log_odds = np.clip(prior + (odds[1] - odds[0]) / 2, -_MAX_LOG_ODDS, _MAX_LOG_ODDS)
    likely = 1 / (1 + np.exp(-log_odds))
    unexplained = np.maximum(np.where(likely > 0.5, distances[0], distances[1]) - _EXPLAINED, 0)
    coverage, confidence = person.astype(np.float32), np.ones(person.shape, np.float32)
    coverage[unknown] = likely
    confidence[unknown] = (2 * likely - 1) ** 2 * np.exp(-unexplained / _EXPLAINED)
    return coverage, confidence


def _gaussians(
    image: Plane, side: NDArray[np.bool_], wanted: NDArray[np.bool_], radius: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean (n, 3) and covariance (n, 3, 3) of one side's colours about each wanted pixel."""
    mask = side.astype(np.float32)
    count = _box(mask, radius)[wanted].astype(np.float64)[:, None] + 1e-6
    mean = _box(image * mask[..., None], radius)[wanted] / count
    covariance = np.empty((len(mean), 3, 3))
    for i in range(3):
        for j in range(i, 3):
            product = _box(image[..., i] * image[..., j] * mask, radius)[wanted] / count[:, 0]
            covariance[:, i, j] = covariance[:, j, i] = product - mean[:, i] * mean[:, j]
    covariance[:, range(3), range(3)] = np.maximum(covariance[:, range(3), range(3)], 0) + _COLOUR_NOISE
    return mean, covariance


def _box(plane: NDArray[Any], radius: int) -> Plane:
    size = (2 * radius + 1, 2 * radius + 1)
    return np.asarray(cv2.blur(plane, size, borderType=cv2.BORDER_REFLECT), np.float32)
