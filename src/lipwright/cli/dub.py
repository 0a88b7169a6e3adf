"""`lipwright dub`: a video in another language. `lipwright dub redo`: another take of one of its lines."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lipwright.cli import options, values
from lipwright.cli.invocation import Invocation, invocation_of
from lipwright.contracts.dub import DubReport, DubRequest, DubStage, Fit, Subtitles
from lipwright.contracts.portrait import SYNTHETIC
from lipwright.contracts.sync import Preset
from lipwright.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from lipwright.settings import Settings

MOST_LINES = 5
"""Lines that need a look which are named before they are only counted."""
PROJECT_SUFFIX = ".dub"


def dub(
    context: typer.Context,
    *,
    video: Annotated[
        Path | None,
        typer.Argument(metavar="VIDEO", help="A video in which somebody speaks; left out to go on with a --project."),
    ] = None,
    target: Annotated[
        str | None, typer.Option("--to", metavar="TAG", help="The language of the dub, such as pt-BR.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE.mp4", help="What to write. [default: VIDEO.TAG.mp4 beside VIDEO]"),
    ] = None,
    project: Annotated[
        Path | None,
        typer.Option(
            "--project",
            metavar="FOLDER",
            help="Where transcript, translation, voices, takes and report lie, to be corrected."
            f" [default: the output's name with {PROJECT_SUFFIX}]",
        ),
    ] = None,
    source_language: Annotated[
        str | None, typer.Option("--from", metavar="TAG", help="What is spoken. [default: recognised]")
    ] = None,
    subtitles: Annotated[
        str, typer.Option("--subtitles", metavar="KINDS", help=f"Some of {', '.join(Subtitles)}, with commas.")
    ] = "",
    voice: Annotated[
        str,
        typer.Option(
            "--voice",
            "-v",
            metavar="auto|clone|NAME",
            help="auto finds one for each speaker, clone copies theirs, NAME speaks for all.",
        ),
    ] = "auto",
    glossary: Annotated[
        Path | None, typer.Option("--glossary", metavar="FILE.csv", help="Terms: source,target in each line.")
    ] = None,
    lexicon: options.LexiconFile = None,
    stop_after: Annotated[
        DubStage | None,
        typer.Option("--stop-after", metavar="STAGE", help=f"Wait for you behind one of {', '.join(DubStage)}."),
    ] = None,
    lip_sync: Annotated[
        bool, typer.Option("--lip-sync/--no-lip-sync", help="Whether the mouth follows the new words.")
    ] = True,
    preset: Annotated[
        Preset, typer.Option("--preset", metavar="NAME", help=f"Time for quality: {', '.join(Preset)}.")
    ] = Preset.BALANCED,
    engine: options.LipSyncEngine = None,
    speaker: Annotated[
        int | None,
        typer.Option("--speaker", metavar="N", min=1, help="Which face speaks, 1 is the largest. [default: found]"),
    ] = None,
    speakers: Annotated[
        int | None, typer.Option("--speakers", metavar="N", min=1, help="How many people speak. [default: found out]")
    ] = None,
    keep_original: Annotated[
        bool, typer.Option("--keep-original/--no-keep-original", help="Keep the old sound as a second track.")
    ] = False,
    bed_gain_db: Annotated[
        float, typer.Option("--bed-gain", metavar="DB", min=-60, max=20, help="How much louder the background is.")
    ] = 0.0,
    allow_failed: Annotated[
        bool, typer.Option("--allow/--no-allow", help="Go on with silence, however many lines do not fit.")
    ] = False,
    audio_track: Annotated[
        int | None, typer.Option("--audio-track", metavar="N", min=1, help="Which sound track of the video is dubbed.")
    ] = None,
    label: options.Label = False,
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", min=0, max=2**32 - 1, help="Of grain and drawn teeth.")
    ] = 0,
    tts: options.Tts = None,
    stt: options.Stt = None,
    translate: options.Translate = None,
    separate: Annotated[
        str | None,
        typer.Option("--separate", metavar="ENGINE", help="What takes voices out. [default: LIPWRIGHT_SEPARATE]"),
    ] = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Make a video in another language. Correct the project's files, run it again: only what they touch is remade."""
    from lipwright.settings import load_settings

    invocation = invocation_of(context, json_wanted=json)
    wanted: dict[str, Any] = {
        "source_language": source_language,
        "subtitles": _subtitles(subtitles),
        "voice": voice,
        "glossary": glossary,
        "lexicon": lexicon,
        "lip_sync": lip_sync,
        "preset": preset,
        "engine": engine,
        "speaker": speaker,
        "speakers": speakers,
        "keep_original": keep_original,
        "bed_gain_db": bed_gain_db,
        "allow_failed": allow_failed,
        "audio_track": audio_track,
        "label": SYNTHETIC if label else None,
        "seed": seed,
        "tts": tts,
        "stt": stt,
        "translate": translate,
        "separate": separate,
    }
    given = {name: value for name, value in wanted.items() if _is_given(context, name)}
    request = replace(_request(video, target, output, project), stop_after=stop_after, **given)
    report = run(invocation, request, load_settings(), quiet=quiet)
    show(invocation, report)


