"""`lipwright speak`: a photo and a text become a talking video."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lipwright.cli import options, values
from lipwright.cli.invocation import Invocation, invocation_of
from lipwright.cli.sync import run as run_sync
from lipwright.cli.sync import show
from lipwright.contracts import wishes
from lipwright.contracts.portrait import SYNTHETIC, PortraitRequest, SpeakReport
from lipwright.contracts.sync import Length, SyncRequest
from lipwright.errors import UsageError

if TYPE_CHECKING:
    from lipwright.contracts.story import Story
    from lipwright.settings import Settings

DEFAULT_LANGUAGE = "en-US"
"""Of a voice that nobody named."""


def speak(
    context: typer.Context,
    *,
    output: options.Output,
    face: Annotated[
        Path | None, typer.Option("--face", "-f", metavar="FILE", help="A photo with a face, or a video of one.")
    ] = None,
    avatar: Annotated[
        str | None, typer.Option("--avatar", metavar="NAME", help="One that `lipwright avatar create` has made.")
    ] = None,
    purpose: Annotated[
        str | None,
        typer.Option("--purpose", metavar="WORD", help="What for, where the avatar's consent names purposes."),
    ] = None,
    text: Annotated[
        str | None, typer.Option("--text", "-t", metavar="WORDS", help="What is said; [pause 500ms] is a pause.")
    ] = None,
    audio: Annotated[
        Path | None, typer.Option("--audio", "-a", metavar="FILE", help="A recording to say, instead of a text.")
    ] = None,
    script: Annotated[
        Path | None,
        typer.Option("--script", metavar="FILE", help="A text file that holds what is said; scenes in Markdown (.md)."),
    ] = None,
    voice: options.Voice = "",
    language: options.Language = None,
    size: Annotated[
        str | None,
        typer.Option(
            "--size",
            metavar="WxH|NAME",
            help=f"Such as 1080x1920, or {', '.join(wishes.SIZES)}. [default: the photo's]",
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
    renderer: Annotated[
        str | None,
        typer.Option(
            "--renderer",
            metavar="NAME",
            help="A vendor's engine that makes the video, or cheapest; see `lipwright renderers`. It is sent the photo."
            " vendor:ID is a --voice or an --avatar of its own. [default: LIPWRIGHT_RENDERER, or made here]",
        ),
    ] = None,
    enhance: Annotated[
        str | None,
        typer.Option("--enhance", metavar="ENGINE", help="What makes mouths crisper. [default: LIPWRIGHT_ENHANCE]"),
    ] = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Turn a photo, a video or an avatar, and a text, scenes or a recording, into a video of that face saying it."""
    from datetime import date

    from lipwright.cli import remote
    from lipwright.cli.film import files_of, is_story, make, opening
    from lipwright.cli.film import show as show_film
    from lipwright.cli.storyboard import read_story
    from lipwright.pipeline.avatar.figure import find_figure
    from lipwright.pipeline.avatar.library import AvatarLibrary
    from lipwright.pipeline.video.request import FULL_HD, VideoRequest
    from lipwright.settings import load_settings

    invocation = invocation_of(context, json_wanted=json)
    settings = load_settings()
    vendor = settings.renderer if renderer is None else renderer
    if vendor:
        remote.refuse_local(
            fps=fps,
            background=background,
            subtitles=subtitles,
            seed=seed or None,
            face_index=face_index,
            label=label or None,
            enhance=enhance,
        )
        wish = remote.Wish(
            output, face, avatar, purpose, text, audio, script, voice, language, size, speed, lexicon, tts
        )
        remote.speak(invocation, wish, vendor, settings, quiet=quiet)
        return
    figure = find_figure(face, avatar, AvatarLibrary(settings.avatars_dir), face_index)
    if figure.voice is not None and audio is None:
        voice, tts = voice or figure.voice.voice, tts or (None if voice else figure.voice.engine)
        language = language or figure.voice.language
    if audio is not None:
        faster = speed if speed != 1 else None
        values.refuse_with_audio(
            voice=voice,
            language=None if avatar else language,  # some consents ask for it
            lexicon=lexicon,
            tts=tts,
            subtitles=subtitles,
            speed=faster,
        )
    words = script if is_story(script) and text is None and audio is None else None
    said = None if words else values.one_of_words(text, script, audio)
    story = read_story(words) if words else None
    spoken = spoken_language(story, voice, language, tts, settings) if audio is None else language
    figure.check_use(spoken, purpose, date.today())
    written = values.parse_output(output, face=figure.face, recording=audio, script=script)
    if story is not None and words is not None:
        behind = opening(background)
        film = VideoRequest(
            story=story,
            files=files_of(story, words) | behind.files,
            output=written,
            voice=voice,
            language=language,
            speed=speed,
            lexicon=lexicon,
            size=wishes.parse_size(size) if size is not None else FULL_HD,
            fps=wishes.parse_fps(fps or "25"),
            background=behind.background,
            subtitles=wishes.parse_subtitles(subtitles or []),
            label=SYNTHETIC if label else None,
            seed=seed,
        )
        show_film(invocation, make(invocation, film, figure, settings, tts=tts, enhance=enhance, quiet=quiet))
        return
    if enhance is not None:
        raise UsageError("--enhance: works on the scenes of a script in Markdown. Leave it out, or give such a script.")
    if figure.is_clip:
        _refuse_with_clip(size=size, fps=fps, background=background, subtitles=subtitles, face_index=face_index)
        clip = SyncRequest(
            video=figure.face,
            output=written,
            audio=audio,
            text=said,
            voice=voice,
            language=language,
            tts=tts,
            speed=speed,
            lexicon=lexicon,
            length=Length.SOUND,
            label=SYNTHETIC if label else None,
            seed=seed,
        )
        show(invocation, run_sync(invocation, clip, settings, quiet=quiet, figure=figure))
        return
    request = PortraitRequest(
        face=figure.face,
        text=said,
        audio=audio,
        voice=voice,
        language=language,
        output=written,
        size=wishes.parse_size(size) if size is not None else None,
        fps=wishes.parse_fps(fps or "25"),
        background=values.parse_background(background or "keep"),
        subtitles=wishes.parse_subtitles(subtitles or []),
        seed=seed,
        face_index=face_index,
        label=SYNTHETIC if label else None,
        speed=speed,
        lexicon=lexicon,
        tts=tts,
    )
    report = run(invocation, request, settings, quiet=quiet)
    if json:
        invocation.print_json(as_json(report))
    else:
        invocation.print(as_line(report))


def spoken_language(
    story: "Story | None", voice: str, language: str | None, tts: str | None, settings: "Settings"
) -> str:
    """The language that is spoken: the one that is named, else the voice's."""
    from lipwright.wiring.engines import choose_tts

    named = (story.language if story else None) or language
    voice = (story.voice if story else "") or voice
    return named or (choose_tts(tts, voice, settings).find_voice(voice).language if voice else DEFAULT_LANGUAGE)


def run(invocation: Invocation, request: PortraitRequest, settings: "Settings", *, quiet: bool) -> SpeakReport:
    """Render with the engine that the request or the settings name, and show progress."""
    from lipwright.wiring.engines import build_listener, choose_tts

    tts = choose_tts(request.tts, request.voice, settings)

    from lipwright.cli.progress import watched
    from lipwright.pipeline.speak import speak as render

    with watched(invocation.interrupts, quiet=quiet) as progress:
        return render(request, tts=tts, listener=build_listener(settings), progress=progress)


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
