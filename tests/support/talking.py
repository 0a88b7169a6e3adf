"""A crude talking face whose truth is known: the lower half of a face is shifted down, and dark fills the gap."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage import data

from lipwright.contracts.face import FaceMesh
from lipwright.contracts.sidecar import PixelBox, sidecar_path
from lipwright.contracts.speech import Phoneme
from lipwright.face.select import find_face
from lipwright.media.sidecar import write_sidecar
from lipwright.media.writer import VideoFormat, VideoWriter
from support.clips import in_chunks
from support.sidecars import sidecar_of

SIDE_PX = 256
FPS = Fraction(25)
VOWELS_S = ((0.10, 0.34), (0.42, 0.60), (0.80, 1.16), (1.24, 1.44), (1.60, 1.90))
"""When the mouth is open. No rhythm: each lag sounds different."""
RATE_HZ = 48_000


def close_up() -> NDArray[np.uint8]:
    """The face of the public-domain test photo, 256 x 256."""
    face = data.astronaut()[20:212, 128:320]
    return np.asarray(cv2.resize(face, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_CUBIC), np.uint8)


@dataclass(frozen=True)
class TalkingClip:
    """A clip with its truth."""

    path: Path
    photo: Path
    opening: NDArray[np.float64]
    """Of the mouth, 0 to 1, per frame."""


def opened(image: NDArray[np.uint8], mesh: FaceMesh, drop_px: int) -> NDArray[np.uint8]:
    """The face with its jaw lower by some pixels."""
    if drop_px <= 0:
        return image.copy()
    left, right = (int(mesh.points[point, 0]) for point in (61, 291))
    line = int(mesh.points[[13, 14], 1].mean())
    out = image.copy()
    out[line + drop_px :] = image[line : SIDE_PX - drop_px]
    out[line : line + drop_px] = image[line]
    margin = (right - left) // 8
    out[line : line + drop_px, left + margin : right - margin] = (40, 20, 20)
    return out


def openness_at(times_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far the mouth is open at each time: 0 shut to 1 wide."""
    amounts = np.zeros(len(times_s))
    for start_s, end_s in VOWELS_S:
        part = np.clip((times_s - start_s) / (end_s - start_s), 0, 1)
        amounts += np.sin(np.pi * part) ** 2
    return amounts


def vowels() -> tuple[Phoneme, ...]:
    """The phones of the clip."""
    return tuple(Phoneme("a", start_s, end_s) for start_s, end_s in VOWELS_S)


def voice(duration_s: float, late_s: float = 0.0) -> NDArray[np.float32]:
    """A hum that is as loud as the mouth is open."""
    times = np.arange(round(duration_s * RATE_HZ)) / RATE_HZ
    return np.asarray(0.48 * openness_at(times - late_s) * np.sin(2 * np.pi * 300 * times), np.float32)


def write_talking_clip(folder: Path, frames: int = 50, late_s: float = 0.0, widest_px: int = 26) -> TalkingClip:
    """Write a clip and its sidecar.

    Args:
        late_s: how much the sound comes behind the lips.
    """
    image = close_up()
    mesh = find_face(image, name="close-up")
    opening = openness_at(np.arange(frames) / float(FPS))
    path, photo = folder / "talking.mp4", folder / "photo.png"
    duration_s = float(frames / FPS)
    cv2.imwrite(str(photo), image[..., ::-1])
    sound = in_chunks(voice(duration_s, late_s))
    with VideoWriter(path, VideoFormat(SIDE_PX, SIDE_PX, FPS), audio=sound) as writer:
        for amount in opening:
            writer.write(opened(image, mesh, round(widest_px * amount)))
    write_sidecar(
        sidecar_path(path),
        sidecar_of(
            width_px=SIDE_PX,
            height_px=SIDE_PX,
            duration_s=duration_s,
            phonemes=vowels(),
            gap=tuple((0.2 * opening).tolist()),
            eye_distance_px=mesh.eye_distance_px,
            person_box=PixelBox(left=0, top=64, right=SIDE_PX, bottom=SIDE_PX),
        ),
    )
    return TalkingClip(path, photo, opening)
