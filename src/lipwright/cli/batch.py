"""`lipwright batch`: a table whose rows each become a video."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lipwright.cli import options, values
from lipwright.cli.invocation import Invocation, invocation_of
from lipwright.contracts import wishes
from lipwright.contracts.batch import BatchReport, BatchRow, RowJob, RowState
from lipwright.contracts.portrait import SYNTHETIC
from lipwright.errors import BatchInvalid, Cancelled, LipwrightError, OutputNotWritable, UsageError

if TYPE_CHECKING:
    from lipwright.pipeline.batch.key import Manner
    from lipwright.pipeline.batch.make import Workshop
    from lipwright.pipeline.batch.plan import House, Presenter
    from lipwright.pipeline.batch.rows import Readers
    from lipwright.render.lipsync.base import LipSyncer
    from lipwright.render.lipsync.presets import Knobs
    from lipwright.settings import Settings
    from lipwright.speech.translate.base import Translator
    from lipwright.store.stages import StageStore

MOST_NOTES = 10
"""Notes that are printed before they are only counted; the summary holds all."""


def batch(
    context: typer.Context,
    *,
    table: Annotated[
        Path,
        typer.Argument(
            metavar="TABLE", help="CSV or JSON Lines: name, text, and language, voice, face or avatar, background ..."
        ),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FOLDER", help="Where the videos go.")],
    face: Annotated[
        Path | None, typer.Option("--face", "-f", metavar="FILE", help="A photo or a video, for rows without a face.")
    ] = None,
    avatar: Annotated[
        str | None, typer.Option("--avatar", metavar="NAME", help="An avatar, for rows without a face.")
    ] = None,
    purpose: Annotated[
        str | None,
        typer.Option("--purpose", metavar="WORD", help="What for, where the avatar's consent names purposes."),
    ] = None,
    translate_to: Annotated[
        list[str] | None,
        typer.Option("--translate-to", metavar="TAGS", help="Also make each row in these languages: es,pt-BR,fr."),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", metavar="N", min=1, max=256, help="Rows at once. [default: the cores]")
    ] = None,
    voice: options.Voice = "",
    language: options.Language = None,
    size: Annotated[
        str | None,
        typer.Option("--size", metavar="WxH|NAME", help=f"Such as 1080x1920, or {', '.join(wishes.SIZES)}."),
    ] = None,
    fps: Annotated[str | None, typer.Option("--fps", metavar="RATE", help="Such as 25 or 30000/1001.")] = None,
    background: Annotated[
        str, typer.Option("--background", metavar="WHAT", help="keep, blur, a colour as #rrggbb, or a picture's path.")
    ] = "keep",
    subtitles: Annotated[
        list[str] | None,
        typer.Option("--subtitles", metavar="KIND", help="burn, srt, vtt, embed; repeat, or join with commas."),
    ] = None,
    speed: Annotated[float, typer.Option("--speed", metavar="N", min=0.5, max=2.0, help="Of the speech.")] = 1.0,
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", min=0, max=2**32 - 1, help="Chooses blinks and head motion.")
    ] = 0,
    label: options.Label = False,
    lexicon: options.LexiconFile = None,
    tts: options.Tts = None,
    translate: options.Translate = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> int:
    """Make a video of each row of a table. Run it again: only what is missing or has changed is made.

    Options hold for the rows whose own cell is empty. Every other column is a variable: `Hello {first_name}`.
    """
    from lipwright.pipeline.batch.key import Manner
    from lipwright.settings import load_settings

    invocation = invocation_of(context, json_wanted=json)
    if face is not None and avatar is not None:
        raise UsageError("--face and --avatar: each says who speaks. Give one of them.")
    defaults = BatchRow(
        line=0,
        name="",
        text="",
        language=language,
        voice=voice,
        tts=tts,
        face=face,
        avatar=avatar,
        background=values.parse_background(background),
        size=wishes.parse_size(size) if size is not None else None,
        fps=wishes.parse_fps(fps) if fps is not None else None,
        speed=speed,
        subtitles=wishes.parse_subtitles(subtitles or []),
        seed=seed,
        purpose=purpose,
    )
    targets = _targets(translate_to or [])
    settings = load_settings()
    manner = Manner(SYNTHETIC if label else None, lexicon, settings.lipsync or None)
    planned, notes = _planned(table, defaults, targets, output, manner, translate, settings)
    _make_folder(output)
    return _run(invocation, planned, notes, output, manner, translate, settings, jobs, quiet)


def _planned(
    table: Path,
    defaults: BatchRow,
    targets: list[str],
    output: Path,
    manner: "Manner",
    translate: str | None,
    settings: "Settings",
) -> tuple[tuple[RowJob, ...], tuple[str, ...]]:
    """Every row of the table as a job with its key. Raises: BatchInvalid: with all that is wrong."""
    from lipwright.pipeline.batch.key import KeyMaker
    from lipwright.pipeline.batch.plan import jobs_of, plan_batch
    from lipwright.pipeline.batch.rows import read_rows
    from lipwright.pipeline.batch.table import read_table
    from lipwright.wiring.capabilities import TTS
    from lipwright.wiring.engines import choose_translator

    try:
        data = table.read_bytes()
    except OSError as exc:
        raise BatchInvalid(f"`{table}`: cannot be read ({exc.strerror}). Give the path of a CSV file.") from exc
    read = read_rows(read_table(data, str(table), defaults.language), defaults, _readers(), table.parent)
    plan = plan_batch(read.rows, _house(settings, translate), targets, output)
    jobs = jobs_of(plan, read.problems, str(table))
    keys = KeyMaker(
        manner,
        lambda name: TTS.build(name, settings).identity(),
        lambda source, target: choose_translator(translate, source, target, settings).identity(source, target),
    )
    return tuple(keys.keyed(job) for job in jobs), read.notes


def _run(
    invocation: Invocation,
    jobs: tuple[RowJob, ...],
    notes: tuple[str, ...],
    output: Path,
    manner: "Manner",
    translate: str | None,
    settings: "Settings",
    processes: int | None,
    quiet: bool,
) -> int:
    from lipwright.cli.batch_progress import watched
    from lipwright.pipeline.batch.run import failure_of, run_batch

    cores = _cores()
    count = min(processes or cores, len(jobs))
    shared = settings if settings.threads else settings.model_copy(update={"threads": max(cores // count, 1)})
    shop = _workshop(shared, manner, translate)
    with watched(invocation.interrupts, jobs, quiet=quiet) as watcher:
        try:
            report = run_batch(jobs, shop, output, processes=count, watcher=watcher, notes=notes)
        except Cancelled as exc:
            stopped = Cancelled(
                f"{exc}; {watcher.made} of {len(jobs)} rows are made, and stay. Run the same command again: it goes on"
                " with the rest."
            )
            return _complain(invocation, stopped, None, invocation.interrupts.exit_code or exc.exit_code)
    failure = failure_of(report, output)
    if failure is not None:
        return _complain(invocation, failure, report, failure.exit_code)
    _show(invocation, report, output)
    return 0


def _show(invocation: Invocation, report: BatchReport, output: Path) -> None:
    from lipwright.pipeline.batch.summary import summary_of

    if invocation.json:
        invocation.print_json(summary_of(report))
        return
    for line in as_lines(report, output):
        invocation.print(line)


def as_lines(report: BatchReport, output: Path) -> list[str]:
    """What a person wants to know of it."""
    counts = [(state, len(report.of(state))) for state in (RowState.MADE, RowState.KEPT)]
    words = {RowState.MADE: "made", RowState.KEPT: "unchanged since an earlier run"}
    told = ", ".join(f"{count} {words[state]}" for state, count in counts if count)
    notes = list(report.notes)
    notes += [f"{row.name}: {note}" for row in report.rows for note in row.notes]
    if report.gone:
        names = ", ".join(report.gone[:MOST_NOTES]) + (" ..." if len(report.gone) > MOST_NOTES else "")
        notes.append(f"no longer in the table, and left alone: {names}")
    more = [f"  and {len(notes) - MOST_NOTES} more notes"] if len(notes) > MOST_NOTES else []
    return [f"{output}: {told}, in {report.seconds:.1f} s", *(f"  note: {note}" for note in notes[:MOST_NOTES]), *more]


def _complain(invocation: Invocation, error: LipwrightError, report: BatchReport | None, exit_code: int) -> int:
    """Tell an error together with what came of the rows."""
    import sys

    from lipwright.pipeline.batch.summary import summary_of

    if invocation.json:
        told = {"code": error.code, "message": str(error), "retryable": error.retryable}
        invocation.print_json({"error": told, **(summary_of(report) if report is not None else {})})
    print(f"error: {error}", file=sys.stderr)  # noqa: T201 stderr is where errors go
    return exit_code


def _targets(given: list[str]) -> list[str]:
    """`["es,pt-BR", "fr"]` as tags, each once."""
    from lipwright.pipeline.batch.rows import read_language

    words = [word.strip() for part in given for word in part.split(",") if word.strip()]
    return list(dict.fromkeys(read_language(word) for word in words))


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise OutputNotWritable(
            f"--output {folder}: no folder can be made there ({exc.strerror}). Name another one."
        ) from exc


def _readers() -> "Readers":
    from lipwright.pipeline.batch.rows import Readers

    return Readers(wishes.parse_size, wishes.parse_fps, values.parse_background, wishes.parse_subtitles)


def _house(settings: "Settings", translate: str | None) -> "House":
    """Where the rows' names are looked up."""
    from datetime import date

    from lipwright.contracts.avatar import Use
    from lipwright.pipeline.avatar.consent import check_consent
    from lipwright.pipeline.avatar.library import AvatarLibrary
    from lipwright.pipeline.batch.faces import look_at
    from lipwright.pipeline.batch.plan import House
    from lipwright.wiring.engines import choose_translator, choose_tts

    library = AvatarLibrary(settings.avatars_dir)
    return House(
        engine=lambda name, voice: choose_tts(name, voice, settings),
        translator=lambda source, target: choose_translator(translate, source, target, settings),
        avatar=_avatars(settings),
        consent=lambda name, language, purpose: check_consent(
            library.load(name), Use.VIDEO, language=language, purpose=purpose, today=date.today()
        ),
        look=look_at,
    )


