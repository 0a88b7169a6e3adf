"""Who is seen in a scene: a person from a clip, who speaks, moves as in the clip, and is set before any background."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import repeat
from typing import Literal

import numpy as np

from lipwright.contracts.face import FaceMesh
from lipwright.contracts.progress import Progress
from lipwright.contracts.sidecar import PixelBox
from lipwright.face.matte import PersonMatte
from lipwright.face.video_matte import CutOut, Seen, VideoMatter
from lipwright.face.video_matte_pixels import lay_over
from lipwright.media.footage import read_footage
from lipwright.media.yuv import region_rgb
from lipwright.motion.sound import MouthEngine
from lipwright.pipeline.overlap import prefetched
from lipwright.pipeline.stages.clip_person import ClipPerson, whole_picture
from lipwright.pipeline.stages.clip_place import ClipScene, ClipWindow, faded_sides, place_clip
from lipwright.pipeline.stages.clip_speech import clip_plan, speak_in_clip
from lipwright.pipeline.stages.present import RGB, Presenter, closed_lips
from lipwright.pipeline.stages.soundtrack import Soundtrack
from lipwright.render.backdrop import blurred, empty_room
from lipwright.render.backgrounds.backdrop import Backdrop
from lipwright.store.stages import StageStore

FRAMES_AHEAD = 3
_ROOM_REACH_IOD = 0.25


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
        listener: MouthEngine,
        store: StageStore,
        progress: Progress,
    ) -> None:
        """Place the person.

        Args:
            behind: the clip's own background, sharp or out of focus, or another one of the canvas' size.
            matter: cuts the person out; not asked where the clip keeps its background.
            track: what they say, not longer than the scene; None for one of which only the resting picture is wanted.
            listener: hears the mouth of a track whose phones are not known.
            store: keeps the clip with its new mouth.
        """
        self._person, self._scene, self._matter = person, scene, matter
        self._track, self._listener, self._store, self._progress = track, listener, store, progress
        self.width_px, self.height_px = scene.width_px, scene.height_px
        self.frame_count = 0 if track is None else scene.frames
        placement = place_clip(person.figure, scene, keeps_background=isinstance(behind, str))
        self._fit = placement.fit
        self.advice = tuple(text.replace("photo", "clip") for text in placement.advice)
        self._window = ClipWindow.of(self._fit, person.footage.width_px, person.footage.height_px)
        self._part = self._window.part
        self._plan = clip_plan(person, max(scene.frames, 1) / scene.fps, scene.start_s)
        self._rest = self._first_frame()
        face = self._face(0)
        self.face_box = self._box_of(face) if face is not None else self._box(self._part)
        self.eye_distance_px = face.eye_distance_px if face is not None else 0.0
        self.person_box = self._box(self._part)
        self.gap = np.zeros(self.frame_count, np.float32)
        self.closed = np.zeros(self.frame_count, np.float32)
        self._fade = faded_sides(self._part, self._fit, person.figure)
        self._keeps = behind == "keep"
        self._behind = behind if isinstance(behind, Backdrop) else self._own_room()

    def still(self) -> RGB:
        """The resting picture: the first frame of the scene, as the clip has it."""
        if self._keeps:
            return self._window.picture(self._rest)
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
        speech = speak_in_clip(
            self._person,
            track,
            self._plan,
            listener=self._listener,
            store=self._store,
            progress=self._progress,
        )
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
                    yield self._window.picture(next(ahead))
                    continue
                picture = canvas if self._behind.still is None else canvas.copy()
                self._lay(next(cuts), picture)
                yield picture

    def _lay(self, cut: CutOut, canvas: RGB) -> None:
        if self._fade is not None:
            cut = replace(cut, alpha=np.rint(cut.alpha * self._fade).astype(np.uint8))
        lay_over(cut, canvas[self._part])

    def _source(self, index: int) -> int:
        """The frame of the lip-synced clip that a frame of the scene shows: the nearest in time."""
        nearest = int(index * self._person.fps / self._scene.fps + Fraction(1, 2))
        return min(nearest, len(self._plan) - 1)

    def _face(self, index: int) -> FaceMesh | None:
        """Where the face is on the canvas."""
        face = self._person.face(int(self._plan[self._source(index)]))
        return None if face is None else self._fit.mesh(face)

    def _seen(self, picture: RGB, index: int) -> Seen:
        """A frame of the clip as the part of the canvas that it covers."""
        face = self._person.face(int(self._plan[self._source(index)]))
        return Seen(self._window.picture(picture), None if face is None else self._window.mesh(face))

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
