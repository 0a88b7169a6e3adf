"""What every command is handed: signals, and where words for people and documents for programs go."""

import json
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

from lipwright.cli.interrupts import Interrupts

if TYPE_CHECKING:
    from rich.console import Console
    from typer import Context

Json: TypeAlias = Mapping[str, "Json"] | list["Json"] | str | int | float | bool | None


class Invocation:
    """One run of the program. Results go to stdout; progress and errors go to stderr."""

    def __init__(self, interrupts: Interrupts) -> None:
        self.interrupts = interrupts
        self.json = False
        """Whether stdout carries one JSON document and nothing else, errors included."""

    def print(self, line: str) -> None:
        if not self.json:
            print(line, flush=True)  # noqa: T201 a command's result

    def print_json(self, document: Json) -> None:
        print(json.dumps(document, indent=2, ensure_ascii=False), flush=True)  # noqa: T201 a command's result

    def console(self) -> "Console":
        """Of stdout, for tables; wide enough to break no cell when piped."""
        from rich.console import Console

        return Console(highlight=False, width=None if sys.stdout.isatty() else 200)


def invocation_of(context: "Context", *, json_wanted: bool = False) -> Invocation:
    """The invocation that `main` put into the command's context."""
    invocation = context.find_object(Invocation)
    if invocation is None:
        raise TypeError("commands run through lipwright.cli.main.run, which hands them their invocation")
    invocation.json = json_wanted
    return invocation
