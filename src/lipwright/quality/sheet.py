"""Contact sheets: many frames of a video in one picture, so that a viewer can judge it without playing it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Literal, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from lipwright.contracts.face import FaceMesh
from lipwright.contracts.progress import Progress, SilentProgress
from lipwright.contracts.sidecar import Sidecar
from lipwright.contracts.speech import Phoneme
from lipwright.errors import MediaUnreadable
from lipwright.quality.alignment import crop, crop_matrix
from lipwright.quality.xsampa import spelled

COLUMNS, ROWS = 8, 5
TILE_PX = 192
OVERVIEW_COLUMNS = 8
"""Whole frames, evenly over the whole video, in the row at the top."""

_CAPTION_PX = 14
_GAP_PX = 2
_PAPER, _INK, _FAINT_INK = (24, 24, 26), (232, 232, 228), (150, 150, 148)
_FONT = "fonts/OpenSans-Semibold.ttf"

Pixels = NDArray[np.uint8]
Region: TypeAlias = Literal["mouth", "face"]
_REGIONS: dict[Region, tuple[tuple[float, float], float]] = {"mouth": ((0.0, 0.70), 1.05), "face": ((0.0, 0.30), 2.0)}
"""Centre and width of the crop in canonical units: 1 is the eye distance, y goes down from the nose bridge."""


@dataclass(frozen=True, slots=True)
class SheetOptions:
    """What a sheet shows."""

    columns: int = COLUMNS
    rows: int = ROWS
    tile_px: int = TILE_PX
    region: Region = "mouth"
    start_s: float | None = None
    """When the sequence begins; None for where most is said."""
    overview: bool = True
    """A row of whole frames at the top."""

    @property
    def frames(self) -> int:
        return self.columns * self.rows


def write_sheet(
    video: Path,
    output: Path,
    *,
    sidecar: Path | None = None,
    start_s: float | None = None,
    options: SheetOptions | None = None,
    progress: Progress | None = None,
) -> None:
    """Write the contact sheet of a video as PNG: whole frames, then consecutive frames of the mouth, held still.

    Same video, same sheet. Below each crop stand its frame, its time and, where a sidecar tells, its phone in X-SAMPA.

    Args:
        sidecar: what was said when; None takes the file beside the video, if there is one.
        start_s: as `SheetOptions.start_s`, and goes before it.
    Raises: MediaNotFound, MediaUnreadable, OutputNotWritable, DiskFull, Cancelled.
    """
    from lipwright.contracts.sidecar import sidecar_path
    from lipwright.media.image import save_image
    from lipwright.media.output import check_writable
    from lipwright.media.sidecar import read_sidecar

    check_writable(output)
    place = sidecar if sidecar is not None else sidecar_path(video)
    described = read_sidecar(place) if sidecar is not None or place.exists() else None
    chosen = options or SheetOptions()
    if start_s is not None:
        chosen = replace(chosen, start_s=start_s)
    sheet = draw_sheet(video, described, chosen, progress or SilentProgress())
    save_image(output, sheet)


def draw_sheet(video: Path, sidecar: Sidecar | None, options: SheetOptions, progress: Progress) -> Pixels:
    """Draw the contact sheet of a video, RGB (height, width, 3).

    Raises: MediaNotFound, MediaUnreadable, Cancelled.
    """
    from lipwright.face.tracker import FaceTracker
    from lipwright.media.frames import read_frames
    from lipwright.media.probe import probe

    clip = probe(video)
    if clip.video is None:
        raise MediaUnreadable(f"`{video}`: has no picture, only sound. Name a finished video.")
    count = clip.video.frame_count or int(clip.video.duration_s * clip.video.fps)
    begin = first_frame(sidecar, clip.video.fps, count, options)
    shown = set(np.linspace(0, max(count - 1, 0), OVERVIEW_COLUMNS).round().astype(int).tolist())
    tracker = FaceTracker()
    whole: list[Pixels] = []
    tiles: list[Pixels] = []
    labels: list[str] = []
    progress.stage("draw sheet", count)
    for number, frame in enumerate(read_frames(video)):
        progress.check_cancelled()
        if number in shown and options.overview:
            whole.append(_fitted(frame.image, _overview_width(options)))
        if begin <= number < begin + options.frames:
            mesh = tracker.track(frame.image)
            tiles.append(_tile(frame.image, mesh, options))
            labels.append(_label(number, frame.time_s, sidecar))
        progress.advance(1)
    sequence = strip(tiles, columns=options.columns, labels=labels)
    if not whole:
        return sequence
    overview = strip(whole, columns=OVERVIEW_COLUMNS)
    return _stacked([overview, sequence])


def first_frame(sidecar: Sidecar | None, fps: Fraction, count: int, options: SheetOptions) -> int:
    """The frame at which the sequence begins: the given time, or where the lips move most by the sidecar.

    Without either, the sequence is taken from the middle of the video.
    """
    last = max(0, count - options.frames)
    if options.start_s is not None:
        return min(max(0, round(options.start_s * fps)), last)
    if sidecar is None:
        return last // 2
    motion = np.abs(np.diff(np.asarray(sidecar.gap, np.float64), prepend=sidecar.gap[0]))
    total = np.concatenate([[0.0], np.cumsum(motion)])
    starts = np.arange(min(last, max(0, len(motion) - options.frames)) + 1)
    ends = np.minimum(starts + options.frames, len(motion))
    return int(np.argmax(np.round(total[ends] - total[starts], 9)))


def strip(
    frames: Sequence[Pixels], columns: int = COLUMNS, labels: Sequence[str] = (), gap_px: int = _GAP_PX
) -> Pixels:
    """Lay pictures of any sizes side by side, row by row, each in a cell as large as the largest.

    Args:
        frames: RGB (height, width, 3), at least one.
        labels: words below each, as many as there are pictures, or none.
    Returns: RGB; all rows are `columns` cells wide.
    Raises: ValueError: no picture, or the labels are of another number.
    """
    if not frames:
        raise ValueError("there is no picture to lay out")
    if labels and len(labels) != len(frames):
        raise ValueError(f"{len(frames)} pictures have {len(labels)} labels")
    caption = _CAPTION_PX if labels else 0
    height, width = max(frame.shape[0] for frame in frames), max(frame.shape[1] for frame in frames)
    rows = -(-len(frames) // columns)
    cell_height, cell_width = height + caption + gap_px, width + gap_px
    sheet = Image.new("RGB", (columns * cell_width + gap_px, rows * cell_height + gap_px), _PAPER)
    pen, font = ImageDraw.Draw(sheet), _font()
    for index, frame in enumerate(frames):
        left = gap_px + index % columns * cell_width + (width - frame.shape[1]) // 2
        top = gap_px + index // columns * cell_height + (height - frame.shape[0]) // 2
        sheet.paste(Image.fromarray(frame), (left, top))
        if labels:
            below = gap_px + index // columns * cell_height + height
            _write(pen, font, labels[index], gap_px + index % columns * cell_width, below, width)
    return np.asarray(sheet, np.uint8).copy()


def face_crop(image: Pixels, mesh: FaceMesh, side_px: int = TILE_PX, region: Region = "mouth") -> Pixels:
    """Cut mouth or face out of a frame so that eyes and nose keep their place, RGB (side_px, side_px, 3)."""
    centre, width = _REGIONS[region]
    return crop(image, crop_matrix(mesh, side_px, centre, width), side_px)


def phone_at(phonemes: Sequence[Phoneme], time_s: float) -> str:
    """The phone that sounds at a time; empty in silence."""
    return next((one.symbol for one in phonemes if one.start_s <= time_s < one.end_s), "")


def _tile(image: Pixels, mesh: FaceMesh | None, options: SheetOptions) -> Pixels:
    if mesh is not None:
        return face_crop(image, mesh, options.tile_px, options.region)
    empty = np.full((options.tile_px, options.tile_px, 3), _PAPER, np.uint8)
    small = _fitted(image, options.tile_px)[: options.tile_px]
    empty[: small.shape[0]] = small
    return empty


def _label(number: int, time_s: Fraction, sidecar: Sidecar | None) -> str:
    phone = spelled(phone_at(sidecar.phonemes, float(time_s))) if sidecar is not None else ""
    return f"{number}  {float(time_s):.2f} s\t{phone}"


def _overview_width(options: SheetOptions) -> int:
    """So wide that both parts of the sheet are equally wide."""
    across = options.columns * (options.tile_px + _GAP_PX) + _GAP_PX
    return (across - _GAP_PX) // OVERVIEW_COLUMNS - _GAP_PX


def _fitted(image: Pixels, width_px: int) -> Pixels:
    height = max(1, round(image.shape[0] * width_px / image.shape[1]))
    method = cv2.INTER_AREA if width_px < image.shape[1] else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(image, (width_px, height), interpolation=method), np.uint8)


def _stacked(parts: Sequence[Pixels]) -> Pixels:
    width = max(part.shape[1] for part in parts)
    sheet = np.full((sum(part.shape[0] for part in parts), width, 3), _PAPER, np.uint8)
    top = 0
    for part in parts:
        sheet[top : top + part.shape[0], : part.shape[1]] = part
        top += part.shape[0]
    return sheet


def _write(pen: ImageDraw.ImageDraw, font: ImageFont.FreeTypeFont, label: str, left: int, top: int, width: int) -> None:
    """Number and time to the left; behind a tab, the phone to the right."""
    words, _, phone = label.partition("\t")
    pen.text((left + 2, top), words, font=font, fill=_FAINT_INK)
    if phone:
        pen.text((left + width - 2 - pen.textlength(phone, font=font), top), phone, font=font, fill=_INK)


def _font() -> ImageFont.FreeTypeFont:
    from io import BytesIO

    from lipwright.assets.packaged import read_asset

    return ImageFont.truetype(BytesIO(read_asset(_FONT)), 10)
