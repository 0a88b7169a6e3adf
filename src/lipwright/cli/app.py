"""The commands, joined. Importing this imports every command's file, and none of what the commands need to work."""

from collections.abc import Callable, Sequence
from typing import Annotated

import typer

from lipwright import __version__
from lipwright.cli import avatar, jobs, token
from lipwright.cli.batch import batch
from lipwright.cli.check import check
from lipwright.cli.demo import demo
from lipwright.cli.doctor import doctor
from lipwright.cli.dub import dub, redo
from lipwright.cli.remote import renderers
from lipwright.cli.serve import serve
from lipwright.cli.speak import speak
from lipwright.cli.storyboard import storyboard
from lipwright.cli.sync import sync
from lipwright.cli.transcribe import transcribe
from lipwright.cli.translate import translate
from lipwright.cli.voices import voices
from lipwright.cli.worker import worker

COMMANDS: dict[str, Callable[..., int | None]] = {
    "speak": speak,
    "storyboard": storyboard,
    "sync": sync,
    "dub": dub,
    "dub redo": redo,
    "avatar create": avatar.create,
    "avatar show": avatar.show,
    "avatar list": avatar.list_all,
    "avatar remove": avatar.remove,
    "transcribe": transcribe,
    "translate": translate,
    "batch": batch,
    "voices": voices,
    "renderers": renderers,
    "check": check,
    "demo": demo,
    "doctor": doctor,
    "serve": serve,
    "worker": worker,
    "token create": token.create,
    "token list": token.list_all,
    "token revoke": token.revoke,
    "jobs submit": jobs.submit,
    "jobs list": jobs.list_all,
    "jobs show": jobs.show,
    "jobs watch": jobs.watch,
    "jobs fetch": jobs.fetch,
    "jobs approve": jobs.approve,
    "jobs retry": jobs.retry,
    "jobs cancel": jobs.cancel,
}
"""By name, in the order in which help lists them. Of some the name is two words; `named` joins them."""


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"lipwright {__version__}")
        raise typer.Exit


def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """A face and some words in, a video of that face saying those words out."""


def build_app() -> typer.Typer:
    """The whole command line."""
    app = typer.Typer(
        name="lipwright",
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(root)
    for name, command in COMMANDS.items():
        app.command(name)(command)
    return app


def named(arguments: Sequence[str]) -> list[str]:
    """The arguments with a name of two words as one of them; a video that is called `redo` is written `./redo`."""
    first = " ".join(arguments[:2])
    return [first, *arguments[2:]] if first in COMMANDS else list(arguments)
