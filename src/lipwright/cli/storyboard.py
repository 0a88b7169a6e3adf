"""`lipwright storyboard`: a script as a contact sheet, before anything is spoken or drawn."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lipwright.cli.invocation import Invocation, invocation_of
from lipwright.contracts import wishes
from lipwright.errors import MediaNotFound, ScriptInvalid, UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lipwright.contracts.story import Story

    Stills = list[NDArray[np.uint8] | None]

LARGEST_SCRIPT_BYTES = 4_000_000


def storyboard(
    context: typer.Context,
    *,
    script: Annotated[Path, typer.Argument(metavar="SCRIPT.md", help="A script in Markdown; see docs/scripts.md.")],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE.png", help="The picture to write. [default: launch.storyboard.png]"
        ),
    ] = None,
    board: Annotated[
        Path | None, typer.Option("--json", metavar="FILE.json", help="Also write the storyboard for programs.")
    ] = None,
    face: Annotated[
        Path | None, typer.Option("--face", "-f", metavar="FILE", help="A photo: its person is drawn into the scenes.")
    ] = None,
    avatar: Annotated[str | None, typer.Option("--avatar", metavar="NAME", help="The same for an avatar.")] = None,
    size: Annotated[
        str | None, typer.Option("--size", metavar="WxH|NAME", help="Of the video. [default: 1920x1080]")
    ] = None,
    engine: Annotated[
        str | None,
        typer.Option("--engine", metavar="ENGINE", help="What chooses. [default: LIPWRIGHT_STORYBOARD]"),
    ] = None,
) -> None:
    """Draw a script as a storyboard: every choice made, with times as they will be, about."""
    from lipwright.settings import load_settings
    from lipwright.story.timing import estimated
    from lipwright.wiring.capabilities import STORYBOARD

    invocation = invocation_of(context)
    settings = load_settings()
    picture = output or script.with_suffix(".storyboard.png")
    _check_outputs(picture, board)
    story = read_story(script)
    _keep_sources([script, *(script.parent / name for name in story.files())], picture, board)
    filled = estimated(STORYBOARD.build(engine or settings.storyboard, settings).fill(story))
    stills: Stills = [None] * len(filled.scenes)
    if face is not None or avatar is not None:
        stills = _stills(invocation, script, filled, face, avatar, size)
    _write(filled, stills, picture, board)
    _print_table(invocation, filled)
    for name in sorted(name for name in story.files() if not (script.parent / name).is_file()):
        invocation.print(f"`{name}`: not there yet; put it beside the script before the video is made")
    for written in (picture, board):
        if written:
            invocation.print(f"wrote {written}")


def read_story(script: Path) -> "Story":
    """Read a script from a file, in whichever encoding it is.

    Raises: MediaNotFound, ScriptInvalid, PathEscapes.
    """
    from lipwright.media.text_encoding import NotText, decoded
    from lipwright.story.markdown import read_script

    try:
        size = script.stat().st_size
        data = script.read_bytes() if size <= LARGEST_SCRIPT_BYTES else b""
    except OSError as exc:
        raise MediaNotFound(f"`{script}`: cannot be read ({exc.strerror}). Give the path of a script.") from exc
    if size > LARGEST_SCRIPT_BYTES:
        raise ScriptInvalid(f"`{script}`: {size} bytes are too many. Cut it to {LARGEST_SCRIPT_BYTES} or fewer.")
    try:
        text, _ = decoded(data)
    except NotText as exc:
        raise ScriptInvalid(f"`{script}`, line {exc.line}: {exc}. Save it as UTF-8 text.") from exc
    return read_script(text, str(script))


def _check_outputs(picture: Path, board: Path | None) -> None:
    """Make sure, before anything is read, that the files can be written."""
    from lipwright.media.output import check_writable

    if picture.suffix.lower() != ".png":
        raise UsageError(f"--output {picture}: only .png pictures are written. Name it {picture.with_suffix('.png')}.")
    if board is not None and board.suffix.lower() != ".json":
        raise UsageError(f"--json {board}: only .json files are written. Name it {board.with_suffix('.json')}.")
    for written in (picture, board):
        if written is not None:
            check_writable(written)


def _keep_sources(sources: Sequence[Path], picture: Path, board: Path | None) -> None:
    """Refuse to write over the script, or over a file that it shows."""
    for written in (picture, board):
        for source in sources if written is not None and written.exists() else ():
            if source.exists() and written is not None and written.samefile(source):
                raise UsageError(f"{written}: that is what the video is made from, and stays. Name another file.")


def _stills(
    invocation: Invocation, script: Path, story: "Story", face: Path | None, avatar: str | None, size: str | None
) -> "Stills":
    """The person in each scene, as they will stand there."""
    from lipwright.cli.film import files_of
    from lipwright.cli.progress import watched
    from lipwright.pipeline.avatar.figure import find_figure
    from lipwright.pipeline.avatar.library import AvatarLibrary
    from lipwright.pipeline.video.request import FULL_HD
    from lipwright.pipeline.video.stills import draw_stills
    from lipwright.settings import load_settings
    from lipwright.wiring.engines import stage_store
    from lipwright.wiring.film import build_cast

    settings = load_settings()
    figure = find_figure(face, avatar, AvatarLibrary(settings.avatars_dir))
    shape = wishes.parse_size(size) if size is not None else FULL_HD
    with watched(invocation.interrupts, quiet=True) as progress, stage_store(settings) as store:
        cast = build_cast(figure, settings, store, progress)
        return draw_stills(story, cast, files_of(story, script), shape, progress)


def _write(story: "Story", stills: "Stills", picture: Path, board: Path | None) -> None:
    from PIL import Image

    from lipwright.media.output import replacing, write_text
    from lipwright.story.sheet import draw_sheet

    sheet = draw_sheet(story, stills)
    with replacing(picture) as temporary:
        Image.fromarray(sheet).save(temporary, format="PNG")
    if board is not None:
        write_text(board, story.model_dump_json(indent=2) + "\n")


def _print_table(invocation: Invocation, story: "Story") -> None:
    from rich.table import Table
    from rich.text import Text

    from lipwright.story.sheet import clock, directions
    from lipwright.story.words import tokens_of

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("scene", "begins", "seconds", "words", "title", "seen"):
        table.add_column(
            column, no_wrap=column != "seen", justify="right" if column in {"seconds", "words"} else "left"
        )
    for number, scene in enumerate(story.scenes, 1):
        shown = [directions(scene), *(cut.file or ", ".join(cut.tags) for cut in scene.cut_aways)]
        cells = [
            str(number),
            clock(scene.start_s or 0),
            f"{scene.duration_s or 0:.1f}",
            str(len(tokens_of(scene.text))),
        ]
        table.add_row(*map(Text, [*cells, scene.title, " + ".join(shown)]))
    invocation.print_table(table)
