"""`lipwright speak`: a photo and a text become a talking video."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lipwright.cli import values
from lipwright.cli.invocation import Invocation, invocation_of
from lipwright.contracts.portrait import SYNTHETIC, PortraitRequest, SpeakReport
from lipwright.errors import UsageError

if TYPE_CHECKING:
    from lipwright.settings import Settings


def speak(
    context: typer.Context,
    *,
    face: Annotated[Path, typer.Option("--face", "-f", metavar="PHOTO", help="A photo with a face.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE.mp4", help="The video to write.")],
    text: Annotated[
        str | None, typer.Option("--text", "-t", metavar="WORDS", help="What is said; [pause 500ms] is a pause.")
    ] = None,
    audio: Annotated[
        Path | None, typer.Option("--audio", "-a", metavar="FILE", help="A recording to say, instead of a text.")
    ] = None,
    script: Annotated[
        Path | None, typer.Option("--script", metavar="FILE", help="A UTF-8 text file that holds what is said.")
    ] = None,
    voice: Annotated[str, typer.Option("--voice", "-v", metavar="NAME", help="See `lipwright voices`.")] = "",
    language: Annotated[
        str | None, typer.Option("--language", "-l", metavar="TAG", help="Such as en-GB; the voice's own by default.")
    ] = None,
    size: Annotated[
        str | None,
        typer.Option(
            "--size",
            metavar="WxH|NAME",
            help=f"Such as 1080x1920, or {', '.join(values.SIZES)}. [default: the photo's]",
        ),
    ] = None,
    fps: Annotated[str, typer.Option("--fps", metavar="RATE", help="Such as 25, 29.97 or 30000/1001.")] = "25",
    background: Annotated[
        str, typer.Option("--background", metavar="WHAT", help="keep, blur, a colour as #rrggbb, or a picture's path.")
    ] = "keep",
    subtitles: Annotated[
        list[str] | None,
        typer.Option("--subtitles", metavar="KIND", help="burn, srt, vtt, embed; repeat, or join with commas."),
    ] = None,
    seed: Annotated[
        int,
        typer.Option(
            "--seed", metavar="N", min=0, max=2**32 - 1, help="Chooses blinks and head motion; the same gives the same."
        ),
    ] = 0,
    face_index: Annotated[
        int | None,
        typer.Option("--face-index", metavar="N", min=0, help="Of several faces, from 0. [default: the largest]"),
    ] = None,
    label: Annotated[
        bool, typer.Option("--label/--no-label", help=f'Say "{SYNTHETIC}" in a corner of the picture.')
    ] = False,
    speed: Annotated[float, typer.Option("--speed", metavar="N", min=0.5, max=2.0, help="Of the speech.")] = 1.0,
    lexicon: Annotated[Path | None, typer.Option("--lexicon", metavar="FILE", help="Your own pronunciations.")] = None,
    tts: Annotated[
        str | None, typer.Option("--tts", metavar="ENGINE", help="The speech engine. [default: LIPWRIGHT_TTS]")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
) -> None:
    """Turn a photo and a text, or a recording, into a video of that face saying it."""
    from lipwright.settings import load_settings

    invocation = invocation_of(context, json_wanted=json)
    if audio is not None:
        _refuse_with_audio(voice=voice, language=language, lexicon=lexicon, tts=tts, subtitles=subtitles)
    request = PortraitRequest(
        face=face,
        text=_words(text, script, audio),
        audio=audio,
        voice=voice,
        language=language,
        output=checked_output(output, face),
        size=values.parse_size(size) if size is not None else None,
        fps=values.parse_fps(fps),
        background=values.parse_background(background),
        subtitles=values.parse_subtitles(subtitles or []),
        seed=seed,
        face_index=face_index,
        label=SYNTHETIC if label else None,
        speed=speed,
        lexicon=lexicon,
        tts=tts,
    )
    report = run(invocation, request, load_settings(), quiet=quiet)
    if json:
        invocation.print_json(as_json(report))
    else:
        invocation.print(as_line(report))


def run(invocation: Invocation, request: PortraitRequest, settings: "Settings", *, quiet: bool) -> SpeakReport:
    """Render with the engine that the request or the settings name, and show progress."""
    from lipwright.wiring import choose_tts

    tts = choose_tts(request.tts, request.voice, settings)

    from lipwright.cli.progress import watched
    from lipwright.pipeline.speak import speak as render

    with watched(invocation.interrupts, quiet=quiet) as progress:
        return render(request, tts=tts, progress=progress)


def as_line(report: SpeakReport) -> str:
    """What a person wants to know of it."""
    shape = f"{report.width_px}x{report.height_px}, {float(report.fps):g} frames/s"
    beside = "".join(f", {path}" for path in report.sidecars)
    return f"{report.output}: {report.duration_s:.1f} s, {shape}{beside}"


def as_json(report: SpeakReport) -> dict[str, object]:
    """What a program wants to know of it."""
    return {
        "output": str(report.output),
        "duration_s": report.duration_s,
        "frames": report.frames,
        "width_px": report.width_px,
        "height_px": report.height_px,
        "fps": str(report.fps),
        "stages": [{"name": name, "seconds": seconds} for name, seconds in report.stage_s],
        "sidecars": [str(path) for path in report.sidecars],
    }


def _words(text: str | None, script: Path | None, audio: Path | None) -> str | None:
    given = [name for name, value in (("--text", text), ("--script", script), ("--audio", audio)) if value is not None]
    if len(given) > 1:
        raise UsageError(f"{' and '.join(given)}: each says what is said. Give one of them.")
    if not given:
        raise UsageError('nothing to say. Give --text "Hello.", --script talk.txt or --audio talk.wav.')
    return values.read_script(script) if script is not None else text


def _refuse_with_audio(**options: object) -> None:
    for name, value in options.items():
        if value:
            raise UsageError(f"--{name}: has no meaning with --audio, which is heard as it is. Leave it out.")


def checked_output(output: Path, face: Path | None = None) -> Path:
    """The path itself, if a video may be written there.

    Raises: UsageError: not an .mp4 file, or the photo itself.
    """
    if output.suffix.lower() != ".mp4":
        better = output.with_suffix(".mp4") if output.name else "talk.mp4"
        raise UsageError(f"--output {output}: only .mp4 files are written. Name it {better}.")
    if face is not None and output.exists() and face.exists() and output.samefile(face):
        raise UsageError(f"--output {output}: that is the photo, which stays as it is. Name another file.")
    return output
