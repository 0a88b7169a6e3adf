"""Loudness as people hear it: measured by ITU-R BS.1770-4, brought to the level that online video is played at."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np
from av.error import BlockingIOError, EOFError
from numpy.typing import NDArray

from lipwright.contracts.media import Loudness
from lipwright.media.limiter import limited
from lipwright.media.spool import AudioSpool

_SILENCE_LUFS = -70.0  # the absolute gate of BS.1770-4
_SHORTEST_S = 0.4  # one gating block
_LIMITER_MARGIN_DB = 0.2  # for what AAC adds to peaks
_TOLERANCE_LU = 0.1
_MAX_PASSES = 4


@dataclass(frozen=True, slots=True)
class LoudnessTarget:
    """How loud a finished sound is."""

    integrated_lufs: float = -16.0
    true_peak_dbtp: float = -1.5
    max_gain_db: float = 30.0
    """Sound that is quieter than this below the target is noise, and stays quieter."""


def measure(chunks: Iterable[NDArray[np.float32]], sample_rate_hz: int = 48_000, channels: int = 1) -> Loudness:
    """Measure a stream of sound. What is shorter than 0.4 s is measured as if silence followed.

    Args:
        chunks: float32, (n,) or (n, channels), of any length.
        channels: 1 or 2.
    Source: ITU-R BS.1770-4, by FFmpeg's ebur128 filter.
    """
    layout = "mono" if channels == 1 else "stereo"
    graph = av.filter.Graph()
    source = graph.add_abuffer(
        format="flt", sample_rate=sample_rate_hz, layout=layout, time_base=Fraction(1, sample_rate_hz)
    )
    meter = graph.add("ebur128", "peak=true:metadata=1:framelog=quiet")
    sink = graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    latest: dict[str, str] = {}
    position = 0
    for chunk in _at_least(chunks, round(_SHORTEST_S * sample_rate_hz), channels):
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(chunk, np.float32).reshape(1, -1), format="flt", layout=layout
        )
        frame.sample_rate, frame.pts, frame.time_base = sample_rate_hz, position, Fraction(1, sample_rate_hz)
        position += frame.samples
        source.push(frame)
        latest = _drain(sink) or latest
    source.push(None)
    latest = _drain(sink) or latest
    integrated = float(latest["lavfi.r128.I"])
    peak = float(latest["lavfi.r128.true_peak"])
    return Loudness(
        integrated_lufs=integrated if integrated > _SILENCE_LUFS else -math.inf,
        true_peak_dbtp=20 * math.log10(peak) if peak > 0 else -math.inf,
    )


def normalise(source: AudioSpool, target: LoudnessTarget | None = None) -> AudioSpool:
    """Bring a sound to a loudness: by one gain, and a limiter where peaks would pass the ceiling.

    Returns: a new spool of the same length, not delayed; silence stays silence. The caller closes both.
    Raises: OutputNotWritable, DiskFull.
    """
    wanted = target or LoudnessTarget()
    before = measure(source.chunks(), source.sample_rate_hz, source.channels)
    if before.integrated_lufs == -math.inf:
        return _copy(source, 0.0, math.inf)
    gain_db = min(wanted.integrated_lufs - before.integrated_lufs, wanted.max_gain_db)
    ceiling_db = wanted.true_peak_dbtp - _LIMITER_MARGIN_DB
    result = _copy(source, gain_db, ceiling_db)
    if before.true_peak_dbtp + gain_db <= ceiling_db or gain_db == wanted.max_gain_db:
        return result
    for _ in range(_MAX_PASSES - 1):
        reached = measure(result.chunks(), source.sample_rate_hz, source.channels)
        missing_lu = wanted.integrated_lufs - reached.integrated_lufs
        if abs(missing_lu) <= _TOLERANCE_LU:
            break
        gain_db += missing_lu
        result.close()
        result = _copy(source, gain_db, ceiling_db)
    return result


def _copy(source: AudioSpool, gain_db: float, ceiling_db: float) -> AudioSpool:
    result = AudioSpool(source.sample_rate_hz, source.channels, source.folder)
    try:
        for chunk in limited(source, 10 ** (gain_db / 20), 10 ** (ceiling_db / 20)):
            result.append(chunk)
    except BaseException:
        result.close()
        raise
    return result


def _at_least(chunks: Iterable[NDArray[np.float32]], shortest: int, channels: int) -> Iterator[NDArray[np.float32]]:
    length = 0
    for chunk in chunks:
        if len(chunk):
            length += len(chunk)
            yield chunk
    if length < shortest:
        yield np.zeros((shortest - length, channels), np.float32)


def _drain(sink: av.filter.context.FilterContext) -> dict[str, str]:
    """Take what the meter has passed on; the figures of the last frame cover all before it."""
    latest: dict[str, str] = {}
    while True:
        try:
            latest = dict(sink.pull().metadata) or latest
        except (BlockingIOError, EOFError):
            return latest
