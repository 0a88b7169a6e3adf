"""Who is seen in a video of scenes, and how they are set into one."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Literal

from lipwright.contracts.avatar import AvatarIdentity
from lipwright.contracts.progress import Progress
from lipwright.contracts.story import Framing, Place, Scene
from lipwright.face.video_matte import VideoMatter
from lipwright.motion.sound import MouthEngine
from lipwright.pipeline.avatar.library import AvatarLibrary
from lipwright.pipeline.avatar.picture import pose_files, read_picture
from lipwright.pipeline.stages.clip_person import ClipPerson
from lipwright.pipeline.stages.clip_place import ClipScene
from lipwright.pipeline.stages.move import move
from lipwright.pipeline.stages.prepare import load_person
from lipwright.pipeline.stages.present import PhotoPresenter, Presenter
from lipwright.pipeline.stages.present_clip import ClipPresenter
from lipwright.pipeline.stages.soundtrack import Soundtrack
from lipwright.pipeline.video.material import Material
from lipwright.render.backgrounds.backdrop import Backdrop, open_backdrop
from lipwright.render.staging import HeadTurn
from lipwright.render.staging_scene import Person
from lipwright.store.digest import file_digest
from lipwright.store.stages import StageStore

ONLY = ""
"""The pose of the photo that is seen where a scene names none."""
APART_S = 7.0
"""So far from each other in a clip do scenes begin that follow each other: they do not look the same."""
MOST_KEPT = 4
"""People in memory, each a photo of some 10 MB with its matte."""


@dataclass(frozen=True, slots=True)
class Canvas:
    """The frames that a person is set into."""

    width_px: int
    height_px: int
    fps: Fraction
    seed: int


@dataclass(frozen=True, slots=True)
class Stand:
    """Where and how the person is in one scene."""

    scene: Scene
    """With its exact times."""
    material: Material
    number: int
    """Of the scene, from 0."""


class Cast(ABC):
    """Who is seen."""

    @abstractmethod
    def poses(self) -> tuple[str, ...]:
        """What scenes may ask for."""

    @abstractmethod
    def facts(self, stand: Stand) -> dict[str, str]:
        """What a scene's person depends on: digests and values by their names, for its key."""

    @abstractmethod
    def presenter(self, stand: Stand, canvas: Canvas, frames: int, track: Soundtrack | None) -> Presenter:
        """Set the person into a scene.

        Args:
            frames: of the scene.
            track: as long; None for a scene of which only the resting picture is wanted.
        Raises: FaceError, MediaError.
        """


class PhotoCast(Cast):
    """A person from photos."""

    def __init__(self, photos: Mapping[str, str], read: Callable[[str], Person], *, listener: MouthEngine) -> None:
        """Know the photos; each is read when it is first drawn.

        Args:
            photos: digest of each, by its pose; one is for `ONLY`.
            read: reads one, from its pose.
            listener: hears the mouth of what is said where the phones are not known.
        """
        self._photos = photos
        self._listener = listener
        self._read = lru_cache(maxsize=MOST_KEPT)(read)

    @classmethod
    def of_photo(cls, photo: Path, face_index: int | None = None, *, listener: MouthEngine) -> "PhotoCast":
        """A person from one photo.

        Raises: MediaError, FaceError: it cannot be used.
        """
        person = load_person(photo, face_index)
        return cls({ONLY: f"{file_digest(photo)} {face_index}"}, lambda _pose: person, listener=listener)

    @classmethod
    def of_avatar(cls, identity: AvatarIdentity, library: AvatarLibrary, *, listener: MouthEngine) -> "PhotoCast":
        """An avatar that was made of photos."""
        photos = {pose: identity.digest(pose_files(pose)[0]) for pose in (ONLY, *identity.poses())}
        return cls(photos, partial(read_picture, library, identity.name), listener=listener)

    def poses(self) -> tuple[str, ...]:
        """Photos that there are, and sides to which the head is turned."""
        return (*(pose for pose in self._photos if pose != ONLY), *HeadTurn)

    def facts(self, stand: Stand) -> dict[str, str]:
        """The photo, and the turn of the head."""
        return {"photo": self._photos[self._photo(stand)], "turn": self._turn(stand)}

    def presenter(self, stand: Stand, canvas: Canvas, frames: int, track: Soundtrack | None) -> Presenter:
        """Set the person into a scene; see `Cast`."""
        return PhotoPresenter(
            self._read(self._photo(stand)),
            canvas.width_px,
            canvas.height_px,
            framing=stand.scene.framing or Framing.MEDIUM,
            place=stand.scene.place or Place.CENTRE,
            turn=self._turn(stand),
            behind=behind(stand.material, canvas, frames),
            motion=move(canvas, track, listener=self._listener) if track else None,
            seed=canvas.seed,
        )

    def _photo(self, stand: Stand) -> str:
        pose = stand.scene.pose or ONLY
        return pose if pose in self._photos else ONLY

    def _turn(self, stand: Stand) -> HeadTurn:
        pose = stand.scene.pose
        return HeadTurn(pose) if pose in set(HeadTurn) and pose not in self._photos else HeadTurn.AHEAD


class ClipCast(Cast):
    """A person from a clip, who is found in it when the first scene is drawn."""

    def __init__(
        self,
        digest: str,
        load: Callable[[], ClipPerson],
        matter: VideoMatter,
        *,
        listener: MouthEngine,
        store: StageStore,
        progress: Progress,
    ) -> None:
        """Know the clip.

        Args:
            digest: of all that `load` depends on.
            matter: cuts the person out.
            listener: hears the mouth of what is said where the phones are not known.
        """
        self._digest = digest
        self._person = cache(load)
        self._matter = matter
        self._listener = listener
        self._store = store
        self._progress = progress

    def poses(self) -> tuple[str, ...]:
        """None: the person moves as in the clip."""
        return (HeadTurn.AHEAD,)

    def facts(self, stand: Stand) -> dict[str, str]:
        """The clip, and where in it the scene begins."""
        matter = f"{self._matter.capability.name} {self._matter.version}"
        return {"clip": self._digest, "matter": matter, "start": str(stand.number * APART_S)}

    def presenter(self, stand: Stand, canvas: Canvas, frames: int, track: Soundtrack | None) -> Presenter:
        """Set the person into a scene; see `Cast`."""
        scene = ClipScene(
            canvas.width_px,
            canvas.height_px,
            canvas.fps,
            frames,
            stand.scene.framing or Framing.MEDIUM,
            stand.scene.place or Place.CENTRE,
            stand.number * APART_S,
        )
        return ClipPresenter(
            self._person(),
            scene,
            behind=behind(stand.material, canvas, frames),
            matter=self._matter,
            track=track,
            listener=self._listener,
            store=self._store,
            progress=self._progress,
        )


def behind(material: Material, canvas: Canvas, frames: int) -> Literal["keep", "blur"] | Backdrop:
    """What is behind the person of a scene."""
    background = material.background
    match background.kind:
        case "keep" | "blur":
            return background.kind
        case _:
            return open_backdrop(
                background, material.files, canvas.width_px, canvas.height_px, canvas.fps, max(frames, 1), None
            )
