"""The last step of cutting out a video, at its full size: a small solution becomes alpha and colours of every pixel.

Most pixels are surely person or surely background; only the band between costs anything.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lipwright.face.video_matte import CutOut

Plane = NDArray[np.float32]

BACKGROUND, PERSON, UNSURE = 0, 1, 2
"""What a small pixel is known to be."""
_FAINT = 0.04
"""Coverage below this is none, and above 1 minus this whole: no veil about the person."""
_STILL_LEVELS = 10
"""A pixel whose colours change by no more than this from frame to frame shows the same thing: the rest is noise."""
_FOLLOWS = 0.3
"""Share of the new alpha that a pixel takes over which shows the same thing as before."""


@dataclass(frozen=True, slots=True)
class SmallMatte:
    """What was found out on a small picture; colours 0 to 1."""

    known: NDArray[np.uint8]
    """(height, width)."""
    slope: Plane
    """(height, width, 3): of coverage over colour."""
    offset: Plane
    """(height, width): coverage at middle grey."""
    person: Plane
    """(height, width, 3): colours of the person alone, smooth."""
    background: Plane
    """(height, width, 3): colours of the background alone, smooth."""


def full_size(
    small: SmallMatte,
    image: NDArray[np.uint8],
    before: NDArray[np.uint8] | None,
    before_alpha: NDArray[np.uint8] | None,
) -> CutOut:
    """Cut out one frame.

    Args:
        image: uint8 RGB, (height, width, 3).
        before: the frame before it.
        before_alpha: that frame's alpha; where the picture has not changed, the new one hardly does.
    """
    alpha = np.zeros(image.shape[:2], np.uint8)
    foreground = image.copy()
    same = before is not None and before_alpha is not None
    _fill(
        image,
        before if before is not None and same else image,
        before_alpha if before_alpha is not None and same else alpha,
        same,
        small.known,
        small.slope,
        small.offset,
        small.person,
        small.background,
        alpha,
        foreground,
    )
    return CutOut(alpha, foreground)


def lay_over(cut: CutOut, under: NDArray[np.uint8]) -> None:
    """Lay a person over a picture of the same size, in place."""
    _lay_over(cut.alpha, cut.foreground, under)


@njit(cache=True, nogil=True)
def _lay_over(alpha, foreground, under):  # type: ignore[no-untyped-def]
    height, width = alpha.shape
    for y in range(height):
        for x in range(width):
            a = np.uint32(alpha[y, x])
            if a == 0:
                continue
            if a == 255:
                for c in range(3):
                    under[y, x, c] = foreground[y, x, c]
                continue
            for c in range(3):
                mixed = a * np.uint32(foreground[y, x, c]) + (np.uint32(255) - a) * np.uint32(under[y, x, c])
                under[y, x, c] = np.uint8((mixed + np.uint32(127)) // np.uint32(255))


@njit(cache=True, nogil=True)
def _fill(image, before, before_alpha, same, known, slope, offset, person, background, alpha, foreground):  # type: ignore[no-untyped-def]
    height, width = alpha.shape
    rows, columns = known.shape
    down = rows / height
    lefts, fars = np.empty(width, np.int64), np.empty(width, np.float32)
    for x in range(width):
        u = min(max((x + 0.5) * (columns / width) - 0.5, 0.0), columns - 1.0)
        lefts[x] = min(int(u), max(columns - 2, 0))
        fars[x] = u - lefts[x]
    for y in range(height):
        v = min(max((y + 0.5) * down - 0.5, 0.0), rows - 1.0)
        top = min(int(v), max(rows - 2, 0))
        bottom = min(top + 1, rows - 1)
        low = np.float32(v - top)
        for x in range(width):
            left = lefts[x]
            right = min(left + 1, columns - 1)
            kind = known[top, left]
            if kind != 2 and kind == known[top, right] and kind == known[bottom, left] and kind == known[bottom, right]:
                if kind == 1:
                    alpha[y, x] = 255
                continue
            far = fars[x]
            w00 = (np.float32(1) - far) * (np.float32(1) - low)
            w01 = far * (np.float32(1) - low)
            w10 = (np.float32(1) - far) * low
            w11 = far * low
            cover = (
                w00 * offset[top, left]
                + w01 * offset[top, right]
                + w10 * offset[bottom, left]
                + w11 * offset[bottom, right]
            )
            still = same
            for c in range(3):
                of_colour = (
                    w00 * slope[top, left, c]
                    + w01 * slope[top, right, c]
                    + w10 * slope[bottom, left, c]
                    + w11 * slope[bottom, right, c]
                )
                cover += of_colour * (np.float32(image[y, x, c]) / np.float32(255) - np.float32(0.5))
                if abs(np.int32(image[y, x, c]) - np.int32(before[y, x, c])) > _STILL_LEVELS:
                    still = False
            cover = min(max((cover - np.float32(_FAINT)) / np.float32(1 - 2 * _FAINT), np.float32(0)), np.float32(1))
            if still:
                was = np.float32(before_alpha[y, x]) / np.float32(255)
                cover = was + np.float32(_FOLLOWS) * (cover - was)
            alpha[y, x] = np.uint8(cover * np.float32(255) + np.float32(0.5))
            if alpha[y, x] == 0 or alpha[y, x] == 255:
                continue
            for c in range(3):
                mine = (
                    w00 * person[top, left, c]
                    + w01 * person[top, right, c]
                    + w10 * person[bottom, left, c]
                    + w11 * person[bottom, right, c]
                )
                other = (
                    w00 * background[top, left, c]
                    + w01 * background[top, right, c]
                    + w10 * background[bottom, left, c]
                    + w11 * background[bottom, right, c]
                )
                shown = np.float32(image[y, x, c]) / np.float32(255)
                own = mine + cover * (shown - cover * mine - (np.float32(1) - cover) * other)
                foreground[y, x, c] = np.uint8(min(max(own, np.float32(0)), np.float32(1)) * np.float32(255) + 0.5)
