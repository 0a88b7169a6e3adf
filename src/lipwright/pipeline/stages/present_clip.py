"""Who is seen in a scene: a person from a clip, who speaks, moves as in the clip, and is set before any background."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import repeat
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.face import FaceMesh
from lipwright.contracts.progress import Progress
from lipwright.contracts.sidecar import PixelBox
from lipwright.contracts.story import Framing, Place
from lipwright.face.matte import PersonMatte
from lipwright.face.video_matte import CutOut, Seen, VideoMatter
from lipwright.face.video_matte_pixels import lay_over
from lipwright.media.footage import read_footage
from lipwright.media.yuv import region_rgb
from lipwright.pipeline.overlap import prefetched
from lipwright.pipeline.stages.clip_person import ClipPerson, whole_picture
from lipwright.pipeline.stages.clip_speech import clip_plan, speak_in_clip
from lipwright.pipeline.stages.present import RGB, Presenter, closed_lips
from lipwright.pipeline.stages.soundtrack import Soundtrack
from lipwright.render.backdrop import blurred, empty_room
from lipwright.render.backgrounds.backdrop import Backdrop
from lipwright.render.framing import PhotoFit
from lipwright.render.staging import Figure, Placement, place_person
from lipwright.store.stages import StageStore

FRAMES_AHEAD = 3
_CUT_WORTH = 1.5
"""So much closer than asked a person may come whose shoulders the clip's sides cut off; beyond it the sides fade."""
_FADE = 0.03
"""Width of that fade, in widths of the canvas."""
_ROOM_REACH_IOD = 0.25


@dataclass(frozen=True)
class ClipScene:
    """How a person from a clip stands in a scene."""

    width_px: int
    height_px: int
    fps: Fraction
    frames: int
    framing: Framing
    place: Place
    start_s: float = 0.0
    """The moment of the clip at which the scene begins: scenes that begin at other ones do not look the same."""


