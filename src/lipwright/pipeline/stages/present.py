"""Who is seen in a scene: a presenter on a canvas, frame by frame. The one here is a photo that speaks."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial
from itertools import repeat
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.face import FaceMesh
from lipwright.contracts.motion import MOUTH_CONTROLS, IdleTrack, MouthTrack
from lipwright.contracts.sidecar import PixelBox
from lipwright.contracts.story import Framing, Place
from lipwright.face.pose import head_angles
from lipwright.motion.shapes import load_shape_basis
from lipwright.pipeline.stages.move import Motion
from lipwright.render.backgrounds.backdrop import Backdrop
from lipwright.render.portrait.mouth_shape import Performance
from lipwright.render.portrait.portrait import Portrait
from lipwright.render.staging import HeadTurn
from lipwright.render.staging_scene import Person, stage, stage_at_home

RGB = NDArray[np.uint8]
REST_FPS = Fraction(1)
TURN_DEGREES = 6.0
"""By which a photo's head is turned to a side."""
MOST_TURNED_DEGREES = 18.0
"""Turned this far in the photo already, it is not turned further: what lies behind the cheek is not in the photo."""


class Presenter(ABC):
    """The person of one scene, before a background."""

    width_px: int
    height_px: int
    frame_count: int
    face_box: PixelBox
    """Where the face is in the resting picture."""
    person_box: PixelBox
    """Outside of it there is only background."""
    eye_distance_px: float
    gap: NDArray[np.float32]
    """(frames,) inner-lip gap that was drawn, IOD; 0 where nothing was drawn. Complete when `frames` is used up."""
    closed: NDArray[np.float32]
    """(frames,) 0 to 1: where the lips had to touch; 0 where nothing was drawn."""
    advice: tuple[str, ...]
    """What is not as asked, and what would help; empty where all is well."""

    @abstractmethod
    def still(self) -> RGB:
        """The resting picture: uint8 RGB (height, width, 3), owned by the caller."""

    @abstractmethod
    def frames(self, wanted: Sequence[bool]) -> Iterator[RGB | None]:
        """Every frame of the scene in order.

        Args:
            wanted: one for each frame; where it is False something else is seen, and nothing is drawn.
        Returns: uint8 RGB (height, width, 3), owned by the caller; None where nothing was wanted.
        Raises: ValueError: `wanted` has another length than the scene.
        """


