"""Lips are read again in the picture that was drawn; where they read narrower or wider than asked, they are led.

A mesh network, and an eye, judge an opening by its light and its outline: a dark one in a beard reads narrower than it
was drawn, one full of teeth reads wider.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.face import FaceMesh
from lipwright.render.arrays import Floats, Pixels
from lipwright.render.rewrite.measure import measure_gap

SEEN_FROM_PRESENCE = 0.5
READ_FROM_GAP = 0.012
"""IOD: narrower openings read too unsurely to be learned from."""
BELIEVED, EASED = 0.5, 0.6
"""Share of what was read amiss that is sought, and share of what is sought that a frame makes good: lips follow what
was read over a few frames, and do not tremble with each reading."""
READ_EVERY = 2
"""Open frames."""
MOST_LEAD_IOD = 0.035
LED_WHOLLY_FROM_GAP = 0.04
"""IOD: narrower openings are led by as much less as they are narrower. Lips led to where they nearly meet would read
shut in one frame and open in the next."""
LEAST_SHARE, MOST_SHARE = 0.6, 1.8
"""Of what is asked: lips are drawn no narrower and no wider for it."""
KEPT_AT_REST = 0.9
"""Share of the lead that outlives a frame with closed lips."""
SHUT_IOD = 0.001
"""Lips that are drawn shut may read open up to this ..."""
GAPING_COST_PER_IOD, MOST_GAPING_COST = 400.0, 12.0
"""... and cost so much when they read wider. Three times as much, and a mouth that an encoder had smeared was
chosen for how it shuts."""
UNTRIED_COST = 0.75
"""Of an exemplar that was not tried yet: one that shuts well is not given up to try all others."""
MOST_OTHERS = 4
"""Exemplars that are tried instead of one that does not shut a mouth."""
KEPT_FRAMES = 4
"""A mouth that no exemplar shuts is left alone for so many frames."""
DOUBTFUL_IOD, OPEN_IOD = 0.003, 0.004
"""Lips that are drawn shut and read as open as this cost their exemplar, for an encoder may part them; and are drawn
again."""


class LipReader:
    """Reads the gap of a face in a picture."""

    def __init__(self) -> None:
        """Load the network."""
        from lipwright.face.mesh import FaceMesher

        self._mesher = FaceMesher(1)

    def gap(self, image: Pixels, before: Floats) -> float | None:
        """How far the inner lips are apart, IOD; None where no face is seen.

        Args:
            image: uint8 RGB, the face with a margin.
            before: (478, 3) its mesh in the frame before, in pixels of `image`: faces are followed from there, and
                lips that nearly meet read otherwise from elsewhere.
        """
        found = self._mesher.track(image, FaceMesh(np.asarray(before, np.float32), 1.0))
        if found.presence < SEEN_FROM_PRESENCE:
            return None
        return float(measure_gap(found.points)) / max(found.eye_distance_px, 1e-6)


class Lead:
    """How much wider than asked lips are drawn, so that they read as asked. It is learned anew in each window.

    No frame is drawn twice for it: what is read in one frame moves those that follow.
    """

    def __init__(self, reader: LipReader) -> None:
        """Begin without one."""
        self._reader = reader
        self._sought, self._lead = 0.0, 0.0
        self._asked = 0.0
        self._unread = 0
        self.shuts = True
        """The lips were open in the frame before, and meet in this one."""

    def gap(self, asked: float) -> float:
        """How far the lips of the next frame are to be drawn apart, IOD."""
        self.shuts = asked <= 0 < self._asked
        self._asked = asked
        if asked <= READ_FROM_GAP:
            self._sought *= KEPT_AT_REST
            self._lead *= KEPT_AT_REST
            if asked <= 0:
                return asked
        else:
            self._lead += EASED * (self._sought - self._lead)
        lead = self._lead * min(1.0, asked / LED_WHOLLY_FROM_GAP)
        return float(np.clip(asked + lead, LEAST_SHARE * asked, MOST_SHARE * asked))

    def learn(self, drawn: Pixels, before: Floats) -> None:
        """Take the frame that was drawn, and read it if it is open and its turn has come.

        Args:
            drawn: uint8 RGB, the frame's region with its new lips.
            before: (478, 3) as for `LipReader.gap`.
        """
        if self._asked <= READ_FROM_GAP:
            return
        self._unread = (self._unread + 1) % READ_EVERY
        found = self._reader.gap(drawn, before) if self._unread == 1 else None
        if found is not None:
            sought = self._lead + BELIEVED * (self._asked - found)
            self._sought = float(np.clip(sought, -MOST_LEAD_IOD, MOST_LEAD_IOD))


class Seams:
    """Which exemplars shut a mouth, as far as it is known. It is learned anew in each window."""

    def __init__(self, reader: LipReader, tried: Callable[[int], float], exemplars: int) -> None:
        """Know nothing of any exemplar.

        Args:
            tried: how far the lips read apart that an exemplar, by its row, is to shut, IOD.
        """
        self._reader, self._tried = reader, tried
        self._known = np.zeros(exemplars, np.bool_)
        self._gaps = np.zeros(exemplars)
        self._kept_until: dict[int, int] = {}
        self.costs: Floats = np.full(exemplars, UNTRIED_COST)
        """(n,) of choosing each where lips are to meet."""

    def learn(self, path: NDArray[np.int32], closes: Sequence[bool]) -> bool:
        """Take the trials of exemplars that a path shows where lips are to meet.

        Args:
            path: (n,) rows of the bank.
            closes: of the same frames.
        Returns: whether there was one of which nothing was known.
        """
        rows = {row for row, shut in zip(path.tolist(), closes, strict=True) if shut}
        return self._try(rows)

    def gapes(self, row: int, drawn: Pixels, before: Floats) -> float:
        """How far the lips of a frame that is to be shown shut are apart, IOD; 0 when they need not be drawn again.

        Args:
            row: of the exemplar that was drawn.
            drawn: uint8 RGB, the frame's region.
            before: (478, 3) as for `LipReader.gap`.
        """
        gap = self._reader.gap(drawn, before) or 0.0
        if gap >= DOUBTFUL_IOD:
            self._charge(row, gap)
        return gap if gap >= OPEN_IOD else 0.0

    def others(self, row: int, fits: Floats) -> list[int]:
        """Exemplars to draw a frame from instead of one that does not shut it, the best first.

        Args:
            row: of the exemplar that does not.
            fits: (n,) how badly each fits the frame otherwise.
        """
        fittest = np.argsort(fits + self.costs, kind="stable")[: 2 * MOST_OTHERS].tolist()
        self._try(set(fittest))
        fittest.sort(key=lambda one: float(fits[one] + self.costs[one]))
        return [one for one in fittest if one != row][:MOST_OTHERS]

    def keep(self, row: int, index: int) -> None:
        """No other exemplar shuts this frame of the window better."""
        self._kept_until[row] = index + KEPT_FRAMES

    def keeps(self, row: int, index: int) -> bool:
        """Whether it was found just before this frame that no other exemplar is better than this one."""
        return index < self._kept_until.get(row, 0)

    def _try(self, rows: set[int]) -> bool:
        new = sorted(row for row in rows if not self._known[row])
        for row in new:
            self._charge(row, self._tried(row))
        return bool(new)

    def _charge(self, row: int, gap: float) -> None:
        self._known[row] = True
        self._gaps[row] = max(self._gaps[row], gap)
        self.costs[row] = gaping_cost(float(self._gaps[row]))


def gaping_cost(gap: float) -> float:
    """Of choosing an exemplar whose lips, drawn shut, read so far apart, where lips are to meet."""
    return float(np.clip(GAPING_COST_PER_IOD * (gap - SHUT_IOD), 0, MOST_GAPING_COST))
