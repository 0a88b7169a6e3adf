"""One person's mouth as a shape: at rest, how it seems to change as the head turns, and how it performs a track.

Canonical space: IOD = 1, y down, origin between the eyes.
"""

from dataclasses import dataclass

import numpy as np

from lipwright.contracts.motion import MouthTrack
from lipwright.render.arrays import Floats
from lipwright.render.easing import smoothstep, soft_cap
from lipwright.render.portrait.mouth_shape import (
    JAW,
    LOWER,
    LOWER_THICKNESS,
    TYPICAL_MOUTH_WIDTH,
    UPPER,
    UPPER_THICKNESS,
    MouthShape,
    Performance,
)
from lipwright.render.portrait.rows import LOWER_LIP, UPPER_LIP
from lipwright.render.rewrite.lips import ThinLips, part_lips
from lipwright.render.rewrite.measure import measure_controls, measure_gap

CLOSED_SHARE = 0.08
"""Of the frames, those with the smallest gaps, are the mouth at rest ..."""
RESTING_GAP = 0.015
"""... as far as they are open less than this, IOD."""
DRIFT_PRIOR_RAD = 0.03
"""A turn that is small against this says nothing about how the mesh changes with turns."""
SKIN_REACH = 0.30
"""IOD: how far from the lips skin points are looked after."""
LEAST_DISTANCE = 0.5
"""From the lips' rim, in parts of the distance at rest."""
_VERTICAL = [JAW, UPPER, LOWER, UPPER_THICKNESS, LOWER_THICKNESS]


@dataclass(frozen=True)
class _Drift:
    """How the mesh network draws this person's mouth differently as the head turns; linear, by ridge regression."""

    mean: Floats
    """(3,) rotation vector."""
    low: Floats
    high: Floats
    slope: Floats
    """(3, 478, 3) per radian."""

    def at(self, turn: Floats) -> Floats:
        """(478, 3)."""
        return np.tensordot(np.clip(turn, self.low, self.high) - self.mean, self.slope, axes=1)


class PersonMouth:
    """The mouth of one person: its closed neutral, and the shapes that it can take."""

    def __init__(self, canonical: Floats, turns: Floats, basis: Floats) -> None:
        """Learn from frames of the person.

        Args:
            canonical: (frames, 478, 3) meshes with their pose taken out.
            turns: (frames, 3) rotation vectors of their poses.
            basis: (8, 478, 3) shape basis of `motion.shapes`.
        """
        self._basis = basis
        self._drift = _learn_drift(canonical, turns)
        gaps = measure_gap(canonical)
        resting = np.flatnonzero(gaps <= max(float(np.quantile(gaps, CLOSED_SHARE)), 0.004))
        resting = resting[gaps[resting] <= max(RESTING_GAP, float(gaps.min()) + 0.002)]
        upright = canonical[resting] - np.array([self._drift.at(turn) for turn in turns[resting]])
        self.neutral: Floats = MouthShape(upright.mean(axis=0), basis).neutral
        self.width = float(np.linalg.norm(self.neutral[61] - self.neutral[291]))
        self._widest_gap = float(np.quantile(gaps, 0.95))
        self._belongs_to_lips = _nearness_to_lips(self.neutral)[:, None]
        self._beside = _SkinBesideLips(self.neutral)
        self._thin = ThinLips(self.neutral, canonical)

    def unfold(self, canonical: Floats) -> Floats:
        """A frame's mesh (478, 3) with the skin around the lips outside of them: a changed copy.

        The network refines lips alone. In a wide mouth they reach over the skin's points, which then lie on the lips:
        skin that is sampled there would show a second lip.
        """
        return self._beside.pushed_out(canonical)

    def own_controls(self, canonical: Floats, turn: Floats) -> Floats:
        """What the mouth does in a frame: (8,) relative to the neutral mouth at that turn."""
        return measure_controls(canonical) - measure_controls(self.neutral + self._drift.at(turn))

    def perform(self, track: MouthTrack) -> Performance:
        """Fit a mouth track to this face: in proportion to its width, with openings of a size that it speaks with."""
        ratio = float(np.clip(self.width / TYPICAL_MOUTH_WIDTH, 0.85, 1.15))
        controls = track.controls.astype(np.float64) * ratio
        wanted = track.gap.astype(np.float64) * ratio * (1 - track.closed.astype(np.float64))
        limit = float(np.clip(self._widest_gap, 0.165, 0.24))
        gap = np.asarray(soft_cap(wanted, 0.6 * limit, limit), np.float64)
        gap *= smoothstep(gap, 0.002, 0.010)
        controls[:, _VERTICAL] *= np.minimum(1.0, gap / np.maximum(wanted, 1e-3))[:, None]
        return Performance(controls, gap)

    def shape(self, canonical: Floats, turn: Floats, controls: Floats, gap: float) -> Floats:
        """The mesh for a frame whose mouth is to do something else.

        Args:
            canonical: (478, 3) the frame's own mesh.
            turn: (3,) of its pose.
            controls: (8,) of a performance.
            gap: of it; the inner lips come to lie exactly that far apart.
        Returns: (478, 3). Lips are placed wholly anew; skin farther away moves by the difference to what it does now.
        """
        return self.place(canonical, turn, np.tensordot(controls, self._basis, axes=1), gap)

    def place(self, canonical: Floats, turn: Floats, formed: Floats, gap: float) -> Floats:
        """As `shape`, from the displacement of each point against the neutral mouth, `formed` (478, 3)."""
        rest = self.neutral + self._drift.at(turn)
        own = measure_controls(canonical) - measure_controls(rest)
        lips = rest + formed
        skin = canonical + formed - np.tensordot(own, self._basis, axes=1)
        target = skin + self._belongs_to_lips * (lips - skin)
        part_lips(target, gap)
        self._thin.apply(target, rest, gap)
        return target