class PhotoPresenter(Presenter):
    """A person from a photo. Deterministic for its arguments."""

    def __init__(
        self,
        person: Person,
        width_px: int,
        height_px: int,
        *,
        framing: Framing,
        place: Place,
        behind: Literal["keep", "blur"] | Backdrop,
        turn: HeadTurn = HeadTurn.AHEAD,
        motion: Motion | None = None,
        seed: int = 0,
    ) -> None:
        """Place the person.

        Args:
            behind: the photo's own background, sharp or out of focus, or another one of the canvas' size.
            turn: to which side the head is turned for the whole scene.
            motion: of the scene, one for each frame; None for a scene of which only the resting picture is wanted.
            seed: of the drawn teeth and grain.
        """
        self._keeps, self._moves = behind == "keep", False
        self._backgrounds: Callable[[], Iterator[RGB]]
        if isinstance(behind, str):
            staged, room = stage_at_home(person, width_px, height_px, framing, place, out_of_focus=not self._keeps)
            self._backgrounds = partial(repeat, room)
        else:
            staged = stage(person, width_px, height_px, framing, place)
            self._moves = behind.still is None
            self._backgrounds = behind.frames if behind.still is None else partial(repeat, behind.still)
        self._part = (
            slice(staged.top, staged.top + staged.scene.photo.shape[0]),
            slice(staged.left, staged.left + staged.scene.photo.shape[1]),
        )
        self._portrait = Portrait(staged.scene, staged.mesh, load_shape_basis(), seed=seed)
        self._yaw = turned_by(turn, staged.mesh)
        self._motion = motion
        self.width_px, self.height_px = width_px, height_px
        self.frame_count = 0 if motion is None else len(motion.mouth)
        low, high = staged.mesh.points[:, :2].min(axis=0), staged.mesh.points[:, :2].max(axis=0)
        self.face_box = self._box(int(low[0]), int(low[1]), int(high[0]) + 1, int(high[1]) + 1)
        self.person_box = self._box(*self._portrait.person_box)
        self.eye_distance_px = self._portrait.eye_distance_px
        self.gap = np.zeros(self.frame_count, np.float32)
        self.closed = np.zeros(self.frame_count, np.float32)
        self.advice = staged.advice

    def still(self) -> RGB:
        """The resting picture: mouth shut, eyes open, the head turned as in the scene."""
        canvas = next(self._backgrounds()).copy()
        mouth, idle = _at_rest()
        self._draw(canvas, self._portrait.perform(mouth), self._turned(idle), 0)
        return canvas

    def frames(self, wanted: Sequence[bool]) -> Iterator[RGB | None]:
        """Every frame of the scene in order; see `Presenter`."""
        if len(wanted) != self.frame_count:
            raise ValueError(f"{len(wanted)} frames are wanted or not, and the scene has {self.frame_count}")
        return iter(()) if self._motion is None else self._frames(self._motion, wanted)

    def _frames(self, motion: Motion, wanted: Sequence[bool]) -> Iterator[RGB | None]:
        performance, idle = self._portrait.perform(motion.mouth), self._turned(motion.idle)
        closed = closed_lips(motion.mouth)
        backgrounds = self._backgrounds()
        for index, draw in enumerate(wanted):
            background = next(backgrounds)
            self.gap[index] = self.closed[index] = 0
            if not draw:
                yield None
                continue
            picture = background if self._moves else background.copy()
            self.gap[index] = self._draw(picture, performance, idle, index)
            self.closed[index] = closed[index]
            yield picture

    def _draw(self, canvas: RGB, performance: Performance, idle: IdleTrack, index: int) -> float:
        """Draw the person over the background that a canvas holds; returns the gap between the lips, IOD."""
        behind = None if self._keeps else np.ascontiguousarray(canvas[self._part])
        drawn = self._portrait.frame(performance, idle, index, onto=behind)
        canvas[self._part] = drawn.image
        return drawn.gap

    def _turned(self, idle: IdleTrack) -> IdleTrack:
        return replace(idle, rotation=idle.rotation + np.array([self._yaw, 0, 0], np.float32))

    def _box(self, left: int, top: int, right: int, bottom: int) -> PixelBox:
        """A box in the person's part of the canvas as one of the canvas."""
        x, y = self._part[1].start, self._part[0].start
        return PixelBox(
            left=max(0, left + x),
            top=max(0, top + y),
            right=min(self.width_px, right + x),
            bottom=min(self.height_px, bottom + y),
        )


def closed_lips(track: MouthTrack) -> NDArray[np.float32]:
    """(frames,) 0 to 1: where the lips have to touch."""
    return np.where(track.gap <= 0, np.maximum(track.closed, 0), 0).astype(np.float32)


def turned_by(turn: HeadTurn, mesh: FaceMesh) -> float:
    """The yaw in radians that turns a photo's head to a side, less where it looks there already."""
    side = {HeadTurn.LEFT: -1, HeadTurn.AHEAD: 0, HeadTurn.RIGHT: 1}[turn]
    already = side * head_angles(mesh).yaw_degrees
    return math.radians(side * float(np.clip(MOST_TURNED_DEGREES - already, 0, TURN_DEGREES)))


def _at_rest() -> tuple[MouthTrack, IdleTrack]:
    """One frame of somebody who does nothing."""
    nothing, one = np.zeros(1, np.float32), np.ones(1, np.float32)
    mouth = MouthTrack(REST_FPS, np.zeros((1, len(MOUTH_CONTROLS)), np.float32), nothing, one)
    rest = np.zeros((1, 3), np.float32), np.zeros((1, 2), np.float32)
    return mouth, IdleTrack(REST_FPS, *rest, blink=nothing, brow=nothing, breath=nothing)
