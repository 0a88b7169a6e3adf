"""Verdicts on the picture: the face, its lips, its sharpness, and what moves beside the person."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from lipwright.contracts.sidecar import Span
from lipwright.quality.evidence import Evidence
from lipwright.quality.figures import at_most, unmeasured
from lipwright.quality.limits import Limits
from lipwright.quality.mouth import CLOSED_FLAG, Closures, Floats, Openness, at_rest, closures, opened_vowels, openness
from lipwright.quality.report import Metric, Verdict
from lipwright.quality.signals import correlation
from lipwright.quality.sound import quiet_spans

_NO_SIDECAR: Final = "no sidecar beside the video tells what the lips should do"
_NO_FACE: Final = "no face was found"
_ALIKE_IOD: Final = 0.03
_ALIKE_FRAMES: Final = 5
"""Lips look different open and shut: sharpness about the mouth is compared in frames with the photo's gap."""


def judge_face(evidence: Evidence, limits: Limits) -> Iterator[Metric]:
    """Face, lips, sharpness, stillness."""
    yield from _faces(evidence)
    yield from _lips(evidence, limits)
    yield from _rest(evidence, limits)
    yield from _sharpness(evidence, limits)
    yield from _steadiness(evidence, limits)


def _faces(evidence: Evidence) -> Iterator[Metric]:
    wanted = evidence.drawn() if evidence.rewritten else evidence.alone()
    seen = evidence.sweep.has_face[wanted]
    missing = np.flatnonzero(~evidence.sweep.has_face & wanted)
    note = f"{int(seen.sum())} of {len(seen)} frames" + _which(evidence)
    if len(missing):
        note += f"; the first without is frame {missing[0]}"
    verdict = Verdict.FAIL if len(missing) else Verdict.OK
    if len(seen):
        yield Metric("face_share", "frames with a face", float(seen.mean()), "", "= 1", verdict, note)
    else:
        yield unmeasured("face_share", "frames with a face", "", "= 1", "no frame's mouth was drawn")
    faces = evidence.sweep.faces
    note = f"searched {len(faces)} frames" + (f", {min(faces)} to {max(faces)} faces" if len(set(faces)) > 1 else "")
    yield Metric("face_count", "faces in one frame", float(max(faces, default=0)), "", "", Verdict.OK, note)


def _which(evidence: Evidence) -> str:
    if evidence.rewritten:
        return " whose mouth was drawn"
    return " without cut-aways and dissolves" if evidence.story else ""


def _lips(evidence: Evidence, limits: Limits) -> Iterator[Metric]:
    sweep, sidecar = evidence.sweep, evidence.sidecar
    topics = {
        "gap_correlation": ("lips as drawn", "", f">= {limits.gap_correlation:g}"),
        "closed_mean": ("gap of closed lips, mean", "IOD", f"<= {limits.closed_mean_iod:g}"),
        "closed_largest": ("gap of closed lips, worst", "IOD", f"<= {limits.closed_largest_iod:g}"),
        "bilabials_closed": ("p b m with lips that meet", "", "= 1"),
        "vowels_open": ("vowels with lips that part", "", f">= {limits.vowels_open:g}"),
    }
    if sidecar is None or not sweep.has_face.any():
        reason = _NO_SIDECAR if sidecar is None else _NO_FACE
        for key, (topic, unit, limit) in topics.items():
            yield unmeasured(key, topic, unit, limit, reason)
        return
    topic, unit, limit = topics["gap_correlation"]
    alike = correlation(evidence.drawn_gap(), sweep.gap)
    if alike is None:
        yield unmeasured("gap_correlation", topic, unit, limit, "the lips never move, or too few frames show them")
    else:
        verdict = Verdict.OK if alike >= limits.gap_correlation else Verdict.FAIL
        note = "correlation of the gap found in the file with the one that was drawn"
        yield Metric("gap_correlation", topic, alike, unit, limit, verdict, note)
    shut = openness(sweep.gap, evidence.drawn_closed() >= CLOSED_FLAG, evidence.fps)
    yield from _closed(shut, limits, topics)
    met = closures(sidecar.phonemes, sweep.times_s, sweep.gap, limits.closed_largest_iod)
    parted = opened_vowels(sidecar.phonemes, sweep.times_s, sweep.gap, limits.vowel_least_iod)
    yield _counted("bilabials_closed", topics, met, 1.0, Verdict.FAIL)
    yield _counted("vowels_open", topics, parted, limits.vowels_open, Verdict.WARN)


