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
    text = subtitle_text([Cue("{\\b1}a\\Nb --> c\n\n\n<i>d</i>", 0.0, 1.0)], suffix)
    back = pysubs2.SSAFile.from_string(text)
    assert [event.plaintext for event in back] == ["(/b1)a/Nb → c\n‹i›d‹/i›"]


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


def test_webvtt_names_its_language() -> None:
    assert subtitle_text(CUES, ".vtt", "pt-BR").startswith("WEBVTT\nKind: subtitles\nLanguage: pt-BR\n\n")


def test_substation_is_laid_out_for_the_picture() -> None:
    file = pysubs2.SSAFile.from_string(subtitle_text(CUES, ".ass", "es", (1080, 1920)))
    assert (file.info["PlayResX"], file.info["PlayResY"]) == ("1080", "1920")
    assert file.styles["Default"].marginv > 0.15 * 1920
    assert file.styles["Default"].fontsize * 0.5 * 32 < 1080


@pytest.mark.parametrize("suffix", [".srt", ".vtt", ".ass"])
def test_right_to_left_lines_are_embedded_and_others_left_alone(suffix: str) -> None:
    text = subtitle_text([Cue("שלום, C++!\nHello.", 0.0, 1.0)], suffix, "he")
    assert "\u202bשלום, C++\u200e!\u202c" in text
    assert text.count("\u202b") == 1


def test_a_foreign_word_does_not_turn_a_line_round() -> None:
    text = subtitle_text([Cue("The word שלום means peace.", 0.0, 1.0), Cue("שלום means peace.", 1.0, 2.0)], ".srt")
    assert "\n\u200eשלום means peace.\n" in text
    assert "\u202b" not in text
    assert "\u202bשלום means Lipwright.\u202c" in subtitle_text([Cue("שלום means Lipwright.", 0.0, 1.0)], ".srt", "he")


def test_marks_that_were_there_are_not_doubled() -> None:
    text = subtitle_text([Cue("\u202bשלום!\u202c", 0.0, 1.0), Cue("\u200fשלום!", 1.0, 2.0)], ".srt")
    assert text.count("\u202b") == text.count("\u202c") == 2
    assert "\u200f" not in text
