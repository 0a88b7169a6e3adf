"""`lipwright speak --renderer` and `lipwright renderers`: a vendor makes the video, and what that costs."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lipwright.cli import options, values
from lipwright.cli.invocation import Invocation, invocation_of
from lipwright.contracts import wishes
from lipwright.errors import UsageError

if TYPE_CHECKING:
    from lipwright.pipeline.remote_video import RemoteReport, RemoteRequest
    from lipwright.render.remote.cost import Cost
    from lipwright.render.remote.shape import Shape
    from lipwright.settings import Settings

HERE = "make the video here, without --renderer and LIPWRIGHT_RENDERER"
VENDORS = "vendor:"
"""Stands before the id of a voice or an avatar that is the vendor's own."""


@dataclass(frozen=True)
class Wish:
    """What the options of `lipwright speak` say that a vendor can do."""

    output: Path
    face: Path | None
    avatar: str | None
    purpose: str | None
    text: str | None
    audio: Path | None
    script: Path | None
    voice: str
    language: str | None
    size: str | None
    speed: float
    lexicon: Path | None
    tts: str | None


def renderers(
    context: typer.Context,
    *,
    seconds: Annotated[float, typer.Option("--seconds", metavar="N", help="Of the video whose cost is told.")] = 60.0,
    clips: Annotated[int, typer.Option("--clips", metavar="N", min=1, help="So many of them.")] = 1,
    json: options.Json = False,
) -> None:
    """List the vendors' engines that are configured, and what a video costs there."""
    from lipwright.render.remote.cost import estimate
    from lipwright.settings import load_settings
    from lipwright.wiring.renderers import configured, how_to_configure

    invocation = invocation_of(context, json_wanted=json)
    settings = load_settings()
    ready = configured(settings)
    costs = {name: estimate(seconds, shape.able, clips) for name, shape in ready.items()}
    if json:
        listed = [_listed(shape, costs[name], settings) for name, shape in ready.items()]
        invocation.print_json({"renderers": listed, "cheapest": _cheapest_name(ready, seconds, clips)})
    elif ready:
        _print_table(invocation, ready, costs, seconds, settings)
    else:
        invocation.print(f"No remote renderer is configured. {how_to_configure(settings)}")


def refuse_local(**given: object) -> None:
    """Refuse options that only the engines of this machine know.

    Raises: UsageError.
    """
    for name, value in given.items():
        if value is not None and value != []:
            raise UsageError(
                f"--{name.replace('_', '-')}: a remote renderer does not know it. Leave it out, or {HERE}."
            )


def speak(invocation: Invocation, wish: Wish, vendor: str, settings: "Settings", *, quiet: bool) -> None:
    """Have a video made by a vendor, and tell what it cost.

    Raises: UsageError, ConsentMissing: nothing has left this machine; and as make_remote_video.
    """
    from lipwright.wiring.engines import choose_tts, stage_store
    from lipwright.wiring.renderers import offers, order_desk

    request, tts_name = _request(wish, settings)
    offered = offers(vendor, settings)
    local = request.text is not None and request.vendor_voice is None
    tts = choose_tts(tts_name, request.voice, settings) if local else None

    from lipwright.cli.progress import watched
    from lipwright.pipeline.remote_video import make_remote_video

    invocation.resumable = True
    invocation.goes_on = "what was ordered is waited for, and not paid for again"
    with (
        watched(invocation.interrupts, quiet=quiet) as progress,
        order_desk(settings) as desk,
        stage_store(settings) as store,
    ):
        report = make_remote_video(request, offered, desk=desk, tts=tts, store=store, progress=progress)
    if invocation.json:
        invocation.print_json(as_json(report))
        return
    for line in as_lines(report):
        invocation.print(line)
    if wish.face is not None and report.is_new:
        invocation.print(
            f"  note: {report.renderer} has {wish.face.name} now; whoever it shows must have agreed to that"
        )


def as_lines(report: "RemoteReport") -> list[str]:
    """What a person wants to know of it."""
    from lipwright.pipeline.remote_video import told_cost

    shape = f"{report.width_px}x{report.height_px}, {float(report.fps):g} frames/s"
    lines = [f"{report.output}: {report.duration_s:.1f} s, {shape}"]
    if report.choice:
        lines.append(f"  chosen for {report.choice}")
    if report.is_new:
        lost = report.submissions - 1
        again = f"; ordered {report.submissions} times, since {lost} came to nothing: look at your bill" if lost else ""
        lines.append(f"  {told_cost(report.cost)}{again}")
    else:
        lines.append(f"  {report.renderer}: ordered before; nothing more is to pay")
    return lines + [f"  note: {note}" for note in report.notes]


def as_json(report: "RemoteReport") -> dict[str, object]:
    """What a program wants to know of it."""
    return {
        "output": str(report.output),
        "duration_s": report.duration_s,
        "width_px": report.width_px,
        "height_px": report.height_px,
        "fps": str(report.fps),
        "renderer": report.renderer,
        "vendor_id": report.vendor_id,
        "submissions": report.submissions,
        "ordered": report.is_new,
        "cost": _cost(report.cost),
        "choice": report.choice,
        "notes": list(report.notes),
        "stages": [{"name": name, "seconds": seconds} for name, seconds in report.stage_s],
    }


