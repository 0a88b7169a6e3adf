"""A sound track of another file, taken along: its coded packets where MP4 holds them, else encoded anew."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Protocol

from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition

from lipwright.media.audio import read_audio, sound_channels
from lipwright.media.feed import SoundFeed
from lipwright.media.mp4 import SAMPLE_RATE_HZ, Mp4File
from lipwright.media.mp4_labels import label_metadata
from lipwright.media.probe import timeline_start_s
from lipwright.media.sound_track import choose_track
from lipwright.media.tracks import KeptSound

_COPIED = frozenset({"aac", "ac3", "alac", "eac3", "flac", "mp3", "opus"})
"""What MP4 holds by a standard, and common players decode."""
_JITTER_S = Fraction(1, 250)
"""Containers that count milliseconds are so far off."""


class KeptTrack(Protocol):
    """A track that is written along with the pictures."""

    def until(self, time_s: Fraction) -> None:
        """Write what begins before a time."""

    def finish(self, end_s: Fraction | None) -> None:
        """Write the rest, up to an end."""


def keep_sound(file: Mp4File, kept: KeptSound, container: InputContainer, bit_rate_bps: int) -> KeptTrack:
    """Add a track to a file that has not begun.

    Args:
        container: the other file, open; its packets are read from the start.
    Raises: MediaUnreadable, UsageError: as `read_audio`.
    """
    stream = choose_track(container, kept.path, kept.track)
    if stream.codec_context.name in _COPIED and stream.time_base is not None:
        return _Copied(file, kept, container, stream)
    return _Encoded(file, kept, bit_rate_bps)


@dataclass(frozen=True, slots=True)
class _Coded:
    """A packet, and its place on the clip's timeline."""

    packet: "Packet[AudioStream]"
    place: int
    duration: int
    unit_s: Fraction
    """Of place and duration."""


class _Copied:
    def __init__(self, file: Mp4File, kept: KeptSound, container: InputContainer, stream: AudioStream) -> None:
        self._file = file
        self._track = file.container.add_stream_from_template(stream, opaque=True)
        self._track.metadata.update(label_metadata(kept.label))
        self._track.disposition = Disposition(0)
        self._declared_s = None
        if stream.duration is not None and stream.time_base is not None:
            begin = stream.start_time or 0
            self._declared_s = (begin + stream.duration) * stream.time_base - timeline_start_s(container)
        self._packets = _packets(container, stream)
        self._next = next(self._packets, None)

    def until(self, time_s: Fraction) -> None:
        while self._next is not None and self._next.place * self._next.unit_s < time_s:
            self._write(self._next)
            self._next = next(self._packets, None)

    def finish(self, end_s: Fraction | None) -> None:
        """Write what begins before the end, and before the one that its file declares; the last packet ends there."""
        ends_s = [time_s for time_s in (end_s, self._declared_s) if time_s is not None]
        end_s = min(ends_s, default=None)
        while self._next is not None:
            coded, self._next = self._next, next(self._packets, None)
            left = coded.duration if end_s is None else int(end_s / coded.unit_s) - coded.place
            if left <= 0 < coded.duration:
                return
            self._write(replace(coded, duration=min(coded.duration, left)))

    def _write(self, coded: _Coded) -> None:
        packet = coded.packet
        packet.time_base = coded.unit_s
        packet.pts = packet.dts = coded.place
        packet.duration = coded.duration
        packet.stream = self._track
        self._file.container.mux_one(packet)


class _Encoded:
    def __init__(self, file: Mp4File, kept: KeptSound, bit_rate_bps: int) -> None:
        channels = sound_channels(kept.path, kept.track)
        self._sound = file.add_sound(channels, bit_rate_bps, kept.label)
        chunks = read_audio(kept.path, SAMPLE_RATE_HZ, channels, kept.track, on_damage=lambda _: None)
        self._feed = SoundFeed(chunks, channels, Fraction(1))

    def until(self, time_s: Fraction) -> None:
        self._sound.encode(self._feed.read_to(time_s))

    def finish(self, end_s: Fraction | None) -> None:
        if end_s is not None:
            self._sound.encode(self._feed.read_to(end_s))
            return
        for samples in self._feed.rest():
            self._sound.encode(samples)


def _packets(container: InputContainer, stream: AudioStream) -> Iterator[_Coded]:
    """Give the packets of a track, in the time of the clip; those whose times go back are left out."""
    start_s = timeline_start_s(container)
    time_base = stream.time_base or Fraction(1, stream.sample_rate)
    step = stream.codec_context.frame_size
    coarse = time_base > Fraction(1, stream.sample_rate)
    if coarse:
        time_base = Fraction(1, stream.sample_rate)
    expected: int | None = None
    latest: int | None = None
    for packet in container.demux(stream):
        if packet.pts is None or packet.time_base is None or not packet.size:
            continue
        time_s = packet.pts * packet.time_base - start_s
        place = round(time_s / time_base)
        if coarse and expected is not None and abs(place - expected) * time_base <= _JITTER_S:
            place = expected
        if latest is not None and place <= latest:
            continue
        latest = place
        duration = round((packet.duration or 0) * packet.time_base / time_base)
        if coarse and step:
            duration = step
        expected = place + duration
        yield _Coded(packet, place, duration, time_base)
