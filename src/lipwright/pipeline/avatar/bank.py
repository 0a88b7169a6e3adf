"""The mouths of a clip's person, read from the clip once and kept: the frames that lip-sync engines want to see.

What is kept of each frame is the face without its surroundings, without loss. An engine that gets the kept frames gives
the same pixels as with the clip's own.
"""

from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.avatar import AvatarIdentity
from lipwright.contracts.lipsync import DrawnFace, FaceFrame, LipSyncNeeds, LipSyncWindow
from lipwright.contracts.sync import Preset
from lipwright.errors import MediaUnreadable
from lipwright.face.tracks import Shot
from lipwright.pipeline.avatar.clip import SeenClip
from lipwright.pipeline.avatar.library import AvatarLibrary
from lipwright.pipeline.stages.meet import People
from lipwright.render.lipsync.base import LipSyncer, LipSyncSession
from lipwright.render.lipsync.presets import Knobs, preset_tuning

BANK_VERSION = 1
MADE_BY = f"learn@{BANK_VERSION}"
PREFIX = "bank-"
"""Of the names of its assets: `bank-<number of the shot>.npz`."""
MOST_SHOTS = 3
"""The longest ones; of further shots the frames are read from the clip when they are wanted."""
MARGIN_IOD = 0.15
"""About the mesh; no engine looks at more of an exemplar."""
LARGEST_SIDE_PX = 8192
SAME_SIZE = 1.6
"""Faces whose eyes are apart by this factor more or less are not one person in one shot."""
_QUICK_PNG = 1


@dataclass(frozen=True)
class KeptBank:
    """A file with the exemplars of one shot."""

    path: Path
    first_frame: int
    end_frame: int
    """Exclusive, of the shot."""
    eye_distance_px: float

    @classmethod
    def open(cls, path: Path) -> "KeptBank":
        """Read what it is of.

        Raises: MediaUnreadable.
        """
        try:
            with np.load(path, allow_pickle=False) as stored:
                version, first, end = (int(value) for value in stored["shot"])
                eyes = float(stored["eye_distance_px"])
        except (OSError, ValueError, KeyError) as exc:
            raise MediaUnreadable(f"`{path}`: no bank of mouths. Create the avatar again.") from exc
        if version != BANK_VERSION:
            raise MediaUnreadable(f"`{path}`: a bank of mouths of another version. Create the avatar again.")
        return cls(path, first, end, eyes)

    def shows(self, frame: FaceFrame) -> bool:
        """Whether a frame of the clip is of this person in this shot."""
        ratio = _eyes_px(frame) / self.eye_distance_px
        return self.first_frame <= frame.number < self.end_frame and 1 / SAME_SIZE < ratio < SAME_SIZE

    def frames(self) -> Iterator[FaceFrame]:
        """The exemplars, ascending. Where nothing was kept of a picture it is black."""
        with np.load(self.path, allow_pickle=False) as stored:
            numbers, points, boxes = stored["numbers"], stored["points"], stored["boxes"]
            pictures, ends = stored["pictures"], np.cumsum(stored["sizes"])
        for place, number in enumerate(numbers.tolist()):
            height, width, top, left = (int(value) for value in boxes[place])
            start = int(ends[place - 1]) if place else 0
            part = cv2.imdecode(pictures[start : int(ends[place])], cv2.IMREAD_COLOR)
            if part is None or max(height, width) > LARGEST_SIDE_PX:
                raise MediaUnreadable(f"`{self.path}`: a picture in it is damaged. Create the avatar again.")
            image = np.zeros((height, width, 3), np.uint8)
            image[top : top + part.shape[0], left : left + part.shape[1]] = part[..., ::-1]
            yield FaceFrame(image, points[place], 1.0, number)


def learn(seen: SeenClip, folder: Path) -> dict[str, Path]:
    """Read the exemplars of a person, of the longest shots, and write them down.

    Returns: files in `folder`, by the names of the assets.
    """
    tuning = preset_tuning(Preset.BALANCED)
    made: dict[str, Path] = {}
    by_length = sorted(seen.tracks, key=len, reverse=True)
    for shot in dict.fromkeys(track.shot for track in by_length):
        if len(made) == MOST_SHOTS:
            break
        track = next(track for track in by_length if track.shot == shot)
        name = f"{PREFIX}{shot}.npz"
        people = People(
            seen.footage,
            seen.faces,
            engine=tuning.engine,
            most_exemplars=tuning.most_exemplars,
            build=partial(_Writer, folder / name, seen.faces.shots[shot]),
        )
        people.session(track.number)
        made[name] = folder / name
    return made


