"""What every command is handed: signals, and where words for people and documents for programs go."""

import json
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from lipwright.cli.interrupts import Interrupts

if TYPE_CHECKING:
    from rich.table import Table
    from typer import Context

PIPED_WIDTH = 1000


class Invocation:
    """One run of the program. Results go to stdout; progress and errors go to stderr."""

    def __init__(self, interrupts: Interrupts) -> None:
        self.interrupts = interrupts
        self.json = False
        """Whether stdout carries one JSON document and nothing else, errors included."""
        self.resumable = False
        """Whether the same command goes on where it was stopped."""
        self.goes_on = "it goes on behind the last finished window"
        """How it does."""

    def print(self, line: str) -> None:
        if not self.json:
            print(line, flush=True)  # noqa: T201 a command's result

    def print_json(self, document: Mapping[str, object]) -> None:
        print(json.dumps(document, indent=2, ensure_ascii=False), flush=True)  # noqa: T201 a command's result

    def print_table(self, table: "Table") -> None:
        """Coloured and fitted to the terminal; when piped, plain, with no cell broken and no blank at a line's end."""
        from rich.console import Console

        if self.json:
            return
        if sys.stdout.isatty():
            Console(highlight=False).print(table)
            return
        console = Console(highlight=False, width=PIPED_WIDTH, color_system=None)
        with console.capture() as captured:
            console.print(table)
        for line in captured.get().splitlines():
            self.print(line.rstrip())


def invocation_of(context: "Context", *, json_wanted: bool = False) -> Invocation:
    """The invocation that `main` put into the command's context."""
    invocation = context.find_object(Invocation)
    if invocation is None:
        raise TypeError("commands run through lipwright.cli.main.run, which hands them their invocation")
    invocation.json = json_wanted
    return invocation
