"""Jobs of kind `video` with an avatar of nobody, a voice of tones, and a painter that never paints the same twice."""

import itertools
import secrets
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from lipwright.contracts.avatar import AvatarIdentity
from lipwright.contracts.job import JobRequest
from lipwright.motion.recording import RecordingToMouth
from lipwright.pipeline.service.video import VideoRoute
from lipwright.pipeline.video.cast import Cast, PhotoCast
from lipwright.pipeline.video.request import VideoEngines
from lipwright.render.arrays import Pixels
from lipwright.render.backgrounds.base import ImageEngine
from lipwright.render.backgrounds.fake import FakePainter
from lipwright.render.broll.library import Library
from lipwright.render.enhance.off import NoEnhancement
from lipwright.speech.tts.fake import FakeTts
from lipwright.store.database import Database
from lipwright.store.digest import file_digest
from lipwright.store.stages import StageStore
from lipwright.story.rules import RulesWriter
from lipwright.story.rules_board import RulesStoryboarder
from support.avatars import Studio as Avatars
from support.job_by_hand import ByHand

WIDTH, HEIGHT, FPS = 160, 90, 10
SCRIPT = """
# A map

## One
[background: "a kitchen"]
Good morning.

## Two
[background: "a wood"] [transition: dissolve 0.4s]
A map [b-roll: green.png 0.3s] is made.

## Three
[background: #602020] [transition: cut]
Goodbye.
"""


class Painter(ImageEngine):
    """Another colour each time, whatever the words."""

    capability = FakePainter.capability

    def __init__(self) -> None:
        self.painted: list[str] = []
        self._count = itertools.count(1)

    def paint(self, words: str, width_px: int, height_px: int) -> Pixels:
        self.painted.append(words)
        colour = (40, 37 * next(self._count) % 250, 200)
        return np.full((height_px, width_px, 3), colour, np.uint8)


@dataclass
class Place:
    """Where jobs are made."""

    folder: Path
    avatars: Avatars
    """With one that is called `nobody`."""
    tts: FakeTts = field(default_factory=FakeTts)
    painter: Painter = field(default_factory=Painter)
    library: Library | None = None
    identity: AvatarIdentity = field(init=False)
    files: dict[str, Path] = field(default_factory=dict)
    """By digest."""
    forgetful: bool = False
    """Each attempt is on a machine of its own, which has made nothing yet."""
    stages: Path = field(init=False)
    """What the machine remembers, else."""

    def __post_init__(self) -> None:
        self.stages = self.folder / "stages"
        self.identity = self.avatars.library.load("nobody")
        for asset in self.identity.assets:
            self.files[asset.digest] = self.avatars.library.path("nobody", asset.name)
        Image.new("RGB", (WIDTH, HEIGHT), (0, 200, 0)).save(self.folder / "green.png")
        self.green = self.give(self.folder / "green.png")

    def give(self, path: Path) -> str:
        digest = file_digest(path)
        self.files[digest] = path
        return digest

    @property
    def engines(self) -> VideoEngines:
        return VideoEngines(
            tts=lambda _voice: self.tts,
            storyboarder=RulesStoryboarder,
            image=lambda: self.painter,
            enhancer=NoEnhancement,
            library=lambda: self.library,
        )

    @property
    def route(self) -> VideoRoute:
        return VideoRoute(RulesWriter, lambda **_: self.engines, cast_of, self.store)

    def store(self) -> StageStore:
        return StageStore(self.folder / secrets.token_hex(4) if self.forgetful else self.stages)

    def spec(self, **fields: Any) -> dict[str, Any]:
        given = {} if {"brief", "story"} & fields.keys() else {"script": SCRIPT}
        return {
            "kind": "video",
            "avatar": "nobody",
            "identity": self.identity.model_dump(mode="json"),
            "files": {"green.png": self.green},
            "width_px": WIDTH,
            "height_px": HEIGHT,
            "fps": str(FPS),
            **given,
            **fields,
        }

    def job(self, database: Path, approvals: tuple[str, ...] = (), **fields: Any) -> ByHand:
        """A job that was accepted.

        Args:
            database: an SQLite file with all tables; a copy of it becomes the job's.
        """
        request = JobRequest.model_validate({"spec": self.spec(**fields), "approvals": list(approvals)})
        folder = self.folder / secrets.token_hex(4)
        folder.mkdir()
        shutil.copy(database, folder / "jobs.db")
        return ByHand(self.route, request, Database(f"sqlite:///{folder / 'jobs.db'}"), folder, files=dict(self.files))


def cast_of(figure: Any, **_: Any) -> Cast:
    """As wiring does it, for photos."""
    if figure.avatar is not None:
        return PhotoCast.of_avatar(figure.avatar, figure.library, listener=RecordingToMouth())
    return PhotoCast.of_photo(figure.face, listener=RecordingToMouth())