class ClipPresenter(Presenter):
    """A person from a clip. Deterministic for its arguments.

    `face_box` is that of the frame that was given last, and of the resting picture before the first one.
    """

    def __init__(
        self,
        person: ClipPerson,
        scene: ClipScene,
        *,
        behind: Literal["keep", "blur"] | Backdrop,
        matter: VideoMatter,
        track: Soundtrack | None,
        store: StageStore,
        progress: Progress,
    ) -> None:
        """Place the person.

        Args:
            behind: the clip's own background, sharp or out of focus, or another one of the canvas' size.
            matter: cuts the person out; not asked where the clip keeps its background.
            track: what they say, not longer than the scene; None for one of which only the resting picture is wanted.
            store: keeps the clip with its new mouth.
        """
        self._person, self._scene, self._matter = person, scene, matter
        self._track, self._store, self._progress = track, store, progress
        self.width_px, self.height_px = scene.width_px, scene.height_px
        self.frame_count = 0 if track is None else scene.frames
        placement = _placed(person.figure, scene, keeps_background=isinstance(behind, str))
        self._fit, self.advice = placement.fit, placement.advice
        self._part = _part(self._fit, person.footage.width_px, person.footage.height_px)
        self._inner = _part_fit(self._fit, self._part)
        self._plan = clip_plan(person, max(scene.frames, 1) / scene.fps, scene.start_s)
        self._rest = self._first_frame()
        face = self._face(0)
        self.face_box = self._box_of(face) if face is not None else self._box(self._part)
        self.eye_distance_px = face.eye_distance_px if face is not None else 0.0
        self.person_box = self._box(self._part)
        self.gap = np.zeros(self.frame_count, np.float32)
        self.closed = np.zeros(self.frame_count, np.float32)
        self._fade = _sides(self._part, self._fit, person.figure)
        self._keeps = behind == "keep"
        self._behind = behind if isinstance(behind, Backdrop) else self._own_room()

    def still(self) -> RGB:
        """The resting picture: the first frame of the scene, as the clip has it."""
        if self._keeps:
            return self._fit.picture(self._rest)
        canvas = next(self._canvases()).copy()
        (cut,) = self._matter.cut_out([self._seen(self._rest, 0)])
        self._lay(cut, canvas)
        return canvas

    def frames(self, wanted: Sequence[bool]) -> Iterator[RGB | None]:
        """Every frame of the scene in order; see `Presenter`."""
        if len(wanted) != self.frame_count:
            raise ValueError(f"{len(wanted)} frames are wanted or not, and the scene has {self.frame_count}")
        return iter(()) if self._track is None else self._frames(self._track, wanted)

    def _frames(self, track: Soundtrack, wanted: Sequence[bool]) -> Iterator[RGB | None]:
        speech = speak_in_clip(self._person, track, self._plan, self._store, self._progress)
        shown = [self._source(index) for index in range(self.frame_count)]
        gap = np.where(speech.drawn(), speech.gap(), 0)[shown]
        closed = np.where(speech.drawn(), closed_lips(speech.mouth), 0)[shown]
        self.gap[:], self.closed[:] = np.where(wanted, gap, 0), np.where(wanted, closed, 0)
        pictures = _chosen(
            (region_rgb(frame, whole_picture(self._person.footage)) for frame in speech.pictures()),
            [number for number, draw in zip(shown, wanted, strict=True) if draw],
        )
        with prefetched(pictures, FRAMES_AHEAD) as ahead:
            faces = [index for index, draw in enumerate(wanted) if draw]
            seen = (self._seen(picture, index) for picture, index in zip(ahead, faces, strict=True))
            cuts = iter(()) if self._keeps else self._matter.cut_out(seen)
            for index, (canvas, draw) in enumerate(zip(self._canvases(), wanted, strict=False)):
                if not draw:
                    yield None
                    continue
                face = self._face(index)
                self.face_box = self._box_of(face) if face is not None else self.face_box
                if self._keeps:
                    yield self._fit.picture(next(ahead))
                    continue
                picture = canvas if self._behind.still is None else canvas.copy()
                self._lay(next(cuts), picture)
                yield picture

    def _lay(self, cut: CutOut, canvas: RGB) -> None:
        if self._fade is not None:
            cut = replace(cut, alpha=np.rint(cut.alpha * self._fade).astype(np.uint8))
        lay_over(cut, canvas[self._part])

    def _source(self, index: int) -> int:
        """The frame of the lip-synced clip that a frame of the scene shows."""
        return min(int(Fraction(index) * self._person.fps / self._scene.fps), len(self._plan) - 1)

    def _face(self, index: int) -> FaceMesh | None:
        """Where the face is on the canvas."""
        face = self._person.face(int(self._plan[self._source(index)]))
        return None if face is None else self._fit.mesh(face)

    def _seen(self, picture: RGB, index: int) -> Seen:
        """A frame of the clip as the part of the canvas that it covers."""
        face = self._person.face(int(self._plan[self._source(index)]))
        return Seen(self._inner.picture(picture), None if face is None else self._inner.mesh(face))

    def _first_frame(self) -> RGB:
        number = int(self._plan[0])
        (frame,) = read_footage(self._person.footage, number, number + 1)
        return region_rgb(frame, whole_picture(self._person.footage))

    def _own_room(self) -> Backdrop:
        """The clip's own background without the person, out of focus."""
        if self._keeps:
            return Backdrop(self._rest, lambda: repeat(self._rest))
        picture, face = self._fit.picture(self._rest), self._face(0)
        alpha = PersonMatte().matte(picture, face)
        room = blurred(empty_room(picture, alpha, round(_ROOM_REACH_IOD * self.eye_distance_px)))
        return Backdrop(room, lambda: repeat(room))

    def _canvases(self) -> Iterator[RGB]:
        """What is behind the person, frame by frame; a still background is not to be drawn on."""
        return repeat(self._behind.still) if self._behind.still is not None else self._behind.frames()

    def _box_of(self, face: FaceMesh) -> PixelBox:
        low, high = np.floor(face.points[:, :2].min(axis=0)), np.ceil(face.points[:, :2].max(axis=0)) + 1
        left, top = (int(np.clip(value, 0, limit)) for value, limit in zip(low, self._size, strict=True))
        right, bottom = (int(np.clip(value, 0, limit)) for value, limit in zip(high, self._size, strict=True))
        return PixelBox(left=left, top=top, right=right, bottom=bottom)

    def _box(self, part: tuple[slice, slice]) -> PixelBox:
        rows, columns = part
        return PixelBox(left=columns.start, top=rows.start, right=columns.stop, bottom=rows.stop)

    @property
    def _size(self) -> tuple[int, int]:
        return self.width_px, self.height_px


