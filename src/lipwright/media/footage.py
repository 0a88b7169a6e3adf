"""The picture of any video on its constant rate: indexed once, then read frame by frame from anywhere.

Indexing reads the file's packets and decodes only its first pictures. Reading is exact: a frame is the same whether
decoding began at the start or at the keyframe before it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby, islice, pairwise
from pathlib import Path

import numpy as np
from av.container import InputContainer
from av.video.stream import VideoStream
from numpy.typing import NDArray

from lipwright.contracts.footage import Footage, PictureTimes, YuvFrame
from lipwright.errors import MediaTooLarge, MediaUnreadable
from lipwright.media.pictures import PictureReader, decoded, packets, picture_stream
from lipwright.media.probe import MAX_FRAME_PIXELS, is_cut, open_media, timeline_start_s
from lipwright.media.rate import FASTEST, SLOWEST, USUAL, constant_rate, frame_numbers
from lipwright.media.regular import Look, Regulariser, look_of, square_size

LONGEST_S = 24 * 3600
CHUNK_BYTES = 192_000_000
"""What reading backward may keep in memory; at least two frames."""

_FIRST_PICTURES = 8
_MISLEADING = "mpeg"
"""FFmpeg's demuxer of program streams (.mpg, .vob), which gives pictures other times after a jump than before."""


def index_footage(path: Path) -> Footage:
    """Find out how a video becomes regular: rate, size, and which picture each frame shows.

    A file that is cut short is taken as far as it goes, which its notes say.

    Raises:
        MediaNotFound: there is no such file.
        MediaUnreadable: it is empty, damaged, a still picture, has no picture at all, or spans more than a day.
        MediaTooLarge: a picture has more than `MAX_FRAME_PIXELS`.
    """
    with open_media(path, allow_cut=True) as container:
        stream = picture_stream(container, path)
        start_s = timeline_start_s(container)
        declared = stream.guessed_rate, stream.average_rate
        aspect = stream.sample_aspect_ratio or Fraction(1)
        promised_s = _promised_s(container, stream, start_s)
        cut = is_cut(container, path)
        listed = _list_packets(container, stream)
    seen = _look_at_first(path)
    times, last_s = _times(path, listed, seen, declared)
    fps = constant_rate(times.stamps, times.time_base_s, declared)
    if times.counted:
        start_s = Fraction(0)
    numbers = frame_numbers(times.stamps, times.time_base_s, start_s, fps)
    lasting = max(round(last_s * fps), 1)
    frame_count = int(numbers[-1]) + lasting
    if frame_count / fps > LONGEST_S:
        raise MediaUnreadable(
            f"`{path}`: its pictures are {float(frame_count / fps) / 3600:.0f} hours apart. Export it again as MP4."
        )
    width_px, height_px = square_size(seen.look, aspect)
    if width_px * height_px > MAX_FRAME_PIXELS:
        raise MediaTooLarge(
            f"`{path}`: pictures of {width_px}x{height_px} are too large. Scale it to 3840x2160 or less."
        )
    shown = np.searchsorted(numbers, np.arange(frame_count), side="right") - 1
    full_chroma = bool(width_px % 2 or height_px % 2)
    notes = [
        *_timing_notes(times, numbers, fps),
        *_picture_notes(seen.look, times.interlaced, (width_px, height_px), full_chroma),
    ]
    if cut or promised_s - frame_count / fps > max(Fraction(1), promised_s / 50):
        notes.append(f"the file is cut short: {float(frame_count / fps):.1f} of {float(promised_s):.1f} s can be seen")
    return Footage(
        path=path,
        width_px=width_px,
        height_px=height_px,
        fps=fps,
        frame_count=frame_count,
        source_index=np.maximum(shown, 0).astype(np.int32),
        full_chroma=full_chroma,
        notes=tuple(notes),
        pictures=times,
    )


def read_footage(footage: Footage, start: int = 0, stop: int | None = None) -> Iterator[YuvFrame]:
    """Decode the frames from `start` up to but without `stop`.

    Yields: frames that belong to the caller. Closing the iterator closes the file.
    Raises: MediaNotFound, MediaUnreadable: the file is gone or can no longer be decoded.
    """
    return read_frames_at(footage, range(*slice(start, stop).indices(footage.frame_count)))


