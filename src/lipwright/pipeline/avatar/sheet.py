"""The character sheet of an avatar, drawn by the portrait renderer: one PNG with names, and its parts."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from lipwright.contracts.avatar import MATTE, MESH, NEUTRAL, SHEET
from lipwright.contracts.face import FaceMesh
from lipwright.contracts.motion import MouthTrack
from lipwright.contracts.progress import Progress
from lipwright.face import topology
from lipwright.media.font import font
from lipwright.pipeline.avatar.files import Files, read_mesh, write_picture
from lipwright.pipeline.avatar.neutral import RATE, ready, shut_mouth, still_head
from lipwright.pipeline.avatar.picture import picture_of
from lipwright.pipeline.avatar.sheet_cells import ROWS, Cell
from lipwright.render.portrait.mouth_shape import Performance
from lipwright.render.portrait.portrait import Portrait

SHEET_VERSION = 1
PART_SIZE = (288, 336)
"""Width and height, pixels."""
HEAD_SHARE = 0.62
"""Of a part's height that the face takes."""
DRAWN_EYES_PX = 160
"""The avatar is drawn at a size at which its eyes are so far apart, or at its own if that is smaller."""
_GAP_PX, _EDGE_PX, _TITLE_PX, _NAME_PX = 12, 28, 46, 30
_PAPER, _INK, _SOFT_INK = (246, 246, 244), (32, 34, 38), (104, 108, 114)


def draw_sheet(files: Files, folder: Path, title: str, progress: Progress) -> dict[str, Path]:
    """Draw the sheet of an avatar and its parts.

    Args:
        files: the neutral picture, its matte and its mesh.
        folder: where the files are written.
        title: the name on the sheet.
    """
    progress.stage("sheet", sum(len(cells) for _, cells in ROWS))
    made: dict[str, Path] = {}
    rows = []
    for row, parts in enumerate(_parts(files)):
        drawn = []
        for column, part in enumerate(parts):
            progress.check_cancelled()
            name = part_name(row, column)
            made[name] = write_picture(folder / name, part)
            drawn.append(part)
            progress.advance(1)
        rows.append(drawn)
    made[SHEET] = write_picture(folder / SHEET, _laid_out(rows, title))
    return made


def part_name(row: int, column: int) -> str:
    """The asset that a part of the sheet becomes."""
    return f"{SHEET.removesuffix('.png')}/{row}-{column}.png"


def _parts(files: Files) -> Iterator[Iterator[NDArray[np.uint8]]]:
    person = picture_of(files[NEUTRAL], files[MATTE], read_mesh(files[MESH]))
    scale = min(1.0, DRAWN_EYES_PX / person.mesh.eye_distance_px)
    size = (round(person.image.shape[1] * scale), round(person.image.shape[0] * scale))
    image = np.asarray(cv2.resize(person.image, size, interpolation=cv2.INTER_AREA), np.uint8)
    alpha = np.asarray(cv2.resize(person.alpha, size, interpolation=cv2.INTER_AREA), np.float32)
    mesh = FaceMesh((person.mesh.points * np.float32(scale)).astype(np.float32), person.mesh.presence)
    portrait = ready(image, alpha, mesh)
    for _, cells in ROWS:
        yield (_cropped(_drawn(portrait, cell), mesh) for cell in cells)


def _drawn(portrait: Portrait, cell: Cell) -> NDArray[np.uint8]:
    rest = shut_mouth()
    controls, gap = cell.mouth[None], np.array([cell.gap])
    if cell.fitted:
        closed = np.array([cell.gap == 0], np.float32)
        track = MouthTrack(RATE, controls.astype(np.float32), gap.astype(np.float32), closed)
        performance = portrait.perform(track) if cell.mouth.any() else portrait.perform(rest)
    else:
        performance = Performance(controls, gap)
    idle = replace(
        still_head(),
        rotation=np.array([cell.turn], np.float32),
        blink=np.array([cell.blink], np.float32),
        brow=np.array([cell.brow_iod], np.float32),
    )
    return portrait.frame(performance, idle, 0).image


def _cropped(image: NDArray[np.uint8], mesh: FaceMesh) -> NDArray[np.uint8]:
    """The head, in the same place in all parts; beyond the picture its rim goes on."""
    oval = mesh.points[list(topology.FACE_OVAL), :2]
    low, high = oval.min(axis=0), oval.max(axis=0)
    scale = HEAD_SHARE * PART_SIZE[1] / float(high[1] - low[1])
    centre = (low + high) / 2
    matrix = np.array(
        [
            [scale, 0, PART_SIZE[0] / 2 - scale * centre[0]],
            [0, scale, 0.53 * PART_SIZE[1] - scale * centre[1]],
        ]
    )
    if scale < 1:
        size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
        matrix[:, :2] = np.eye(2)
    return np.asarray(
        cv2.warpAffine(image, matrix, PART_SIZE, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def _laid_out(rows: list[list[NDArray[np.uint8]]], title: str) -> NDArray[np.uint8]:
    columns = max(len(row) for row in rows)
    width = 2 * _EDGE_PX + columns * PART_SIZE[0] + (columns - 1) * _GAP_PX
    row_height = _TITLE_PX + PART_SIZE[1] + _NAME_PX
    head = _EDGE_PX + _TITLE_PX
    sheet = Image.new("RGB", (width, head + len(rows) * row_height + _EDGE_PX), _PAPER)
    pen = ImageDraw.Draw(sheet)
    pen.text((_EDGE_PX, _EDGE_PX), title, font=font(34), fill=_INK, anchor="lt")
    for row, ((words, cells), parts) in enumerate(zip(ROWS, rows, strict=True)):
        top = head + row * row_height
        pen.text((_EDGE_PX, top + _TITLE_PX - 8), words, font=font(20), fill=_SOFT_INK, anchor="ls")
        for column, (cell, part) in enumerate(zip(cells, parts, strict=True)):
            left = _EDGE_PX + column * (PART_SIZE[0] + _GAP_PX)
            sheet.paste(Image.fromarray(part), (left, top + _TITLE_PX))
            under = (left + PART_SIZE[0] // 2, top + _TITLE_PX + PART_SIZE[1] + 21)
            pen.text(under, cell.name, font=font(18), fill=_INK, anchor="ms")
    return np.asarray(sheet, np.uint8)
