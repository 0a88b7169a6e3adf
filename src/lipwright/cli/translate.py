"""`lipwright translate`: a subtitle file in another language."""

from pathlib import Path
from typing import Annotated

import typer

from lipwright.cli import options
from lipwright.cli.invocation import invocation_of
from lipwright.contracts.translation import TranslationReport, TranslationRequest
from lipwright.errors import UsageError


def translate(
    context: typer.Context,
    *,
    source: Annotated[Path, typer.Argument(metavar="FILE", help="Subtitles: .srt, .vtt or .ass.")],
    target: Annotated[str, typer.Option("--to", metavar="TAG", help="The language wanted, such as pt-BR.")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="What to write. [default: talk.pt-BR.srt beside talk.srt]"),
    ] = None,
    source_language: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="TAG", help="The language of the file. [default: its name or its words tell it]"
        ),
    ] = None,
    glossary: Annotated[
        Path | None, typer.Option("--glossary", metavar="FILE", help="Your own terms: a CSV file, source,target.")
    ] = None,
    engine: Annotated[
        str | None, typer.Option("--engine", metavar="ENGINE", help="What translates. [default: LIPWRIGHT_TRANSLATE]")
    ] = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Translate subtitles: whole sentences, cut again to the same times."""
    from lipwright.cli.progress import watched
    from lipwright.pipeline.translate import default_output, translate_subtitles
    from lipwright.settings import load_settings
    from lipwright.wiring.engines import choose_translator, stage_store

    invocation = invocation_of(context, json_wanted=json)
    settings = load_settings()
    written = output or default_output(source, target)
    if written.exists() and source.exists() and written.samefile(source):
        raise UsageError(f"--output {written}: that is the source, which stays as it is. Name another file.")
    request = TranslationRequest(source, written, target, source_language=source_language, glossary=glossary)
    with watched(invocation.interrupts, quiet=quiet) as progress, stage_store(settings) as store:
        report = translate_subtitles(
            request,
            choose=lambda spoken, wanted: choose_translator(engine, spoken, wanted, settings),
            store=store,
            progress=progress,
        )
    if json:
        invocation.print_json(as_json(report))
        return
    for line in as_lines(report):
        invocation.print(line)


def as_lines(report: TranslationReport) -> list[str]:
    """What a person wants to know of it."""
    way = f"{report.source_language} to {report.target} by {report.engine} ({report.quality})"
    return [f"{report.output}: {report.cues} cues, {way}", *(f"  note: {note}" for note in report.notes)]


def as_json(report: TranslationReport) -> dict[str, object]:
    """What a program wants to know of it."""
    return {
        "output": str(report.output),
        "source_language": report.source_language,
        "target": report.target,
        "engine": report.engine,
        "quality": report.quality,
        "cues": report.cues,
        "notes": list(report.notes),
        "stages": [{"name": name, "seconds": seconds} for name, seconds in report.stage_s],
    }
