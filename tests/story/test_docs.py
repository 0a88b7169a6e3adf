"""The script that the documentation shows is one."""

import re
from pathlib import Path

from lipwright.story.base import Storyboarder
from lipwright.story.directions import EXAMPLES
from lipwright.story.markdown import read_script
from lipwright.story.rules_board import RulesStoryboarder
from lipwright.story.timing import estimated

PAGE = Path(__file__).parents[2] / "docs" / "scripts.md"


def test_shown_script_becomes_a_storyboard() -> None:
    (shown,) = re.findall(r"```markdown\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    engine: Storyboarder = RulesStoryboarder()
    story = estimated(engine.fill(read_script(shown, "coffee.md")))
    assert [scene.title for scene in story.scenes] == ["Good morning", "The highlands", "Your cup"]
    assert story.title == "Coffee in a minute"
    assert story.files() == {"bed.ogg", "harvest.mp4"}


def test_every_direction_of_the_table_is_read() -> None:
    table = PAGE.read_text(encoding="utf-8").partition("| --- |")[2].partition("\n\n")[0]
    shown = re.findall(r"\[[^\]]+\]", table.replace("\\", ""))
    assert {re.split(r"[: ]", direction[1:-1])[0] for direction in shown} >= set(EXAMPLES)
    for direction in shown:
        script = f"## A\nHello.\n## B\nWorld. {direction}\n"
        assert read_script(script, "s.md").scenes[1].text.startswith("World.")
