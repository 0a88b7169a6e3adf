"""What is in a media file. Every file of a user comes through `open_media`, which trusts neither name nor content."""

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
from av.audio.stream import AudioStream as AvAudioStream
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Disposition
from av.video.stream import VideoStream as AvVideoStream

from lipwright.contracts.media import AudioStream, Clip, VideoStream
from lipwright.errors import MediaNotFound, MediaTooLarge, MediaUnreadable

MAX_FRAME_PIXELS = 8192 * 8192

# Demuxers that read one local file. Playlists (hls, concat, dash) are left out: they name other files.
_CONTAINERS = (
    "mov,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,asf,ogg,mxf,gif,h264,hevc,m4v,ivf,"
    "wav,w64,aiff,au,caf,mp3,aac,flac,ac3,eac3,amr,wv,ape,tta"
)
_PICTURE_BRANDS = frozenset({"avif", "heic", "heix", "mif1"})
_PICTURES = "image2,png_pipe,apng,jpeg_pipe,jpegls_pipe,webp_pipe,bmp_pipe,tiff_pipe,psd_pipe,jpegxl_pipe"


def probe(path: Path) -> Clip:
    """Look into a video or sound file; its first picture is decoded on the way.

    Raises:
        MediaNotFound: there is no such file.
        MediaUnreadable: it is empty, damaged, cut short, a still picture, or no media at all.
        MediaTooLarge: a picture has more than `MAX_FRAME_PIXELS`.
    """
    with open_media(path) as container:
        video = _video(container, path)
        audio = tuple(_audio(stream, container) for stream in container.streams.audio)
        if video is None and not audio:
            raise MediaUnreadable(f"`{path}`: has neither picture nor sound. Use a video or sound file.")
        durations = [stream.duration_s for stream in audio]
        if video is not None:
            durations.append(video.duration_s)
        return Clip(path=path, container=container.format.name, duration_s=max(durations), video=video, audio=audio)


@contextmanager
def open_media(path: Path, *, allow_cut: bool = False) -> Iterator[InputContainer]:
    """Open a file for reading, with FFmpeg kept to local files and to the containers of clips and sound.

    Args:
        allow_cut: accept a file that ends before its index says, as long as something of it can be read.
    Raises: MediaNotFound, MediaUnreadable; also for what FFmpeg finds wrong inside the block.
    """
    if not path.exists():
        raise MediaNotFound(f"`{path}`: there is no such file. Check the name.")
    if not path.is_file():
        raise MediaUnreadable(f"`{path}`: this is not a file. Name a video or sound file.")
    try:
        if path.stat().st_size == 0:
            raise MediaUnreadable(f"`{path}`: the file is empty. Copy or download it again.")
        container = av.open(
            f"file:{path}",
            "r",
            metadata_errors="replace",
            container_options={"protocol_whitelist": "file", "format_whitelist": f"{_CONTAINERS},{_PICTURES}"},
        )
        with container:
            if _is_picture(container):
                raise MediaUnreadable(
                    f"`{path}`: this is a still picture. Use a video or sound file here; to make the picture talk, use "
                    "`lipwright speak --face`."
                )
            if not allow_cut and is_cut(container, path):
                raise MediaUnreadable(f"`{path}`: the file is cut short. Copy or download it again.")
            yield container
    except PermissionError as exc:
        raise MediaUnreadable(f"`{path}`: may not be read. Check its permissions.") from exc
    except FFmpegError as exc:
        raise MediaUnreadable(
            f"`{path}`: damaged, cut short, or not a video or sound file ({exc.strerror}). "
            "Play it once to the end, or export it again as MP4."
        ) from exc


def video_stream(container: InputContainer) -> AvVideoStream | None:
    """Give the moving picture of a file; a cover image is none."""
    for stream in container.streams.video:
        if not stream.disposition & Disposition.attached_pic:
            return stream
    return None


def timeline_start_s(container: InputContainer) -> Fraction:
    """Give the time stamp at which the earliest of picture and sound begins."""
    streams = [*container.streams.video, *container.streams.audio]
    starts = [
        stream.start_time * stream.time_base
        for stream in streams
        if stream.start_time is not None and stream.time_base is not None
    ]
    return min(starts, default=Fraction(0))


def _is_picture(container: InputContainer) -> bool:
    if container.metadata.get("major_brand", "").strip() in _PICTURE_BRANDS:
        return True
    return bool(set(container.format.name.split(",")) & set(_PICTURES.split(",")))


def is_cut(container: InputContainer, path: Path) -> bool:
    """Tell whether an MP4 ends before the last sample of its index, which names the place of every sample."""
    if "mp4" not in container.format.name.split(","):
        return False
    size = path.stat().st_size
    lasts = (stream.index_entries[-1] for stream in container.streams if len(stream.index_entries))
    return any(last.pos + last.size > size for last in lasts)


def turn_degrees(frame: av.VideoFrame) -> int:
    """Give how far a stored picture must be turned clockwise to be upright: 0, 90, 180 or 270."""
    return round(-frame.rotation / 90) * 90 % 360


def _video(container: InputContainer, path: Path) -> VideoStream | None:
    stream = video_stream(container)
    if stream is None:
        return None
    if stream.codec_context is None:
        raise MediaUnreadable(f"`{path}`: there is no decoder for its picture. Export it again as MP4.")
    if stream.width * stream.height > MAX_FRAME_PIXELS:
        raise MediaTooLarge(
            f"`{path}`: pictures of {stream.width}x{stream.height} are too large. Scale it to 3840x2160 or less."
        )
    first = next(container.decode(stream), None)
    if first is None:
        raise MediaUnreadable(f"`{path}`: no picture can be decoded. Export it again as MP4.")
    rotation = turn_degrees(first)
    width_px, height_px = first.width, first.height
    aspect = stream.sample_aspect_ratio or Fraction(1)
    if rotation % 180:
        width_px, height_px, aspect = height_px, width_px, 1 / aspect
    return VideoStream(
        width_px=width_px,
        height_px=height_px,
        fps=stream.average_rate or stream.guessed_rate or Fraction(25),
        frame_count=stream.frames or None,
        duration_s=_duration_s(stream, container),
        codec=stream.codec_context.name,
        pixel_format=first.format.name,
        rotation_degrees=rotation,
        sample_aspect=aspect,
    )


def _audio(stream: AvAudioStream, container: InputContainer) -> AudioStream:
    return AudioStream(
        codec=stream.codec_context.name,
        sample_rate_hz=stream.sample_rate,
        channels=stream.channels,
        duration_s=_duration_s(stream, container),
        language=stream.language,
    )


def _duration_s(stream: AvVideoStream | AvAudioStream, container: InputContainer) -> Fraction:
    if stream.duration is not None and stream.time_base is not None:
        return stream.duration * stream.time_base
    return Fraction(container.duration or 0, av.time_base)
