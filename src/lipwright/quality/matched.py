"""How two series of one mouth compare where both do the same: speech is never the same twice, so its looks are not.

How a value follows what a mouth does - how fast it moves, how far it is open - is learned from the source. What that
leads one to expect is taken from the values of both, and what is left is compared frame by frame: a picture is held
against the source's picture of the same moment, in the same light and with the same head.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lipwright.quality.mouth import Flags, Floats

LEAST_FRAMES: Final = 20
_BLOCKS: Final = 10
"""Stretches of the source, each left out once, tell how sure a ratio is."""
_RIDGE: Final = 10.0
"""In frames: holds back a law that a few frames would suggest."""


@dataclass(frozen=True, slots=True)
class MatchedRatio:
    """Of a finished video to its source."""

    alike: float
    """Where both mouths do the same."""
    uncertain: float
    """Standard error of `alike`, by the jackknife over ten stretches of the source."""
    plain: float
    """Of the means, without regard to what the mouths do."""
    low: float
    """Five of a hundred frames are below, ninety-five below `high`."""
    high: float
    frames: int


def matched_ratio(
    shown: Floats,
    did: Floats,
    origin: Floats,
    did_before: Floats,
    chosen: Flags,
    places: NDArray[np.int64],
    least: float,
) -> MatchedRatio | None:
    """Compare two series.

    Args:
        shown, origin: (frames,) values, positive; NaN where there is none.
        did, did_before: (frames, n) what the mouth of each did then.
        chosen: (frames,) frames that are compared.
        places: (frames,) of the source: frames that show the same frame of it are left out together.
        least: smaller values count as this one.
    Returns: None when fewer than LEAST_FRAMES frames can be compared. Equal series have a ratio of exactly 1.
    """
    known = np.isfinite(origin) & np.isfinite(did_before).all(axis=1)
    used = chosen & known & np.isfinite(shown) & np.isfinite(did).all(axis=1)
    if int(used.sum()) < LEAST_FRAMES:
        return None
    table = _Table(np.log(np.maximum(shown, least)), did, np.log(np.maximum(origin, least)), did_before)
    ratios = table.compare(known, used)
    block = _blocks(places)
    every = [
        float(table.compare(known & (block != left), used & (block != left)).mean())
        for left in range(_BLOCKS)
        if (used & (block != left)).any() and (used & (block == left)).any()
    ]
    spread = float(np.sqrt((len(every) - 1) * np.var(every))) if len(every) > 1 else float("inf")
    alike = float(np.exp(ratios.mean()))
    low, high = np.exp(np.quantile(ratios, [0.05, 0.95]))
    plain = float(np.maximum(shown[used], least).mean() / np.maximum(origin[used], least).mean())
    return MatchedRatio(alike, alike * spread, plain, float(low), float(high), int(used.sum()))


@dataclass(frozen=True, slots=True)
class _Table:
    """Logarithms of values, and what the mouths did."""

    shown: Floats
    did: Floats
    origin: Floats
    did_before: Floats

    def compare(self, known: Flags, used: Flags) -> Floats:
        """Of the frames `used`: the logarithm of the ratio, less what is expected by the law of the frames `known`."""
        causes, values = self.did_before[known], self.origin[known]
        spread = causes.std(axis=0)
        scale = np.where(spread > 1e-9, spread, np.inf)
        centred = (causes - causes.mean(axis=0)) / scale
        law = np.linalg.solve(
            centred.T @ centred + _RIDGE * np.eye(centred.shape[1]), centred.T @ (values - values.mean())
        )
        expected = (self.did[used] - self.did_before[used]) / scale @ law
        return np.asarray(self.shown[used] - self.origin[used] - expected, np.float64)


def _blocks(places: NDArray[np.int64]) -> NDArray[np.int64]:
    first, last = int(places.min()), int(places.max())
    return (places - first) * _BLOCKS // (last - first + 1)
