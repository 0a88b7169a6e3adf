"""Which exemplar shows which frame: the path through the bank that costs least, found a little ahead of the picture.

Source: Viterbi, 1967; costs from the video-mode study.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lipwright.render.arrays import Floats
from lipwright.render.rewrite.bank import Bank

CANDIDATES = 24
"""Exemplars that are considered for each frame."""
JUMP_COST = 0.5
"""Of a step that is not to a neighbour, besides how different the two mouths look."""
NEIGHBOUR_COST, BACK_COST = 0.06, 0.18
"""Of standing still and of leaving one out, and of a step back; the step to the next frame is free. Back and forth
costs more than standing still: two frames in turn would tremble."""
FOCUS_COST, CLOSED_FOCUS_COST, FOCUS_FREE = 0.5, 0.15, 0.2
"""Of a mouth that is sharper or softer than the frame by a factor of e, the same where lips meet, for which a clear
seam counts more, and the part of the factor that is free."""
BLURRED_SEAM_COST = 0.5
"""Of lips that meet in an exemplar which is softer, by a factor of e, than those are that meet in others."""
BLEMISHED_SEAM_COST, BLEMISH_FREE = 0.6, 0.25
"""Of lips that meet in an exemplar and look twice as unlike the others that meet as those look among each other: they
show a blot, a glint, or no seam; and the part of it that is free."""
CLOSED_BELOW_GAP, OPEN_ABOVE_GAP = 0.012, 0.03
LEAST_ALIKE = 5
"""Lips that meet in fewer exemplars do not tell how they should look."""
RESTS_TRIED = 6
"""Exemplars that are tried for the mouth at rest."""
CONTROL_WEIGHTS = np.array([0.6, 1.0, 1.0, 1.0, 0.6, 0.8, 0.8, 0.3])
CROSSFADE = 0.33
"""Share of the other exemplar in the two frames beside a jump."""
SMOOTH_FRAMES = 1.5
"""Standard deviation, in frames, over which the inside of the mouth is smoothed."""


@dataclass(frozen=True)
class Wanted:
    """What the next frames are to show."""

    controls: Floats
    """(frames, 8)."""
    gap: Floats
    """(frames,) IOD."""
    turns: Floats
    """(frames, 3) rotation vectors of the head."""
    focus: Floats
    """(frames,) of the frames that are drawn on."""


class MouthPlanner:
    """Searches one bank."""

    def __init__(self, bank: Bank, candidates: int = CANDIDATES) -> None:
        """Scale the bank's features."""
        self._candidates = candidates
        exemplars = bank.exemplars
        controls = np.array([exemplar.controls for exemplar in exemplars], np.float64)
        self._scale = np.maximum(controls.std(axis=0), 0.004)
        self._gap = np.array([exemplar.gap for exemplar in exemplars])
        self._features = self._features_of(controls, self._gap)
        self._turns = bank.turns
        self._likeness = bank.likeness
        self._numbers = np.array([exemplar.number for exemplar in exemplars], np.int64)
        sharpness = np.array([exemplar.sharpness for exemplar in exemplars])
        self._blurred = 3.0 * (sharpness < 0.35 * np.median(sharpness))
        self._focus = np.log([exemplar.focus for exemplar in exemplars])
        teeth = np.array([exemplar.teeth for exemplar in exemplars])
        cavity = np.array([exemplar.cavity for exemplar in exemplars])
        open_though_closed = 12.0 * (self._gap > 0.02) if (self._gap < 0.015).sum() >= 3 else 0.0
        ajar = 2.5 * np.clip((self._gap - 0.003) / 0.008, 0, 2.5)
        self._unfit_for_closing = open_though_closed + ajar + np.minimum(4.0, 10 * teeth + 2.5 * cavity)
        meeting = self._gap < CLOSED_BELOW_GAP
        usual = np.median(sharpness[meeting] if meeting.any() else sharpness)
        self._unfit_for_closing += BLURRED_SEAM_COST * np.clip(np.log(usual / np.maximum(sharpness, 1.0)), -0.7, 1.5)
        self._unfit_for_closing += BLEMISHED_SEAM_COST * self._blemishes(meeting)
        self._rest_at(int(np.argmin(self._resting_costs())))

    def settle(self, gaping: Callable[[int], float]) -> None:
        """Choose `rest` again, of the few that are fittest, by what each costs besides because of how it shuts."""
        cost = self._resting_costs()
        fittest = np.argsort(cost, kind="stable")[:RESTS_TRIED].tolist()
        self._rest_at(min(fittest, key=lambda row: float(cost[row]) + gaping(row)))

    def _rest_at(self, row: int) -> None:
        self.rest = row
        """Row of the bank that windows begin and end with where lips are shut."""
        self._steps_to_rest = np.array(
            [_step_cost(one, row, self._numbers, self._likeness) for one in range(len(self._numbers))]
        )

    def _resting_costs(self) -> Floats:
        """How badly each exemplar shows the relaxed mouth, (n,)."""
        turn = np.median(self._turns, axis=0)
        usual = float(np.median(np.exp(self._focus)))
        wanted = Wanted(np.zeros((1, 8)), np.zeros(1), turn[None], np.array([usual]))
        return np.asarray(self.costs(wanted)[0])

    def _blemishes(self, meeting: NDArray[np.bool_]) -> Floats:
        """How much more each exemplar differs from those whose lips meet than they do among each other, (n,)."""
        if int(meeting.sum()) < LEAST_ALIKE:
            return np.zeros(len(meeting))
        unlike = np.median(self._likeness[:, meeting], axis=1).astype(np.float64)
        usual = max(float(np.median(unlike[meeting])), 1e-6)
        return np.asarray(np.clip(unlike / usual - 1 - BLEMISH_FREE, 0, 3))

    def _features_of(self, controls: Floats, gap: Floats) -> Floats:
        scaled = controls / self._scale * CONTROL_WEIGHTS
        nearly_shut = 2 * np.exp(-gap / 0.02)
        opening = 1.2 * np.log(np.maximum(gap, 0.01) / 0.01)
        return np.concatenate([scaled, nearly_shut[:, None], opening[:, None]], axis=1)

    def choose(
        self, wanted: Wanted, before: int | None, gaping: Floats | float = 0.0, *, ends: bool = False
    ) -> NDArray[np.int32]:
        """The best path for these frames, as rows of the bank.

        Args:
            wanted: consecutive frames.
            before: what the frame before the first shows; None at the beginning.
            gaping: (n,) what each exemplar costs besides where lips are to meet.
            ends: the last of these frames is the last of the window.
        Returns: a path that begins and ends near `rest` where lips are shut there, so that windows meet without a step.
        """
        cost = self.costs(wanted)
        cost += np.where(wanted.gap[:, None] < CLOSED_BELOW_GAP, gaping, 0)
        if ends and wanted.gap[-1] < CLOSED_BELOW_GAP:
            cost[-1] += self._steps_to_rest
        if before is None and wanted.gap[0] < CLOSED_BELOW_GAP:
            before = self.rest
        count = min(self._candidates, cost.shape[1])
        candidates = np.sort(np.argpartition(cost, count - 1, axis=1)[:, :count], axis=1).astype(np.int32)
        local = np.take_along_axis(cost, candidates, axis=1)
        path = np.empty(len(candidates), np.int32)
        cheapest_path(candidates, local, -1 if before is None else before, self._numbers, self._likeness, path)
        return path

    def costs(self, wanted: Wanted) -> Floats:
        """How badly each exemplar shows each frame, (frames, n)."""
        features = self._features_of(wanted.controls, wanted.gap)
        cost = ((features[:, None] - self._features[None]) ** 2).mean(axis=2)
        cost += 3 * ((wanted.turns[:, None] - self._turns[None]) ** 2).sum(axis=2)
        cost += (np.maximum(0, wanted.gap[:, None] - self._gap - 0.01) / 0.04) ** 2
        unlike = np.abs(np.log(wanted.focus)[:, None] - self._focus[None])
        closed = wanted.gap[:, None] < CLOSED_BELOW_GAP
        cost += np.where(closed, CLOSED_FOCUS_COST, FOCUS_COST) * np.clip(unlike - FOCUS_FREE, 0, 1.5)
        cost += self._blurred
        cost += np.where(closed, self._unfit_for_closing, 0)
        cost += (wanted.gap[:, None] > OPEN_ABOVE_GAP) & (self._gap < 0.015)
        return np.asarray(cost)

    def mix(self, path: NDArray[np.int32], index: int, *, shut: bool = False) -> list[tuple[int, float]]:
        """Exemplars of the lips of one frame with their shares: two beside a jump, else one.

        Args:
            path: as far as it is known, at least a frame beyond this one unless it is the window's last.
            shut: lips meet in this frame: it takes nothing from lips that do not, and at either end of a window it is
                drawn as a neighbour of `rest`.
        """
        here = int(path[index])
        before = int(path[index - 1]) if index > 0 else self.rest if shut else here
        after = int(path[index + 1]) if index + 1 < len(path) else self.rest if shut else here
        other = here
        if not self._flows(before, here):
            other = self._beside(before, 1)
        elif not self._flows(here, after):
            other = self._beside(after, -1)
        if other == here or (shut and self._gap[other] > CLOSED_BELOW_GAP):
            return [(here, 1.0)]
        return [(here, 1 - CROSSFADE), (other, CROSSFADE)]

    def _flows(self, one: int, other: int) -> bool:
        return bool(-1 <= self._numbers[other] - self._numbers[one] <= 2)

    def _beside(self, row: int, step: int) -> int:
        """The exemplar of the next or the former frame, or the same where the bank has none."""
        other = row + step
        inside = 0 <= other < len(self._numbers)
        return other if inside and self._numbers[other] == self._numbers[row] + step else row

    @staticmethod
    def around(path: NDArray[np.int32], index: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """All exemplars near one frame in time, and the share of each (see Opening)."""
        reach = int(np.ceil(3 * SMOOTH_FRAMES))
        low, high = max(0, index - reach), min(len(path), index + reach + 1)
        shares = np.exp(-0.5 * ((np.arange(low, high) - index) / SMOOTH_FRAMES) ** 2)
        rows, inverse = np.unique(path[low:high], return_inverse=True)
        summed = np.bincount(inverse, shares / shares.sum())
        return rows.astype(np.int32), summed.astype(np.float32)


@njit(cache=True, nogil=True)
def _step_cost(one, other, numbers, likeness):  # type: ignore[no-untyped-def]
    step = numbers[other] - numbers[one]
    if step == 1:
        return 0.0
    if step in (0, 2):
        return NEIGHBOUR_COST
    if step == -1:
        return BACK_COST
    return JUMP_COST + likeness[one, other]


@njit(cache=True, nogil=True)
def cheapest_path(candidates, local, before, numbers, likeness, path):  # type: ignore[no-untyped-def]
    """Viterbi. candidates (frames, k), local costs (frames, k), `before` -1 for none; writes path (frames,)."""
    frames, count = candidates.shape
    came_from = np.zeros((frames, count), np.int32)
    total = local[0].copy()
    if before >= 0:
        for k in range(count):
            total[k] += _step_cost(before, candidates[0, k], numbers, likeness)
    following = np.empty(count)
    for t in range(1, frames):
        for k in range(count):
            least, source = np.inf, 0
            for j in range(count):
                cost = total[j] + _step_cost(candidates[t - 1, j], candidates[t, k], numbers, likeness)
                if cost < least:
                    least, source = cost, j
            following[k] = least + local[t, k]
            came_from[t, k] = source
        total[:] = following
    k = int(np.argmin(total))
    for t in range(frames - 1, -1, -1):
        path[t] = candidates[t, k]
        k = came_from[t, k]