def redo(
    context: typer.Context,
    *,
    project: Annotated[Path, typer.Argument(metavar="FOLDER", help="The project of a dub.")],
    line: Annotated[int, typer.Option("--line", metavar="N", min=1, help="Number of the line in translation.srt.")],
    take: Annotated[
        int | None, typer.Option("--take", metavar="N", min=1, help="Which take of it. [default: the next one]")
    ] = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Speak one line of a dub differently, and make anew what that touches. Takes are counted from 1."""
    from lipwright.pipeline.project.folder import recall
    from lipwright.pipeline.project.folder import redo as want_take
    from lipwright.settings import load_settings

    invocation = invocation_of(context, json_wanted=json)
    want_take(project, line, take - 1 if take is not None else None)
    report = run(invocation, recall(project), load_settings(), quiet=quiet)
    show(invocation, report)


def run(invocation: Invocation, request: DubRequest, settings: "Settings", *, quiet: bool) -> DubReport:
    """Make the dub with the engines that the request or the settings name, and show progress."""
    from lipwright.wiring.engines import dub_engines, stage_store

    engines = dub_engines(request, settings)

    from lipwright.cli.progress import watched
    from lipwright.pipeline.dub import dub as make

    invocation.resumable = True
    named = replace(request, engine=request.engine or settings.lipsync or None)
    with watched(invocation.interrupts, quiet=quiet) as progress, stage_store(settings) as store:
        return make(named, engines=engines, store=store, progress=progress)


def show(invocation: Invocation, report: DubReport) -> None:
    """Print what was made."""
    if invocation.json:
        invocation.print_json(as_json(report))
        return
    for line in as_lines(report):
        invocation.print(line)


def as_lines(report: DubReport) -> list[str]:
    """What a person wants to know of it."""
    spoken = f"{len(report.lines)} lines" if report.lines else "no lines spoken yet"
    if report.unchanged:
        head = f"{report.output}: nothing has changed since it was made"
    elif report.output is None:
        head = f"{report.project}: waits after {report.waits_after}"
    else:
        head = f"{report.output}: {report.duration_s:.1f} s, {report.source_language} to {report.target}, {spoken}"
    lines = [head]
    if report.output is None:
        lines.append(f"  correct the files in it, then run: lipwright dub --project {report.project}")
        return lines + [f"  note: {note}" for note in report.notes]
    lines.append(f"  mouth drawn in {report.rendered_s:.1f} s, {report.kept_s:.1f} s of the picture left as it was")
    failed = [line.number for line in report.lines if line.fit is Fit.FAILED]
    if failed:
        more = f" and {len(failed) - MOST_LINES} more" if len(failed) > MOST_LINES else ""
        named = ", ".join(str(number) for number in failed[:MOST_LINES])
        lines.append(f"  lines that do not fit and stay silent: {named}{more}")
    lines += [f"  cost: {amount:g} {unit} of {engine}" for engine, amount, unit in report.cost]
    return [*lines, f"  report: {report.project / 'report.html'}", *(f"  note: {note}" for note in report.notes)]


def as_json(report: DubReport) -> dict[str, object]:
    """What a program wants to know of it."""
    return {
        "output": str(report.output) if report.output else None,
        "project": str(report.project),
        "waits_after": report.waits_after,
        "unchanged": report.unchanged,
        "source_language": report.source_language,
        "target": report.target,
        "duration_s": report.duration_s,
        "rendered_s": report.rendered_s,
        "kept_s": report.kept_s,
        "lines": [
            {
                "number": line.number,
                "speaker": line.speaker,
                "source": line.source,
                "text": line.text,
                "slot": [line.slot_start_s, line.slot_end_s],
                "spoken": [line.start_s, line.end_s],
                "speed": line.speed,
                "borrowed_s": line.borrowed_s,
                "fit": line.fit,
                "voice": line.voice,
                "take": line.take + 1,
                "notes": list(line.notes),
            }
            for line in report.lines
        ],
        "untouched": [
            {"start_s": span.start_s, "end_s": span.end_s, "reason": span.reason} for span in report.untouched
        ],
        "cost": [{"engine": engine, "amount": amount, "unit": unit} for engine, amount, unit in report.cost],
        "notes": list(report.notes),
        "stages": [{"name": name, "seconds": seconds} for name, seconds in report.stage_s],
    }


def _is_given(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name != "DEFAULT"


def _request(video: Path | None, target: str | None, output: Path | None, project: Path | None) -> DubRequest:
    """What is asked for by its names alone; a project remembers the rest."""
    if video is None:
        if project is None:
            raise UsageError("there is nothing to dub. Name a video, or with --project the folder of a dub.")
        from lipwright.pipeline.project.folder import recall

        known = recall(project)
        return replace(known, target=target or known.target, output=output or known.output)
    if target is None:
        raise UsageError("--to is missing: the language of the dub. Write a tag such as --to pt-BR.")
    written = values.parse_output(output or video.with_name(f"{video.stem}.{target}.mp4"), video=video)
    return DubRequest(video, written, target, project or written.with_name(f"{written.stem}{PROJECT_SUFFIX}"))


def _subtitles(given: str) -> frozenset[Subtitles]:
    names = [name.strip().lower() for name in given.split(",") if name.strip()]
    for name in names:
        if name not in list(Subtitles):
            kinds = ", ".join(Subtitles)
            raise UsageError(f"--subtitles {given}: no `{name}`.{did_you_mean(name, Subtitles)} There are: {kinds}.")
    return frozenset(Subtitles(name) for name in names)