def _counted(
    key: str, topics: dict[str, tuple[str, str, str]], count: Closures, least: float, below: Verdict
) -> Metric:
    topic, unit, limit = topics[key]
    if not count.spoken:
        return unmeasured(key, topic, unit, limit, "nothing of the kind is said")
    note = f"{count.met} of {count.spoken}"
    if count.missed:
        note += "; not at " + ", ".join(f"{one.symbol} {one.start_s:.2f} s" for one in count.missed[:4])
    share = count.met / count.spoken
    return Metric(key, topic, share, unit, limit, Verdict.OK if share >= least else below, note)


def _closed(shut: Openness | None, limits: Limits, topics: dict[str, tuple[str, str, str]]) -> Iterator[Metric]:
    values = {"closed_mean": limits.closed_mean_iod, "closed_largest": limits.closed_largest_iod}
    for key, most in values.items():
        topic, unit, limit = topics[key]
        if shut is None:
            yield unmeasured(key, topic, unit, limit, "in no frame have the lips to touch")
            continue
        value = shut.mean if key == "closed_mean" else shut.largest
        note = f"{shut.frames} frames of p b m and silence"
        yield at_most(key, topic, value, unit, most, note, Verdict.FAIL)


def _rest(evidence: Evidence, limits: Limits) -> Iterator[Metric]:
    """Motion while nobody speaks. Only with a sidecar is it known that the mouth has to be shut then."""
    sweep, sidecar = evidence.sweep, evidence.sidecar
    silences: Sequence[Span] = ()
    if sidecar is not None:
        silences = sidecar.silences
    elif evidence.sound is not None:
        silences = quiet_spans(evidence.sound.levels)
    found = openness(sweep.gap, at_rest(silences, sweep.times_s) & evidence.drawn(), evidence.fps)
    figures = (
        ("silence_mean", "gap in silence, mean", "IOD", limits.closed_mean_iod, Verdict.FAIL),
        ("silence_largest", "gap in silence, worst", "IOD", limits.closed_largest_iod, Verdict.FAIL),
        ("silence_speed", "gap in silence, fastest change", "IOD/s", limits.rest_speed_iod_s, Verdict.WARN),
    )
    for key, topic, unit, limit, over in figures:
        if found is None:
            reason = "no silence is long enough for the mouth to come to rest"
            yield unmeasured(key, topic, unit, f"<= {limit:g}", reason)
            continue
        value = {"silence_mean": found.mean, "silence_largest": found.largest}.get(key, found.fastest)
        if sidecar is not None:
            yield at_most(key, topic, value, unit, limit, f"{found.frames} frames of silence by the sidecar", over)
        else:
            note = f"{found.frames} frames of silence by the level of the sound"
            yield Metric(key, topic, value, unit, "", Verdict.OK, note)


def _sharpness(evidence: Evidence, limits: Limits) -> Iterator[Metric]:
    sweep, reference = evidence.sweep, evidence.reference
    low, high = limits.sharpness
    limit = f"{low:g} to {high:g}"
    topics = {"sharpness_face": "sharpness of the face", "sharpness_mouth": "sharpness about the mouth"}
    if reference is None:
        reason = "no photo to compare with"
        if not sweep.has_face.any():
            reason = _NO_FACE
        elif evidence.source is not None:
            reason = "the face lies elsewhere in the photo: the video was not made of it, or framed differently"
        for key, topic in topics.items():
            yield unmeasured(key, topic, "", limit, reason)
    else:
        face = sweep.face_sharpness / reference.face
        yield _compared("sharpness_face", topics["sharpness_face"], face, limits, "all frames")
        alike = np.abs(sweep.gap - reference.gap) <= _ALIKE_IOD
        if alike.sum() >= _ALIKE_FRAMES:
            mouth = sweep.mouth_sharpness[alike] / reference.mouth
            about = f"{int(alike.sum())} frames with lips as far apart as the photo's"
            yield _compared("sharpness_mouth", topics["sharpness_mouth"], mouth, limits, about)
        else:
            reason = f"the lips are hardly ever as far apart as the photo's, {reference.gap:.2f} IOD"
            yield unmeasured("sharpness_mouth", topics["sharpness_mouth"], "", limit, reason)
    yield _softest(evidence, limits)


