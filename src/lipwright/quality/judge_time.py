"""Verdicts on time and sound: duration, rate, loudness, and whether sound and picture belong together."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

import numpy as np

from lipwright.quality.evidence import Evidence
from lipwright.quality.limits import Limits
from lipwright.quality.report import Metric, Verdict
from lipwright.quality.signals import find_lag
from lipwright.quality.sound import LEVEL_RATE_HZ, SoundTrack, at_times, expected_levels, loud_part, smoothed

_TICK_S: Final = 0.0011
"""Containers such as Matroska store times in whole milliseconds."""
_LAG_REACH_S: Final = 0.4
_CLEAR_CORRELATION: Final = 0.4
"""Series that are less alike tell no lag."""
_SMOOTH_S: Final = 0.040
_LEVELS_TRAIL_S: Final = 0.008
"""Levels rise and fall behind the borders of phones: by -3 to 18 ms, 8 on average, in English, Spanish and Italian."""
_NO_SOUND: Final = "the file has no sound track"


def judge_time(evidence: Evidence, limits: Limits) -> Iterator[Metric]:
    """Size, duration and rate; then sound; then both together."""
    yield _size(evidence)
    yield _duration(evidence)
    yield _rate(evidence)
    sound = evidence.sound
    if sound is None:
        for key, topic in (
            ("loudness", "loudness"),
            ("true_peak", "true peak"),
            ("av_start", "start of sound less start of picture"),
            ("av_end", "end of sound less end of picture"),
            ("av_offset", "sound behind picture"),
        ):
            yield Metric(key, topic, None, "", "", Verdict.NOT_MEASURED, _NO_SOUND)
        return
    yield from _loudness(sound, limits)
    yield from _ends(evidence, sound)
    yield _offset(evidence, sound, limits)


def _size(evidence: Evidence) -> Metric:
    video, sidecar = evidence.video, evidence.sidecar
    shape = f"{video.width_px}x{video.height_px}, {video.codec}, {video.pixel_format}"
    verdict, limit = Verdict.OK, ""
    if sidecar is not None:
        limit = f"{sidecar.width_px}x{sidecar.height_px}"
        if (video.width_px, video.height_px) != (sidecar.width_px, sidecar.height_px):
            verdict = Verdict.FAIL
    return Metric("size", "picture height", video.height_px, "px", limit, verdict, shape)


def _duration(evidence: Evidence) -> Metric:
    frames = len(evidence.sweep.times_s)
    duration_s = evidence.picture_end_s - float(evidence.sweep.times_s[0])
    note, limit, verdict = f"{frames} frames", "", Verdict.OK
    if evidence.sidecar is not None:
        limit = f"{evidence.sidecar.duration_s:.3f} s +- 1 frame"
        off_s = duration_s - evidence.sidecar.duration_s
        if abs(off_s) > float(1 / evidence.fps) + 1e-6:
            verdict = Verdict.FAIL
            note += f"; the sidecar tells of {len(evidence.sidecar.gap)}"
    return Metric("duration", "duration", round(duration_s, 6), "s", limit, verdict, note)


def _rate(evidence: Evidence) -> Metric:
    sweep, sidecar = evidence.sweep, evidence.sidecar
    exact = evidence.fps
    constant = sweep.step_s is not None or sweep.jitter_s <= _TICK_S
    note = f"{exact.numerator}/{exact.denominator}, " + (
        "constant" if constant else f"not constant: a frame is {sweep.jitter_s * 1000:.0f} ms from its place"
    )
    verdict, limit = (Verdict.OK if constant else Verdict.FAIL), "constant"
    if sidecar is not None:
        limit = f"{sidecar.fps.numerator}/{sidecar.fps.denominator}, constant"
        if not _same_rate(evidence, sidecar.fps):
            verdict = Verdict.FAIL
    return Metric("frame_rate", "frame rate", float(exact), "frames/s", limit, verdict, note)


def _same_rate(evidence: Evidence, fps: Fraction) -> bool:
    if evidence.sweep.step_s is not None or len(evidence.sweep.times_s) == 1:
        return evidence.fps == fps
    frames = len(evidence.sweep.times_s)
    return abs(float(1 / evidence.fps - 1 / fps)) * frames <= 2 * _TICK_S


def _loudness(sound: SoundTrack, limits: Limits) -> Iterator[Metric]:
    lufs, peak = sound.loudness.integrated_lufs, sound.loudness.true_peak_dbtp
    close = abs(lufs - limits.loudness_lufs) <= limits.loudness_tolerance_lu
    limit = f"{limits.loudness_lufs:g} +- {limits.loudness_tolerance_lu:g}"
    note = "integrated, ITU-R BS.1770-4" if np.isfinite(lufs) else "the sound track is silent"
    yield Metric("loudness", "loudness", lufs, "LUFS", limit, Verdict.OK if close else Verdict.FAIL, note)
    low = peak <= limits.true_peak_dbtp
    yield Metric(
        "true_peak",
        "true peak",
        peak,
        "dBTP",
        f"<= {limits.true_peak_dbtp:g}",
        Verdict.OK if low else Verdict.FAIL,
        "between samples, after decoding; -1.5 before AAC, which adds up to 0.3",
    )


def _ends(evidence: Evidence, sound: SoundTrack) -> Iterator[Metric]:
    frame_ms = 1000 * float(1 / evidence.fps)
    picture_start_s = evidence.picture_start_s
    if picture_start_s is None:
        picture_start_s = float(evidence.sweep.times_s[0])
    start_ms = 1000 * (float(evidence.sound_start_s or 0) - picture_start_s)
    end_ms = 1000 * (sound.end_s - evidence.picture_end_s)
    for key, topic, value in (
        ("av_start", "start of sound less start of picture", start_ms),
        ("av_end", "end of sound less end of picture", end_ms),
    ):
        within = abs(value) <= frame_ms + 0.01
        yield Metric(
            key,
            topic,
            round(value, 3),
            "ms",
            f"+- {frame_ms:.1f}",
            Verdict.OK if within else Verdict.FAIL,
            "of the decoded streams; one frame is allowed",
        )


def _offset(evidence: Evidence, sound: SoundTrack, limits: Limits) -> Metric:
    """How much the sound comes behind the picture, by what lips and levels do."""
    topic = "sound behind picture"
    if evidence.sidecar is not None and evidence.sidecar.phonemes:
        rate = float(evidence.fps)
        lips = find_lag(evidence.drawn_gap(), evidence.sweep.gap, rate, _LAG_REACH_S)
        expected = expected_levels(evidence.sidecar.phonemes, len(sound.levels))
        heard = smoothed(loud_part(sound.levels), _SMOOTH_S)
        voice = find_lag(smoothed(expected, _SMOOTH_S), heard, LEVEL_RATE_HZ, _LAG_REACH_S)
        limit = f"+- {limits.av_offset_ms:g}"
        if lips is None or voice is None or min(lips.correlation, voice.correlation) < _CLEAR_CORRELATION:
            reason = "lips or sound do not follow the sidecar clearly enough to tell a lag"
            return Metric("av_offset", topic, None, "ms", limit, Verdict.NOT_MEASURED, reason)
        late_s = voice.seconds - _LEVELS_TRAIL_S
        offset_ms = 1000 * (late_s - lips.seconds)
        note = (
            f"against the phones of the sidecar: sound {1000 * late_s:+.0f} ms (r {voice.correlation:.2f}), "
            f"lips {1000 * lips.seconds:+.1f} ms (r {lips.correlation:.2f})"
        )
        verdict = Verdict.OK if abs(offset_ms) <= limits.av_offset_ms else Verdict.FAIL
        return Metric("av_offset", topic, round(offset_ms, 1), "ms", limit, verdict, note)
    return _estimated_offset(evidence, sound, limits)


def _estimated_offset(evidence: Evidence, sound: SoundTrack, limits: Limits) -> Metric:
    levels = at_times(loud_part(sound.levels), evidence.sweep.times_s)
    lag = find_lag(evidence.sweep.gap, levels, float(evidence.fps), _LAG_REACH_S)
    limit = f"+- {limits.av_estimate_ms:g}"
    if lag is None or lag.correlation < _CLEAR_CORRELATION:
        reason = "no phones are known, and lips and loudness are not alike enough to tell a lag"
        return Metric("av_offset", "sound behind picture", None, "ms", limit, Verdict.NOT_MEASURED, reason)
    off_ms = 1000 * lag.seconds
    verdict = Verdict.OK if abs(off_ms) <= limits.av_estimate_ms else Verdict.WARN
    note = f"a rough estimate without phones: lips against loudness, r {lag.correlation:.2f}"
    return Metric("av_offset", "sound behind picture", round(off_ms, 1), "ms", limit, verdict, note)
