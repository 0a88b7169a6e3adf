"""Pictures of a video, one after the other, upright and with their exact times. One picture is held at a time."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np

from lipwright.contracts.media import Frame
from lipwright.errors import MediaUnreadable
from lipwright.media.colour import RgbConverter
from lipwright.media.probe import open_media, timeline_start_s, turn_degrees, video_stream


def read_frames(path: Path) -> Iterator[Frame]:
    """Decode a video in the order of presentation.

    Yields: each picture with its own time, whatever the frame rate; closing the iterator closes the file.
    Raises: MediaNotFound, MediaUnreadable: as `probe`; also when the file has no picture or breaks off on the way.
    """
    with open_media(path) as container:
        stream = video_stream(container)
        if stream is None:
            raise MediaUnreadable(f"`{path}`: has no picture, only sound. Use a video.")
        stream.thread_type = "AUTO"
        start_s = timeline_start_s(container)
        to_rgb = RgbConverter()
        for decoded in container.decode(stream):
            if decoded.pts is None or decoded.time_base is None:
                raise MediaUnreadable(f"`{path}`: a picture has no time. Export it again as MP4.")
            image = to_rgb(decoded)
            turns = turn_degrees(decoded) // 90
            if turns:
                image = np.ascontiguousarray(np.rot90(image, -turns))
            yield Frame(image=image, time_s=Fraction(decoded.pts) * decoded.time_base - start_s)
