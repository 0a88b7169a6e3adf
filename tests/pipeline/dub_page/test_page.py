import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from lipwright.contracts.dub import Fit, TargetLine
from lipwright.contracts.project import SpeakerVoice
from lipwright.errors import ProjectInvalid
from lipwright.media.spool import AudioSpool
from lipwright.pipeline.dub_page.document import read_report, report_text
from lipwright.pipeline.dub_page.drawing import clock
from lipwright.pipeline.dub_page.page import page
from lipwright.pipeline.dub_page.sounds import peaks
from support.dubbing import report, request, sounds, spoken

VOICES = (SpeakerVoice(1, "af_heart", "kokoro", "similar & near"),)
HOSTILE = '<script>alert("x")</script>'
LINES = (
    spoken(TargetLine(1, 1.0, 3.0, 1, "Good evening.", "مساء الخير")),
    spoken(TargetLine(2, 4.0, 6.0, 1, HOSTILE, HOSTILE), notes=(HOSTILE,)),
    spoken(TargetLine(3, 8.0, 9.0, 1, "Bye.", "Adeus"), Fit.FAILED, notes=("it is too long",)),
    spoken(TargetLine(4, 31.0, 32.0, 1, "Yes.", ""), Fit.SILENT),
)
VOID = {"meta", "input", "path", "rect"}


class Reader(HTMLParser):
    """Checks that tags are closed, and keeps what the page refers to."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    assert reader.open == []
    return reader


def test_the_page_is_whole_escaped_and_refers_to_nothing_but_its_sounds(tmp_path: Path) -> None:
    text = page(report(request(tmp_path), LINES), VOICES, sounds())
    reader = read(text)
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert not re.search(r"https?:|@import|url\(", text)
    sources = [attributes["src"] for _, attributes in reader.tags if "src" in attributes]
    assert sources == ["takes/001.flac", "takes/002.flac"]
    links = {attributes["href"] for tag, attributes in reader.tags if tag == "a"}
    names = {attributes.get("id") for _, attributes in reader.tags}
    assert {str(link).removeprefix("#") for link in links} <= names


def test_lines_tell_their_language_and_may_run_from_right_to_left(tmp_path: Path) -> None:
    reader = read(page(report(request(tmp_path), LINES), VOICES, sounds()))
    texts = [attributes for tag, attributes in reader.tags if attributes.get("class") in {"source", "target"}]
    assert [text["lang"] for text in texts] == ["en", "pt-BR"] * 4
    assert {text["dir"] for text in texts} == {"auto"}


def test_lines_with_warnings_can_be_shown_alone(tmp_path: Path) -> None:
    reader = read(page(report(request(tmp_path), LINES), VOICES, sounds()))
    looked_at = [a["id"] for tag, a in reader.tags if tag == "li" and "look" in str(a.get("class")).split()]
    assert looked_at == ["line-2", "line-3"]
    assert ("input", {"type": "checkbox", "id": "only-notes"}) in reader.tags


def test_totals_are_told(tmp_path: Path) -> None:
    text = page(report(request(tmp_path), LINES), VOICES, sounds())
    for told in (
        "2 of 4",
        "40.0 s",
        "120 character",
        "-18.1 LUFS",
        "-31.0 dB",
        "0.20 times the video",
        "similar &amp; near",
    ):
        assert told in text
    assert "lipwright dub --project talk" in text


def test_a_dub_of_six_hundred_lines_stays_small(tmp_path: Path) -> None:
    many = [
        replace(LINES[0], number=n, slot_start_s=n / 11, slot_end_s=n / 11 + 0.08, start_s=n / 11, end_s=n / 11 + 0.08)
        for n in range(1, 601)
    ]
    assert len(page(report(request(tmp_path), many), VOICES, sounds())) < 2_000_000


def test_the_document_has_the_same_numbers_and_is_read_back(tmp_path: Path) -> None:
    asked = request(tmp_path)
    made = report(asked, LINES)
    text = report_text(made, VOICES, sounds())
    document = json.loads(text)
    assert document["version"] == 1
    assert document["lines_by_fit"] == {"fits": 2, "failed": 1, "silent": 1}
    assert document["lines"][0]["sound"] == "takes/001.flac"
    assert document["sound"]["leak_db"] == -31
    assert str(tmp_path) not in text
    assert read_report(text, asked) == made


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": 2}', '{"version": 1, "lines": 3}'])
def test_a_damaged_document_is_told(tmp_path: Path, text: str) -> None:
    with pytest.raises(ProjectInvalid, match="damaged"):
        read_report(text, request(tmp_path))


def test_peaks_are_the_loudest_of_each_fiftieth_of_a_second() -> None:
    rng = np.random.default_rng(0)
    samples = rng.uniform(-1, 1, (48_000 * 21 + 5, 2)).astype(np.float32)
    with AudioSpool(48_000, 2) as spool:
        spool.append(samples)
        found = peaks(spool)
    assert len(found) == 21 * 50 + 1
    assert found[777] == np.abs(samples[777 * 960 : 778 * 960]).max()
    assert found[-1] == np.abs(samples[-5:]).max()


def test_times_are_told_as_clocks_do() -> None:
    assert [clock(time_s) for time_s in (0, 65.9, 3725)] == ["0:00", "1:05", "1:02:05"]
