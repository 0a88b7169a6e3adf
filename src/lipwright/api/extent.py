"""How much a job will make: seconds, letters, scenes and pictures, guessed from its words."""

from dataclasses import dataclass

from lipwright.contracts.job import AvatarSpec, DubSpec, SpeakSpec, Spec, VideoSpec
from lipwright.contracts.story import Story
from lipwright.story.markdown import read_script
from lipwright.story.timing import estimated

CHARACTERS_PER_SECOND = 15.0
"""Of speech at a voice's own pace, in languages with an alphabet."""
SCRIPT = "script"
"""What messages call the script of a job."""


@dataclass(frozen=True, slots=True)
class Extent:
    """About how much is made; None where nobody can tell before."""

    duration_s: float | None = None
    characters: int | None = None
    """That are spoken."""
    scenes: int | None = None
    painted: int | None = None
    """Backgrounds that an image engine paints."""


def extent_of(spec: Spec, duration_s: float | None, *, invents: bool = False) -> Extent:
    """Guess how much a job makes.

    Args:
        duration_s: as its caller says, of the file that it is made from.
        invents: whether a script that is written from a brief has words of its own.
    Raises: ScriptInvalid: the script of a video.
    """
    if isinstance(spec, AvatarSpec):
        return Extent()
    if isinstance(spec, VideoSpec):
        return _of_video(spec, invents=invents)
    text = None if isinstance(spec, DubSpec) else spec.text
    if duration_s is None and text is not None:
        speed = spec.speed if isinstance(spec, SpeakSpec) else 1.0
        duration_s = round(len(text) / CHARACTERS_PER_SECOND / speed, 1)
    spoken = None if duration_s is None else round(duration_s * CHARACTERS_PER_SECOND)
    return Extent(duration_s, spoken if text is None else len(text))


def story_of(spec: VideoSpec) -> Story | None:
    """The story of a video as its caller wrote it; None for a brief.

    Raises: ScriptInvalid, PathEscapes.
    """
    return spec.story if spec.script is None else read_script(spec.script, SCRIPT)


def _of_video(spec: VideoSpec, *, invents: bool) -> Extent:
    story = story_of(spec)
    if story is None and spec.brief is not None and not invents:
        story = read_script(spec.brief, SCRIPT)
    if story is None:
        return Extent(spec.seconds, round(spec.seconds * CHARACTERS_PER_SECOND))
    if story.language is None:
        story = story.model_copy(update={"language": spec.language})
    last = estimated(story).scenes[-1]
    letters = sum(len(scene.text) for scene in story.scenes)
    painted = sum(scene.background is not None and scene.background.kind == "prompt" for scene in story.scenes)
    # Pauses and held scenes do not become shorter, but they are few.
    duration_s = ((last.start_s or 0.0) + (last.duration_s or 0.0)) / spec.speed
    return Extent(round(duration_s, 1), letters, len(story.scenes), painted)