def read_frames_at(footage: Footage, indices: Sequence[int] | NDArray[np.integer]) -> Iterator[YuvFrame]:
    """Decode frames in any order. Rising numbers are decoded once; falling ones in chunks of bounded memory.

    Args:
        indices: frame numbers, 0 to frame_count - 1.
    Yields: a frame for each index, the caller's own. Closing the iterator closes the file.
    Raises: MediaNotFound, MediaUnreadable: as `read_footage`.
    """
    wanted = footage.source_index[np.asarray(indices, np.int64)]
    regular = Regulariser(footage.width_px, footage.height_px, full_chroma=footage.full_chroma)
    samples = 3 * footage.width_px * footage.height_px
    chunk = max(CHUNK_BYTES // (samples if footage.full_chroma else samples // 2), 2)
    repeated = [(number, len(list(same))) for number, same in groupby(wanted.tolist())]
    with PictureReader(footage.path, footage.pictures) as reader:
        place = 0
        while place < len(repeated):
            falling = _falling_run(repeated, place, chunk)
            run = repeated[place : place + falling]
            place += falling
            kept = {number: regular(reader.picture(number)) for number, _ in reversed(run)}
            for number, count in run:
                frame = kept.pop(number)
                for _ in range(count - 1):
                    yield YuvFrame(frame.y.copy(), frame.u.copy(), frame.v.copy())
                yield frame
                del frame


def _falling_run(repeated: list[tuple[int, int]], place: int, longest: int) -> int:
    """Count how many numbers from `place` on fall, up to `longest`; 1 where they rise."""
    end = place + 1
    while end < len(repeated) and end - place < longest and repeated[end][0] < repeated[end - 1][0]:
        end += 1
    return end - place


@dataclass(frozen=True, slots=True)
class _Listed:
    """What the packets of a stream say."""

    stamps: list[int]
    """Presentation times, rising; empty when they cannot be used."""
    time_base_s: Fraction
    keys: list[int]
    """Presentation times of keyframes."""
    last_s: Fraction
    """How long the last picture is seen; 0 when unknown."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the first pictures are like."""

    look: Look
    interlaced: bool
    stamps: list[int | None]


def _list_packets(container: InputContainer, stream: VideoStream) -> _Listed:
    durations: dict[int, int] = {}
    keys: list[int] = []
    usable, count, latest = True, 0, None
    for packet in packets(container, stream):
        if packet.is_discard:
            continue
        count += 1
        if packet.pts is None or (latest is not None and packet.dts is not None and packet.dts < latest):
            usable = False
        else:
            durations[packet.pts] = packet.duration or 0
            if packet.is_keyframe:
                keys.append(packet.pts)
        latest = packet.dts if packet.dts is not None else latest
    if container.format.name == _MISLEADING:
        keys.clear()
    stamps = sorted(durations)
    base_s = stream.time_base or Fraction(1, 1000)
    if not usable or 2 * len(stamps) < count:  # most of them share one time
        return _Listed([], base_s, [], Fraction(0))
    return _Listed(stamps, base_s, sorted(keys), durations[stamps[-1]] * base_s if stamps else Fraction(0))


def _look_at_first(path: Path) -> _Seen:
    with open_media(path, allow_cut=True) as container:
        stream = picture_stream(container, path)
        if stream.width * stream.height > MAX_FRAME_PIXELS:
            raise MediaTooLarge(
                f"`{path}`: pictures of {stream.width}x{stream.height} are too large. Scale it to 3840x2160 or less."
            )
        look: Look | None = None
        interlaced, stamps = False, []
        for picture in islice(decoded(container, stream), _FIRST_PICTURES):
            look = look or look_of(picture)
            interlaced |= picture.interlaced_frame
            stamps.append(picture.pts)
        if look is None:
            raise MediaUnreadable(f"`{path}`: no picture can be decoded. Export it again as MP4.")
        return _Seen(look, interlaced, stamps)


def _times(
    path: Path, listed: _Listed, seen: _Seen, declared: tuple[Fraction | None, Fraction | None]
) -> tuple[PictureTimes, Fraction]:
    """Give the times of all pictures, and how long the last one is seen.

    Packets are believed when the first pictures came at just their times. Otherwise (half pictures in packets of their
    own, hidden pictures, no times) everything is decoded, and where even that gives no times, pictures are counted.
    """
    known = [stamp for stamp in seen.stamps if stamp is not None]
    stamps = [stamp for stamp in listed.stamps if known and stamp >= known[0]]
    if len(known) == len(seen.stamps) and stamps[: len(known)] == known:
        found = np.array(stamps, np.int64)
        keys = np.unique(np.searchsorted(found, [key for key in listed.keys if key >= known[0]])).astype(np.int32)
        return PictureTimes(found, listed.time_base_s, keys, False, seen.interlaced), listed.last_s
    with open_media(path, allow_cut=True) as container:
        times = [picture.pts for picture in decoded(container, picture_stream(container, path))]
    only_start = np.empty(0, np.int32)
    exact = [stamp for stamp in times if stamp is not None]
    if len(exact) == len(times) and all(a < b for a, b in pairwise(exact)):
        return PictureTimes(
            np.array(exact, np.int64), listed.time_base_s, only_start, False, seen.interlaced
        ), Fraction(0)
    fps = next((rate for rate in declared if rate is not None and SLOWEST <= rate <= FASTEST), USUAL)
    counted = PictureTimes(np.arange(len(times)), 1 / fps, only_start, True, seen.interlaced)
    return counted, Fraction(0)


def _promised_s(container: InputContainer, stream: VideoStream, start_s: Fraction) -> Fraction:
    """Give the time at which the header says that the picture ends; 0 when it says nothing."""
    if stream.duration is not None and stream.time_base is not None:
        return ((stream.start_time or 0) + stream.duration) * stream.time_base - start_s
    tag = stream.metadata.get("DURATION", "")  # how Matroska says it
    if re.fullmatch(r"\d+:\d\d:\d\d(\.\d+)?", tag):
        hours, minutes, seconds = tag.split(":")
        return int(hours) * 3600 + int(minutes) * 60 + Fraction(seconds) - start_s
    return Fraction(0)


def _timing_notes(times: PictureTimes, numbers: NDArray[np.int64], fps: Fraction) -> Iterator[str]:
    if times.counted:
        yield f"the file tells no times: its pictures were counted, {_rate(fps)} fps"
    elif len(numbers) > 1 and (np.diff(numbers) != 1).any():
        yield f"variable frame rate made constant: {_rate(fps)} fps"
    if numbers[0] > 1:
        yield f"the picture begins {float(numbers[0] / fps):.2f} s after the sound: its first frame stands until then"


def _picture_notes(look: Look, interlaced: bool, size: tuple[int, int], full_chroma: bool) -> Iterator[str]:
    if interlaced:
        yield "interlaced pictures made whole"
    if look.mirrored:
        yield "mirrored, as the file asks"
    if look.turn_degrees:
        yield f"turned upright by {look.turn_degrees} degrees"
    stored = (look.height_px, look.width_px) if look.turn_degrees % 180 else (look.width_px, look.height_px)
    if stored != size:
        yield f"pixels made square: {size[0]}x{size[1]}"
    if look.transfer is not None:
        yield f"high dynamic range ({look.transfer.name}) made standard"
    elif look.bits > 8:
        yield f"{look.bits} bits made 8"
    if look.transfer is None and not look.rgb:
        if look.full_range:
            yield "full range made limited"
        if look.matrix != "bt709" or look.primaries != "bt709":
            yield "colours made BT.709"
    if look.rgb:
        yield "RGB made YUV"
    elif look.fine_colour and not full_chroma:
        yield "colours stored at half the resolution (4:2:0)"
    if full_chroma:
        yield "an odd side: stored with full colour resolution (4:4:4)"


def _rate(fps: Fraction) -> str:
    return f"{float(fps):.3f}".rstrip("0").rstrip(".")
