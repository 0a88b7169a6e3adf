"""`lipwright translate`, run as a user runs it."""

import json
from pathlib import Path

import pytest

from support.program import Program

TALK = """1
00:00:01,000 --> 00:00:03,000
The invoice of Acme Cloud came
to $1,250.50

2
00:00:03,200 --> 00:00:05,000
and we have not paid it yet.
"""
TRANSLATED = """1
00:00:01,000 --> 00:00:03,000
A fatura da Acme Cloud chegou a $1.250,50

2
00:00:03,200 --> 00:00:05,000
e ainda não a pagamos.
"""


@pytest.fixture
def cache(tmp_path: Path) -> dict[str, str]:
    return {"LIPWRIGHT_CACHE_DIR": str(tmp_path / "cache")}


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    (tmp_path / "talk.en.srt").write_text(TALK, "utf-8")
    return tmp_path / "talk.en.srt"


@pytest.mark.usefixtures("talk")
def test_subtitles_are_translated_beside_their_source(lipwright: Program, cache: dict[str, str]) -> None:
    done = lipwright("translate", "talk.en.srt", "--to", "pt-BR", environment=cache)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "talk.pt-BR.srt: 2 cues, en to pt-BR by bergamot (good)\n"
    assert (lipwright.folder / "talk.pt-BR.srt").read_text("utf-8") == TRANSLATED
    assert (lipwright.folder / "talk.en.srt").read_text("utf-8") == TALK

    (lipwright.folder / "terms.csv").write_text("invoice;nota fiscal\n", "utf-8")
    arguments = ("talk.en.srt", "--to", "pt-BR", "-o", "out.vtt", "--glossary", "terms.csv", "--json")
    again = lipwright("translate", *arguments, environment=cache)
    assert again.returncode == 0, again.stderr
    report = json.loads(again.stdout)
    assert (report["output"], report["engine"], report["cues"], report["notes"]) == ("out.vtt", "bergamot", 2, [])
    assert "nota fiscal" in (lipwright.folder / "out.vtt").read_text("utf-8")


def test_what_cannot_be_translated_is_told(lipwright: Program, talk: Path, cache: dict[str, str]) -> None:
    talk.with_name("broken.srt").write_text("1\n00:00:05,000 --> 00:00:02,000\nHello\n", "utf-8")
    for arguments, exit_code, told in (
        (("talk.en.srt", "--to", "en-GB"), 2, "is in en already"),
        (("talk.en.srt", "--to", "tlh"), 2, "en to tlh: nothing"),
        (("talk.en.srt", "--to", "pt", "--engine", "bergamott"), 3, "Did you mean `bergamot`?"),
        (("talk.en.srt", "--to", "pt", "-o", "talk.en.srt"), 2, "that is the source"),
        (("broken.srt", "--to", "pt"), 2, "broken.srt"),
    ):
        done = lipwright("translate", *arguments, environment=cache)
        assert done.returncode == exit_code, done.stderr
        assert told in done.stderr
    assert sorted(path.name for path in lipwright.folder.iterdir()) == ["broken.srt", "cache", "talk.en.srt"]
