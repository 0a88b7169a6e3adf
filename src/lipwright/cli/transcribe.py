"""`lipwright transcribe`: what is said in a recording or a video, as subtitles or a document."""

from pathlib import Path
from typing import Annotated

import typer

from lipwright.cli import options
from lipwright.cli.invocation import invocation_of
from lipwright.contracts.transcription import TranscriptionReport, TranscriptionRequest
from lipwright.errors import UsageError


def transcribe(
    context: typer.Context,
    *,
    source: Annotated[Path, typer.Argument(metavar="FILE", help="A video or a recording.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="What to write: .srt, .vtt, .ass or .json.")
    ],
    language: Annotated[
        str | None, typer.Option("--language", "-l", metavar="TAG", help="Such as en or pt-BR. [default: recognised]")
    ] = None,
    audio_track: Annotated[
        int | None, typer.Option("--audio-track", metavar="N", min=1, help="Which sound track of the file.")
    ] = None,
    stt: options.Stt = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Write down what is said, with times. A run that was interrupted goes on where it was."""
    from lipwright.settings import load_settings
    from lipwright.wiring.capabilities import STT
    from lipwright.wiring.engines import stage_store

    invocation = invocation_of(context, json_wanted=json)
    settings = load_settings()
    if output.exists() and source.exists() and output.samefile(source):
        raise UsageError(f"--output {output}: that is the source, which stays as it is. Name another file.")
    engine = STT.build(stt or settings.stt, settings)

    from lipwright.cli.progress import watched
    from lipwright.pipeline.transcribe import transcribe as write_down

    request = TranscriptionRequest(source=source, output=output, language=language, audio_track=audio_track)
    with watched(invocation.interrupts, quiet=quiet) as progress, stage_store(settings) as store:
        report = write_down(request, stt=engine, store=store, progress=progress)
    if json:
        invocation.print_json(as_json(report))
        return
    for line in as_lines(report):
        invocation.print(line)


def as_lines(report: TranscriptionReport) -> list[str]:
    """What a person wants to know of it."""
    heard = f"{report.words} words, language {report.language} ({report.probability:.0%} sure)"
    unit = "utterances" if report.output.suffix.lower() == ".json" else "cues"
    written = f"{report.output}: {report.duration_s:.1f} s, {heard}, {report.cues} {unit}"
    return [written, *(f"  note: {note}" for note in report.notes)]


def as_json(report: TranscriptionReport) -> dict[str, object]:
    """What a program wants to know of it."""
    return {
        "output": str(report.output),
        "language": report.language,
        "probability": report.probability,
        "duration_s": report.duration_s,
        "words": report.words,
        "cues": report.cues,
        "notes": list(report.notes),
        "stages": [{"name": name, "seconds": seconds} for name, seconds in report.stage_s],
    }
