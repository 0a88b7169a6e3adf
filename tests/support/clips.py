"""Small clips that the tests draw and sound themselves."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.resampler import AudioResampler
from av.container import OutputContainer
from av.stream import Disposition
from numpy.typing import NDArray

from lipwright.media.encoder import EncoderSettings
from lipwright.media.segment import SegmentWriter
from lipwright.media.writer import Tags, VideoFormat, VideoWriter
from support.pattern import clicks, numbered_frame, video_frame

SIDE_PX = 64


def plain(level: int, side_px: int = SIDE_PX) -> NDArray[np.uint8]:
    """One grey picture."""
    return np.full((side_px, side_px, 3), level, np.uint8)


def write_clip(
    path: Path,
    frames: int = 5,
    fps: Fraction = Fraction(25),
    sound: Sequence[NDArray[np.float32]] | None = None,
    channels: int = 1,
    tags: Tags | None = None,
) -> Path:
    """A clip that gets lighter from picture to picture."""
    with VideoWriter(path, VideoFormat(SIDE_PX, SIDE_PX, fps), audio=sound, channels=channels, tags=tags) as writer:
        for index in range(frames):
            writer.write(plain(20 + index * 200 // max(frames, 1)))
    return path


def write_timed_clip(path: Path, times_ms: Sequence[int], rotation: int = 0) -> Path:
    """A clip whose pictures come at any times; the first row is light, so that turns can be seen."""
    image = np.zeros((48, 96, 3), np.uint8)
    image[:24] = 255
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 96, 48, "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        stream.set_display_rotation(rotation)
        for time_ms in times_ms:
            picture = av.VideoFrame.from_ndarray(image, format="rgb24")
            picture.pts, picture.time_base = time_ms, Fraction(1, 1000)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return path


def tone(frequency_hz: float, duration_s: float, level: float = 0.5, rate_hz: int = 48_000) -> NDArray[np.float32]:
    """A sine that starts at zero."""
    times = np.arange(round(duration_s * rate_hz)) / rate_hz
    return (level * np.sin(2 * np.pi * frequency_hz * times)).astype(np.float32)


def in_chunks(samples: NDArray[np.float32], size: int = 1000) -> Iterator[NDArray[np.float32]]:
    """Cut sound into chunks."""
    for start in range(0, len(samples), size):
        yield samples[start : start + size]


def write_segment(path: Path, numbers: Iterable[int], fps: Fraction, settings: EncoderSettings | None = None) -> Path:
    """A segment of numbered pictures, 64 x 48."""
    with SegmentWriter(path, 64, 48, fps, settings=settings) as writer:
        for number in numbers:
            writer.write(numbered_frame(number))
    return path


@dataclass(frozen=True)
class SoundPlan:
    """One sound track of a drawn clip."""

    samples: NDArray[np.float32] | None = None
    """(n,) or (n, channels); None for a click with each flash, in all channels."""
    rate_hz: int = 48_000
    layout: str = "mono"
    codec: str = "aac"
    language: str | None = None
    default: bool = False
    start_s: Fraction = Fraction(0)
    """Where on the file's timeline its first sample lies; clicks stay with their flashes."""


@dataclass(frozen=True)
class ClipPlan:
    """A drawn clip: numbered pictures that may flash; see support.pattern for what they show."""

    frames: int = 50
    fps: Fraction = Fraction(25)
    times_s: Sequence[Fraction] | None = None
    """When each picture is shown, for variable rates; a multiple of 1/90000 s each."""
    duration_s: Fraction | None = None
    """Of a clip with `times_s`, for its sound; None for a twenty-fifth of a second after the last picture."""
    width: int = 96
    height: int = 64
    codec: str = "libx264"
    pixel_format: str = "yuv420p"
    options: Mapping[str, str] = field(default_factory=lambda: {"preset": "ultrafast", "crf": "18"})
    """Of the encoder."""
    sample_aspect: Fraction = Fraction(1)
    rotation: int = 0
    """Degrees, as `set_display_rotation` takes them."""
    flashes: Sequence[int] = ()
    """Numbers of pictures."""
    start_s: Fraction = Fraction(0)
    """Where on the file's timeline the first picture lies."""
    sounds: Sequence[SoundPlan] = ()
    container: str | None = None
    """FFmpeg's name of the muxer; None takes it from the file's name."""
    container_options: Mapping[str, str] = field(default_factory=dict)

    def picture_times_s(self) -> list[Fraction]:
        """When each picture is shown, from the first one on."""
        return list(self.times_s) if self.times_s is not None else [index / self.fps for index in range(self.frames)]

    def length_s(self) -> Fraction:
        """How long the picture lasts."""
        if self.times_s is None:
            return self.frames / self.fps
        return self.duration_s if self.duration_s is not None else self.times_s[-1] + Fraction(1, 25)