def _compared(key: str, topic: str, ratios: Floats, limits: Limits, about: str) -> Metric:
    low, high = limits.sharpness
    limit = f"{low:g} to {high:g}"
    if not np.isfinite(ratios).any():
        return unmeasured(key, topic, "", limit, "the face is too small")
    ratio = float(np.nanmedian(ratios))
    least, most = np.nanquantile(ratios, [0.05, 0.95])
    note = f"video over photo, scaled alike, median of {about}; 90 % lie in {least:.2f} to {most:.2f}"
    return Metric(key, topic, ratio, "", limit, Verdict.OK if low <= ratio <= high else Verdict.FAIL, note)


def _softest(evidence: Evidence, limits: Limits) -> Metric:
    values = evidence.face_sharpness()
    topic, limit = "softest frame", f">= {limits.softest_frame:g}"
    if not np.isfinite(values).any():
        return unmeasured("sharpness_softest", topic, "", limit, _NO_FACE)
    softest = int(np.nanargmin(values))
    share = float(values[softest])
    verdict = Verdict.OK if share >= limits.softest_frame else Verdict.WARN
    note = f"frame {softest}: its face against the median face of the {'scene' if evidence.story else 'video'}"
    return Metric("sharpness_softest", topic, share, "", limit, verdict, note)


def _steadiness(evidence: Evidence, limits: Limits) -> Iterator[Metric]:
    sweep = evidence.sweep
    if np.isfinite(sweep.flicker).any():
        middle, high = np.nanquantile(sweep.flicker, [0.5, 0.99])
        note = f"RMS change from frame to frame on cheeks and nose, head held still; 99 % below {high:.1f}"
        levels = limits.flicker_grey_levels
        yield at_most("flicker", "flicker of skin", float(middle), "grey levels", levels, note, Verdict.WARN)
    else:
        reason = "no two frames with a face follow each other"
        limit = f"<= {limits.flicker_grey_levels:g}"
        yield unmeasured("flicker", "flicker of skin", "grey levels", limit, reason)
    yield from _outside(evidence, limits)
    black, total = sweep.black_frames, len(sweep.times_s)
    verdict = Verdict.FAIL if black else Verdict.OK
    yield Metric("black_frames", "black frames", float(black), "", "= 0", verdict, f"of {total}")
    freeze_s = sweep.longest_repeat / float(evidence.fps)
    note = f"{sweep.repeated_frames} of {total} frames equal the one before"
    yield at_most("longest_freeze", "longest freeze", freeze_s, "s", limits.longest_freeze_s, note, Verdict.WARN)


def _outside(evidence: Evidence, limits: Limits) -> Iterator[Metric]:
    sweep = evidence.sweep
    share = f"the {100 * sweep.outside_share:.0f} % of the picture outside {sweep.outside_from}"
    figures = (
        ("outside_mean", "change beside the person, mean", sweep.outside_mean, limits.outside_mean_grey_levels),
        (
            "outside_largest",
            "change beside the person, worst",
            sweep.outside_largest,
            limits.outside_largest_grey_levels,
        ),
    )
    for key, topic, value, most in figures:
        if evidence.rewritten or evidence.story or not sweep.outside_share:
            reason = "the person fills the picture" if sweep.outside_from else _NO_FACE
            if evidence.rewritten:
                reason = "it was made of another video, which --against compares it with"
            elif evidence.story:
                reason = "its scenes have backgrounds of their own"
            yield unmeasured(key, topic, "grey levels", f"<= {most:g}", reason)
            continue
        note = f"8 x 8 blocks against the first frame, in {share}"
        yield at_most(key, topic, value, "grey levels", most, note, Verdict.FAIL if evidence.sidecar else Verdict.WARN)
