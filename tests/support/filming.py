"""A small film: three scenes with the face of the test photo, a voice of tones, and pictures that are told apart."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lipwright.contracts.progress import Progress, SilentProgress
from lipwright.contracts.story import Story
from lipwright.media.frames import read_frames
from lipwright.motion.recording import RecordingToMouth
from lipwright.pipeline.video.cast import PhotoCast
from lipwright.pipeline.video.film import make_video
from lipwright.pipeline.video.request import VideoEngines, VideoReport, VideoRequest
from lipwright.render.backgrounds.base import ImageEngine
from lipwright.render.broll.library import Library
from lipwright.render.enhance.off import NoEnhancement
from lipwright.speech.tts.fake import FakeTts
from lipwright.store.stages import StageStore
from lipwright.story.markdown import read_script
from lipwright.story.rules_board import RulesStoryboarder
from support.talking import close_up

SIZE = (320, 180)
SCRIPT = """
# A map

## One
[background: #204060]
Good morning.

## Two
[transition: dissolve 0.4s]
We made [b-roll: green.png 0.4s] a paper map.

## Three
[background: #602020] [transition: cut]
Goodbye. [hold 0.2s]
"""


@dataclass
class Studio:
    """What films are made in: one folder, one store."""

    folder: Path
    tts: FakeTts = field(default_factory=FakeTts)
    image: ImageEngine | None = None
    library: Library | None = None
    progress: Progress = field(default_factory=SilentProgress)

    def __post_init__(self) -> None:
        self.face = self.folder / "face.png"
        Image.fromarray(close_up()).save(self.face)
        Image.new("RGB", (320, 180), (0, 200, 0)).save(self.folder / "green.png")

    def request(self, script: str = SCRIPT, name: str = "film.mp4") -> VideoRequest:
        story = read_script(script, "script.md")
        return VideoRequest(
            story=story, files=self.files(story), output=self.folder / name, size=SIZE, fps=Fraction(25)
        )

    def files(self, story: Story) -> dict[str, Path]:
        return {name: self.folder / name for name in story.files()}

    def make(self, request: VideoRequest) -> VideoReport:
        engines = VideoEngines(
            tts=lambda _voice: self.tts,
            storyboarder=RulesStoryboarder,
            image=lambda: self.image,
            enhancer=NoEnhancement,
            library=lambda: self.library,
        )
        with StageStore(self.folder / "stages", 10**9) as store:
            cast = PhotoCast.of_photo(self.face, listener=RecordingToMouth())
            return make_video(request, cast, engines, store=store, progress=self.progress)

    def again(self, before: str, after: str) -> VideoReport:
        """Make the film with other words in its script."""
        changed = SCRIPT.replace(before, after)
        if changed == SCRIPT:
            raise ValueError(f"the script has no {before}")
        return self.make(self.request(changed, "changed.mp4"))


def corner(path: Path) -> list[tuple[int, ...]]:
    """The colour of every frame's upper left corner: what is behind the person, or in front of them."""
    return [tuple(np.median(image[:8, :8].reshape(-1, 3), axis=0).astype(int).tolist()) for image in pictures(path)]


def pictures(path: Path) -> Iterator[NDArray[np.uint8]]:
    for frame in read_frames(path):
        yield frame.image