def _avatars(settings: "Settings") -> "Callable[[str], Presenter]":
    from lipwright.pipeline.avatar.figure import find_figure
    from lipwright.pipeline.avatar.library import AvatarLibrary
    from lipwright.pipeline.batch.plan import Presenter

    library = AvatarLibrary(settings.avatars_dir)

    def find(name: str) -> Presenter:
        figure = find_figure(None, name, library)
        return Presenter(figure.face, figure.is_clip, figure.voice)

    return find


def _workshop(settings: "Settings", manner: "Manner", translate: str | None) -> "Workshop":
    """What the processes build their engines with."""
    from functools import partial

    from lipwright.pipeline.batch.make import Workshop
    from lipwright.wiring.capabilities import STT, TTS
    from lipwright.wiring.engines import build_listener, stage_store

    return Workshop(
        tts=partial(TTS.build, settings=settings),
        stt=partial(STT.build, settings.stt, settings),
        listener=partial(build_listener, settings),
        translator=partial(_translator, settings, translate),
        lipsync=partial(_lipsyncers, settings),
        store=partial(stage_store, settings),
        manner=manner,
    )


def _translator(settings: "Settings", engine: str | None, source: str, target: str) -> "Translator":
    from lipwright.wiring.engines import choose_translator

    return choose_translator(engine, source, target, settings)


def _lipsyncers(settings: "Settings", job: RowJob, store: "StageStore") -> "Callable[[str, Knobs], LipSyncer]":
    """Builders of lip-sync engines for the clip of a row; of an avatar's clip they know what was learnt of it."""
    from lipwright.pipeline.avatar.figure import Figure, find_figure
    from lipwright.pipeline.avatar.library import AvatarLibrary
    from lipwright.wiring.film import clip_lipsync

    avatar = job.row.avatar
    library = AvatarLibrary(settings.avatars_dir)
    figure = Figure(job.face, is_clip=True) if avatar is None else find_figure(None, avatar, library)
    return clip_lipsync(figure, settings, store)


def _cores() -> int:
    """Cores that this process may run on."""
    import os

    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
