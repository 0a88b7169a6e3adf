"""`lipwright sync`: a video of somebody talking becomes a video of them saying something else."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lipwright.cli import options, values
from lipwright.cli.invocation import Invocation, invocation_of
from lipwright.contracts.portrait import SYNTHETIC
from lipwright.contracts.sync import Length, Preset, SyncReport, SyncRequest
from lipwright.errors import UsageError

if TYPE_CHECKING:
    from lipwright.pipeline.avatar.figure import Figure
    from lipwright.settings import Settings

RECOGNISES = {"auto": True, "none": False}
"""What stands for a transcript, and whether it is recognised then; a file of such a name is written `./auto`."""
MOST_UNTOUCHED = 4
"""Stretches that the line for people names before it only counts them."""


def sync(
    context: typer.Context,
    *,
    video: Annotated[Path, typer.Argument(metavar="VIDEO", help="A video in which somebody is seen from the front.")],
    output: options.Output,
    audio: Annotated[
        Path | None, typer.Option("--audio", "-a", metavar="FILE", help="The recording that is heard instead.")
    ] = None,
    text: Annotated[
        str | None, typer.Option("--text", "-t", metavar="WORDS", help="What a voice says instead.")
    ] = None,
    script: options.Script = None,
    transcript: Annotated[
        str | None,
        typer.Option(
            "--transcript",
            metavar="FILE|auto|none",
            help="The words of --audio, in English: lips follow them exactly. auto recognises them, none does not."
            " [default: auto in high-quality and ultra, else none]",
        ),
    ] = None,
    voice: options.Voice = "",
    language: options.Language = None,
    speaker: Annotated[
        str,
        typer.Option("--speaker", metavar="auto|N", help="Which face speaks, from 1, largest first; auto finds it."),
    ] = "auto",
    length: Annotated[
        Length, typer.Option("--length", metavar="HOW", help=f"When lengths differ: {', '.join(Length)}.")
    ] = Length.BOUNCE,
    preset: Annotated[
        Preset, typer.Option("--preset", metavar="NAME", help=f"Time for quality: {', '.join(Preset)}.")
    ] = Preset.BALANCED,
    engine: options.LipSyncEngine = None,
    audio_track: Annotated[
        int | None,
        typer.Option("--audio-track", metavar="N", min=1, help="Sound track of the video that tells who speaks."),
    ] = None,
    label: options.Label = False,
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", min=0, max=2**32 - 1, help="Of grain and drawn teeth.")
    ] = 0,
    speed: Annotated[float, typer.Option("--speed", metavar="N", min=0.5, max=2.0, help="Of the voice.")] = 1.0,
    lexicon: options.LexiconFile = None,
    tts: options.Tts = None,
    stt: options.Stt = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Let the face in a video say another recording or text. A run that was interrupted goes on where it was."""
    from lipwright.settings import load_settings

    invocation = invocation_of(context, json_wanted=json)
    words = _words(text, script, audio)
    if audio is not None:
        spoken_only = {"speed": speed if speed != 1 else None, "lexicon": None if transcript else lexicon}
        values.refuse_with_audio(voice=voice, tts=tts, **spoken_only)
    if audio is None and transcript is not None:
        raise UsageError("--transcript: tells the words of --audio. Give --audio too, or use --script.")
    told = Path(transcript) if transcript is not None and transcript not in RECOGNISES else None
    request = SyncRequest(
        video=video,
        output=values.parse_output(output, video=video, recording=audio, script=script, transcript=told),
        audio=audio,
        text=words,
        transcript=values.read_script(told, "--transcript") if told is not None else None,
        recognise=RECOGNISES.get(transcript or ""),
        voice=voice,
        language=language,
        tts=tts,
        stt=stt,
        speed=speed,
        lexicon=lexicon,
        speaker=_speaker(speaker),
        length=length,
        preset=preset,
        engine=engine,
        audio_track=audio_track,
        label=SYNTHETIC if label else None,
        seed=seed,
    )
    report = run(invocation, request, load_settings(), quiet=quiet)
    show(invocation, report)