def knowing(
    identity: AvatarIdentity, library: AvatarLibrary, lipsync: Callable[[str, Knobs], LipSyncer]
) -> Callable[[str, Knobs], LipSyncer]:
    """Engines that know the person of an avatar: they need not read the clip, and keep their sessions.

    Sessions live as long as what this returns, and are for one thread. A bank that another version of Lipwright made is
    left alone: engines read the clip then.

    Args:
        lipsync: builds an engine from its name and its knobs.
    Raises: AvatarNotFound, MediaUnreadable.
    """
    names = [asset.name for asset in identity.assets if asset.made_by == MADE_BY]
    banks = [KeptBank.open(library.path(identity.name, name)) for name in names]
    built: dict[tuple[object, ...], LipSyncer] = {}

    def build(name: str, knobs: Knobs) -> LipSyncer:
        key = (name, *sorted(knobs.items()))
        if key not in built:
            built[key] = _knowing(lipsync(name, knobs), banks)
        return built[key]

    return build


def _knowing(inner: LipSyncer, banks: list[KeptBank]) -> LipSyncer:
    """An engine is told apart by its class, and one that knows somebody from elsewhere gives other pixels."""
    if not inner.needs.exemplars:
        return inner
    version = inner.version * 1000 + BANK_VERSION
    kind = type("Knowing", (_Knowing,), {"name": inner.name, "version": version, "needs": inner.needs})
    engine: LipSyncer = kind(inner, banks)
    return engine


class _Knowing(LipSyncer):
    def __init__(self, inner: LipSyncer, banks: list[KeptBank]) -> None:
        self._inner = inner
        self._banks = banks
        self._sessions: dict[Path, LipSyncSession] = {}

    def begin(self, exemplars: Iterable[FaceFrame]) -> LipSyncSession:
        """As LipSyncer.begin, with the kept exemplars of the person in whose shot the first frame lies."""
        frames = iter(exemplars)
        first = next(frames, None)
        bank = next((bank for bank in self._banks if first is not None and bank.shows(first)), None)
        if bank is None:
            return self._inner.begin(frames if first is None else chain([first], frames))
        if isinstance(frames, Generator):
            frames.close()
        if bank.path not in self._sessions:
            self._sessions[bank.path] = self._inner.begin(bank.frames())
        return self._sessions[bank.path]


class _Written(LipSyncSession):
    """What a writer gives back: nobody draws with it."""

    def render(self, window: LipSyncWindow) -> Iterator[DrawnFace]:
        raise AssertionError("frames were written down, and none is drawn")


class _Writer(LipSyncer):
    """Writes down what an engine would be shown."""

    name: ClassVar[str] = "rewrite"
    version: ClassVar[int] = BANK_VERSION
    needs: ClassVar[LipSyncNeeds] = LipSyncNeeds(exemplars=True)

    def __init__(self, path: Path, shot: Shot, _: str) -> None:
        self._path = path
        self._shot = (BANK_VERSION, shot.first_frame, shot.end_frame)

    def begin(self, exemplars: Iterable[FaceFrame]) -> LipSyncSession:
        numbers, points, boxes, pictures, eyes = [], [], [], [], []
        for frame in exemplars:
            left, top, part = _face(frame)
            ok, encoded = cv2.imencode(".png", part[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, _QUICK_PNG])
            if not ok:
                raise ValueError(f"{part.shape} is no picture")
            numbers.append(frame.number)
            points.append(frame.points)
            boxes.append((*frame.image.shape[:2], top, left))
            pictures.append(encoded)
            eyes.append(_eyes_px(frame))
        np.savez(
            self._path,
            shot=np.array(self._shot, np.int64),
            eye_distance_px=np.array(np.median(eyes)),
            numbers=np.array(numbers, np.int64),
            points=np.array(points, np.float32),
            boxes=np.array(boxes, np.int32),
            sizes=np.array([len(picture) for picture in pictures], np.int64),
            pictures=np.concatenate(pictures),
        )
        return _Written()


def _face(frame: FaceFrame) -> tuple[int, int, NDArray[np.uint8]]:
    """The part of a frame that holds the face: its left, its top, its picture."""
    plane, margin = frame.points[:, :2], MARGIN_IOD * _eyes_px(frame)
    height, width = frame.image.shape[:2]
    left, top = np.maximum(np.floor(plane.min(axis=0) - margin), 0).astype(int)
    right, bottom = np.minimum(np.ceil(plane.max(axis=0) + margin) + 1, (width, height)).astype(int)
    return int(left), int(top), frame.image[top:bottom, left:right]


def _eyes_px(frame: FaceFrame) -> float:
    return float(np.linalg.norm(frame.points[263, :2] - frame.points[33, :2]))
