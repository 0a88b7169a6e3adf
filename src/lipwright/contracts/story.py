"""A video of scenes: what is said in each, and what is seen. Version 1.

A script is written as Markdown; a storyboard is the same story with every choice made and its times. What is None is
still to be chosen.
"""

from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from lipwright.contracts.strict import Name, Strict, Tag

STORYBOARD = ".storyboard.json"
"""What is written beside a video of scenes ends in it: the story with every choice made, and its exact times."""
Seconds = Annotated[float, Field(ge=0, le=86_400)]
FileName = Annotated[str, Field(min_length=1, max_length=255)]
"""A path relative to the script's folder, or the name under which a job holds an asset. Never leads out of it."""


class Framing(StrEnum):
    """How much of the person is seen."""

    CLOSE = "close"
    """The head, and a little of the shoulders."""
    MEDIUM = "medium"
    """Head and chest."""
    WIDE = "wide"
    """All that the photo shows of them, with room about it."""


class Place(StrEnum):
    """Where the person stands, as the viewer sees it."""

    LEFT = "left"
    CENTRE = "centre"
    RIGHT = "right"


class Background(Strict):
    """What is behind the person."""

    kind: Literal["keep", "blur", "colour", "gradient", "file", "prompt"]
    """`keep` and `blur`: the photo's own; `file`: a picture or a clip; `prompt`: an image engine paints it."""
    value: Annotated[str, Field(max_length=1000)] = ""
    """`#rrggbb`; for a gradient two or three colours joined by commas, or the name of one; the file; the words."""


class TransitionKind(StrEnum):
    """How a scene begins."""

    CUT = "cut"
    DISSOLVE = "dissolve"


class Transition(Strict):
    """From the scene before into this one. A dissolve lies over the end of that one and the beginning of this one."""

    kind: TransitionKind = TransitionKind.CUT
    duration_s: Annotated[float, Field(ge=0, le=2)] = 0.0

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if (self.kind is TransitionKind.CUT) != (self.duration_s == 0):
            raise ValueError(f"duration_s: a {self.kind} of {self.duration_s} s")
        return self


class CutAway(Strict):
    """B-roll: a picture or a clip that is seen instead of the person, who goes on speaking."""

    after_words: Annotated[int, Field(ge=0)]
    """So many words of the scene are spoken before it begins."""
    duration_s: Annotated[float, Field(gt=0, le=600)] | None = None
    """None to the end of the sentence that it begins in. Never longer than its scene."""
    file: FileName | None = None
    tags: tuple[Name, ...] = ()
    """Where no file is named: the library is searched for them."""
    start_s: Seconds | None = None
    """From the start of its scene; None until the times are known."""

    @model_validator(mode="after")
    def _shows_something(self) -> Self:
        if (self.file is None) == (not self.tags):
            raise ValueError("a cut-away has either a file or tags")
        return self


class Music(Strict):
    """A sound under the whole video, lower while somebody speaks."""

    file: FileName
    gain_db: Annotated[float, Field(ge=-60, le=0)] = -14.0
    """Against the speech, where nobody speaks."""
    duck_db: Annotated[float, Field(ge=0, le=40)] = 10.0
    """How much lower it is while somebody speaks."""


class Scene(Strict):
    """One heading of a script."""

    title: Annotated[str, Field(max_length=200)]
    text: Annotated[str, Field(max_length=100_000)]
    """What is said; may hold `[pause 500ms]`. Empty for a silent scene, which then has a `hold_s`."""
    hold_s: Seconds = 0.0
    """How long the scene goes on in silence after the words."""
    voice: Name = ""
    """Empty for the story's."""
    framing: Framing | None = None
    place: Place | None = None
    pose: Name | None = None
    """A pose of the avatar: a photo that it has, or `ahead`, `left`, `right`, to which side the head is turned."""
    background: Background | None = None
    transition: Transition | None = None
    cut_aways: tuple[CutAway, ...] = ()
    captions: bool | None = None
    """None for the story's."""
    start_s: Seconds | None = None
    """In the finished video; a dissolve's overlap belongs to both scenes."""
    duration_s: Seconds | None = None
    """Estimated until the words are spoken, then exact."""


class Story(Strict):
    """A script or a storyboard."""

    version: Literal[1] = 1
    title: Annotated[str, Field(max_length=200)] = ""
    language: Tag | None = None
    voice: Name = ""
    captions: bool = False
    music: Music | None = None
    timed: Literal["no", "estimated", "spoken"] = "no"
    """What the times of the scenes are worth."""
    scenes: Annotated[tuple[Scene, ...], Field(min_length=1, max_length=500)]

    @model_validator(mode="after")
    def _times_rise(self) -> Self:
        starts = [scene.start_s for scene in self.scenes if scene.start_s is not None]
        if any(later < earlier for earlier, later in pairwise(starts)):
            raise ValueError("scenes: their times do not rise")
        return self

    def files(self) -> frozenset[str]:
        """Names of all files that the story shows or plays."""
        behind = {s.background.value for s in self.scenes if s.background and s.background.kind == "file"}
        shown = {cut.file for s in self.scenes for cut in s.cut_aways if cut.file}
        return frozenset(behind | shown | ({self.music.file} if self.music else set()))
