"""The user's terms: how a table is read, what is wrong with one, and where its terms are found."""

from pathlib import Path

import pytest

from lipwright.errors import GlossaryInvalid
from lipwright.speech.translate.glossary import Glossary, Term, load_glossary, survives


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("heading", ["", "source{}target{}case\n"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_tables_of_every_program_are_read(
    tmp_path: Path, delimiter: str, encoding: str, heading: str, end: str
) -> None:
    rows = ["render queue{}fila de renderização", "Acme Cloud", "# a note", "", "IT{}TI{}case", '"a, b; c"{}"d\te"']
    text = (heading + "\n".join(rows) + "\n").replace("{}", delimiter).replace("\n", end)
    path = tmp_path / "terms.csv"
    path.write_bytes(text.encode(encoding))
    assert load_glossary(path).terms == (
        Term("render queue", "fila de renderização"),
        Term("Acme Cloud", "Acme Cloud"),
        Term("IT", "TI", exact_case=True),
        Term("a, b; c", "d e"),
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a,b\n,c\n", "line 2: no source term"),
        (b"a,b\n\nc,d,maybe\n", "line 3: `maybe` in the third column"),
        (b"a,b\na,c\n", "line 2: `a` is `b` in line 1, and `c` here"),
        (b"a,b\nA,c\n", "line 2: `A` is `b` in line 1"),
        (b"a,b\nc,d,case,e\n", "line 2: 4 columns"),
        (b"a,b\n...,c\n", "line 2: `...` has no letter"),
        (b'a,b\n"c,d\n', "line 2: .*quotation mark"),
        (b"a,b\nma\xe7\xe3,d\n", "line 2: not UTF-8"),
        (b"a,b\n" + b"x" * 300 + b",d\n", "line 2: longer than 200"),
        (b"a," + b"b" * 1_100_000, "too many"),
    ],
)
def test_wrong_line_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "terms.csv"
    path.write_bytes(content)
    with pytest.raises(GlossaryInvalid, match=rf"terms\.csv.*{message}"):
        load_glossary(path)


def test_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(GlossaryInvalid, match=r"none\.csv.*cannot be read"):
        load_glossary(tmp_path / "none.csv")


def test_empty_table_finds_nothing(tmp_path: Path) -> None:
    (tmp_path / "terms.csv").write_text("source,target\n", "utf-8")
    assert load_glossary(tmp_path / "terms.csv").find("anything") == []


def test_terms_are_found_at_borders_of_words_longest_first() -> None:
    glossary = Glossary(
        [Term("queue", "fila"), Term("render queue", "fila de render"), Term("IT", "TI", exact_case=True)]
    )
    assert glossary.terms_in("The Render  Queue and the queue; it queues IT.") == {
        "Render  Queue": "fila de render",
        "queue": "fila",
        "IT": "TI",
    }


def test_terms_survive_with_another_ending_only() -> None:
    assert survives("capacitor de fluxo", "Dois capacitores de fluxo.")
    assert survives("painel", "Os painéis")
    assert survives("Fila de Renderização", "a fila de renderização.")
    assert not survives("painel", "a fila")
    assert not survives("fila de renderização", "a fila da renderização")
    assert not survives("C3PO", "C3PX")
