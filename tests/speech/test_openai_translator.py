"""Translation by a language model: what it is told, and what is read from answers of every manner."""

import json
from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from lipwright.errors import ProviderAnswerInvalid, ProviderUnavailable
from lipwright.remote.cost import cost_of
from lipwright.speech.translate.base import Passage
from lipwright.speech.translate.chat import candidates
from lipwright.speech.translate.openai import OpenAiTranslator
from support.vendor import Reply, page, said
from support.vendor_openai import KEY, OpenAi, completion

HELLO, BYE = Passage("Hello there, friend."), Passage("Goodbye.")
GOOD = '{"lines": [{"id": 1, "candidates": ["Olá, amigo."]}, {"id": 2, "candidates": ["Tchau."]}]}'
READ = [("Olá, amigo.",), ("Tchau.",)]


@pytest.fixture
def server() -> Iterator[OpenAi]:
    vendor = OpenAi()
    with vendor.running():
        yield vendor


def engine(server: OpenAi) -> OpenAiTranslator:
    return OpenAiTranslator(openai_url=server.base, openai_key=SecretStr(KEY), openai_translate_model="llm")


def test_every_passage_gets_candidates_best_first(server: OpenAi) -> None:
    translator = engine(server)
    found = translator.translate([HELLO, BYE], "en", "pt-BR", count=3)
    assert found == [("HELLO THERE, FRIEND.", "HELLO THERE,", "HELLO"), ("GOODBYE.",)]
    assert translator.translate([], "en", "pt-BR") == []
    assert cost_of(translator) == {"tokens": 42}


def test_model_is_told_slot_length_terms_and_context(server: OpenAi) -> None:
    passage = Passage("Open the Hub.", 1.5, 20, {"Hub": "Hub"}, ("It is new.",))
    engine(server).translate([passage], "en", "pt-BR", count=2)
    asked = server.received[0].json
    assert asked["model"] == "llm"
    assert asked["temperature"] == 0
    assert asked["response_format"]["type"] == "json_schema"
    assert json.loads(asked["messages"][1]["content"]) == {
        "from": "en",
        "to": "pt-BR",
        "candidates": 2,
        "lines": [
            {
                "id": 1,
                "text": "Open the Hub.",
                "before": ["It is new."],
                "seconds": 1.5,
                "characters": 20,
                "terms": {"Hub": "Hub"},
            }
        ],
    }


def test_many_lines_are_sent_in_batches_and_keep_their_order(server: OpenAi) -> None:
    passages = [Passage(f"Line number {number}.") for number in range(45)]
    found = engine(server).translate(passages, "en", "es")
    assert [texts[0] for texts in found] == [f"LINE NUMBER {number}." for number in range(45)]
    assert len(server.received) == 3


def test_server_that_knows_no_schema_is_asked_plainly_from_then_on() -> None:
    server = OpenAi(structured=False)
    with server.running():
        translator = engine(server)
        assert translator.translate([BYE], "en", "es") == [("GOODBYE.",)]
        assert translator.translate([HELLO], "en", "es") == [("HELLO THERE, FRIEND.",)]
    keys = [set(request.json) - {"model", "messages"} for request in server.received]
    assert keys == [{"temperature", "response_format"}, {"temperature"}, set(), set()]


def test_request_that_is_refused_in_every_form_is_told_with_the_server_s_words(server: OpenAi) -> None:
    server.script = [said({"error": {"message": "context is too long"}}, 400)] * 3
    with pytest.raises(ProviderUnavailable, match="context is too long"):
        engine(server).translate([BYE], "en", "es")


@pytest.mark.parametrize(
    "content",
    [
        GOOD,
        f"```json\n{GOOD}\n```",
        f"Here is the translation:\n```\n{GOOD}\n```\nLet me know!",
        f"<think>\nThe JSON {{'a': [1]}} must be ...\n</think>\n{GOOD}",
        f"Sure! {GOOD} I hope [this] helps.",
        '[{"id": 2, "candidates": ["Tchau."]}, {"id": 1, "candidates": ["Olá, amigo."]}]',
        '{"lines": [{"id": 1, "candidates": ["Here is the translation: Olá, amigo."]},'
        ' {"id": 2, "candidates": ["Translation: \\"Tchau.\\""]}]}',
        '{"lines": [{"id": 1, "candidates": ["“Olá, amigo.”", "Olá, amigo.", ""]},'
        ' {"id": 2, "candidates": ["1. Tchau.", "Candidate 2: Tchau."]}, {"id": 3, "candidates": []}]}',
    ],
)
def test_translations_are_read_whatever_stands_around_them(content: str) -> None:
    assert candidates(content, [HELLO, BYE], 2) == READ


def test_what_the_source_has_itself_is_kept() -> None:
    content = json.dumps(
        {"lines": [{"id": 1, "candidates": ["“Sim”, disse ela."]}, {"id": 2, "candidates": ["2. Não"]}]}
    )
    assert candidates(content, [Passage("“Yes,” she said."), Passage("2. No")], 1) == [
        ("“Sim”, disse ela.",),
        ("2. Não",),
    ]
    quoted = json.dumps([{"id": 1, "candidates": ['"Olá" e "tchau"']}])
    assert candidates(quoted, [HELLO], 1) == [('"Olá" e "tchau"',)]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "Olá, amigo.",
        '{"lines": [{"id": 1, "candidates": ["Olá"]}]}',
        '{"lines": [{"id": 1, "candidates": ["Olá"]}, {"id": 2, "candidates": ["  "]}]}',
        '{"lines": {"1": "Olá"}}',
        GOOD[:-9],
        "[" * 5000,
    ],
)
def test_answer_that_lacks_a_line_is_asked_for_once_more_and_then_refused(server: OpenAi, content: str) -> None:
    server.script = [completion(content)] * 2
    with pytest.raises(ProviderAnswerInvalid, match="cannot be used"):
        engine(server).translate([HELLO, BYE], "en", "pt-BR")
    assert len(server.received) == 2
    server.script = [completion(content), completion(GOOD)]
    assert engine(server).translate([HELLO, BYE], "en", "pt-BR") == READ


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (completion(GOOD, finish="length"), "cut short"),
        (completion(None, refusal="I cannot."), "refuses"),
        (completion(None), "cannot be used"),
        (said({"choices": []}), "another shape"),
        (said({"error": None}), "another shape"),
        (page(), "text/html"),
    ],
)
def test_unusable_answer_has_its_reason(server: OpenAi, reply: Reply, words: str) -> None:
    server.script = [reply] * 2
    with pytest.raises(ProviderAnswerInvalid, match=words):
        engine(server).translate([HELLO, BYE], "en", "pt-BR")


def test_model_and_address_are_part_of_the_identity() -> None:
    plain = OpenAiTranslator().identity("en", "es")
    assert plain != OpenAiTranslator(openai_translate_model="other").identity("en", "es")
    assert plain != OpenAiTranslator(openai_url="http://localhost:11434/v1").identity("en", "es")


def test_all_pairs_are_translated() -> None:
    assert OpenAiTranslator().pairs() is None
    assert OpenAiTranslator().quality("fi", "ja") is not None
