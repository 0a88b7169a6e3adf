"""`lipwright speak`: a photo and a text become a talking video."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lipwright.cli import options, values
from lipwright.cli.invocation import Invocation, invocation_of
from lipwright.cli.sync import run as run_sync
from lipwright.cli.sync import show
from lipwright.contracts.portrait import SYNTHETIC, PortraitRequest, SpeakReport
from lipwright.contracts.sync import Length, SyncRequest
from lipwright.errors import UsageError

if TYPE_CHECKING:
    from lipwright.settings import Settings


def speak(
    context: typer.Context,
    *,
    face: Annotated[Path, typer.Option("--face", "-f", metavar="FILE", help="A photo with a face, or a video of one.")],
    output: options.Output,
    text: Annotated[
        str | None, typer.Option("--text", "-t", metavar="WORDS", help="What is said; [pause 500ms] is a pause.")
    ] = None,
    audio: Annotated[
        Path | None, typer.Option("--audio", "-a", metavar="FILE", help="A recording to say, instead of a text.")
    ] = None,
    script: options.Script = None,
    voice: options.Voice = "",
    language: options.Language = None,
    size: Annotated[
        str | None,
        typer.Option(
            "--size",
            metavar="WxH|NAME",
            help=f"Such as 1080x1920, or {', '.join(values.SIZES)}. [default: the photo's]",
        ),
    ] = None,
    fps: Annotated[
        str | None,
        typer.Option("--fps", metavar="RATE", help="Such as 25, 29.97 or 30000/1001. [default: 25, or the video's]"),
    ] = None,
    background: Annotated[
        str | None,
        typer.Option(
            "--background", metavar="WHAT", help="keep, blur, a colour as #rrggbb, or a picture's path. [default: keep]"
        ),
    ] = None,
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
    label: options.Label = False,
    speed: Annotated[float, typer.Option("--speed", metavar="N", min=0.5, max=2.0, help="Of the speech.")] = 1.0,
    lexicon: options.LexiconFile = None,
    tts: options.Tts = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Turn a photo or a video, and a text or a recording, into a video of that face saying it."""
    from lipwright.media.image import is_clip
    from lipwright.settings import load_settings

    invocation = invocation_of(context, json_wanted=json)
    if audio is not None:
        faster = speed if speed != 1 else None
        values.refuse_with_audio(
            voice=voice, language=language, lexicon=lexicon, tts=tts, subtitles=subtitles, speed=faster
        )
    if is_clip(face):
        _refuse_with_clip(size=size, fps=fps, background=background, subtitles=subtitles, face_index=face_index)
        clip = SyncRequest(
            video=face,
            output=values.parse_output(output, video=face, recording=audio, script=script),
            audio=audio,
            text=values.one_of_words(text, script, audio),
            voice=voice,
            language=language,
            tts=tts,
            speed=speed,
            lexicon=lexicon,
            length=Length.SOUND,
            label=SYNTHETIC if label else None,
            seed=seed,
        )
        show(invocation, run_sync(invocation, clip, load_settings(), quiet=quiet))
        return
    request = PortraitRequest(
        face=face,
        text=values.one_of_words(text, script, audio),
        audio=audio,
        voice=voice,
        language=language,
        output=values.parse_output(output, photo=face, recording=audio, script=script),
        size=values.parse_size(size) if size is not None else None,
        fps=values.parse_fps(fps or "25"),
        background=values.parse_background(background or "keep"),
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


def _refuse_with_clip(**options: object) -> None:
    for name, value in options.items():
        if value is not None and value != []:
            raise UsageError(
                f"--{name.replace('_', '-')}: works with a photo only; a video keeps its own picture. Leave it out, or "
                "see `lipwright sync --help`."
            )
