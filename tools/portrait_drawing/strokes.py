"""Single hairs: thin strokes drawn on a finer sheet and laid over the picture."""

import cv2
import numpy as np
from numpy.typing import ArrayLike

from portrait_drawing.canvas import Canvas, Plane

FINER = 2
SUBPIXEL = 4


class Strokes:
    """A layer of strokes; a later one covers an earlier one."""

    def __init__(self, canvas: Canvas) -> None:
        """Begin an empty layer over a canvas."""
        side = canvas.side_px * FINER
        self._canvas = canvas
        self._colour = np.zeros((side, side, 3), np.uint8)
        self._cover = np.zeros((side, side), np.uint8)

    def draw(self, curve: Plane, colour: ArrayLike, width: float, *, thin_end: float = 0.0) -> None:
        """One stroke.

        Args:
            curve: (n, 2) places.
            colour: (3,) or one for each piece between two places, (n - 1, 3).
            width: eye distances.
            thin_end: the last part of the curve, 0 to 1, over which it thins to nothing.
        """
        pixels = (self._canvas.pixels(curve) + 0.5) * FINER - 0.5
        fixed = np.round(pixels * 2**SUBPIXEL).astype(np.int32)
        colours = np.broadcast_to(np.clip(np.asarray(colour, np.float64), 0, 255), (len(curve) - 1, 3))
        pieces = len(curve) - 1
        for k in range(pieces):
            left = min(1.0, (pieces - k) / (thin_end * pieces)) if thin_end else 1.0
            thick = max(1, round(width * left * self._canvas.unit * FINER))
            begin, end = fixed[k].tolist(), fixed[k + 1].tolist()
            cv2.line(self._colour, begin, end, colours[k].tolist(), thick + 1, cv2.LINE_8, SUBPIXEL)
            cv2.line(self._cover, begin, end, 255, thick, cv2.LINE_AA, SUBPIXEL)

    def cover(self) -> Plane:
        """How much of each pixel the strokes cover, 0 to 1."""
        return self._reduced(np.asarray(self._cover / np.float32(255), np.float32))

    def lay(self, opacity: float = 1.0) -> None:
        """Lay the strokes over the canvas."""
        cover = np.asarray(self._cover / np.float32(255), np.float32)
        weighted = self._reduced(np.asarray(self._colour * cover[..., None], np.float32))
        alpha = self._reduced(cover)
        colour = weighted / np.maximum(alpha, 1e-3)[..., None]
        self._canvas.paint(colour, opacity * alpha)

    def _reduced(self, plane: Plane) -> Plane:
        side = self._canvas.side_px
        return np.asarray(cv2.resize(plane, (side, side), interpolation=cv2.INTER_AREA), np.float32)
