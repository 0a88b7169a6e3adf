"""Which tracks of a clip are one person: told by the colours of skin, lips, hair and clothes, which suffices for the
few people of one clip and for nothing more."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lipwright.face.features import LOOK_PARTS, FaceFeatures

_SAME_LOOK = 60.0
"""Two tracks that differ by less may be one person. Quarters of six real clips differ by 47 at most from others of the
same clip, and by 73 at least from those of another one."""
_SAME_SHOT_LOOK = 90.0
"""When a face is lost and found again in one place of one shot."""
_SAME_PLACE = 1.5
"""In face widths."""
_SIZE_RATIO = 1.6

Track = tuple[int, int, FaceFeatures]
"""Its first frame, its shot, and what was noted of it."""


@dataclass(slots=True)
class _Person:
    members: list[int] = field(default_factory=list)
    size: float = 0.0
    """Face width, summed over frames."""


def number_persons(tracks: Sequence[Track]) -> list[int]:
    """Tell persons apart and number them from 1, the one whose face takes most room in the clip first.

    Returns: the number of each track's person. Tracks that overlap in time are different persons.
    """
    sizes = [float(np.nansum(features.width_px)) for _, _, features in tracks]
    looks = [_look(features) for _, _, features in tracks]
    persons: list[_Person] = []
    for index in sorted(range(len(tracks)), key=lambda index: (-sizes[index], index)):
        best, nearest = None, np.inf
        for person in persons:
            distance = min(_distance(tracks[index], tracks[m], looks[index], looks[m]) for m in person.members)
            free = not any(_overlap(tracks[index], tracks[member]) for member in person.members)
            if free and distance < min(nearest, 1):
                best, nearest = person, distance
        if best is None:
            best = _Person()
            persons.append(best)
        best.members.append(index)
        best.size += sizes[index]
    numbers = [0] * len(tracks)
    for number, person in enumerate(sorted(persons, key=lambda person: (-person.size, person.members[0])), 1):
        for member in person.members:
            numbers[member] = number
    return numbers


def _look(features: FaceFeatures) -> NDArray[np.float64]:
    """(parts * 3,)."""
    return np.asarray(np.nanmedian(features.look, axis=0), np.float64).reshape(3 * len(LOOK_PARTS))


def _overlap(one: Track, other: Track) -> bool:
    return one[0] < other[0] + len(other[2]) and other[0] < one[0] + len(one[2])


def _distance(one: Track, other: Track, one_look: NDArray[np.float64], other_look: NDArray[np.float64]) -> float:
    """Below 1 for tracks that may be one person."""
    apart = float(np.linalg.norm(one_look - other_look))
    near = one[1] == other[1] and _adjoin(one, other)
    return apart / (_SAME_SHOT_LOOK if near else _SAME_LOOK)


def _adjoin(one: Track, other: Track) -> bool:
    """Whether the later track begins where the earlier one ended."""
    earlier, later = sorted((one, other), key=lambda track: track[0])
    last, first = earlier[2], later[2]
    width = float(last.width_px[-1])
    ratio = width / float(first.width_px[0])
    step = float(np.linalg.norm(last.centre[-1] - first.centre[0]))
    return step < _SAME_PLACE * width and 1 / _SIZE_RATIO < ratio < _SIZE_RATIO
