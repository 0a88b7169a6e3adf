"""A person from a clip: found once for all scenes in which they speak."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.face import FaceMesh
from lipwright.contracts.footage import Footage, Region
from lipwright.contracts.progress import Progress
from lipwright.contracts.sync import Preset
from lipwright.errors import FaceNotFound
from lipwright.face.matte import PersonMatte
from lipwright.media.footage import index_footage, read_frames_at
from lipwright.media.yuv import region_rgb
from lipwright.pipeline.stages.cast import Speaking, choose
from lipwright.pipeline.stages.meet import People
from lipwright.pipeline.stages.redraw import Artist
from lipwright.pipeline.stages.scan import LEAST_S, Scan, scan
from lipwright.render.lipsync.base import LipSyncer
from lipwright.render.lipsync.presets import Knobs
from lipwright.render.staging import Figure, measure_figure
from lipwright.store.digest import file_digest
from lipwright.store.stages import StageStore

RGB = NDArray[np.uint8]
USED_S = LEAST_S
"""Scenes show no more than the beginning of a clip: one scan, and one set of mouths, serve all of them."""
_LOOKS = 5
"""So many frames of the clip tell where the person is in it."""
_LOOK_PX = 640
"""Longer side of the picture that is looked at."""


@dataclass(frozen=True, slots=True)
class ClipRequest:
    """What lip-sync is asked for."""

    video: Path
    preset: Preset
    engine: str | None
    seed: int
    speaker: int | None = None
    audio_track: int | None = None


@dataclass(frozen=True)
class ClipPerson:
    """Somebody in a clip."""

    footage: Footage
    digest: str
    """Of the clip's file."""
    frames: int
    """So many of its frames are used."""
    scan: Scan
    speaking: Speaking
    people: People
    """The lip-sync engine's sessions with them, which all scenes share."""
    artist: Artist
    seed: int
    figure: Figure
    """Where they are in the clip, wherever they move."""

    @property
    def fps(self) -> Fraction:
        return self.footage.fps

    def face(self, frame: int) -> FaceMesh | None:
        """Their mesh in a frame of the footage; None where they are not seen."""
        number = int(self.speaking.frames.track[frame])
        if number < 0:
            return None
        seen = self.scan.faces.tracks[number].read(frame, frame + 1)
        return None if np.isnan(seen.points).any() else FaceMesh(seen.points[0], float(seen.presence[0]))


def load_clip(
    video: Path,
    *,
    preset: Preset,
    engine: str | None,
    lipsync: Callable[[str, Knobs], LipSyncer],
    store: StageStore,
    progress: Progress,
    seed: int = 0,
) -> ClipPerson:
    """Find the person of a clip. The scan is kept in the store.

    Args:
        engine: a lip-sync engine's name in the registry; None for the preset's.
        lipsync: builds a lip-sync engine from its name and the preset's knobs.
    Raises: MediaError, FaceNotFound, ProviderUnknown, ProviderUnavailable, Cancelled.
    """
    request = ClipRequest(video, preset, engine, seed)
    artist = Artist(request, lipsync)
    footage, digest = index_footage(video), file_digest(video)
    frames = min(footage.frame_count, round(USED_S * footage.fps))
    scanned = scan(footage, digest, frames, store, progress)
    speaking = choose(request, scanned.faces)
    people = People(
        footage,
        scanned.faces,
        engine=artist.engine,
        most_exemplars=artist.tuning.most_exemplars,
        build=artist.build,
    )
    seen = np.flatnonzero(speaking.frames.track[:frames] >= 0)
    if not len(seen):
        raise FaceNotFound(
            f"`{video}`: nobody is followed in its first {USED_S} s. Use a clip in which one person is seen from the "
            "front all the time."
        )
    person = ClipPerson(footage, digest, frames, scanned, speaking, people, artist, seed, _NOWHERE)
    return replace(person, figure=_figure(person, seen[np.linspace(0, len(seen) - 1, _LOOKS).astype(int)]))


def whole_picture(footage: Footage) -> Region:
    """All of a frame."""
    return Region(0, 0, footage.width_px, footage.height_px)


def _figure(person: ClipPerson, numbers: NDArray[np.int64]) -> Figure:
    """Where the person is in some frames, taken together: their face in the middle, their body wherever it ever is."""
    footage = person.footage
    shrink = min(1.0, _LOOK_PX / max(footage.width_px, footage.height_px))
    size = (max(1, round(footage.width_px * shrink)), max(1, round(footage.height_px * shrink)))
    matter, found = PersonMatte(), []
    for number, frame in zip(numbers.tolist(), read_frames_at(footage, numbers), strict=True):
        face = person.face(number)
        if face is None:
            continue
        image = region_rgb(frame, whole_picture(footage))
        small = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
        mesh = FaceMesh((face.points * np.float32(shrink)).astype(np.float32), face.presence)
        alpha = matter.matte(small, mesh)
        sides = bool((alpha[:, :2] > 0.5).any()), bool((alpha[:, -2:] > 0.5).any())
        found.append(_enlarged(replace(measure_figure(alpha, mesh), left_cut=sides[0], right_cut=sides[1]), footage))
    return _joined(found)


def _enlarged(figure: Figure, footage: Footage) -> Figure:
    """A figure in a smaller picture as one in the footage."""
    across, down = footage.width_px / figure.width, footage.height_px / figure.height
    return replace(
        figure,
        width=footage.width_px,
        height=footage.height_px,
        eye_x=figure.eye_x * across,
        eye_y=figure.eye_y * down,
        face_left=figure.face_left * across,
        face_right=figure.face_right * across,
        face_height=figure.face_height * down,
        left=figure.left * across,
        top=figure.top * down,
        right=figure.right * across,
        bottom=figure.bottom * down,
    )


def _joined(figures: list[Figure]) -> Figure:
    def middle(values: list[float]) -> float:
        return float(np.median(values))

    return Figure(
        width=figures[0].width,
        height=figures[0].height,
        eye_x=middle([one.eye_x for one in figures]),
        eye_y=middle([one.eye_y for one in figures]),
        face_left=min(one.face_left for one in figures),
        face_right=max(one.face_right for one in figures),
        face_height=middle([one.face_height for one in figures]),
        left=min(one.left for one in figures),
        top=min(one.top for one in figures),
        right=max(one.right for one in figures),
        bottom=min(one.bottom for one in figures),
        top_cut=any(one.top_cut for one in figures),
        left_cut=any(one.left_cut for one in figures),
        right_cut=any(one.right_cut for one in figures),
    )


_NOWHERE = Figure(1, 1, 0, 0, 0, 1, 1, 0, 0, 1, 1, False, False, False)
"""Until the clip has been looked at."""
