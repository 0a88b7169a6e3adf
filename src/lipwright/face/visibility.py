"""How far a face may be drawn upon in each frame, and why not where it may not.

Weights ease out before a face is lost and in after it is back. Thresholds differ for leaving and for coming back, so
that nothing flaps.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from lipwright.face.features import LOOK_PARTS, FaceFeatures

REASONS = ("", "no face", "too small", "turned away", "covered", "nobody speaks", "cut off by the frame")
"""What the codes of `Visibility.reason` mean; code 0 is a frame that may be drawn upon."""
NO_FACE, TOO_SMALL, TURNED_AWAY, COVERED, NOBODY_SPEAKS, CUT_OFF = range(1, len(REASONS))

SMALLEST_WIDTH_PX = 64
"""Of a face that may be drawn upon. Real close-ups made this small still gave mouth gaps that correlate by .97 to .99
with the large ones, 2 % of the eye distance off in the lips; at 48 px it is .93 to .96, at 36 px .86 to .91."""
_TOO_SMALL_PX = 56
"""One that was large enough may shrink to this."""
FARTHEST_TURN_DEGREES = 45.0
"""As for a photo: every real profile measures more."""
_FACING_AGAIN_DEGREES = 40.0
_LIPS_LEAVE, _LIPS_BACK = 0.02, 0.08
"""From the lips to the frame's edge, outer eye distances."""
_LIPS_DEVIATION, _CHIN_DEVIATION = 0.11, 0.15
"""Colour against the skin's, in shares of the skin's lightness, from which something covers the part. Six real clips
reach .79 of it at most with nothing before the face. Of 163 frames of five of them in which a hand of the face's own
colour was laid over the mouth, 158 were told."""
_UNCOVERED = 0.8
"""Of these: below it is clear again."""
_LIGHTNESS_SHARE = 0.5
"""Light and shade change more than colours do."""
_USUAL_S = 30.0
"""The colours of a face are compared with the median over this time before and behind."""
_USUAL_STEP_S = 2.0
_USUAL_SAMPLES = 200
_COVERED_FOR_S = 0.1
_EASING_S = 0.2
_SHORTEST_STAY_S = 0.3
"""A face that is usable for less is left alone."""


@dataclass(frozen=True, slots=True)
class Visibility:
    """One row for each frame of a track."""

    weight: NDArray[np.float32]
    """(frames,) 0 leave the face alone to 1 draw."""
    reason: NDArray[np.uint8]
    """(frames,) places in REASONS; 0 wherever the weight is above 0."""


def visibility(features: FaceFeatures, fps: Fraction, *, enters: bool, leaves: bool) -> Visibility:
    """Weigh every frame of a track.

    Args:
        enters: the face appears in the middle of its shot, so that the first frames ease in; at a cut they need not.
        leaves: it is gone before its shot ends.
    """
    present = features.presence > 0
    width = np.where(present, np.nan_to_num(features.width_px), 0)
    away = np.where(present, np.nan_to_num(features.away_degrees), 0)
    cover = covered(features, fps)
    reason = np.zeros(len(features), np.uint8)
    in_the_way = _last(_between(cover >= 1, cover >= _UNCOVERED), max(1, round(_COVERED_FOR_S * fps)))
    reason[in_the_way] = COVERED
    reason[_between(away > FARTHEST_TURN_DEGREES, away > _FACING_AGAIN_DEGREES)] = TURNED_AWAY
    inside = np.where(present, np.nan_to_num(features.lips_inside), 1)
    reason[_between(inside < _LIPS_LEAVE, inside < _LIPS_BACK)] = CUT_OFF
    small = _between(width < _TOO_SMALL_PX, width < SMALLEST_WIDTH_PX, at_first=bool(width[0] < SMALLEST_WIDTH_PX))
    reason[small] = TOO_SMALL
    reason[~present] = NO_FACE

    _drop_short_stays(reason, max(1, round(_SHORTEST_STAY_S * fps)))
    return Visibility(_eased(reason == 0, max(1, round(_EASING_S * fps)), enters, leaves), reason)


def covered(features: FaceFeatures, fps: Fraction) -> NDArray[np.float32]:
    """Whether something else than usual is seen where lips and chin are, such as a hand; the mesh does not tell, as it
    draws lips on hands too.

    Returns: (frames,) 1 and more where it is; 0 without a face.
    """
    look = features.look.astype(np.float64)
    parts = look[:, [LOOK_PARTS.index("lips"), LOOK_PARTS.index("chin")]]
    skin = look[:, [LOOK_PARTS.index("skin")]]
    relative = (parts - skin) / np.maximum(skin[..., :1], 1)
    relative[..., 0] *= _LIGHTNESS_SHARE
    deviation = np.linalg.norm(relative - _usual(relative, fps), axis=2)
    score = (deviation / (_LIPS_DEVIATION, _CHIN_DEVIATION)).max(axis=1)
    return np.asarray(np.nan_to_num(score), np.float32)


def _usual(values: NDArray[np.float64], fps: Fraction) -> NDArray[np.float64]:
    """A median that moves along in steps."""
    count = len(values)
    step, reach = max(1, round(_USUAL_STEP_S * fps)), max(1, round(_USUAL_S * fps))
    usual = np.empty_like(values)
    for start in range(0, count, step):
        around = values[max(0, start - reach) : start + step + reach]
        sample = around[:: max(1, len(around) // _USUAL_SAMPLES)]
        seen = sample[np.isfinite(sample).all(axis=(1, 2))]
        usual[start : start + step] = np.median(seen, axis=0) if len(seen) else np.nan
    return usual


def _between(begins: NDArray[np.bool_], goes_on: NDArray[np.bool_], *, at_first: bool = False) -> NDArray[np.bool_]:
    """A state that begins where `begins` holds and lasts as long as `goes_on` does."""
    state = np.empty(len(begins), bool)
    now = at_first
    for i, (enter, stay) in enumerate(zip(begins.tolist(), goes_on.tolist(), strict=True)):
        now = enter or (now and stay)
        state[i] = now
    return state


def _runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Starts and ends of the stretches in which `flags` holds."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def _last(flags: NDArray[np.bool_], least: int) -> NDArray[np.bool_]:
    """Only the stretches of at least that many frames."""
    kept = np.zeros_like(flags)
    for start, end in _runs(flags):
        kept[start:end] = end - start >= least
    return kept


def _drop_short_stays(reason: NDArray[np.uint8], least: int) -> None:
    """Extend reasons over short usable stretches between them; one that fills the whole track stays."""
    for start, end in _runs(reason == 0):
        inside = start > 0 and end < len(reason)
        if inside and end - start < least:
            reason[start:end] = reason[start - 1]


def _eased(usable: NDArray[np.bool_], frames: int, enters: bool, leaves: bool) -> NDArray[np.float32]:
    """Smoothstep of the distance to the nearest frame that is not usable."""
    distance = np.full(len(usable), np.inf)
    for start, end in _runs(usable):
        inside = np.arange(end - start)
        before = inside + 1.0 if start > 0 or enters else np.full(end - start, np.inf)
        behind = (end - start) - inside if end < len(usable) or leaves else np.full(end - start, np.inf)
        distance[start:end] = np.minimum(before, behind)
    part = np.where(usable, np.clip(distance / (frames + 1), 0, 1), 0)
    return np.asarray(part * part * (3 - 2 * part), np.float32)
