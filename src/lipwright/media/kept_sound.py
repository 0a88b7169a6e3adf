"""A sound track of another file, taken along: its coded packets where MP4 holds them, else encoded anew."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Protocol

from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.stream import Disposition

from lipwright.media.audio import read_audio, sound_channels
from lipwright.media.feed import SoundFeed
from lipwright.media.mp4 import SAMPLE_RATE_HZ, Mp4File
from lipwright.media.mp4_labels import label_metadata
from lipwright.media.probe import timeline_start_s
from lipwright.media.sound_track import choose_track
from lipwright.media.tracks import KeptSound

MP4_SOUNDS = frozenset({"aac", "ac3", "alac", "eac3", "flac", "mp3", "opus"})
"""What MP4 holds by a standard, and common players decode."""
_JITTER_S = Fraction(1, 250)
"""Containers that count milliseconds are so far off."""


class KeptTrack(Protocol):
    """A track that is written along with the pictures."""

    def until(self, time_s: Fraction) -> None:
        """Write what begins before a time."""

    def finish(self) -> None:
        """Write the rest."""


def keep_sound(
    file: Mp4File, kept: KeptSound, container: InputContainer, bit_rate_bps: int, end_s: Fraction | None
) -> KeptTrack:
    """Add a track to a file that has not begun.

    Args:
        container: the other file, open; its packets are read from the start.
        end_s: where it ends; None for its own end.
    Raises: MediaUnreadable, UsageError: as `read_audio`.
    """
    stream = choose_track(container, kept.path, kept.track)
    if stream.codec_context.codec.canonical_name in MP4_SOUNDS and stream.time_base is not None:
        return _Copied(file, kept, container, stream, end_s)
    return _Encoded(file, kept, bit_rate_bps, end_s)


@dataclass(frozen=True, slots=True)
class _Coded:
    """A packet, and its place on the clip's timeline."""

    packet: "Packet[AudioStream]"
    place: int
    duration: int
    unit_s: Fraction
    """Of place and duration."""


class _Copied:
    def __init__(
        self, file: Mp4File, kept: KeptSound, container: InputContainer, stream: AudioStream, end_s: Fraction | None
    ) -> None:
        self._file = file
        self._track = file.container.add_stream_from_template(stream, opaque=True)
        self._track.metadata.update(label_metadata(kept.label))
        self._track.disposition = Disposition(0)
        self._packets = _ending(_packets(container, stream), _first_end_s(container, stream, end_s))
        self._next = next(self._packets, None)

    def until(self, time_s: Fraction) -> None:
        while self._next is not None and self._next.place * self._next.unit_s < time_s:
            self._write(self._next)

    def finish(self) -> None:
        while self._next is not None:
            self._write(self._next)

    def _write(self, coded: _Coded) -> None:
        packet = coded.packet
        packet.time_base = coded.unit_s
        packet.pts = packet.dts = coded.place
        packet.duration = coded.duration
        packet.stream = self._track
        self._file.container.mux_one(packet)
        self._next = next(self._packets, None)


class _Encoded:
    def __init__(self, file: Mp4File, kept: KeptSound, bit_rate_bps: int, end_s: Fraction | None) -> None:
        channels = sound_channels(kept.path, kept.track)
        self._sound = file.add_sound(channels, bit_rate_bps, kept.label)
        # What is damaged is silent here, as it was where the dub was made of it.
        chunks = read_audio(kept.path, SAMPLE_RATE_HZ, channels, kept.track, on_damage=lambda _: None)
        self._feed = SoundFeed(chunks, channels, Fraction(1))
        self._end_s = end_s

    def until(self, time_s: Fraction) -> None:
        self._sound.encode(self._feed.read_to(time_s))

    def finish(self) -> None:
        if self._end_s is not None:
            self._sound.encode(self._feed.read_to(self._end_s))
            return
        for samples in self._feed.rest():
            self._sound.encode(samples)


def _first_end_s(container: InputContainer, stream: AudioStream, end_s: Fraction | None) -> Fraction | None:
    """Give where a track ends: where it is cut, or where its file says, whatever its last packet holds."""
    if stream.duration is None or stream.time_base is None:
        return end_s
    declared_s = ((stream.start_time or 0) + stream.duration) * stream.time_base - timeline_start_s(container)
    return declared_s if end_s is None else min(end_s, declared_s)


def _ending(packets: Iterator[_Coded], end_s: Fraction | None) -> Iterator[_Coded]:
    """Leave out what begins behind an end; the last packet is said to end there."""
    for coded in packets:
        left = coded.duration if end_s is None else round(end_s / coded.unit_s) - coded.place
        if left > 0 or not coded.duration:
            yield replace(coded, duration=min(coded.duration, left))


def _readable(container: InputContainer, stream: AudioStream) -> Iterator["Packet[AudioStream]"]:
    """Give packets up to where the file cannot be read any more; the dub was made of no more than that."""
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except (StopIteration, FFmpegError):
            return
        yield packet


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
    for packet in _readable(container, stream):
        if packet.pts is None or packet.time_base is None or not packet.size or packet.is_corrupt:
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
