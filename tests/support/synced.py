"""A drawn clip of a face that sways and speaks, and videos made of it in which something is right or wrong."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.face import FaceMesh
from lipwright.contracts.sidecar import (
    FaceSpan,
    PixelBox,
    Rewritten,
    Span,
    frame_runs,
    sidecar_path,
)
from lipwright.contracts.speech import Phoneme
from lipwright.face.select import find_face
from lipwright.media.encoder import EncoderSettings
from lipwright.media.image import flatten, load_image
from lipwright.media.sidecar import write_sidecar
from lipwright.media.writer import VideoFormat, VideoWriter
from support.clips import in_chunks
from support.sidecars import sidecar_of

FPS = Fraction(25)
RATE_HZ = 48_000
SIDE_PX = 288
FRAMES = 60
WIDEST_PX = 12
GAP_IOD = 0.125
"""How far the widest mouth is open, as the mesh finds it."""
OLD_VOWELS_S = ((0.20, 0.50), (0.62, 0.90), (1.10, 1.34), (1.50, 1.95), (2.02, 2.30))
NEW_VOWELS_S = ((0.10, 0.32), (0.40, 0.74), (0.84, 1.00), (1.12, 1.40))
"""Silence follows, from 1.4 s to the end at 2.4 s."""

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float64]
Spans = Sequence[tuple[float, float]]
Change = Callable[[int, Pixels, FaceMesh], Pixels]


@dataclass(frozen=True)
class Scene:
    """A source and what drives its mouth anew."""

    folder: Path
    portrait: Path
    """Drawn, with its mouth shut."""
    source: Path
    driver: Path

    def path(self, name: str) -> Path:
        return self.folder / f"{name}.mp4"


def opening_of(spans: Spans, frames: int = FRAMES) -> Floats:
    """How far the mouth is open in each frame: 0 shut to 1 wide."""
    return _opening(spans, np.arange(frames) / float(FPS))


def write_scene(folder: Path, portrait: Path) -> Scene:
    """The clip with its own words, and the sound of other words."""
    source, driver = folder / "source.mp4", folder / "driver.mp4"
    scene = Scene(folder, portrait, source, driver)
    draw(scene, source, opening_of(OLD_VOWELS_S), sound=_voice(OLD_VOWELS_S))
    with VideoWriter(driver, VideoFormat(16, 16, FPS), audio=in_chunks(_voice(NEW_VOWELS_S))) as writer:
        for _ in range(FRAMES):
            writer.write(np.zeros((16, 16, 3), np.uint8))
    return scene


def write_synced(
    scene: Scene,
    name: str,
    opening: Floats | None = None,
    numbers: Sequence[int] = tuple(range(FRAMES)),
    changed: Change | None = None,
    late_s: float = 0.0,
) -> Path:
    """The clip with the new words, and its sidecar, which always tells of the right mouth.

    Args:
        opening: of the mouth that is really drawn.
        numbers: frames of the source that are really shown.
        changed: what is done to each picture in the end.
        late_s: of the sound.
    """
    told, path = opening_of(NEW_VOWELS_S), scene.path(name)
    draw(scene, path, told if opening is None else opening, _voice(NEW_VOWELS_S, late_s), numbers, changed)
    mesh = _portrait(scene.portrait)[1]
    low, high = mesh.points[:, :2].min(axis=0), mesh.points[:, :2].max(axis=0)
    box = PixelBox(left=int(low[0]), top=int(low[1]), right=int(high[0]), bottom=int(high[1]))
    write_sidecar(
        sidecar_path(path),
        sidecar_of(
            width_px=SIDE_PX,
            height_px=SIDE_PX,
            duration_s=FRAMES / float(FPS),
            phonemes=tuple(Phoneme("a", start_s, end_s) for start_s, end_s in NEW_VOWELS_S),
            silences=(Span(start_s=NEW_VOWELS_S[-1][1], end_s=FRAMES / float(FPS)),),
            gap=tuple((GAP_IOD * told).tolist()),
            closed=tuple((told == 0).astype(float).tolist()),
            eye_distance_px=mesh.eye_distance_px,
            rewritten=Rewritten(
                source_fps=FPS,
                source_frames=FRAMES,
                plan=frame_runs(list(range(FRAMES))),
                weight=(1.0,) * FRAMES,
                faces=(FaceSpan(first=0, count=FRAMES, person=1, box=box),),
                lip_sync="drawn",
                heard="phonemes",
            ),
        ),
    )
    return path


def draw(
    scene: Scene,
    path: Path,
    opening: Floats,
    sound: NDArray[np.float32],
    numbers: Sequence[int] = tuple(range(FRAMES)),
    changed: Change | None = None,
) -> None:
    """Write a clip of the face."""
    settings = EncoderSettings(crf=14)
    with VideoWriter(path, VideoFormat(SIDE_PX, SIDE_PX, FPS), audio=in_chunks(sound), settings=settings) as writer:
        for number, amount in zip(numbers, opening, strict=True):
            image, mesh = picture(scene.portrait, number, float(amount))
            writer.write(image if changed is None else changed(number, image, mesh))


def picture(portrait: Path, number: int, amount: float) -> tuple[Pixels, FaceMesh]:
    """One frame: the face where it is then, its mouth open by an amount, and the mesh of its shut mouth."""
    image, mesh = _portrait(portrait)
    across, down = 7 * np.sin(number / 6), 4 * np.cos(number / 8)
    spoken = _open(image, mesh, WIDEST_PX * amount)
    moved = cv2.warpAffine(
        spoken, np.array([[1, 0, across], [0, 1, down]]), (SIDE_PX, SIDE_PX), flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REFLECT,
    )  # fmt: skip
    points = mesh.points + np.array([across, down, 0], np.float32)
    return np.asarray(moved, np.uint8), FaceMesh(points.astype(np.float32), 1.0)


def _open(image: Pixels, mesh: FaceMesh, drop_px: float) -> Pixels:
    """Lips apart: chin and lower lip go down inside of the jaw, and dark fills the gap."""
    if drop_px <= 0.25:
        return image.copy()
    size = mesh.eye_distance_px
    middle = mesh.points[[61, 291], 0].mean()
    rows, columns = np.mgrid[0 : image.shape[0], 0 : image.shape[1]].astype(np.float32)
    line = float(mesh.points[[13, 14], 1].mean())
    aside = np.clip(1 - ((columns - middle) / (0.42 * size)) ** 2, 0, 1)
    below = np.clip(1 - (rows - line) / (0.75 * size), 0, 1)
    gap = drop_px * aside
    moved = rows - np.where(rows > line, gap * below, 0).astype(np.float32)
    out = cv2.remap(image, columns, np.maximum(moved, 0).astype(np.float32), cv2.INTER_CUBIC)
    inside = np.clip(np.minimum(rows - line + 0.5, line + 0.8 * gap - rows + 0.5), 0, 1)[..., None]
    inside[np.abs(columns - middle) > 0.27 * size] = 0
    return np.asarray(np.rint(out * (1 - inside) + np.array([45.0, 22, 22]) * inside), np.uint8)


@cache
def _portrait(path: Path) -> tuple[Pixels, FaceMesh]:
    whole = flatten(load_image(path), (255, 255, 255))
    mesh = find_face(whole, name=path.name)
    left, top = (int(edge) for edge in mesh.points[1, :2] - SIDE_PX / 2)
    image = np.ascontiguousarray(whole[top : top + SIDE_PX, left : left + SIDE_PX])
    return image, FaceMesh((mesh.points - np.array([left, top, 0])).astype(np.float32), mesh.presence)


def _voice(spans: Spans, late_s: float = 0.0) -> NDArray[np.float32]:
    times = np.arange(round(FRAMES / float(FPS) * RATE_HZ)) / RATE_HZ
    return np.asarray(0.48 * _opening(spans, times - late_s) * np.sin(2 * np.pi * 300 * times), np.float32)


def _opening(spans: Spans, times_s: Floats) -> Floats:
    amounts = np.zeros(len(times_s))
    for start_s, end_s in spans:
        amounts += np.sin(np.pi * np.clip((times_s - start_s) / (end_s - start_s), 0, 1)) ** 2
    return amounts
