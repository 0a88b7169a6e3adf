"""Subtitle files of people: every encoding, every slip, and errors that name the line."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lipwright.contracts.media import Cue
from lipwright.errors import MediaNotFound, MediaTooLarge, MediaUnreadable, SubtitlesInvalid
from lipwright.media import read_subtitles as module
from lipwright.media.read_subtitles import NumberedCue, ReadSubtitles, parse_subtitles, read_subtitles
from lipwright.media.subtitles import numbered_srt, plain_text, subtitle_text

TWO = "1\n00:00:01,000 --> 00:00:02,500\nHello.\n\n2\n00:00:03,000 --> 00:00:04,000\nHow are\nyou?\n"
RUSSIAN = "Съешь ещё этих мягких французских булок, да выпей чаю."


def texts(read: ReadSubtitles) -> list[str]:
    return [cue.text for cue in read.cues]


def srt(*times: tuple[str, str]) -> str:
    return "\n\n".join(f"{number}\n{a} --> {b}\nline {number}" for number, (a, b) in enumerate(times, 1))


def test_a_plain_file_is_read() -> None:
    read = parse_subtitles("a.srt", TWO)
    assert read.cues == (NumberedCue(1, "Hello.", 1.0, 2.5, 2), NumberedCue(2, "How are\nyou?", 3.0, 4.0, 6))
    assert (read.format, read.notes, read.numbers_kept) == ("srt", (), True)


@pytest.mark.parametrize("newline", ["\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_is_read_however_it_is_stored(tmp_path: Path, encoding: str, newline: str) -> None:
    path = tmp_path / "a.srt"
    path.write_bytes((TWO.replace("\n", newline) + newline + "3" + newline + "00:00:05,0 --> 00:00:06,0"
                      + newline + "Ünïcödé 字").encode(encoding))  # fmt: skip
    read = read_subtitles(path)
    assert texts(read) == ["Hello.", "How are\nyou?", "Ünïcödé 字"]
    assert [cue.line for cue in read.cues] == [2, 6, 11]


@pytest.mark.parametrize(
    ("codec", "sentence"),
    [
        ("cp1252", "Où êtes-vous, señor Müller? – “Ça va” coûte 5 €…"),
        ("cp1252", "É um ótimo dia para a nossa apresentação, não é?"),
        ("cp1251", RUSSIAN),
        ("cp1251", "Доброго дня, як ваші справи сьогодні?"),
        ("cp1256", "مرحبا بكم في هذا الفيديو، كيف حالكم اليوم؟"),
        ("cp1255", "שלום לכולם וברוכים הבאים לסרטון החדש שלנו."),
        ("cp1253", "Καλημέρα σας, τι κάνετε σήμερα;"),
        ("cp874", "สวัสดีครับ วันนี้อากาศดีมาก"),
        ("cp932", "こんにちは。今日はいい天気ですね。"),
        ("gb18030", "大家好，欢迎来到我们的新视频。今天天气很好。"),
        ("cp949", "안녕하세요. 오늘은 날씨가 아주 좋습니다."),
        ("big5", "大家好，歡迎來到我們的新影片。今天天氣很好。"),
    ],
)
def test_old_encodings_are_guessed_and_declared(tmp_path: Path, codec: str, sentence: str) -> None:
    path = tmp_path / "a.srt"
    path.write_bytes(f"1\n00:00:01,000 --> 00:00:02,500\n{sentence}\n".encode(codec))
    read = read_subtitles(path)
    assert texts(read) == [sentence]
    assert read.encoding == codec
    assert any(f"read as {codec}, by a guess" in note for note in read.notes)


def test_the_language_helps_where_accents_are_few(tmp_path: Path) -> None:
    path = tmp_path / "a.srt"
    path.write_bytes("1\n00:00:01,000 --> 00:00:02,500\nZażółć to proszę, już idę\n".encode("cp1250"))
    assert texts(read_subtitles(path, language="pl")) == ["Zażółć to proszę, już idę"]


def test_a_damaged_unicode_file_names_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.srt"
    path.write_bytes((TWO + RUSSIAN + "\n").encode() + b"caf\xe9\n")
    with pytest.raises(SubtitlesInvalid, match=r"a\.srt`, line 10: the byte 0xe9 is not UTF-8\. Save the file"):
        read_subtitles(path)


@pytest.mark.parametrize("data", [bytes(range(256)) * 8, b"\x00" * 500, b"\x7fELF\x02\x01\x01" + bytes(60)])
def test_binary_files_are_no_subtitles(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.srt"
    path.write_bytes(data)
    with pytest.raises(SubtitlesInvalid, match=r"line \d+: .* Save the file as text in UTF-8"):
        read_subtitles(path)


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.srt"
    path.write_bytes(data)
    with pytest.raises(SubtitlesInvalid):
        read_subtitles(path)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    pieces=st.lists(
        st.sampled_from(
            ["1", "2", "3", "", "", "text", "00:00:01,000 --> 00:00:02,000", "00:00:02,500 --> 00:00:04", "WEBVTT",
             "0:1 --> 2:3", "[Events]", "Dialogue: 0,0:00:01.00,0:00:02.00,,,0,0,0,,x", "<i>", "{\\an8}", "-->", "NOTE"]
        ),
        max_size=14,
    )
)  # fmt: skip
def test_any_mixture_of_lines_is_read_in_order_or_refused_with_its_place(pieces: list[str]) -> None:
    try:
        read = parse_subtitles("a.srt", "\n".join(pieces), 60.0)
    except SubtitlesInvalid as exc:
        assert str(exc).startswith("`a.srt`")  # noqa: PT017
        return
    assert all(0 <= cue.start_s < cue.end_s <= 60 for cue in read.cues)
    assert all(before.end_s <= after.start_s for before, after in pairwise(read.cues))


def test_times_may_lack_hours_and_have_dots() -> None:
    read = parse_subtitles("a.srt", "1\n01:02.5 -> 01:03.25\na\n\n2\n1:00:00 → 1:00:01,5 X1:10\nb\n")
    assert [(cue.start_s, cue.end_s) for cue in read.cues] == [(62.5, 63.25), (3600.0, 3601.5)]


def test_numbers_with_holes_are_kept_and_others_counted_anew() -> None:
    holes = parse_subtitles("a.srt", TWO.replace("2\n00", "7\n00"))
    assert ([cue.number for cue in holes.cues], holes.numbers_kept) == ([1, 7], True)
    for wrong in (TWO.replace("2\n00", "1\n00"), TWO.replace("\n2\n00", "\n00")):
        read = parse_subtitles("a.srt", wrong)
        assert ([cue.number for cue in read.cues], read.numbers_kept) == ([1, 2], False)
        assert "numbered from 1" in read.notes[0]


def test_blank_lines_inside_a_cue_do_not_end_it() -> None:
    assert texts(parse_subtitles("a.srt", TWO.replace("How are\n", "How are\n\n  \n"))) == ["Hello.", "How are\nyou?"]


def test_an_emptied_line_stays_as_an_empty_cue() -> None:
    assert texts(parse_subtitles("a.srt", TWO.replace("Hello.\n", ""))) == ["", "How are\nyou?"]


def test_styles_are_left_out_and_other_brackets_kept() -> None:
    text = TWO.replace("Hello.", '{\\an8}<i>Hello</i> <font color="#fff">you</font><br>a < b > c {sic} <3')
    read = parse_subtitles("a.srt", text)
    assert read.cues[0].text == "Hello you\na < b > c {sic} <3"
    assert read.notes == ("`a.srt`: styles such as italics and places are left out.",)


def test_webvtt_without_its_remarks() -> None:
    read = parse_subtitles(
        "a.vtt",
        "WEBVTT - talk\nLanguage: en\n\nSTYLE\n::cue { color: red }\n\nintro\n00:01.000 --> 00:02.000 align:start\n"
        "<v Ann>Tom &amp; <c.loud>me</c></v> <00:01.500>now\n\n"
        "NOTE a remark\nof two lines\n\n00:03.000 --> 00:04.000\nb\n",
    )
    assert texts(read) == ["Tom & me now", "b"]
    assert read.format == "vtt"


def test_substation_dialogue_without_drawings_and_comments() -> None:
    head = (
        "[Script Info]\nTitle: x\n\n[Events]\n"
        "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
    )
    rows = (
        "Comment: 0,0:00:00.00,0:00:01.00,Default,,0,0,0,,no\n"
        "Dialogue: 0,0:00:03.00,0:00:04.50,Default,,0,0,0,,{\\i1}Later{\\i0}, yes\\Nor no\n"
        "Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,First\n"
        "Dialogue: 0,0:00:01.00,0:00:09.00,Default,,0,0,0,,{\\p1}m 0 0 l 9 9{\\p0}\n"
    )
    read = parse_subtitles("a.ass", head + rows)
    assert texts(read) == ["First", "Later, yes\nor no"]
    assert [cue.line for cue in read.cues] == [8, 7]
    with pytest.raises(SubtitlesInvalid, match=r"`a\.ass`, line 6: .* has not the fields layer, start"):
        parse_subtitles("a.ass", head + "Dialogue: what\n")


def test_small_overlaps_are_trimmed_with_a_note() -> None:
    read = parse_subtitles("a.srt", srt(("00:01,0", "00:03,0"), ("00:02,8", "00:04,0")))
    assert [(cue.start_s, cue.end_s) for cue in read.cues] == [(1.0, 2.8), (2.8, 4.0)]
    assert read.notes == ("`a.srt`: subtitle 1 reached into the next one, and now ends where that begins.",)


@pytest.mark.parametrize("second", [("00:01,0", "00:03,0"), ("00:01,5", "00:02,0"), ("00:01,2", "00:05,0")])
def test_two_cues_at_one_time_are_refused(second: tuple[str, str]) -> None:
    with pytest.raises(
        SubtitlesInvalid, match=r"line 6: subtitle 2 \(00:00:01,\d+ to .*\) lies over subtitle 1 of line 2"
    ):
        parse_subtitles("a.srt", srt(("00:01,0", "00:03,0"), second))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (srt(("00:02,0", "00:01,0")), r"line 2: subtitle 1 ends at 00:00:01,000, not after its start at 00:00:02,000"),
        (srt(("00:02,0", "00:02,0")), r"line 2: subtitle 1 ends at"),
        (srt(("00:11,0", "00:12,0")), r"line 2: subtitle 1 starts at 00:00:11,000, but the video ends at 00:00:10,000"),
        (srt(("00:61,0", "01:12,0")), r"line 2: an hour has 60 minutes"),
        (srt(("-00:01,0", "00:02,0")), r"line 2: a time before the start"),
        (TWO.replace("03,000 -->", "03,000 -->>"), r"line 6: `00:00:03,000 -->> 00:00:04,000` are no times"),
        (TWO.replace("00:00:03,000 --> 00:00:04,000\n", ""), r"line 5: number 2 has no times"),
        ("Dear reader,\n\n" + TWO, r"line 1: `Dear reader,` is not the start of a subtitle\. Write a number"),
        ("", r"it is empty"),
        ("\n  \n", r"it is empty"),
        ("WEBVTT\n", r"there are no subtitles in it"),
        ("<!DOCTYPE html>\n<html><body>404</body></html>", r"a web page, not subtitles"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_line(text: str, message: str) -> None:
    with pytest.raises(SubtitlesInvalid, match=message):
        parse_subtitles("a.srt", text, 10.0)


def test_a_cue_that_ends_after_the_video_ends_with_it() -> None:
    read = parse_subtitles("a.srt", srt(("00:01,0", "00:12,0")), 10.0)
    assert read.cues[0].end_s == 10.0
    assert read.notes == ("`a.srt`: subtitle 1 ended after the video, and now ends with it.",)


def test_a_wrong_suffix_is_noted(tmp_path: Path) -> None:
    (tmp_path / "a.vtt").write_text(TWO)
    assert "is a .srt file by its content" in read_subtitles(tmp_path / "a.vtt").notes[0]


def test_files_that_cannot_be_read_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(MediaNotFound, match="there is no such file"):
        read_subtitles(tmp_path / "none.srt")
    with pytest.raises(MediaUnreadable, match="this is not a file"):
        read_subtitles(tmp_path)
    monkeypatch.setattr(module, "MOST_BYTES", 10)
    (tmp_path / "a.srt").write_text(TWO)
    with pytest.raises(MediaTooLarge, match="too many for subtitles"):
        read_subtitles(tmp_path / "a.srt")


WRITTEN = st.lists(
    st.tuples(
        st.text("abc é,.!?<>&{}\\1 שלוםعربي 字。ё\n", max_size=30).map(lambda text: f"w{text}"),
        st.integers(1, 5000),
        st.integers(0, 3000),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=100, deadline=None)
@given(written=WRITTEN, suffix=st.sampled_from([".srt", ".vtt", ".ass"]))
def test_what_is_written_reads_back(written: list[tuple[str, int, int]], suffix: str) -> None:
    cues, clock_ms = [], 0
    for text, length_ms, gap_ms in written:
        clock_ms += gap_ms * 10
        cues.append(Cue(text, clock_ms / 1000, clock_ms / 1000 + length_ms / 100))
        clock_ms += length_ms * 10
    read = parse_subtitles("a", subtitle_text(cues, suffix, "ar"))
    kept = [[" ".join(line.split()) for line in plain_text(cue.text).split("\n") if line.strip()] for cue in cues]
    assert [[" ".join(line.split()) for line in cue.text.split("\n")] for cue in read.cues] == kept
    assert [(cue.start_s, cue.end_s) for cue in read.cues] == [(cue.start_s, pytest.approx(cue.end_s)) for cue in cues]


def test_a_file_for_a_person_keeps_numbers_and_empty_lines() -> None:
    cues = (
        NumberedCue(2, "שלום, C++!", 0.0, 1.0, 2),
        NumberedCue(5, "", 1.0, 2.0, 6),
        NumberedCue(9, "c", 2.0, 3.0, 9),
    )
    written = numbered_srt(cues, "he")
    assert written.startswith("2\n00:00:00,000 --> 00:00:01,000\n\u202bשלום, C++\u200e!\u202c\n\n5\n")
    read = parse_subtitles("a.srt", written)
    assert [(cue.number, cue.text) for cue in read.cues] == [(2, "שלום, C++!"), (5, ""), (9, "c")]
