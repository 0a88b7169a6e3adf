"""What a video of scenes is asked for, what makes it, and what was made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from lipwright.contracts.portrait import SubtitleKind
from lipwright.contracts.story import Background, Story
from lipwright.render.backgrounds.base import ImageEngine
from lipwright.render.broll.library import Library
from lipwright.render.enhance.base import Enhancer
from lipwright.speech.tts.base import TextToSpeech
from lipwright.story.base import Storyboarder

FULL_HD = (1920, 1080)


@dataclass(frozen=True, slots=True)
class VideoRequest:
    """One script, and how the video of it is to be."""

    story: Story
    """As it was written, or a storyboard of it."""
    files: Mapping[str, Path]
    """Where the files of the story are, by the names that it has for them."""
    output: Path
    """The MP4 file. It appears complete or not at all."""
    voice: str = ""
    """For scenes that name none, in a story that names none."""
    language: str | None = None
    speed: float = 1.0
    lexicon: Path | None = None
    size: tuple[int, int] = FULL_HD
    fps: Fraction = Fraction(25)
    background: Background | None = None
    """With which a story begins that names none."""
    subtitles: frozenset[SubtitleKind] = frozenset()
    """`burn` draws captions into every scene that does not refuse them."""
    label: str | None = None
    seed: int = 0


@dataclass(frozen=True)
class VideoEngines:
    """Builders of the engines; each is called when it is needed."""

    tts: Callable[[str], TextToSpeech]
    """From the name of a voice; empty for any."""
    storyboarder: Callable[[], Storyboarder]
    image: Callable[[], ImageEngine | None]
    enhancer: Callable[[], Enhancer]
    library: Callable[[], Library | None]
    """What cut-aways are chosen from by tags."""


@dataclass(frozen=True, slots=True)
class VideoReport:
    """What was made."""

    output: Path
    story: Story
    """With its exact times."""
    duration_s: float
    frames: int
    made_scenes: int
    """The others had been made before."""
    notes: tuple[str, ...]
    """What is not ideal, for people."""
    stage_s: tuple[tuple[str, float], ...]
    """Name and seconds of each stage."""
    sidecars: tuple[Path, ...]
    """Files written beside the video."""
