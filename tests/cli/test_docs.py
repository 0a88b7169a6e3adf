"""The commands that the pages show are commands that the program takes."""

import re
import shlex
from pathlib import Path

import pytest
import typer

from lipwright.cli.app import build_app, named

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
CODE = re.compile(r"^```.*?^```$|(`+)(?:(?!\n\n).)*?\1", re.MULTILINE | re.DOTALL)
"""What a page shows as it is: blocks between fences, and words between backticks."""


def shown_commands() -> list[str]:
    shown = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8").replace("\\\n", " ")
        shown += re.findall(r"^    (?:\.venv/bin/)?lipwright (.+)$", text, re.MULTILINE)
    return sorted(set(shown))


@pytest.mark.parametrize("shown", shown_commands())
def test_shown_command_is_taken(shown: str) -> None:
    name, *arguments = named(shlex.split(shown, comments=True))
    if name.startswith("--"):
        pytest.skip("an option of the program itself, which acts while it is read")
    group = typer.main.get_command(build_app())
    command = group.commands[name]  # type: ignore[attr-defined] # a group, as it has commands
    assert command.make_context(name, arguments).params


@pytest.mark.parametrize(
    "page", sorted(ROOT.glob("*.md")) + sorted(ROOT.glob("docs/**/*.md")), ids=lambda page: page.name
)
def test_every_link_between_pages_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", CODE.sub("", page.read_text(encoding="utf-8")))
    broken = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert broken == []
