"""What a player finds in a file: read by PyAV alone, so that no reader of Lipwright hides a mistake."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from support.pattern import click_times_s, is_flash, yuv_planes


def flash_times_s(path: Path) -> list[float]:
    """When pictures flash."""
    with av.open(str(path)) as container:
        return [
            float(picture.pts * picture.time_base)
            for picture in container.decode(video=0)
            if is_flash(yuv_planes(picture.reformat(format="yuv420p")))
        ]


def heard_times_s(path: Path, track: int) -> list[float]:
    """When clicks are heard in a sound track, counted from 0."""
    with av.open(str(path)) as container:
        pieces, start_s, rate_hz = [], None, 0
        for frame in container.decode(audio=track):
            if start_s is None:
                start_s, rate_hz = float(frame.pts * frame.time_base), frame.sample_rate
            pieces.append(np.asarray(frame.to_ndarray()).reshape(-1, frame.layout.nb_channels, order="F")[:, 0])
            if not frame.format.is_planar:
                pieces[-1] = np.asarray(frame.to_ndarray()).reshape(-1, frame.layout.nb_channels)[:, 0]
            elif frame.layout.nb_channels > 1:
                pieces[-1] = np.asarray(frame.to_ndarray())[0]
    assert start_s is not None
    return [start_s + at for at in click_times_s(np.concatenate(pieces).astype(np.float32), rate_hz)]


def streams(path: Path) -> list[tuple[str, str, str, str, int]]:
    """Type, codec, language, handler name and disposition of each stream but the names of chapters."""
    with av.open(str(path)) as container:
        return [
            (
                stream.type,
                stream.codec_context.name,
                stream.metadata.get("language", ""),
                stream.metadata.get("handler_name", ""),
                int(stream.disposition),
            )
            for stream in container.streams
            if stream.codec_context is not None
        ]


def duration_s(path: Path) -> Fraction:
    """What the file says of its length."""
    with av.open(str(path)) as container:
        return Fraction(container.duration or 0, av.time_base)
