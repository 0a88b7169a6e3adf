"""Verdicts on the sound of a finished video against the sound that drove it, and SyncNet's scores."""

from collections.abc import Iterator
from typing import Final

from lipwright.quality.driver import Driver, sound_drift_s, sound_lag
from lipwright.quality.evidence import Evidence
from lipwright.quality.figures import around_zero, at_most, unmeasured
from lipwright.quality.limits import SyncLimits
from lipwright.quality.report import Metric, Verdict
from lipwright.quality.syncnet import SyncNetMeter

_AAC_FRAME_S: Final = 0.03
"""A driving sound may end with a frame of its own codec that is padding: 1024 samples, and what priming shifts."""
_NO_DRIVER: Final = "no driving sound was named"


def judge_driver(evidence: Evidence, driver: Driver | None, limits: SyncLimits) -> Iterator[Metric]:
    """Lag and drift of the sound, and whether its end was cut off."""
    topics = (
        ("sound_lag", "sound behind the driving sound", "ms", f"+- {limits.lag_ms:g}"),
        ("sound_drift", "its lag at the end less at the start", "ms", f"+- {limits.drift_ms:g}"),
        ("tail_cut", "driving sound that is missing at the end", "s", ""),
    )
    sound = evidence.sound
    if driver is None or sound is None:
        reason = _NO_DRIVER if driver is None else "the file has no sound track"
        for key, topic, unit, limit in topics:
            yield unmeasured(key, topic, unit, limit, reason)
        return
    key, topic, unit, limit = topics[0]
    lag = sound_lag(driver.levels, sound.levels)
    if lag is None:
        yield unmeasured(key, topic, unit, limit, "the levels of the two are not alike: another sound, or none")
    else:
        note = f"levels, r {lag.correlation:.3f}"
        yield around_zero(key, topic, round(1000 * lag.seconds, 1), unit, limits.lag_ms, note, Verdict.FAIL)
    key, topic, unit, limit = topics[1]
    drift_s = sound_drift_s(driver.levels, sound.levels)
    if drift_s is None:
        yield unmeasured(key, topic, unit, limit, "too short, or the two are not alike enough at either end")
    else:
        note = "the first and the last 30 s, at most halves"
        yield around_zero(key, topic, round(1000 * drift_s, 1), unit, limits.drift_ms, note, Verdict.FAIL)
    key, topic, unit, limit = topics[2]
    missing_s = max(driver.last_heard_s - min(sound.end_s, evidence.picture_end_s), 0.0)
    note = f"something is heard up to {driver.last_heard_s:.2f} s; the video ends at {evidence.picture_end_s:.2f} s"
    # A sidecar of the same length tells that this end was wished for, as by `--length cut`.
    over = Verdict.WARN if evidence.rewritten else Verdict.FAIL
    yield at_most(key, topic, missing_s, unit, round(float(1 / evidence.fps) + _AAC_FRAME_S, 3), note, over)


def judge_syncnet(meter: SyncNetMeter | None) -> Iterator[Metric]:
    """LSE-C and LSE-D. They have no limit: the best engines score higher than real clips."""
    topics = (
        ("lse_c", "LSE-C, higher is better", ""),
        ("lse_d", "LSE-D, lower is better", ""),
        ("syncnet_offset", "sound behind picture, by SyncNet", "frames of 40 ms"),
    )
    scores = meter.scores() if meter is not None else None
    if scores is None:
        reason = (
            "needs SyncNet weights: --syncnet FILE.onnx" if meter is None else "too few frames with a face in a row"
        )
        for key, topic, unit in topics:
            yield unmeasured(key, topic, unit, "", reason)
        return
    note = f"{scores.windows} windows of 5 frames, sound up to 15 frames early and late"
    for (key, topic, unit), value in zip(
        topics, (scores.lse_c, scores.lse_d, float(scores.offset_frames)), strict=True
    ):
        yield Metric(key, topic, value, unit, "", Verdict.OK, note)
