"""Write the generated pages of docs/: commands, settings and errors from the program, licences from what is installed.

python tools/reference.py          writes them
python tools/reference.py --check  exits with 1 if one of them is not what the program says now
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import licences
import typer
from pydantic_core import PydanticUndefined

from lipwright import errors
from lipwright.cli.app import build_app
from lipwright.errors import LipwrightError
from lipwright.settings import Settings, variable

DOCS = Path(__file__).resolve().parents[1] / "docs"
NOTICE = "<!-- Written by `make docs` from the program itself; edit the program instead. -->\n"
HELP_WIDTH = 100
ERRORS_INTRODUCTION = """\
A command that fails prints one `error:` line that names the subject, the cause and the next step, leaves no partial
file, and exits with the code below. With `--json`, stdout carries `{"error": {"code", "message", "retryable"}}`.
SIGTERM exits with 143, which is 128 and the signal's number, as 130 is for Ctrl-C.
"""


def command_page() -> str:
    """The help of every command, as the user sees it."""
    group = typer.main.get_command(build_app())
    parts = ["# Command line reference\n", NOTICE]
    context = typer.Context(
        group, info_name="lipwright", max_content_width=HELP_WIDTH, terminal_width=HELP_WIDTH, **group.context_settings
    )
    parts.append(_help_block("lipwright", group.get_help(context)))
    for name, command in group.commands.items():  # type: ignore[attr-defined] # a group, as it has commands
        inner = typer.Context(command, info_name=name, parent=context)
        parts.append(_help_block(f"lipwright {name}", command.get_help(inner)))
    return "\n".join(parts)


def settings_page() -> str:
    """Every environment variable that the program reads."""
    rows = ["| Variable | Default | Meaning |", "| --- | --- | --- |"]
    for name, field in Settings.model_fields.items():
        default = f"`{field.default}`" if field.default is not PydanticUndefined else "chosen by the system"
        rows.append(f"| `{variable(name)}` | {default} | {field.description} |")
    return "\n".join(["# Settings\n", NOTICE, "All are read once, when a command starts.\n", *rows, ""])


def errors_page() -> str:
    """Every error with its code, HTTP status and exit code."""
    rows = ["| Error | Code | Exit code | HTTP status | May succeed later |", "| --- | --- | --- | --- | --- |"]
    for depth, error in error_tree(LipwrightError, 0):
        indent = "&nbsp;" * 4 * depth
        retry = "yes" if error.retryable else "no"
        rows.append(
            f"| {indent}{error.__name__} | `{error.code}` | {error.exit_code} | {error.http_status} | {retry} |"
        )
    return "\n".join(["# Errors\n", NOTICE, ERRORS_INTRODUCTION, *rows, ""])


def error_tree(error: type[LipwrightError], depth: int) -> Iterator[tuple[int, type[LipwrightError]]]:
    """An error and all that derive from it in errors.py, each with its depth, in the order of the file."""
    yield depth, error
    for child in error.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from error_tree(child, depth + 1)


PAGES: Mapping[str, Callable[[], str]] = {
    "cli.md": command_page,
    "settings.md": settings_page,
    "errors.md": errors_page,
    "licences.md": licences.page,
}


def main(arguments: list[str]) -> int:
    """Write the pages, or compare them."""
    try:
        stale = [name for name, page in PAGES.items() if not _same(DOCS / name, page())]
    except licences.LicenceUnknown as exc:
        print(f"error: {exc}", file=sys.stderr)  # noqa: T201
        return 1
    if arguments == ["--check"]:
        for name in stale:
            print(f"docs/{name} is not what the program says now; run: make docs", file=sys.stderr)  # noqa: T201
        return 1 if stale else 0
    for name in stale:
        (DOCS / name).write_text(PAGES[name](), encoding="utf-8")
        print(f"wrote docs/{name}")  # noqa: T201
    return 0


def _help_block(title: str, text: str) -> str:
    body = "\n".join(line.rstrip() for line in text.splitlines())
    return f"## {title}\n\n```text\n{body}\n```\n"


def _same(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
