"""The entry: runs one command, and turns every error into one message and an exit code. Only this module exits."""

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lipwright.cli.interrupts import Interrupts
from lipwright.cli.invocation import Invocation
from lipwright.errors import Cancelled, LipwrightError

if TYPE_CHECKING:
    from typer import TyperException

CLOSED_PIPE_EXIT_CODE = 1  # Typer's own, when a command's output breaks off


def main() -> None:
    """Run the process's own arguments and exit."""
    interrupts = Interrupts()
    try:
        interrupts.install()
        code = run(sys.argv[1:], interrupts)
    except Cancelled as exc:
        code = interrupts.exit_code or exc.exit_code
    except KeyboardInterrupt:  # before the handler stood
        code = Cancelled.exit_code
    if interrupts.exit_code is not None:
        # An engine's thread may be amid a sentence; the interpreter's shutdown would pull its runtime from under it.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def run(arguments: Sequence[str], interrupts: Interrupts) -> int:
    """Run one command.

    Returns: the exit code: 0, or that of the error (see errors.py), or 128 and the number of the signal that stopped
        the work.
    """
    import typer

    from lipwright.cli.app import build_app, named

    invocation = Invocation(interrupts)
    command = typer.main.get_command(build_app())
    try:
        code = command.main(
            named(arguments) or ["--help"], prog_name="lipwright", standalone_mode=False, obj=invocation
        )
        sys.stdout.flush()
    except typer.TyperException as exc:
        return _complain(invocation, "usage_invalid", _usage_message(exc), _usage_hint(exc), exc.exit_code)
    except BrokenPipeError:
        # What reads stdout has gone; nothing more can be told there, not even by the interpreter's last flush.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CLOSED_PIPE_EXIT_CODE
    except (LipwrightError, OSError) as exc:
        # A signal also reaches child processes; what their end breaks here is no failure of its own.
        if interrupts.exit_code is not None:
            stopped = "stopped; no file was left behind"
            if invocation.resumable:
                stopped += f". Run the same command again: {invocation.goes_on}"
            return _complain(invocation, Cancelled.code, stopped, None, interrupts.exit_code)
        if isinstance(exc, LipwrightError):
            return _complain(invocation, exc.code, str(exc), None, exc.exit_code, retryable=exc.retryable)
        raise
    return code if isinstance(code, int) else 0


def _complain(
    invocation: Invocation, code: str, message: str, hint: str | None, exit_code: int, *, retryable: bool = False
) -> int:
    if invocation.json:
        invocation.print_json({"error": {"code": code, "message": message, "retryable": retryable}})
    print(f"error: {message}", file=sys.stderr)  # noqa: T201 stderr is where errors go
    if hint:
        print(f"hint: {hint}", file=sys.stderr)  # noqa: T201
    return exit_code


def _usage_message(exc: "TyperException") -> str:
    possibilities = getattr(exc, "possibilities", None)
    if possibilities:
        names = " or ".join(f"`{name}`" for name in sorted(possibilities))
        return f"{exc.message.rstrip('.')}. Did you mean {names}?"
    return exc.format_message()


def _usage_hint(exc: "TyperException") -> str:
    context = getattr(exc, "ctx", None)
    path = context.command_path if context is not None else "lipwright"
    return f"`{path} --help` lists what it takes."


if __name__ == "__main__":
    main()
