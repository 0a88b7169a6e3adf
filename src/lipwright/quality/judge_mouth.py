"""Verdicts on the looks of a new mouth against the source's own: as sharp, as grainy, as lively."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from lipwright.quality.asked import Asked
from lipwright.quality.comparison import Comparison
from lipwright.quality.figures import unmeasured, within
from lipwright.quality.limits import SyncLimits
from lipwright.quality.matched import LEAST_FRAMES, MatchedRatio, matched_ratio
from lipwright.quality.mouth import Flags, Floats
from lipwright.quality.mouth_box import PARTS
from lipwright.quality.report import Metric, Verdict

_PART_TOPICS: Final = {"lips": "lips", "interior": "teeth and what lies between the lips", "skin": "skin"}
_TOO_FEW: Final = f"fewer than {LEAST_FRAMES} frames show the face in both"
_LEAST_SPEED: Final = 0.03
"""IOD a second: the tracker's own trembling."""
_LEAST_GAP: Final = 0.01
_LEAST_ENERGY: Final = 0.1
"""Squared grey levels: nobody sees less."""
_LEAST_MOTION: Final = 0.5
_LEAST_SHARPNESS: Final = 1e-3


def judge_mouth(compared: Comparison, asked: Asked, limits: SyncLimits) -> Iterator[Metric]:
    """Sharpness, grain, energies."""
    yield _sharpness(compared, asked, limits)
    yield _grain(compared, asked, limits)
    yield from _energies(compared, asked, limits)


def sharpness_ratio(compared: Comparison, asked: Asked) -> MatchedRatio | None:
    """Of lips and skin about the mouth; None for too few frames."""
    did = [_form(compared, prefix) for prefix in ("", "origin_")]
    shown, origin = (compared.column(f"{prefix}sharp") for prefix in ("", "origin_"))
    return matched_ratio(
        shown, did[0], origin, did[1], asked.drawn, compared.pairing.numbers[: len(shown)], _LEAST_SHARPNESS
    )


def energy_ratio(compared: Comparison, asked: Asked, part: str) -> MatchedRatio | None:
    """Of the change from frame to frame of one of PARTS; None for too few frames."""
    did = [_motion(compared, prefix, part) for prefix in ("", "origin_")]
    shown, origin = (compared.column(f"{prefix}change_{part}") for prefix in ("", "origin_"))
    # A source that shows a picture twice, as one of variable rate does, tells nothing of motion there.
    moving = asked.drawn & ~_again(compared)
    return matched_ratio(
        shown, did[0], np.where(_again(compared), np.nan, origin), did[1], moving,
        compared.pairing.numbers[: len(shown)], _LEAST_ENERGY,
    )  # fmt: skip


def _again(compared: Comparison) -> Flags:
    return np.asarray(compared.column("source_same") == 1, np.bool_)


def _form(compared: Comparison, prefix: str) -> Floats:
    """What sharpness depends on: how far the mouth is open, how wide it is, how fast lips and head move."""
    names = ("gap", "width", "lip_speed", "head_speed")
    gap, width, lips, head = (compared.column(f"{prefix}{name}") for name in names)
    return np.stack([np.log(gap + _LEAST_GAP), width, *(np.log(one + _LEAST_SPEED) for one in (lips, head))], axis=1)


def _motion(compared: Comparison, prefix: str, part: str) -> Floats:
    """What energy depends on: what the motion found changes by itself, how fast lips and head are, how wide the gap."""
    names = (f"motion_{part}", "lip_speed", "head_speed", "gap")
    moved, lips, head, gap = (compared.column(f"{prefix}{name}") for name in names)
    before = np.concatenate([[np.nan], gap[:-1]])
    opening = np.abs(gap - before) * float(compared.pairing.shown.fps)
    alone = np.log(moved + _LEAST_MOTION)
    speeds = [np.log(speed + _LEAST_SPEED) for speed in (lips, head, opening)]
    return np.stack(
        [alone, np.square(alone), *speeds, np.square(speeds[0]), np.log((gap + before) / 2 + _LEAST_GAP)], axis=1
    )


def _sharpness(compared: Comparison, asked: Asked, limits: SyncLimits) -> Metric:
    key, topic, limit = "sharpness_mouth", "sharpness about the mouth", "{:g} to {:g}".format(*limits.sharpness)
    found = sharpness_ratio(compared, asked)
    if found is None:
        return unmeasured(key, topic, "", limit, _TOO_FEW)
    note = (
        f"variance of the Laplacian on lips and skin, details from 1 px, over {_source(compared)}, "
        f"+- {found.uncertain:.2f} (standard error); mean of {found.frames} frames at like gap, width and speed; "
        f"90 % lie in {found.low:.2f} to {found.high:.2f}"
    )
    return within(key, topic, found.alike, "", limits.sharpness, note, Verdict.FAIL)


def _grain(compared: Comparison, asked: Asked, limits: SyncLimits) -> Metric:
    key, topic, limit = "grain_mouth", "grain about the mouth", "{:g} to {:g}".format(*limits.grain)
    shown, origin = compared.column("grain"), compared.column("origin_grain")
    usable = asked.drawn & np.isfinite(shown) & np.isfinite(origin) & (origin > 1e-9)
    if not usable.any():
        return unmeasured(key, topic, "", limit, _TOO_FEW)
    note = f"noise of the skin over {_source(compared)}, median of {int(usable.sum())} frames"
    return within(key, topic, float(np.median(shown[usable] / origin[usable])), "", limits.grain, note, Verdict.WARN)


def _energies(compared: Comparison, asked: Asked, limits: SyncLimits) -> Iterator[Metric]:
    low, high = limits.energy
    limit = f"{low:g} to {high:g}"
    for name in PARTS:
        key, topic = f"energy_{name}", f"change from frame to frame: {_PART_TOPICS[name]}"
        found = energy_ratio(compared, asked, name)
        if found is None:
            yield unmeasured(key, topic, "", limit, _TOO_FEW)
            continue
        note = (
            f"over {_source(compared)}, where the mouth moves alike, +- {found.uncertain:.2f} (standard error, "
            f"{found.frames} frames); {found.plain:.2f} without regard to motion"
        )
        surely = found.alike + 2 * found.uncertain < low or found.alike - 2 * found.uncertain > high
        yield within(key, topic, found.alike, "", limits.energy, note, Verdict.FAIL if surely else Verdict.WARN)


def _source(compared: Comparison) -> str:
    if compared.encoded_alike is None:
        return "that of the source as it is, since the file does not tell how it was encoded"
    return "that of the same frame of the source, encoded alike"