def _chosen(pictures: Iterator[RGB], numbers: list[int]) -> Iterator[RGB]:
    """Pictures by their places, which never fall; one that is wanted twice is given twice."""
    place, picture = -1, None
    for number in numbers:
        while place < number:
            picture = next(pictures)
            place += 1
        if picture is None:
            raise ValueError("places count from 0")
        yield picture


def _placed(figure: Figure, scene: ClipScene, *, keeps_background: bool) -> Placement:
    """Choose scale and place on the canvas."""
    size = (scene.width_px, scene.height_px)
    if keeps_background:
        placement = place_person(figure, *size, scene.framing, scene.place, keeps_background=True)
        return replace(placement, fit=_covering(placement.fit, figure))
    placement = place_person(figure, *size, scene.framing, scene.place)
    if figure.left_cut and figure.right_cut:
        free = place_person(replace(figure, left_cut=False, right_cut=False), *size, scene.framing, scene.place)
        if placement.fit.scale > _CUT_WORTH * free.fit.scale:
            said = "the clip's sides cut the person off: they fade there. Use a clip that shows both shoulders."
            return replace(free, advice=(*free.advice, said))
    return placement


def _covering(fit: PhotoFit, figure: Figure) -> PhotoFit:
    """The same place, with the clip's picture over all of the canvas."""
    scale = max(fit.scale, fit.width_px / figure.width, fit.height_px / figure.height)
    eyes = (figure.eye_x - fit.left) * fit.scale, (figure.eye_y - fit.top) * fit.scale
    left = float(np.clip(figure.eye_x - eyes[0] / scale, 0, max(0.0, figure.width - fit.width_px / scale)))
    top = float(np.clip(figure.eye_y - eyes[1] / scale, 0, max(0.0, figure.height - fit.height_px / scale)))
    return PhotoFit(fit.width_px, fit.height_px, scale, left, top)


def _part(fit: PhotoFit, width: int, height: int) -> tuple[slice, slice]:
    """Rows and columns of the canvas that a clip covers; whole pixels only."""
    left, top = max(0, math.ceil(-fit.left * fit.scale - 1e-6)), max(0, math.ceil(-fit.top * fit.scale - 1e-6))
    right = min(fit.width_px, math.floor((width - fit.left) * fit.scale + 1e-6))
    bottom = min(fit.height_px, math.floor((height - fit.top) * fit.scale + 1e-6))
    return slice(top, max(top + 2, bottom)), slice(left, max(left + 2, right))


def _part_fit(fit: PhotoFit, part: tuple[slice, slice]) -> PhotoFit:
    """How the clip lies on that part of the canvas."""
    rows, columns = part
    return PhotoFit(
        columns.stop - columns.start,
        rows.stop - rows.start,
        fit.scale,
        fit.left + columns.start / fit.scale,
        fit.top + rows.start / fit.scale,
    )


def _sides(part: tuple[slice, slice], fit: PhotoFit, figure: Figure) -> NDArray[np.float32] | None:
    """(columns,) how much of the person is left where a side of the clip cuts them off within the canvas."""
    columns = part[1]
    count, reach = columns.stop - columns.start, max(1.0, _FADE * fit.width_px)
    place = np.arange(count, dtype=np.float32) + np.float32(0.5)
    fade = np.ones(count, np.float32)
    if figure.left_cut and columns.start > 0:
        fade = np.minimum(fade, place / np.float32(reach))
    if figure.right_cut and columns.stop < fit.width_px:
        fade = np.minimum(fade, (count - place) / np.float32(reach))
    return fade if fade.min() < 1 else None
