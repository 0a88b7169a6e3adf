"""The script and the storyboard of a job: written, read, edited by people, and checked."""

from pathlib import Path

from pydantic import ValidationError

from lipwright.contracts.job import VideoSpec
from lipwright.contracts.route import StageWork
from lipwright.contracts.story import Story
from lipwright.errors import MediaUnreadable, ScriptInvalid, UsageError
from lipwright.media.image import save_image
from lipwright.media.output import write_text
from lipwright.pipeline.video.cast import Cast
from lipwright.pipeline.video.request import VideoRequest
from lipwright.pipeline.video.stills import draw_stills
from lipwright.story.base import Brief, ScriptWriter
from lipwright.story.markdown import read_script
from lipwright.story.sheet import draw_sheet

SCRIPT, BOARD, SHEET, TIMED = "script.md", "storyboard.json", "storyboard.png", "story.json"


def write_script(work: StageWork, asked: VideoSpec, writer: ScriptWriter) -> Path:
    """The script of a job: what was given, or what an engine writes from the brief.

    Raises: ScriptInvalid, ProviderError, OutputError.
    """
    text = asked.script
    if text is None:
        text = writer.write(Brief(asked.brief or "", asked.language, asked.seconds))
    write_text(work.folder / SCRIPT, text)
    return work.folder / SCRIPT


def given_story(asked: VideoSpec) -> Story | None:
    """The story that a job was sent with; None where it is still to be written.

    Raises: ScriptInvalid, PathEscapes.
    """
    return asked.story if asked.script is None else read_script(asked.script, SCRIPT)


def story_of(work: StageWork, asked: VideoSpec) -> Story:
    """The story as the script tells it, a person's edits included.

    Raises: ScriptInvalid, PathEscapes. MediaUnreadable: the edited script is no text.
    """
    if asked.story is not None:
        return asked.story
    return read_script(_text(work, SCRIPT), SCRIPT)


def kept_story(work: StageWork, name: str) -> Story:
    """A story that an earlier stage published, a person's edits included.

    Raises: ScriptInvalid: it is none; the message says where. MediaUnreadable: it is no text.
    """
    try:
        return Story.model_validate_json(_text(work, name))
    except ValidationError as exc:
        wrong = exc.errors(include_url=False)[0]
        place = ".".join(str(part) for part in wrong["loc"])
        raise ScriptInvalid(f"`{name}`: {place}: {wrong['msg']}. Approve the stage with one that is right.") from exc


def check_given(story: Story, asked: VideoSpec) -> None:
    """Make sure that a job has the files that its story names, and that no voice is a path.

    Raises: UsageError. ScriptInvalid.
    """
    missing = sorted(story.files() - asked.files.keys())
    if missing:
        raise UsageError(f"`{missing[0]}`: the script names it, and `files` has no such file. Upload it, and add it.")
    for voice in (asked.voice, story.voice, *(scene.voice for scene in story.scenes)):
        if "/" in voice or "\\" in voice:
            raise ScriptInvalid(f"voice `{voice}`: a voice has a name, such as af_heart. A path is none.")


def is_open(story: Story) -> bool:
    """Whether a choice is still to be made."""
    return any(
        None in (scene.framing, scene.place, scene.pose, scene.background, scene.transition, scene.captions)
        for scene in story.scenes
    )


def publish_story(work: StageWork, name: str, story: Story) -> Path:
    """Write a story. Raises: OutputError."""
    write_text(work.folder / name, story.model_dump_json(indent=2) + "\n")
    return work.folder / name


def publish_sheet(work: StageWork, board: Story, cast: Cast, request: VideoRequest) -> dict[str, Path]:
    """Draw a storyboard for people, with the person where that is quick.

    Returns: nothing where no typeface has its letters: the video itself may need none.
    Raises: ProviderUnavailable, MediaError, OutputError.
    """
    path = work.folder / SHEET
    stills = draw_stills(board, cast, request.files, request.size, work.progress, seed=request.seed)
    try:
        save_image(path, draw_sheet(board, stills))
    except UsageError:
        return {}
    return {SHEET: path}


def _text(work: StageWork, name: str) -> str:
    try:
        return work.earlier[name].read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as exc:
        raise MediaUnreadable(f"`{name}`: it is no text in UTF-8. Approve the stage with one that is.") from exc
