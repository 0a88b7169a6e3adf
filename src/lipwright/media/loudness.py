"""Loudness as people hear it: measured by ITU-R BS.1770-4, brought to the level that online video is played at."""

import math
from array import array
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


@dataclass(frozen=True, slots=True)
class Course:
    """How the loudness of a sound changes."""

    integrated_lufs: float
    """Gated programme loudness; minus infinity for silence."""
    short_term_lufs: NDArray[np.float32]
    """(n,) of the 3 s that end with each full tenth of a second; silence precedes the sound."""


@dataclass(frozen=True, slots=True)
class Levelled:
    """A sound that was brought to a loudness."""

    sound: AudioSpool
    integrated_lufs: float
    """How loud it came out; minus infinity for silence."""
    limited_s: int
    """Seconds in which peaks were held down."""


def measure(chunks: Iterable[NDArray[np.float32]], sample_rate_hz: int = 48_000, channels: int = 1) -> Loudness:
    """Measure a stream of sound. What is shorter than 0.4 s is measured as if silence followed.

    Args:
        chunks: float32, (n,) or (n, channels), of any length.
        channels: 1 or 2.
    Source: ITU-R BS.1770-4, by FFmpeg's ebur128 filter.
    """
    latest: dict[str, str] = {}
    for figures in _metered(chunks, sample_rate_hz, channels, "peak=true:"):
        latest = figures
    peak = float(latest["lavfi.r128.true_peak"])
    return Loudness(
        integrated_lufs=_integrated_lufs(latest),
        true_peak_dbtp=20 * math.log10(peak) if peak > 0 else -math.inf,
    )


def course(chunks: Iterable[NDArray[np.float32]], sample_rate_hz: int = 48_000, channels: int = 1) -> Course:
    """Measure a stream as `measure` does, and how loud it is when. Without its peaks that takes a third of the time."""
    latest: dict[str, str] = {}
    short_term = array("f")
    for figures in _metered(chunks, sample_rate_hz, channels, ""):
        latest = figures
        short_term.append(float(latest["lavfi.r128.S"]))
    return Course(_integrated_lufs(latest), np.frombuffer(short_term, np.float32))


def normalise(source: AudioSpool, target: LoudnessTarget | None = None) -> AudioSpool:
    """Bring a sound to a loudness: by one gain, and a limiter where peaks would pass the ceiling.

    Returns: a new spool of the same length, not delayed; silence stays silence. The caller closes both.
    Raises: OutputNotWritable, DiskFull.
    """
    return levelled(source, target or LoudnessTarget()).sound


def levelled(source: AudioSpool, target: LoudnessTarget) -> Levelled:
    """Do what `normalise` does, and say what came of it.

    Raises: OutputNotWritable, DiskFull.
    """
    ceiling_db = target.true_peak_dbtp - _LIMITER_MARGIN_DB
    before_lufs = course(source.chunks(), source.sample_rate_hz, source.channels).integrated_lufs
    if before_lufs == -math.inf:
        return Levelled(_copy(source, 0.0, math.inf)[0], -math.inf, 0)
    gain_db = min(target.integrated_lufs - before_lufs, target.max_gain_db)
    result, limited_s = _copy(source, gain_db, ceiling_db)
    if not limited_s:
        return Levelled(result, before_lufs + gain_db, 0)
    for passes in range(_MAX_PASSES):
        try:
            reached_lufs = course(result.chunks(), source.sample_rate_hz, source.channels).integrated_lufs
        except BaseException:
            result.close()
            raise
        missing_lu = target.integrated_lufs - reached_lufs
        last = passes == _MAX_PASSES - 1 or gain_db == target.max_gain_db
        if last or abs(missing_lu) <= _TOLERANCE_LU:
            break
        gain_db = min(gain_db + missing_lu, target.max_gain_db)
        result.close()
        result, limited_s = _copy(source, gain_db, ceiling_db)
    return Levelled(result, reached_lufs, limited_s)


def _copy(source: AudioSpool, gain_db: float, ceiling_db: float) -> tuple[AudioSpool, int]:
    """Give the sound with a gain, and in how many of its seconds it was limited."""
    result = AudioSpool(source.sample_rate_hz, source.channels, source.folder)
    seconds: list[None] = []
    try:
        for chunk in limited(source, 10 ** (gain_db / 20), 10 ** (ceiling_db / 20), lambda: seconds.append(None)):
            result.append(chunk)
    except BaseException:
        result.close()
        raise
    return result, len(seconds)


def _metered(
    chunks: Iterable[NDArray[np.float32]], sample_rate_hz: int, channels: int, options: str
) -> Iterator[dict[str, str]]:
    """Give the meter's figures of each tenth of a second; those of the last cover all before it."""
    layout = "mono" if channels == 1 else "stereo"
    graph = av.filter.Graph()
    source = graph.add_abuffer(
        format="flt", sample_rate=sample_rate_hz, layout=layout, time_base=Fraction(1, sample_rate_hz)
    )
    meter = graph.add("ebur128", f"{options}metadata=1:framelog=quiet")
    sink = graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    position = 0
    for chunk in _at_least(chunks, round(_SHORTEST_S * sample_rate_hz), channels):
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(chunk, np.float32).reshape(1, -1), format="flt", layout=layout
        )
        frame.sample_rate, frame.pts, frame.time_base = sample_rate_hz, position, Fraction(1, sample_rate_hz)
        position += frame.samples
        source.push(frame)
        yield from _drain(sink)
    source.push(None)
    yield from _drain(sink)


def _integrated_lufs(figures: dict[str, str]) -> float:
    lufs = float(figures["lavfi.r128.I"])
    return lufs if lufs > _SILENCE_LUFS else -math.inf


def _at_least(chunks: Iterable[NDArray[np.float32]], shortest: int, channels: int) -> Iterator[NDArray[np.float32]]:
    length = 0
    for chunk in chunks:
        if len(chunk):
            length += len(chunk)
            yield chunk
    if length < shortest:
        yield np.zeros((shortest - length, channels), np.float32)


def _drain(sink: av.filter.context.FilterContext) -> Iterator[dict[str, str]]:
    """Take what the meter has passed on."""
    while True:
        try:
            figures = dict(sink.pull().metadata)
        except (BlockingIOError, EOFError):
            return
        if figures:
            yield figures
