"""A finished video gets tags of ours; its picture and its sound stay as they are."""

from collections.abc import Mapping
from pathlib import Path

import av
from av.error import FFmpegError

from lipwright.errors import MediaUnreadable
from lipwright.media.copy_picture import MP4_PICTURES
from lipwright.media.kept_sound import MP4_SOUNDS
from lipwright.media.output import check_writable, output_error, replacing
from lipwright.media.probe import open_media, video_stream


def retag(output: Path, video: Path, metadata: Mapping[str, str]) -> None:
    """Copy the picture and all sound of a video into an MP4 file, packet by packet; it appears whole or not at all.

    Args:
        metadata: MP4 tags such as `title` and `comment`.
    Raises: MediaNotFound, MediaUnreadable: it cannot be read, or MP4 does not hold what it is coded in;
        OutputNotWritable, DiskFull.
    """
    check_writable(output)
    with open_media(video) as source, replacing(output) as temporary:
        picture = video_stream(source)
        if picture is None:
            raise MediaUnreadable(f"`{video}`: there is no picture in it. Use a video file.")
        kept = (picture, *source.streams.audio)
        for stream in kept:
            codec = stream.codec_context.codec.canonical_name
            if codec not in MP4_PICTURES and codec not in MP4_SOUNDS:
                raise MediaUnreadable(f"`{video}`: MP4 does not hold {codec}. Encode it anew, as H.264 and AAC.")
        try:
            with av.open(
                f"file:{temporary}", "w", format="mp4", options={"movflags": "+faststart", "fflags": "+bitexact"}
            ) as target:
                target.metadata.update(metadata)
                tracks = {stream.index: target.add_stream_from_template(stream, opaque=True) for stream in kept}
                tracks[picture.index].codec_context.codec_tag = MP4_PICTURES[picture.codec_context.codec.canonical_name]
                for packet in source.demux(*kept):
                    if packet.dts is not None:  # else it only says that the stream has ended
                        packet.stream = tracks[packet.stream_index]
                        target.mux_one(packet)
        except (OSError, FFmpegError) as exc:
            raise output_error(output, exc) from exc
