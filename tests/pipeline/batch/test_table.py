"""Tables as people export them: any delimiter, any encoding, rows that are broken."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwright.errors import BatchInvalid, UsageError
from lipwright.pipeline.batch.names import LONGEST_BYTES, safe_name, same_file
from lipwright.pipeline.batch.table import read_table
from lipwright.pipeline.batch.template import fill

ROWS = [("name", "text", "city"), ("ada", "Olá, {city}", "São Paulo"), ("bob", "Où es-tu, {city}", "Orléans")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_table_is_read_whatever_exported_it(encoding: str, delimiter: str, ending: str) -> None:
    text = ending.join(delimiter.join(f'"{cell}"' for cell in row) for row in ROWS)
    mark = codecs.BOM_UTF16_LE if encoding == "utf-16-le" else b""
    table = read_table(mark + text.encode(encoding), "s.csv")
    assert table.columns == ("name", "text", "city")
    assert [row.cells["city"] for row in table.rows] == ["São Paulo", "Orléans"]
    assert [row.line for row in table.rows] == [2, 3]
    assert table.problems == ()


@pytest.mark.parametrize(
    ("encoding", "language", "text"),
    [
        ("cp1252", None, "José"),
        ("cp1251", None, "Здравствуйте, добро пожаловать. Приятно познакомиться с вами."),
        ("cp1250", "pl", "Dzień dobry, żółta łódź płynie. Wszystkiego najlepszego, dziękuję."),
        ("cp932", None, "こんにちは、これは日本語のテキストです。よろしくお願いします。"),
    ],
)
def test_old_encodings_are_told_apart(encoding: str, language: str | None, text: str) -> None:
    table = read_table(f"name;text\na;{text}\n".encode(encoding), "s.csv", language)
    assert table.rows[0].cells["text"] == text


def test_a_row_is_named_by_the_line_on_which_it_begins() -> None:
    table = read_table(b'sep=;\nname;text\n\na;"one\ntwo\nthree"\nb;four\n', "s.csv")
    assert [(row.line, row.cells["text"]) for row in table.rows] == [(4, "one\ntwo\nthree"), (7, "four")]


def test_a_comma_in_a_heading_of_semicolons_divides_nothing() -> None:
    table = read_table(b"name;text;Last, first\na;Hello;x\n", "s.csv")
    assert table.columns == ("name", "text", "last,_first")


def test_rows_with_too_few_and_too_many_cells_are_told_and_the_others_read() -> None:
    table = read_table(b"name,text,city\na,Hello\nb,Hello,Rome\nc,Hello,Rome,Oslo\nd,Hello,Rome,\n", "s.csv")
    assert [row.cells["name"] for row in table.rows] == ["b", "d"]
    assert [(problem.line, problem.name) for problem in table.problems] == [(2, "a"), (4, "c")]
    assert "`city` missing" in table.problems[0].message


def test_a_quotation_mark_that_never_ends_is_told_with_its_line() -> None:
    table = read_table(b'name,text\na,Hello\nb,"Hello\nc,Hello\n', "s.csv")
    assert [problem.line for problem in table.problems] == [3]
    assert "never ends" in table.problems[0].message


def test_json_lines_hold_texts_numbers_and_lists() -> None:
    table = read_table(
        b'{"name": "a", "text": "Hi", "speed": 1.5, "Sub-titles": ["srt", "vtt"]}\n\n{"name": 1}\n[]\n{', "s"
    )
    assert [row.cells for row in table.rows] == [{"name": "a", "text": "Hi", "speed": "1.5", "sub_titles": "srt,vtt"}]
    assert [problem.line for problem in table.problems] == [3, 4, 5]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "it is empty"),
        (b"name,text\n", "no rows"),
        (b"Name,Words\na,Hello\n", "no column `text`"),
        (b"title;txt\na;Hello\n", "no column `name` and no column `text`. Did you mean"),
        (b"name,text,City,city\na,b,c,d\n", "`city` is there twice"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00", "`s.csv`, line"),
    ],
)
def test_what_is_no_table_is_refused_with_the_cause(data: bytes, said: str) -> None:
    with pytest.raises(BatchInvalid, match=r"^`s\.csv`") as refused:
        read_table(data, "s.csv")
    assert said in str(refused.value)


def test_variables_are_filled_in_and_what_is_a_name_is_kept_in_translations() -> None:
    cells = {"first_name": "Ada Lovelace", "price": "40", "intro": "This is a longer piece of prose.", "empty": ""}
    filled = fill("{First Name} {{and}} {price}{empty}: {intro}", cells)
    assert filled.text == "Ada Lovelace {and} 40: This is a longer piece of prose."
    assert filled.kept == ("Ada Lovelace",)
    assert filled.used == set(cells)


@pytest.mark.parametrize(
    ("text", "said"),
    [("Hi {frst_name}", "Did you mean `first_name`?"), ("a { b", "`{{`"), ("a } b", "`}}`"), ("{}", "{}")],
)
def test_an_unknown_variable_and_a_lone_brace_are_refused(text: str, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        fill(text, {"first_name": "Ada"})
    assert said in str(refused.value)


@given(st.text())
def test_braces_written_twice_say_any_text_as_it_is(text: str) -> None:
    assert fill(text.replace("{", "{{").replace("}", "}}"), {}).text == text


@pytest.mark.parametrize(
    "name",
    [
        "",
        "a/b",
        "..",
        "../x",
        "a\\b",
        "C:x",
        ".hidden",
        "end.",
        "con",
        "NUL.txt",
        "Com1",
        "lpt¹",
        "a\0b",
        "a\u202eb",
        "x" * 151,
    ],
)
def test_a_name_that_is_no_file_name_everywhere_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match=r"Write|Shorten"):
        safe_name(name)


def test_names_are_brought_into_one_form_of_unicode() -> None:
    assert safe_name("  C\u0327elik   U\u0308nal ") == "\u00c7elik \u00dcnal"
    assert same_file("STRASSE") == same_file("straße")


@given(st.text(max_size=40))
def test_a_name_that_is_taken_is_one_part_of_a_path_and_stays_as_it_is(name: str) -> None:
    try:
        safe = safe_name(name)
    except UsageError:
        return
    assert "/" not in safe
    assert "\\" not in safe
    assert safe not in {".", ".."}
    assert len(safe.encode()) <= LONGEST_BYTES
    assert safe_name(safe) == safe
