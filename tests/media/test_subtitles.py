from pathlib import Path

import pysubs2
import pytest

from lipwright.contracts.media import Cue
from lipwright.errors import UsageError
from lipwright.media.language import iso_639_2
from lipwright.media.subtitles import subtitle_text, write_subtitles

CUES = [Cue("Où êtes-vous ?\nIci.", 0.5, 2.04), Cue("¡Adiós!", 3661.25, 3663.0)]


def test_subrip_is_as_players_expect() -> None:
    assert subtitle_text(CUES, ".srt") == (
        "1\n00:00:00,500 --> 00:00:02,040\nOù êtes-vous ?\nIci.\n\n2\n01:01:01,250 --> 01:01:03,000\n¡Adiós!\n"
    )


def test_webvtt_has_its_header_and_escapes_marks() -> None:
    text = subtitle_text([Cue("a < b & c", 0.0, 1.0)], ".vtt")
    assert text.startswith("WEBVTT\n")
    assert "a &lt; b &amp; c" in text


@pytest.mark.parametrize("suffix", [".srt", ".vtt", ".ass"])
def test_each_format_reads_back(tmp_path: Path, suffix: str) -> None:
    write_subtitles(tmp_path / f"a{suffix}", CUES)
    back = pysubs2.load(str(tmp_path / f"a{suffix}"), encoding="utf-8")
    assert [(event.start, event.end, event.plaintext) for event in back] == [
        (round(cue.start_s * 1000), round(cue.end_s * 1000), cue.text) for cue in CUES
    ]


@pytest.mark.parametrize("suffix", [".srt", ".vtt", ".ass"])
def test_marks_in_the_text_do_not_become_commands(suffix: str) -> None:
    text = subtitle_text([Cue("{\\b1}a\\Nb --> c\n\n\nd", 0.0, 1.0)], suffix)
    back = pysubs2.SSAFile.from_string(text)
    assert [event.plaintext for event in back] == ["(/b1)a/Nb → c\nd"]


def test_unknown_format_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"Use \.srt, \.vtt, \.ass"):
        write_subtitles(tmp_path / "a.doc", CUES)
    assert list(tmp_path.iterdir()) == []


def test_languages_have_their_three_letters() -> None:
    codes = {
        "en-GB": "eng",
        "pt-BR": "por",
        "es": "spa",
        "fr": "fra",
        "zh-Hant-TW": "zho",
        "yue": "yue",
        "x-none": "und",
    }
    assert {tag: iso_639_2(tag) for tag in codes} == codes
