"""Scripts and storyboards by a language model, behind a server on this machine that answers well or badly."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from lipwright.contracts.story import Background, Framing, Place, TransitionKind
from lipwright.errors import ProviderAnswerInvalid, ScriptInvalid
from lipwright.remote.cost import cost_of
from lipwright.story.base import Brief
from lipwright.story.markdown import read_script
from lipwright.story.openai_board import SCENES_AT_ONCE, OpenAiStoryboarder
from lipwright.story.openai_writer import OpenAiWriter
from support.vendor import Received, Reply, Vendor, page, said
from support.vendor_openai import KEY, completion

SCRIPT = "## One\nHello there.\n## Two [close] [background: office.jpg]\nAnd now [b-roll: a.png] more.\n## Three\nBye."
WRITTEN = {
    "title": "Coffee",
    "scenes": [{"title": "Start", "text": "Coffee is *good*."}, {"title": "", "text": "Bye."}],
}
PLAN = {"framing": "wide", "place": "left", "background": "gradient #102030, #405060", "transition": "dissolve"}


@pytest.fixture
def server() -> Iterator[Vendor]:
    vendor = Vendor(_plan)
    with vendor.running():
        yield vendor


def _plan(request: Received) -> Reply:
    assert request.path == "/v1/chat/completions"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    task = json.loads(request.json["messages"][1]["content"])
    return completion(json.dumps({"scenes": [{"id": scene["id"], **PLAN} for scene in task["scenes"]]}))


def writer(server: Vendor) -> OpenAiWriter:
    return OpenAiWriter(openai_url=f"{server.url}/v1", openai_key=SecretStr(KEY), openai_script_model="llm")


def planner(server: Vendor) -> OpenAiStoryboarder:
    return OpenAiStoryboarder(openai_url=f"{server.url}/v1", openai_key=SecretStr(KEY), openai_script_model="llm")


def test_brief_becomes_a_script(server: Vendor) -> None:
    server.script = [completion(f"Sure!\n```json\n{json.dumps(WRITTEN)}\n```")]
    engine = writer(server)
    story = read_script(engine.write(Brief("About coffee.", "en", 5.0)), "s.md")
    assert (story.title, story.language) == ("Coffee", "en")
    assert [(scene.title, scene.text) for scene in story.scenes] == [("Start", "Coffee is good."), ("", "Bye.")]
    asked = server.received[0].json
    assert asked["model"] == "llm"
    assert asked["response_format"]["json_schema"]["strict"] is True
    task = json.loads(asked["messages"][1]["content"])
    assert task["brief"] == "About coffee."
    assert (task["language"], task["seconds"]) == ("en", 5)
    assert cost_of(engine) == {"tokens": 42}


@pytest.mark.parametrize(
    ("scene", "words"),
    [
        ("[background: file /etc/passwd] Hello.", "leads out of"),
        ("[b-roll: secret.png] Hello.", "headings or directions"),
        ("[smiles] Hello.", "no such direction"),
        ("## More\nHello.", "headings or directions"),
        ("---\nvoice: x\n---\nHello.", "headings or directions"),
        ("<script>alert(1)</script>", "HTML"),
        ("...", "nothing is said"),
        ("", "text: String should have at least 1"),
        ("word " * 400, "wanted"),
    ],
)
def test_script_that_a_model_may_not_write_is_refused(server: Vendor, scene: str, words: str) -> None:
    document = json.dumps({"title": "", "scenes": [{"title": "", "text": scene}]})
    server.script = [completion(document)] * 2
    with pytest.raises(ProviderAnswerInvalid, match=words):
        writer(server).write(Brief("About coffee.", "en", 10.0))
    assert len(server.received) == 2


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (completion(json.dumps(WRITTEN), finish="length"), "cut short"),
        (completion(None, refusal="I cannot."), "refuses"),
        (completion("I would rather talk."), "no JSON document"),
        (completion("{" * 5000), "no JSON document"),
        (completion('{"title": "", "scenes": []}'), "scenes"),
        (said({"choices": []}), "another shape"),
        (page(), "text/html"),
    ],
)
def test_unusable_answer_has_its_reason(server: Vendor, reply: Reply, words: str) -> None:
    server.script = [reply] * 2
    with pytest.raises(ProviderAnswerInvalid, match=words):
        writer(server).write(Brief("About coffee."))


def test_empty_brief_is_refused_before_anybody_is_asked(server: Vendor) -> None:
    with pytest.raises(ScriptInvalid, match="the brief"):
        writer(server).write(Brief("  "))
    assert server.received == []


def test_server_that_knows_no_schema_is_asked_plainly(server: Vendor) -> None:
    server.script = [said({"error": {"message": "no"}}, 400), said({"error": {"message": "no"}}, 400)]
    server.script.append(completion(json.dumps(WRITTEN)))
    assert "Coffee" in writer(server).write(Brief("About coffee."))
    assert [set(request.json) - {"model", "messages"} for request in server.received] == [
        {"temperature", "response_format"},
        {"temperature"},
        set(),
    ]


def test_model_chooses_what_nobody_chose_and_changes_nothing_else(server: Vendor) -> None:
    story = read_script(SCRIPT, "s.md")
    filled = planner(server).fill(story)
    assert [scene.framing for scene in filled.scenes] == [Framing.WIDE, Framing.CLOSE, Framing.WIDE]
    assert {scene.place for scene in filled.scenes} == {Place.LEFT}
    assert filled.scenes[0].background == Background(kind="gradient", value="#102030,#405060")
    assert filled.scenes[1].background == Background(kind="file", value="office.jpg")
    kinds = [scene.transition.kind for scene in filled.scenes if scene.transition]
    assert kinds == [TransitionKind.CUT, TransitionKind.DISSOLVE, TransitionKind.DISSOLVE]
    for before, after in zip(story.scenes, filled.scenes, strict=True):
        assert (after.text, after.title, after.cut_aways) == (before.text, before.title, before.cut_aways)
    task = json.loads(server.received[0].json["messages"][1]["content"])
    assert task["files"] == ["office.jpg"]
    assert task["scenes"][1]["settled"] == {"framing": "close", "background": "file office.jpg"}


def test_many_scenes_are_planned_in_parts(server: Vendor) -> None:
    story = read_script("\n".join(f"## {n}\nWord." for n in range(SCENES_AT_ONCE + 5)), "s.md")
    assert {scene.framing for scene in planner(server).fill(story).scenes} == {Framing.WIDE}
    assert len(server.received) == 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"background": "../../etc/passwd.png"}, "leads out of"),
        ({"background": "other.jpg"}, "none that was offered"),
        ({"background": "a.png"}, "none that was offered"),
        ({"background": '"a castle"'}, "none that was offered"),
        ({"background": "gradient dusk"}, "none that was offered"),
        ({"framing": "upside down"}, "framing"),
        ({"id": 7}, "is missing"),
        ({"transition": "explosion"}, "transition"),
        ({"place": None}, "place"),
    ],
)
def test_plan_that_cannot_be_followed_is_refused(server: Vendor, change: dict[str, Any], words: str) -> None:
    scenes = [{"id": number, **PLAN} for number in (1, 2, 3)]
    scenes[0] |= change
    server.script = [completion(json.dumps({"scenes": scenes}))] * 2
    with pytest.raises(ProviderAnswerInvalid, match=words):
        planner(server).fill(read_script(SCRIPT, "s.md"))


def test_identity_names_model_and_server() -> None:
    assert OpenAiWriter(openai_script_model="a").identity() != OpenAiWriter(openai_script_model="b").identity()
    plain = OpenAiStoryboarder().identity()
    assert plain != OpenAiStoryboarder(openai_url="http://localhost:11434/v1").identity()