def draw_clip(path: Path, plan: ClipPlan) -> Path:
    """Write a drawn clip, straight through FFmpeg's encoders."""
    with av.open(str(path), "w", format=plan.container, options=dict(plan.container_options)) as container:
        times_s = plan.picture_times_s()
        video = container.add_stream(plan.codec, rate=plan.fps, options=dict(plan.options))
        video.width, video.height, video.pix_fmt = plan.width, plan.height, plan.pixel_format
        time_base = 1 / plan.fps if plan.times_s is None and not plan.start_s else Fraction(1, 90_000)
        video.time_base = video.codec_context.time_base = time_base
        video.codec_context.sample_aspect_ratio = plan.sample_aspect
        if plan.rotation:
            video.set_display_rotation(plan.rotation)
        tracks = [_open_sound(container, sound) for sound in plan.sounds]
        flash_times_s = [plan.start_s + times_s[number] for number in plan.flashes]
        end_s = plan.start_s + plan.length_s()
        pieces = [
            _encoded_sound(track, sound, flash_times_s, end_s) for track, sound in zip(tracks, plan.sounds, strict=True)
        ]
        for number, time_s in enumerate(times_s):
            picture = video_frame(
                numbered_frame(number, plan.width, plan.height, flash=number in plan.flashes)
            ).reformat(format=plan.pixel_format)
            picture.pts, picture.time_base = round((plan.start_s + time_s) / time_base), time_base
            container.mux(video.encode(picture))
            for piece in pieces:  # about as much sound as picture, so that the file is interleaved
                for packets_end_s, packets in piece:
                    container.mux(packets)
                    if packets_end_s > plan.start_s + time_s:
                        break
        container.mux(video.encode(None))
        for piece in pieces:
            for _, packets in piece:
                container.mux(packets)
    return path


def _open_sound(container: OutputContainer, sound: SoundPlan) -> av.AudioStream:
    track = container.add_stream(sound.codec, rate=sound.rate_hz, layout=sound.layout)
    if sound.language is not None:
        track.metadata["language"] = sound.language
    if sound.default:
        track.disposition = Disposition.default
    return track


def _encoded_sound(
    track: av.AudioStream, sound: SoundPlan, flash_times_s: Sequence[Fraction], end_s: Fraction
) -> Iterator[tuple[Fraction, list["av.Packet[av.AudioStream]"]]]:
    """Give the packets of a track and the time up to which they reach."""
    channels = track.layout.nb_channels
    samples = sound.samples
    if samples is None:
        samples = clicks([at - sound.start_s for at in flash_times_s], end_s - sound.start_s, sound.rate_hz)
    samples = samples.reshape(len(samples), -1)
    if samples.shape[1] != channels:
        samples = np.repeat(samples, channels, axis=1)
    format_name = track.format.name
    resampler = AudioResampler(format=format_name, layout=sound.layout, rate=sound.rate_hz)
    offset = round(sound.start_s * sound.rate_hz)
    for start in range(0, len(samples), 4096):
        chunk = np.ascontiguousarray(samples[start : start + 4096], np.float32)
        frame = av.AudioFrame.from_ndarray(chunk.reshape(1, -1), "flt", sound.layout)
        frame.sample_rate, frame.pts, frame.time_base = sound.rate_hz, offset + start, Fraction(1, sound.rate_hz)
        packets = [packet for ready in resampler.resample(frame) for packet in track.encode(ready)]
        yield sound.start_s + Fraction(start + len(chunk), sound.rate_hz), packets
    yield end_s, track.encode(None)