class _SkinBesideLips:
    """Skin points near the lips, each tied to the outer lip point that is nearest to it at rest."""

    def __init__(self, neutral: Floats) -> None:
        rim = np.unique(np.concatenate([UPPER_LIP[0], LOWER_LIP[0]]))
        lips = np.unique(np.concatenate([UPPER_LIP, LOWER_LIP]))
        skin = np.setdiff1d(np.arange(468), lips)
        away = neutral[skin, None, :2] - neutral[None, rim, :2]
        distance = np.linalg.norm(away, axis=-1)
        nearest = distance.argmin(axis=1)
        length = distance[np.arange(len(skin)), nearest]
        # The nose stays where it is, and the network follows it well.
        near = (length < SKIN_REACH) & (neutral[skin, 1] > neutral[2, 1])
        self._skin, self._rim = skin[near], rim[nearest[near]]
        self._length = length[near]
        self._outward = away[np.arange(len(skin)), nearest][near] / np.maximum(self._length, 1e-6)[:, None]

    def pushed_out(self, canonical: Floats) -> Floats:
        outward = ((canonical[self._skin, :2] - canonical[self._rim, :2]) * self._outward).sum(axis=1)
        missing = np.maximum(0, LEAST_DISTANCE * self._length - outward)
        moved = canonical.copy()
        moved[self._skin, :2] += missing[:, None] * self._outward
        return moved


def _learn_drift(canonical: Floats, turns: Floats) -> _Drift:
    mean = turns.mean(axis=0)
    away = turns - mean
    normal = away.T @ away + len(turns) * DRIFT_PRIOR_RAD**2 * np.eye(3)
    change = (canonical - canonical.mean(axis=0)).reshape(len(turns), -1)
    slope = np.linalg.solve(normal, away.T @ change).reshape(3, -1, 3)
    return _Drift(mean, np.quantile(turns, 0.02, axis=0), np.quantile(turns, 0.98, axis=0), slope)


def _nearness_to_lips(neutral: Floats) -> Floats:
    """1 on the lips, falling off beside them: (478,)."""
    outline = neutral[np.unique(np.concatenate([UPPER_LIP[0], LOWER_LIP[0]])), :2]
    distance = np.linalg.norm(neutral[:, None, :2] - outline[None], axis=-1).min(axis=1)
    distance[np.unique(np.concatenate([UPPER_LIP, LOWER_LIP]))] = 0
    return np.asarray(np.exp(-((distance / 0.10) ** 2)))
