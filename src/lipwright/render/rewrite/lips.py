"""Lips of a mesh: parted by a gap, and as thin as this person's where they touch.

Canonical space: IOD = 1, y down, origin between the eyes.
"""

import numpy as np

from lipwright.render.arrays import Floats
from lipwright.render.easing import smoothstep
from lipwright.render.portrait.rows import INNER_LOWER, INNER_UPPER, LOWER_LIP, UPPER_LIP
from lipwright.render.rewrite.measure import measure_gap

PRESS = 0.003
"""IOD by which touching lips overlap, so that no light shows between them."""
SHUT_BELOW_GAP, LEAST_SHUT_FRAMES = 0.006, 5
"""IOD: lips that touch in the picture as well; this many frames show how thin they are then."""
THINNEST = 0.75
"""Of the thickness at rest: what is measured below is the network's mistake."""
THIN_UNTIL_GAP = 0.03
"""IOD: lips that close have become as thin as they get when they touch."""
SKIN_FOLLOWS_IOD = 0.06
"""How far from the lips' rim skin moves along with it when lips become thinner: standard deviation."""
_ROW_SHARES = (0.35, 0.70, 1.0)
"""By how much each row of a lip follows the opening, from the skin to the inner row."""
_PARTED = np.sin(np.linspace(0, np.pi, 11))
_PARTED /= 2 * _PARTED[3:8].mean()
"""Half of an opening of 1, column by column, where nothing else tells its form."""


def part_lips(canonical: Floats, gap: float) -> None:
    """Move the inner lip rows about their middle until they are `gap` apart; the rows behind them follow in part.

    Changes `canonical` (478, 3).
    """
    upper, lower = canonical[INNER_UPPER], canonical[INNER_LOWER]
    middle, half = (upper + lower) / 2, (lower - upper) / 2
    half[:, 1] = np.maximum(half[:, 1], 0)
    # A shape that hardly opens says nothing of how an opening looks: lips then part most in their middle.
    told = float(smoothstep(2 * half[3:8, 1].mean(), 0.0, 0.5 * gap)) if gap > 0 else 1.0
    half *= told
    half[:, 1] += (1 - told) * gap * _PARTED
    now = float(np.linalg.norm(2 * half[3:8, :2], axis=1).mean())
    half[:, :2] *= gap / max(now, 1e-6)
    half[:, 1] -= PRESS * (1 - float(smoothstep(gap, 0.0, 0.012)))
    up, down = middle - half - upper, middle + half - lower
    for row, share in enumerate(_ROW_SHARES, 1):
        canonical[UPPER_LIP[row][1:-1]] += share * up[1:-1]
        canonical[LOWER_LIP[row][1:-1]] += share * down[1:-1]
    canonical[INNER_UPPER[[0, -1]]] = middle[[0, -1]]


class ThinLips:
    """Lips that touch are thinner than lips that only nearly do, and those are what many people rest with."""

    def __init__(self, neutral: Floats, seen: Floats) -> None:
        """Compare the lips of frames in which they touch with the neutral ones.

        Args:
            neutral: (478, 3) in canonical space.
            seen: (frames, 478, 3) the person's frames.
        """
        self._shares = np.ones(2)
        shut = seen[measure_gap(seen) < SHUT_BELOW_GAP]
        if len(shut) >= LEAST_SHUT_FRAMES:
            thin = np.median(_thickness(shut), axis=0)
            self._shares = np.clip(thin / np.maximum(_thickness(neutral), 1e-6), THINNEST, 1.0)
        lips = np.unique(np.concatenate([UPPER_LIP, LOWER_LIP]))
        self._skin = np.setdiff1d(np.arange(468), lips)
        self._rims = [UPPER_LIP[0][1:-1], LOWER_LIP[0][1:-1]]
        away = neutral[self._skin, None, :2] - neutral[None, np.concatenate(self._rims), :2]
        kernel = np.exp(-0.5 * (away**2).sum(axis=-1) / SKIN_FOLLOWS_IOD**2)
        follow = kernel / np.maximum(kernel.sum(axis=1, keepdims=True), 1e-12) * kernel.max(axis=1, keepdims=True)
        near = (follow.sum(axis=1) > 0.01) & (neutral[self._skin, 1] > neutral[2, 1])
        self._skin, self._follow = self._skin[near], follow[near]

    def apply(self, canonical: Floats, rest: Floats, gap: float) -> None:
        """Draw the rims of both lips towards their meeting.

        Args:
            canonical: (478, 3), changed: lips that touch are afterwards no thicker than this person's are then.
            rest: (478, 3) the neutral mouth, as it is seen at this turn of the head.
            gap: of `canonical`, IOD.
        """
        share = 1 - float(smoothstep(gap, 0.0, THIN_UNTIL_GAP))
        if share <= 0:
            return
        wanted, now = _thickness(rest) * self._shares + PRESS, _thickness(canonical)
        moved = []
        for rows, want, have in zip((UPPER_LIP, LOWER_LIP), wanted, now, strict=True):
            less = share * max(0.0, 1 - float(want) / max(float(have), 1e-6))
            inner = canonical[rows[3]].copy()
            moved.append(less * (inner - canonical[rows[0]])[1:-1])
            for row in range(3):
                canonical[rows[row][1:-1]] += less * (inner - canonical[rows[row]])[1:-1]
        canonical[self._skin] += self._follow @ np.concatenate(moved)


def _thickness(canonical: Floats) -> Floats:
    """Of the upper and the lower lip in their middle, (..., 2) from (..., 478, 3)."""
    lips = []
    for rows in (UPPER_LIP, LOWER_LIP):
        across = canonical[..., rows[0][3:8], :2] - canonical[..., rows[3][3:8], :2]
        lips.append(np.linalg.norm(across, axis=-1).mean(axis=-1))
    return np.stack(lips, axis=-1)
