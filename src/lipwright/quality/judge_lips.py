"""Verdicts on the lips of a video made of another video: do they do what they were asked to, and when."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from lipwright.quality.asked import Asked
from lipwright.quality.comparison import Comparison
from lipwright.quality.figures import around_zero, at_least, at_most, unmeasured, within
from lipwright.quality.limits import SyncLimits
from lipwright.quality.mouth import CLOSED_FLAG, Closures, Floats, closures, openness
from lipwright.quality.report import Metric, Verdict
from lipwright.quality.signals import Lag, correlation, find_lag

_REACH_S: Final = 0.4
_CLEAR: Final = 0.3
_WINDOW_S: Final = 20.0
_SHORTEST_DRIFT_S: Final = 12.0
_STOPPED: Final = 0.3
"""Of the asked spread: a mouth that moves less does not follow at all, whoever tells."""
_NOBODY_TELLS: Final = "neither a sidecar nor --driver tells what the lips should do"
_NO_LIPS: Final = "the lips never move, or too few frames show them"


def judge_lips(compared: Comparison, asked: Asked, limits: SyncLimits) -> Iterator[Metric]:
    """Correlation, lag, drift and spread of the gap; closures; rest."""
    gap = compared.column("gap")
    yield from _follow(compared, asked, gap, limits)
    yield from _closed(compared, asked, gap, limits)
    yield from _rest(compared, asked, gap, limits)


def _follow(compared: Comparison, asked: Asked, gap: Floats, limits: SyncLimits) -> Iterator[Metric]:
    fps = compared.pairing.shown.fps
    told = asked.source == "sidecar"
    least = limits.gap_correlation if told else limits.heard_correlation
    reach = limits.lag_ms if told else limits.heard_lag_ms
    bad = Verdict.FAIL if told else Verdict.WARN
    by = "the gap that was drawn" if told else "the gap that the driving sound asks for, as far as sound tells"
    topics = (
        ("gap_correlation", "lips as asked", "", f">= {least:g}"),
        ("gap_lag", "lips behind what was asked", "ms", f"+- {reach:g}"),
        ("gap_drift", "lag at the end less at the start", "ms", f"+- {limits.drift_ms:g}"),
        ("mouth_motion", "motion of the mouth", "", "{:g} to {:g}".format(*limits.mouth_motion)),
    )
    alike = correlation(asked.gap, gap) if asked.known else None
    lag = find_lag(asked.gap, gap, float(fps), _REACH_S) if asked.known else None
    if alike is None:
        reason = _NO_LIPS if asked.known else _NOBODY_TELLS
        if asked.known and not asked.drawn.any():
            reason = "no mouth was drawn"
        still = _stillness(asked, gap)
        for key, topic, unit, limit in topics:
            if still is not None and key in {"gap_correlation", "mouth_motion"}:
                yield Metric(key, topic, 0.0, unit, limit, bad, still)
            else:
                yield unmeasured(key, topic, unit, limit, reason)
        return
    best = f"; {lag.correlation:.2f} at the best lag" if lag is not None else ""
    note = f"correlation of the gap found again with {by}{best}"
    yield at_least("gap_correlation", topics[0][1], alike, "", least, note, bad)
    yield _lag(lag, topics[1], reach, by, bad)
    yield _drift(asked.gap, gap, float(fps), topics[2], limits, bad)
    both = np.isfinite(asked.gap) & np.isfinite(gap)
    spread = float(gap[both].std()) / max(float(asked.gap[both].std()), 1e-9)
    note = f"spread of the gap found over that of {by}"
    stopped = spread < _STOPPED
    yield within("mouth_motion", topics[3][1], spread, "", limits.mouth_motion, note, Verdict.FAIL if stopped else bad)


def _stillness(asked: Asked, gap: Floats) -> str | None:
    """What to say of lips that never move although they should."""
    both = np.isfinite(asked.gap) & np.isfinite(gap)
    if int(both.sum()) >= 3 and float(asked.gap[both].std()) > 1e-3 and float(gap[both].std()) < 1e-6:
        return "the lips stand still in all frames"
    return None


def _lag(lag: Lag | None, topic: tuple[str, str, str, str], reach: float, by: str, bad: Verdict) -> Metric:
    key, name, unit, limit = topic
    if lag is None or lag.correlation < _CLEAR:
        return unmeasured(key, name, unit, limit, "the lips do not follow clearly enough to tell a lag")
    note = f"against {by}, r {lag.correlation:.2f}; positive: the lips come late"
    return around_zero(key, name, round(1000 * lag.seconds, 1), unit, reach, note, bad)


def _drift(
    asked: Floats, gap: Floats, rate: float, topic: tuple[str, str, str, str], limits: SyncLimits, bad: Verdict
) -> Metric:
    key, name, unit, limit = topic
    frames = len(gap)
    if frames < _SHORTEST_DRIFT_S * rate:
        return unmeasured(key, name, unit, limit, f"shorter than {_SHORTEST_DRIFT_S:g} s")
    width = int(min(_WINDOW_S * rate, frames / 2))
    ends = [find_lag(asked[part], gap[part], rate, _REACH_S) for part in (slice(0, width), slice(frames - width, None))]
    first, last = ends
    if first is None or last is None or min(first.correlation, last.correlation) < _CLEAR:
        return unmeasured(key, name, unit, limit, "start and end do not follow clearly enough to tell a lag")
    value = 1000 * (last.seconds - first.seconds)
    note = f"first and last {width / rate:.0f} s: {1000 * first.seconds:+.0f} and {1000 * last.seconds:+.0f} ms"
    return around_zero(key, name, round(value, 1), unit, limits.drift_ms, note, bad)


def _closed(compared: Comparison, asked: Asked, gap: Floats, limits: SyncLimits) -> Iterator[Metric]:
    told = asked.source == "sidecar"
    bad = Verdict.FAIL if told else Verdict.WARN
    shut = openness(gap, asked.closed >= CLOSED_FLAG, compared.pairing.shown.fps) if asked.known else None
    by = "the sidecar" if told else "the driving sound"
    for key, topic, limit in (
        ("closed_mean", "gap of closed lips, mean", limits.closed_mean_iod),
        ("closed_largest", "gap of closed lips, worst", limits.closed_largest_iod),
    ):
        if shut is None:
            reason = "in no frame have the lips to touch" if asked.known else _NOBODY_TELLS
            yield unmeasured(key, topic, "IOD", f"<= {limit:g}", reason)
            continue
        value = shut.mean if key == "closed_mean" else shut.largest
        note = f"{shut.frames} frames of p b m and silence, by {by}"
        yield at_most(key, topic, value, "IOD", limit, note, bad)
    topic = "p b m with lips that meet"
    met = closures(asked.phonemes, _times(compared), gap, limits.closed_largest_iod)
    if not met.spoken:
        reason = "no sidecar tells of phones" if not asked.phonemes else "no p b m is said"
        yield unmeasured("bilabials_closed", topic, "", "= 1", reason)
    else:
        verdict = Verdict.OK if met.met == met.spoken else Verdict.FAIL
        yield Metric("bilabials_closed", topic, met.met / met.spoken, "", "= 1", verdict, _missed(met))


def _missed(met: Closures) -> str:
    note = f"{met.met} of {met.spoken}"
    if met.missed:
        note += "; not at " + ", ".join(f"{one.symbol} {one.start_s:.2f} s" for one in met.missed[:4])
    return note


def _rest(compared: Comparison, asked: Asked, gap: Floats, limits: SyncLimits) -> Iterator[Metric]:
    found = openness(gap, asked.resting, compared.pairing.shown.fps)
    told = asked.source == "sidecar"
    by = "the sidecar" if told else "the level of the driving sound"
    for key, topic, unit, limit, over in (
        ("silence_mean", "gap in silence, mean", "IOD", limits.closed_mean_iod, Verdict.FAIL),
        ("silence_largest", "gap in silence, worst", "IOD", limits.closed_largest_iod, Verdict.FAIL),
        ("silence_speed", "gap in silence, fastest change", "IOD/s", limits.rest_speed_iod_s, Verdict.WARN),
    ):
        if found is None:
            reason = "no silence is long enough for the mouth to come to rest"
            yield unmeasured(key, topic, unit, f"<= {limit:g}", reason)
            continue
        value = {"silence_mean": found.mean, "silence_largest": found.largest}.get(key, found.fastest)
        note = f"{found.frames} frames of silence, by {by}"
        yield at_most(key, topic, value, unit, limit, note, over if told else Verdict.WARN)


def _times(compared: Comparison) -> Floats:
    return np.arange(len(compared.ledger)) / float(compared.pairing.shown.fps)
