"""A dub by engines behind a server that fails in every way: it is told, and goes on without asking twice."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import numpy as np
import pytest

from support.clips import plain
from support.dubbed import SECONDS, Dubbing, chatter, chords, write_talk
from support.vendor import Behaviour, Reply, never, page, said
from support.vendor_openai import KEY, OpenAi, wav

QUICK = ("--no-lip-sync", "--stt", "fake", "--separate", "fake", "--quiet")
LINES = ["Good evening to you.", "This is the first thing.", "And the second."]
LAST_TRIES = 8
"""More than one line is tried."""


@dataclass(frozen=True)
class Case:
    """An answer, and what becomes of it."""

    reply: Reply | Behaviour
    says: str
    retryable: bool
    waits: int
    """How often it is tried again."""
    longest_wait_s: float = 5.0


def failing(status: int, code: str, **headers: str) -> Reply:
    return said({"error": {"message": "no", "type": "error", "param": None, "code": code}}, status, **headers)


SOUND = {"content-type": "audio/wav"}
TONE = wav(np.full(24_000, 0.3, np.float32))
EVERYWHERE = {
    "401": Case(failing(401, "invalid_api_key"), "Set LIPWRIGHT_OPENAI_KEY", False, 0),
    "429": Case(failing(429, "rate_limit_exceeded"), "wants fewer requests", True, 3),
    "429 and when": Case(failing(429, "rate_limit_exceeded", retry_after="20"), "Try again later", True, 3, 21.0),
    "quota": Case(failing(429, "insufficient_quota"), "your credit is used up", False, 0),
    "500": Case(failing(500, "server_error"), "Try again later", True, 3),
    "HTML": Case(page(), "text/html", True, 0),
    "never": Case(never, "does not answer within", True, 3),
}
SPOKEN = EVERYWHERE | {
    "cut off": Case(Reply(200, SOUND, TONE[:3000], announced=len(TONE)), "breaks its answer off", True, 3),
    "cut short": Case(Reply(200, SOUND, TONE[:20]), "cut short", True, 0),
    "silence": Case(Reply(200, SOUND, wav(np.zeros(24_000, np.float32))), "silence instead of speech", True, 0),
}


@pytest.fixture
def waits() -> Iterator[list[float]]:
    """How long it would have waited, which nobody does here."""
    lengths_s: list[float] = []
    with mock.patch("lipwright.remote.client.pause", lambda length_s, _: lengths_s.append(length_s)):
        yield lengths_s


@pytest.fixture
def server(tmp_path: Path) -> Iterator[OpenAi]:
    write_talk(tmp_path / "talk.mp4", [plain(90)], chatter() + chords(SECONDS))
    made = OpenAi()
    environment = {"LIPWRIGHT_OPENAI_URL": made.base, "LIPWRIGHT_OPENAI_KEY": KEY}
    with made.running(), mock.patch.dict(os.environ, environment):
        yield made


@pytest.fixture
def dubbing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Dubbing:
    monkeypatch.chdir(tmp_path)
    return Dubbing(tmp_path)


def fail(dubbing: Dubbing, arguments: tuple[str, ...], case: Case, name: str) -> tuple[dict[str, object], str]:
    """Run a dub into a failure; gives the state of its project, and what was told."""
    with mock.patch.dict(os.environ, {"LIPWRIGHT_REMOTE_TIMEOUT_S": "0.3"} if case.reply is never else {}):
        done = dubbing(*arguments, "--json")
    assert done.returncode == 3, name
    error = json.loads(done.stdout)["error"]
    assert case.says in error["message"], name
    assert error["retryable"] == case.retryable, name
    assert done.stderr == f"error: {error['message']}\n"
    state = json.loads((dubbing.folder / "out.dub/project.json").read_text())["state"]
    assert (state["name"], state["message"], state["code"]) == ("failed", error["message"], error["code"])
    assert KEY not in "".join(path.read_text() for path in (dubbing.folder / "out.dub").glob("*.json"))
    assert not (dubbing.folder / "out.mp4").exists()
    return state, error["code"]


def test_a_voice_behind_a_server_fails_in_any_way_and_no_line_is_paid_twice(
    dubbing: Dubbing, server: OpenAi, waits: list[float]
) -> None:
    arguments = ("talk.mp4", "--to", "pt-BR", "-o", "out.mp4", "--translate", "fake", "--tts", "openai", *QUICK)
    asked: list[str] = []
    for number, (name, case) in enumerate(SPOKEN.items()):
        server.script = [*([None] if number == 0 else []), *([case.reply] * LAST_TRIES)]
        waits.clear()
        state, code = fail(dubbing, arguments, case, name)
        assert (state["stage"], state["part"], code) == ("speak", 2, "speaking_failed"), name
        assert len(waits) == case.waits, name
        assert not waits or case.longest_wait_s - 1 <= max(waits) <= case.longest_wait_s + 1, name
        asked += [request.json["input"] for request in server.received]
        server.received.clear()
    assert asked.count(f"pt: {LINES[0]}") == 1
    server.script = []

    made = dubbing.document(*arguments)

    assert [request.json["input"] for request in server.received] == [f"pt: {text}" for text in LINES[1:]]
    assert made["cost"] == [{"engine": "openai", "amount": len("".join(LINES[1:])) + 8, "unit": "characters"}]
    assert {line["fit"] for line in made["lines"]} <= {"fits", "borrowed", "faster", "stretched"}
    state = json.loads((dubbing.folder / "out.dub/project.json").read_text())["state"]
    assert state["name"] == "done"
    assert "code" not in state


def test_a_translator_behind_a_server_fails_in_any_way_and_no_line_is_paid_twice(
    dubbing: Dubbing, server: OpenAi, waits: list[float]
) -> None:
    arguments = ("talk.mp4", "--to", "pt-BR", "-o", "out.mp4", "--translate", "openai", "--tts", "fake", *QUICK)
    for name, case in EVERYWHERE.items():
        server.script = [case.reply] * 2 * LAST_TRIES
        state, code = fail(dubbing, arguments, case, name)
        assert (state["stage"], state["part"], code) == ("translate", 1, "translation_failed"), name
    assert max(waits) <= EVERYWHERE["429 and when"].longest_wait_s
    server.script = []
    server.received.clear()

    made = dubbing.document(*arguments)

    assert [line["text"] for line in made["lines"]] == [text.upper() for text in LINES]
    assert len(server.received) == 1
    assert made["cost"] == [{"engine": "openai", "amount": 42.0, "unit": "tokens"}]


def test_ears_behind_a_server_that_refuses_are_told(dubbing: Dubbing, server: OpenAi) -> None:
    server.script = [failing(401, "invalid_api_key")]
    fakes = ("--separate", "fake", "--translate", "fake", "--tts", "fake", "--no-lip-sync", "--quiet")

    state, code = fail(
        dubbing, ("talk.mp4", "--to", "pt-BR", "-o", "out.mp4", "--stt", "openai", *fakes), EVERYWHERE["401"], "401"
    )

    assert (state["stage"], code) == ("transcribe", "transcription_failed")
