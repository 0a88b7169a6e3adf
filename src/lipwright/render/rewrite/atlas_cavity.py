"""What is seen between the lips where no tooth is: its usual colour, place by place, for three openings."""

from dataclasses import dataclass, field

import cv2
import numpy as np

from lipwright.render.arrays import Floats
from lipwright.render.fill import fill_smoothly
from lipwright.render.portrait.appearance import LUMA
from lipwright.render.rewrite.atlas_light import MouthLight

COLUMNS, ROWS = 16, 10
OPENINGS = (0.05, 0.10, 0.20)
"""Gaps that the three pictures stand for, IOD."""
PERCENTILE = 35
"""Teeth that were not known as such are bright."""
LEAST_PIXELS = 6
DARK_RED = np.array([1.0, 0.36, 0.42])
DARKNESS = 0.31
"""Share of the lip's luma in a mouth that nobody has looked into, as in photo mode."""


@dataclass
class CavityCollector:
    """Gathers pixels by their place (u, v) and the opening they were seen in."""

    _cells: list[Floats] = field(default_factory=list)
    _colours: list[Floats] = field(default_factory=list)

    def add(self, colours: Floats, where: Floats, gap: float) -> None:
        """Take (n, 3) colours at (n, 2) places u, v of a mouth that is open by `gap` IOD."""
        which = int(np.argmin(np.abs(np.log(gap / np.array(OPENINGS)))))
        column = np.clip(((where[:, 0] + 1) / 2 * COLUMNS).astype(int), 0, COLUMNS - 1)
        row = np.clip((where[:, 1] * ROWS).astype(int), 0, ROWS - 1)
        self._cells.append((which * ROWS + row) * COLUMNS + column)
        self._colours.append(colours)

    def finish(self, light: MouthLight) -> "Cavity":
        """Average what was gathered; places that nobody saw are filled from their neighbours."""
        shape = (len(OPENINGS), ROWS, COLUMNS)
        cells = np.concatenate([np.zeros(0, int), *self._cells])
        colours = np.concatenate([np.zeros((0, 3), np.float32), *self._colours])
        count = np.bincount(cells, minlength=int(np.prod(shape)))
        start = np.cumsum(count) - count
        at = start + (np.maximum(count - 1, 0) * PERCENTILE) // 100
        typical = np.zeros((len(count), 3), np.float32)
        for channel in range(3):
            ordered = colours[np.lexsort((colours[:, channel], cells)), channel]
            known = count >= LEAST_PIXELS
            typical[known, channel] = ordered[at[known]]
        cells_known = (count >= LEAST_PIXELS).reshape(shape)
        anywhere = cells_known.sum(axis=0)
        by_cell = typical.reshape(*shape, 3)
        mean = (by_cell * cells_known[..., None]).sum(axis=0) / np.maximum(anywhere, 1)[..., None]
        if anywhere.astype(bool).sum() > 5:
            mean = fill_smoothly(mean.astype(np.float32), (anywhere > 0).astype(np.float32))
        else:
            mean = np.broadcast_to(_unseen(light), mean.shape)
        pictures = []
        for picture, seen in zip(by_cell, cells_known, strict=True):
            guess = mean * (0.8 if seen.any() else 1.0)
            filled = np.where(seen[..., None], picture, guess).astype(np.float32)
            pictures.append(cv2.GaussianBlur(filled, (0, 0), 0.8))
        return Cavity(np.stack(pictures))


@dataclass(frozen=True, slots=True)
class Cavity:
    """The inside without teeth, under the person's mean light."""

    pictures: Floats
    """float32 (3, rows, columns, 3) RGB over (opening, v, u)."""

    def at(self, gap: float) -> Floats:
        """float32 (rows, columns, 3) for one opening."""
        place = float(np.interp(np.log(max(gap, 0.01)), np.log(OPENINGS), range(len(OPENINGS))))
        below = min(int(place), len(OPENINGS) - 2)
        share = np.float32(place - below)
        return np.asarray(self.pictures[below] * (1 - share) + self.pictures[below + 1] * share, np.float32)


def _unseen(light: MouthLight) -> Floats:
    """Half the lip's hue, half a dark red."""
    lip = light.lip / max(float(light.lip @ LUMA), 1.0)
    hue = 0.5 * lip + 0.5 * DARK_RED / float(DARK_RED @ LUMA)
    return np.asarray(hue / float(hue @ LUMA) * DARKNESS * float(light.lip @ LUMA))
