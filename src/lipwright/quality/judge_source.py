"""Verdicts on a picture against its source: nothing but the mouth changes, and the mouth is as sharp and as lively."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from lipwright.quality.asked import Asked
from lipwright.quality.comparison import Comparison
from lipwright.quality.figures import at_least, at_most, unmeasured, within
from lipwright.quality.judge_mouth import judge_mouth
from lipwright.quality.limits import SyncLimits
from lipwright.quality.mouth import Flags
from lipwright.quality.report import Metric, Verdict

_NO_PAIR: Final = "no frame of the source shows the face at the same moment"
_NO_FRAME: Final = "no frame of the source is as large"


def judge_source(compared: Comparison, asked: Asked, limits: SyncLimits) -> Iterator[Metric]:
    """Faces, step, outside, sharpness, energies, steadiness, likeness, CPBD, VMAF."""
    yield _faces(compared, asked, limits)
    yield from _step(compared)
    yield from _outside(compared, limits)
    yield from judge_mouth(compared, asked, limits)
    yield from _steadiness(compared, asked, limits)
    yield from _likeness(compared, limits)
    yield from _scores(compared, limits)


def _faces(compared: Comparison, asked: Asked, limits: SyncLimits) -> Metric:
    expected = compared.expected
    topic, limit = "faces found again", f">= {limits.faces:g}"
    if not expected.any():
        reason = f"no face was followed: {_left(asked)}" if asked.untouched else "the source shows no face"
        return unmeasured("face_share", topic, "", limit, reason)
    found = compared.has_face & expected
    missing = np.flatnonzero(expected & ~found)
    note = f"{int(found.sum())} of the {int(expected.sum())} frames whose source has the face"
    if len(missing):
        note += f"; the first without is frame {missing[0]}"
    if asked.untouched:
        note += f"; left as they are: {_left(asked)}"
    return at_least("face_share", topic, float(found.sum() / expected.sum()), "", limits.faces, note, Verdict.FAIL)


def _left(asked: Asked) -> str:
    """Why frames were left as they are: `30 turned away`."""
    return ", ".join(f"{count} {reason}" for reason, count in asked.untouched)


def _step(compared: Comparison) -> Iterator[Metric]:
    pairing = compared.pairing
    by = "by the sidecar's plan" if pairing.by_plan else "at the same time"
    topic = "picture behind its source"
    if compared.lag_frames is None:
        reason = "the picture stands still" if compared.paired.any() else "no frame of the source belongs to any"
        yield unmeasured("picture_step", topic, "frames", "= 0", reason)
    else:
        verdict = Verdict.OK if compared.lag_frames == 0 else Verdict.FAIL
        note = f"everything but the mouth, against frames that are seen {by}"
        yield Metric("picture_step", topic, float(compared.lag_frames), "frames", "= 0", verdict, note)
    share = float(compared.paired.mean())
    note = f"{int(compared.paired.sum())} of {len(compared.ledger)} frames have one {by}"
    verdict = Verdict.OK if share == 1 else Verdict.WARN
    yield Metric("paired", "frames with a frame of the source", share, "", "= 1", verdict, note)


def _outside(compared: Comparison, limits: SyncLimits) -> Iterator[Metric]:
    yield _around(compared, limits)
    worst, coding = compared.column("worst"), compared.column("worst_far")
    key, topic, limit = "outside_worst", "change outside of the mask, worst", limits.outside_worst_grey_levels
    if not np.isfinite(worst).any():
        yield unmeasured(key, topic, "grey levels", f"<= {limit:g}", _NO_FRAME)
    else:
        over = worst - coding
        place = int(np.nanargmax(over))
        note = f"frame {place}: a block changes by {worst[place]:.1f}, of which encoding may do {coding[place]:.1f}"
        yield at_most(key, topic, max(float(over[place]), 0.0), "grey levels", limit, note, Verdict.FAIL)
    far_mean = compared.column("far_mean")
    key, topic, limit = "outside_far", "change far from the face", limits.far_grey_levels
    if not np.isfinite(far_mean).any():
        reason = "the face fills the picture" if np.isfinite(worst).any() else _NO_FRAME
        yield unmeasured(key, topic, "grey levels", f"<= {limit:g}", reason)
    else:
        note = "means of 8 x 8 blocks: encoding, unless the picture is another"
        yield at_most(key, topic, float(np.nanmean(far_mean)), "grey levels", limit, note, Verdict.WARN)


def _around(compared: Comparison, limits: SyncLimits) -> Metric:
    near, far = compared.column("near"), compared.column("far")
    key, topic, limit = "outside_change", "change around the mouth's mask", limits.outside_grey_levels
    if not np.isfinite(near).any():
        return unmeasured(key, topic, "grey levels", f"<= {limit:g}", _NO_PAIR)
    separated = np.isfinite(far)
    more = near - np.where(separated, far, 0.0)
    told = f", by {np.nanmean(far):.2f} in like places far from the face" if separated.any() else ""
    note = f"means of 8 x 8 blocks: by {np.nanmean(near):.2f} around the mask{told}; what is more than that"
    return at_most(key, topic, max(float(np.nanmean(more)), 0.0), "grey levels", limit, note, Verdict.FAIL)


def _steadiness(compared: Comparison, asked: Asked, limits: SyncLimits) -> Iterator[Metric]:
    light = np.where(asked.drawn, compared.column("light"), np.nan)
    # The second difference: a mouth that opens shades the skin smoothly, flicker goes to and fro.
    tremble = np.abs(light[:-2] - 2 * light[1:-1] + light[2:]) / 2
    topic, limit = "flicker about the mouth", limits.flicker_grey_levels
    if not np.isfinite(tremble).any():
        yield unmeasured("flicker_mouth", topic, "grey levels", f"<= {limit:g}", _NO_PAIR)
    else:
        value = float(np.sqrt(np.nanmean(np.square(tremble))))
        note = (
            f"RMS of the skin's brightness against both neighbours', less the source's; worst {np.nanmax(tremble):.1f}"
        )
        yield at_most("flicker_mouth", topic, value, "grey levels", limit, note, Verdict.WARN)
    same = compared.column("same") == 1
    note = "in a row, equal to the frame before"
    longest = _longest_run(same)
    yield Metric("repeated", "frozen frames", float(longest), "frames", "", Verdict.OK, note)


def _likeness(compared: Comparison, limits: SyncLimits) -> Iterator[Metric]:
    for key, topic, name, unit, limit, what in (
        ("form_drift", "form of eyes, brows, nose", "form", "IOD", limits.form_iod, "RMS distance of mesh points"),
        ("colour_drift", "colour of the skin", "colour", "CIE76", limits.colour_cie, "distance of mean skin colours"),
    ):
        values = compared.column(name)
        if not np.isfinite(values).any():
            yield unmeasured(key, topic, unit, f"<= {limit:g}", _NO_PAIR)
            continue
        note = f"{what} from the source's same frame, mean; worst {np.nanmax(values):.3g}; no face-recognition score"
        yield at_most(key, topic, float(np.nanmean(values)), unit, limit, note, Verdict.WARN)


def _scores(compared: Comparison, limits: SyncLimits) -> Iterator[Metric]:
    shown, origin = compared.column("cpbd"), compared.column("origin_cpbd")
    both = np.isfinite(shown) & np.isfinite(origin)
    key, topic = "cpbd", "CPBD of the face, to the source's"
    if not both.any():
        yield unmeasured(key, topic, "", "{:g} to {:g}".format(*limits.cpbd), "no face with enough edges in both")
    else:
        own, other = float(shown[both].mean()), float(origin[both].mean())
        note = f"{own:.3f} of the video, {other:.3f} of the source, {int(both.sum())} frames"
        yield within(key, topic, own / max(other, 1e-9), "", limits.cpbd, note, Verdict.WARN)
    key, topic, limit = "vmaf_outside", "VMAF outside of the mouth", limits.vmaf_outside
    if compared.vmaf is None:
        yield unmeasured(key, topic, "", f">= {limit:g}", f"not available: {compared.vmaf_note}")
    else:
        yield at_least(key, topic, compared.vmaf, "", limit, compared.vmaf_note, Verdict.WARN)


def _longest_run(same: Flags) -> int:
    longest = run = 0
    for one in same:
        run = run + 1 if one else 0
        longest = max(longest, run)
    return longest
