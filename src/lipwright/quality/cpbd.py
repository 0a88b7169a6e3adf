"""CPBD: how many edges of a picture look sharp to a viewer, 0 to 1.

Source: Narvekar and Karam, A no-reference image blur metric based on the cumulative probability of blur detection
(CPBD), IEEE Transactions on Image Processing 20(9), 2011. Edge widths after Marziliano et al., 2004. The just
noticeable blur is 5 px wide at a contrast of up to 50 grey levels and 3 px above; its slope is 3.6; a blur that is
noticed with a probability of up to 63 % counts as sharp.
"""

from typing import Final

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

BLOCK_PX: Final = 64
_EDGE_SHARE: Final = 0.002
"""Of a block's pixels that are edges: a block with fewer has no say."""
_SLOPE: Final = 3.6
_LOW_CONTRAST: Final = 50
_WIDTHS_PX: Final = (5.0, 3.0)
_NOTICED: Final = 0.635
"""63 in whole percents: a blur exactly as wide as the just noticeable one, 1 - 1/e, counts as sharp."""
_LEAST_EDGES: Final = 20
_UPRIGHT: Final = 0.4142
"""Tangent of 22.5 degrees."""


def cpbd(luma: NDArray[np.uint8]) -> float | None:
    """Measure one picture.

    Args:
        luma: uint8 (height, width), full range.
    Returns: None when it has hardly any edges.
    """
    edges = _edges(luma)
    widths = np.zeros(luma.shape, np.float32)
    _measure(luma.astype(np.int16), edges, widths)
    sharp = total = 0
    height, width = luma.shape
    for top in range(0, height - BLOCK_PX + 1, BLOCK_PX):
        for left in range(0, width - BLOCK_PX + 1, BLOCK_PX):
            block = (slice(top, top + BLOCK_PX), slice(left, left + BLOCK_PX))
            if int(edges[block].sum()) <= _EDGE_SHARE * BLOCK_PX**2:
                continue
            found = widths[block][edges[block]]
            found = found[found > 0]
            contrast = int(luma[block].max()) - int(luma[block].min())
            limit = _WIDTHS_PX[0] if contrast <= _LOW_CONTRAST else _WIDTHS_PX[1]
            noticed = 1 - np.exp(-((found / limit) ** _SLOPE))
            sharp += int((noticed <= _NOTICED).sum())
            total += len(found)
    return sharp / total if total >= _LEAST_EDGES else None


def _edges(luma: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Edges that run upright, one pixel wide: where the Sobel derivative across is a maximum and not weak.

    Threshold and thinning are those of the `edge` function of MATLAB and Octave, which the authors' code calls; upright
    is what has a gradient within 22.5 degrees of level.
    """
    strength = np.square(cv2.Sobel(luma, cv2.CV_32F, 1, 0) / 8)
    strength[strength <= 2 * np.sqrt(float(strength.mean()))] = 0
    wide = np.pad(strength, 1)
    edges = (strength > wide[1:-1, :-2]) & (strength > wide[1:-1, 2:])
    edges |= (strength > wide[:-2, 1:-1]) & (strength > wide[2:, 1:-1])
    down, across = np.gradient(luma.astype(np.float32))
    edges &= (np.abs(down) <= _UPRIGHT * np.abs(across)) & (across != 0)
    edges[[0, -1]] = False
    edges[:, [0, -1]] = False
    return np.asarray(edges, np.bool_)


@njit(nogil=True, cache=True)
def _measure(luma, edges, widths):  # type: ignore[no-untyped-def]
    """Width of each edge: how far luma goes on rising or falling to both sides, pixels."""
    height, width = luma.shape
    for row in range(height):
        for column in range(1, width - 1):
            if not edges[row, column]:
                continue
            rises = luma[row, column + 1] > luma[row, column - 1]
            left = column
            sign = 1 if rises else -1
            left = column
            while left > 0 and sign * (luma[row, left] - luma[row, left - 1]) > 0:
                left -= 1
            right = column
            while right < width - 1 and sign * (luma[row, right + 1] - luma[row, right]) > 0:
                right += 1
            widths[row, column] = max(right - column, 1) + max(column - left, 1)