def run(
    invocation: Invocation,
    request: SyncRequest,
    settings: "Settings",
    *,
    quiet: bool,
    figure: "Figure | None" = None,
) -> SyncReport:
    """Make the video with the engines that the request or the settings name, and show progress.

    Args:
        figure: who is seen in the video, where that is known.
    """
    from lipwright.wiring.capabilities import STT
    from lipwright.wiring.engines import build_lipsyncer, build_listener, choose_tts, stage_store
    from lipwright.wiring.film import clip_lipsync

    tts = choose_tts(request.tts, request.voice, settings) if request.text is not None else None

    from dataclasses import replace
    from functools import partial

    from lipwright.cli.progress import watched
    from lipwright.pipeline.sync import sync as render

    invocation.resumable = True
    named = replace(request, engine=request.engine or settings.lipsync or None)
    with watched(invocation.interrupts, quiet=quiet) as progress, stage_store(settings) as store:
        return render(
            named,
            tts=tts,
            stt=lambda: STT.build(request.stt or settings.stt, settings),
            listener=build_listener(settings),
            lipsync=clip_lipsync(figure, settings, store) if figure else partial(build_lipsyncer, settings),
            store=store,
            progress=progress,
        )


def show(invocation: Invocation, report: SyncReport) -> None:
    """Print what was made."""
    if invocation.json:
        invocation.print_json(as_json(report))
        return
    for line in as_lines(report):
        invocation.print(line)


def as_lines(report: SyncReport) -> list[str]:
    """What a person wants to know of it."""
    fps = float(report.fps)
    drawn_s, kept_s = report.rendered_frames / fps, (report.frames - report.rendered_frames) / fps
    shape = f"{report.width_px}x{report.height_px}, {fps:g} frames/s"
    windows = f"{report.resumed_windows} window{'s' if report.resumed_windows > 1 else ''}"
    resumed = f", {windows} of an earlier run" if report.resumed_windows else ""
    lines = [
        f"{report.output}: {report.duration_s:.1f} s, {shape}",
        f"  speaker: {report.speaker}",
        f"  mouth drawn in {drawn_s:.1f} s, {kept_s:.1f} s of the picture left as it was{resumed}",
    ]
    kept = [f"{span.start_s:.1f} to {span.end_s:.1f} s {span.reason}" for span in report.untouched]
    if kept:
        more = f" and {len(kept) - MOST_UNTOUCHED} more" if len(kept) > MOST_UNTOUCHED else ""
        lines.append(f"  left as it was: {', '.join(kept[:MOST_UNTOUCHED])}{more}")
    return lines + [f"  note: {note}" for note in report.notes]


def as_json(report: SyncReport) -> dict[str, object]:
    """What a program wants to know of it."""
    return {
        "output": str(report.output),
        "duration_s": report.duration_s,
        "frames": report.frames,
        "width_px": report.width_px,
        "height_px": report.height_px,
        "fps": str(report.fps),
        "rendered_frames": report.rendered_frames,
        "resumed_windows": report.resumed_windows,
        "speaker": report.speaker,
        "untouched": [
            {"start_s": span.start_s, "end_s": span.end_s, "reason": span.reason} for span in report.untouched
        ],
        "notes": list(report.notes),
        "stages": [{"name": name, "seconds": seconds} for name, seconds in report.stage_s],
    }


def _words(text: str | None, script: Path | None, audio: Path | None) -> str | None:
    words = values.one_of_words(text, script, audio)
    if words is not None and not words.strip():
        raise UsageError("there is nothing to say: the text is empty. Give some words.")
    return words


def _speaker(given: str) -> int | None:
    if given.strip().lower() == "auto":
        return None
    if not given.strip().isdigit() or int(given) < 1:
        raise UsageError(f"--speaker {given}: not a face. Write `auto`, or a number from 1, the largest face.")
    return int(given)