def _request(wish: Wish, settings: "Settings") -> "tuple[RemoteRequest, str | None]":
    """What is asked for, and the speech engine; the person has agreed to it."""
    from datetime import date

    from lipwright.cli.film import is_story
    from lipwright.cli.speak import spoken_language
    from lipwright.pipeline.avatar.figure import find_figure
    from lipwright.pipeline.avatar.library import AvatarLibrary
    from lipwright.pipeline.remote_video import RemoteRequest

    if is_story(wish.script):
        raise UsageError(f"--script {wish.script}: a remote renderer makes no scenes. Give a text file, or {HERE}.")
    vendor_avatar = _vendors(wish.avatar)
    vendor_voice = _vendors(wish.voice)
    voice, tts, language, face = ("" if vendor_voice else wish.voice), wish.tts, wish.language, wish.face
    if vendor_avatar is not None:
        if wish.face is not None:
            raise UsageError("--face and --avatar: each says who speaks. Give one of them.")
        if wish.purpose is not None:
            raise UsageError(
                "--purpose: is asked of an avatar's consent, and a vendor's avatar has none. Leave it out."
            )
    said = values.one_of_words(wish.text, wish.script, wish.audio)
    faster = wish.speed if wish.speed != 1 else None
    if wish.audio is not None:
        values.refuse_with_audio(voice=wish.voice, lexicon=wish.lexicon, tts=tts, speed=faster)
    if vendor_voice is not None:
        for name, value in (("speed", faster), ("lexicon", wish.lexicon), ("tts", tts)):
            if value is not None:
                raise UsageError(f"--{name}: has no meaning with a vendor's voice. Leave it out.")
    if vendor_avatar is None:
        figure = find_figure(wish.face, wish.avatar, AvatarLibrary(settings.avatars_dir))
        if figure.is_clip:
            raise UsageError(f"A remote renderer takes a photo, and this is a video. Give --face photo.jpg, or {HERE}.")
        if figure.voice is not None and wish.audio is None and vendor_voice is None:
            voice, tts = voice or figure.voice.voice, tts or (None if voice else figure.voice.engine)
            language = language or figure.voice.language
        here = wish.audio is None and vendor_voice is None
        spoken = spoken_language(None, voice, language, tts, settings) if here else language
        figure.check_use(spoken, wish.purpose, date.today())
        face = figure.face
    request = RemoteRequest(
        output=values.parse_output(wish.output, face=face, recording=wish.audio, script=wish.script),
        face=face,
        vendor_avatar=vendor_avatar,
        text=said,
        audio=wish.audio,
        voice=voice,
        vendor_voice=vendor_voice,
        language=language,
        speed=wish.speed,
        lexicon=wish.lexicon,
        size=wishes.parse_size(wish.size) if wish.size is not None else None,
    )
    return request, tts


def _vendors(name: str | None) -> str | None:
    """The vendor's id that a name holds; None for one of our own."""
    if name is None or not name.startswith(VENDORS):
        return None
    if not name.removeprefix(VENDORS).strip():
        raise UsageError(f"{name}: the vendor's id is missing. Write it behind `{VENDORS}`.")
    return name.removeprefix(VENDORS).strip()


def _cost(cost: "Cost") -> dict[str, object]:
    return {
        "billed_s": cost.billed_s,
        "unused_s": cost.unused_s,
        "amount": None if cost.amount is None else str(cost.amount),
        "currency": cost.currency,
    }


def _listed(shape: "Shape", cost: "Cost", settings: "Settings") -> dict[str, object]:
    from lipwright.wiring.renderers import callback_url

    able = shape.able
    return {
        "name": shape.name,
        "takes": _takes(shape),
        "max_width_px": able.max_width_px,
        "max_height_px": able.max_height_px,
        "billing_increment_s": able.billing_increment_s,
        "price_per_minute": None if able.price_per_minute is None else str(able.price_per_minute),
        "currency": able.currency,
        "webhooks": able.webhooks,
        "called_back": callback_url(shape, settings) is not None,
        "cost": _cost(cost),
    }


def _takes(shape: "Shape") -> list[str]:
    able = shape.able
    kinds = {
        "photo": able.accepts_face,
        "avatar": able.accepts_avatar,
        "audio": able.accepts_audio,
        "text": able.accepts_text,
    }
    return [kind for kind, taken in kinds.items() if taken]


def _cheapest_name(ready: "dict[str, Shape]", seconds: float, clips: int) -> str | None:
    from lipwright.render.remote.cost import cheapest

    try:
        return cheapest([shape.able for shape in ready.values()], seconds, clips).renderer
    except UsageError:  # no price is known, or they are in different currencies
        return None


def _print_table(
    invocation: Invocation, ready: "dict[str, Shape]", costs: "dict[str, Cost]", seconds: float, settings: "Settings"
) -> None:
    from rich.table import Table
    from rich.text import Text

    from lipwright.wiring.renderers import callback_url

    clips = next(iter(costs.values())).clips
    costs_of = f"{f'{clips} x ' if clips > 1 else ''}{seconds:g} s"
    best = _cheapest_name(ready, seconds, clips)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("renderer", "takes", "largest", "billed in", "a minute", "webhooks", f"{costs_of} cost", ""):
        table.add_column(column, no_wrap=True)
    for name, shape in ready.items():
        able, cost = shape.able, costs[name]
        calls = ("used" if callback_url(shape, settings) else "not set up") if able.webhooks else "none"
        cells = (
            name,
            ", ".join(_takes(shape)),
            f"{able.max_width_px}x{able.max_height_px}",
            f"{able.billing_increment_s} s",
            "not known" if able.price_per_minute is None else f"{able.price_per_minute} {able.currency}",
            calls,
            f"{cost.billed_s} s" if cost.amount is None else f"{cost.amount} {cost.currency} ({cost.billed_s} s)",
            "cheapest" if name == best else "",
        )
        table.add_row(*(Text(cell) for cell in cells))
    invocation.print_table(table)
