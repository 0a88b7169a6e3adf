"""`lipwright voices`: who can speak, and in which language."""

from typing import TYPE_CHECKING, Annotated

import typer

from lipwright.cli.invocation import Invocation, invocation_of
from lipwright.errors import LanguageUnknown, did_you_mean

if TYPE_CHECKING:
    from lipwright.speech.tts.base import Voice


def voices(
    context: typer.Context,
    language: Annotated[
        str | None, typer.Option("--language", "-l", metavar="TAG", help="Only this language, such as en-GB or en.")
    ] = None,
    tts: Annotated[str | None, typer.Option("--tts", metavar="ENGINE", help="Only this speech engine.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """List the voices that are ready to use; those of a server only when its engine is named."""
    from lipwright.settings import load_settings
    from lipwright.speech.tts.base import matches
    from lipwright.wiring.capabilities import TTS
    from lipwright.wiring.engines import FREE

    invocation = invocation_of(context, json_wanted=json)
    settings = load_settings()
    engines = [TTS.build(name, settings) for name in ([tts] if tts is not None else TTS.listed())]
    asked = [engine for engine in engines if tts is not None or engine.capability.cost_unit == FREE]
    ready = [voice for engine in asked for voice in engine.voices()]
    chosen = [voice for voice in ready if language is None or matches(language, voice.language)]
    if not chosen:
        spoken = list(dict.fromkeys(voice.language for voice in ready))
        raise LanguageUnknown(
            f"{language}: no voice speaks it.{did_you_mean(language or '', spoken)} There are: {', '.join(spoken)}."
        )
    if json:
        invocation.print_json({"voices": [_as_json(voice) for voice in chosen]})
    else:
        _print_table(invocation, chosen)


def _as_json(voice: "Voice") -> dict[str, str]:
    return {
        "id": voice.id,
        "language": voice.language,
        "gender": voice.gender.value,
        "engine": voice.engine,
        "description": voice.description,
    }


def _print_table(invocation: Invocation, chosen: "list[Voice]") -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("voice", "language", "sounds", "engine", "description"):
        table.add_column(column, no_wrap=True)
    for voice in chosen:
        table.add_row(*(Text(cell) for cell in _as_json(voice).values()))
    invocation.print_table(table)
