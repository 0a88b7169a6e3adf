"""The commands that the pages show are commands that the program takes."""

import re
import shlex
from datetime import date
from pathlib import Path

import pytest
import typer

from lipwright.cli.app import build_app, named
from lipwright.contracts.avatar import Use
from lipwright.errors import ConsentMissing
from lipwright.pipeline.avatar.consent import check_consent, read_consent
from lipwright.pipeline.batch.table import read_table
from lipwright.pipeline.batch.template import fill
from lipwright.story.markdown import read_script

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
TEAM = ROOT / "docs" / "examples" / "content-team"
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


@pytest.mark.parametrize("name", ["consent.json", "launch.md", "two.csv"])
def test_content_team_tutorial_shows_its_examples_as_they_are(name: str) -> None:
    page = (ROOT / "docs" / "tutorial-content-team.md").read_text(encoding="utf-8")
    assert f"```\n{(TEAM / name).read_text(encoding='utf-8')}```" in re.sub(r"```[a-z]+", "```", page)


def test_example_of_consent_allows_trying_alone() -> None:
    consent = read_consent(TEAM / "consent.json")
    check_consent(consent, Use.VIDEO, language="pt-BR", purpose="trial", today=date(2026, 12, 1))
    with pytest.raises(ConsentMissing, match="--purpose"):
        check_consent(consent, Use.VIDEO, language="en-US", purpose=None, today=date(2026, 12, 1))


@pytest.mark.parametrize("name", ["launch.md", "launch.pt-BR.md"])
def test_example_script_shows_the_pictures_that_the_tutorial_makes(name: str) -> None:
    story = read_script((TEAM / name).read_text(encoding="utf-8"), name)
    assert len(story.scenes) == 4
    makes = (TEAM / "pictures.py").read_text(encoding="utf-8")
    assert story.files()
    assert all(f'save("{file}")' in makes for file in story.files())


def test_example_table_has_fifty_rows_that_can_be_said() -> None:
    table = read_table((TEAM / "scripts.csv").read_bytes(), "scripts.csv")
    assert table.problems == ()
    assert len({row.cells["name"] for row in table.rows}) == 50
    assert all("{" not in fill(row.cells["text"], row.cells).text for row in table.rows)
