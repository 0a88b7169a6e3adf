"""The user's own terms: a table of what is to be translated how, and where its terms occur in a sentence."""

import csv
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lipwright.errors import GlossaryInvalid

_LARGEST_BYTES: Final = 1_000_000
_DELIMITERS: Final = ",;\t"
_HEADER: Final = frozenset({"source", "term", "from"})
_MARKED: Final = frozenset({"case", "exact", "yes", "true", "1", "x"})
_UNMARKED: Final = frozenset({"", "no", "false", "0"})
_LONGEST_TERM: Final = 200
_INFLECTED: Final = 3
"""So many of the last letters of a word may be others than in the glossary, if as many as that stay."""


@dataclass(frozen=True, slots=True)
class Term:
    """One line of a glossary."""

    source: str
    target: str
    """Equal to `source` for a term that stays as it is."""
    exact_case: bool = False
    """Whether capitals and small letters are told apart in the source."""


@dataclass(frozen=True, slots=True)
class Found:
    """A term in a sentence."""

    start: int
    end: int
    term: Term


class Glossary:
    """Terms, ready to be found. Without any it finds nothing."""

    def __init__(self, terms: Sequence[Term] = ()) -> None:
        self.terms = tuple(terms)
        longest_first = sorted(self.terms, key=lambda term: len(term.source), reverse=True)
        self._patterns = [(term, _pattern(term)) for term in longest_first]

    def find(self, text: str) -> list[Found]:
        """The terms of a sentence, in order, not overlapping; where two overlap, the longer one counts."""
        found: list[Found] = []
        for term, pattern in self._patterns:
            for match in pattern.finditer(text):
                if all(match.end() <= other.start or other.end <= match.start() for other in found):
                    found.append(Found(match.start(), match.end(), term))
        return sorted(found, key=lambda one: one.start)

    def terms_in(self, text: str) -> Mapping[str, str]:
        """Those that occur in a sentence, as they are written in it, with their targets."""
        return {text[one.start : one.end]: one.term.target for one in self.find(text)}


def load_glossary(path: Path) -> Glossary:
    """Read a table `source,target[,case]`: UTF-8, divided by commas, semicolons or tabs, with or without a heading.

    A term without a target stays as it is. `case` in the third column tells capitals and small letters apart.

    Raises: GlossaryInvalid: names the line.
    """
    rows = _rows(path)
    terms: dict[str, tuple[int, Term]] = {}
    for line, row in rows:
        term = _term(path, line, row)
        if term is None:
            continue
        key = term.source if term.exact_case else term.source.casefold()
        if key in terms and terms[key][1].target != term.target:
            raise GlossaryInvalid(
                f"`{path}`, line {line}: `{term.source}` is `{terms[key][1].target}` in line {terms[key][0]}, and"
                f" `{term.target}` here. Keep one of them."
            )
        terms.setdefault(key, (line, term))
    return Glossary([term for _, term in terms.values()])


def survives(target: str, translation: str) -> bool:
    """Whether a term's target is in a translation, where its words may have another ending, such as a plural."""
    wanted, given = _words(target), _words(translation)
    size = len(wanted)
    if not size:
        return target in translation
    return any(all(map(_alike, wanted, given[at : at + size])) for at in range(len(given) - size + 1))


def _alike(wanted: str, given: str) -> bool:
    if wanted == given:
        return True
    kept = max(len(wanted) - _INFLECTED + 1, 3)
    return given[:kept] == wanted[:kept] and abs(len(given) - len(wanted)) <= _INFLECTED and wanted.isalpha()


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFD", text.casefold())
    return re.findall(r"\w+", "".join(c for c in plain if not unicodedata.combining(c)))


def _pattern(term: Term) -> re.Pattern[str]:
    """The term between borders of words, with any spaces between its own."""
    words = r"\s+".join(re.escape(word) for word in term.source.split())
    return re.compile(rf"(?<!\w){words}(?!\w)", re.NOFLAG if term.exact_case else re.IGNORECASE)


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    try:
        data = path.read_bytes()
    except OSError as exc:
        raise GlossaryInvalid(f"`{path}`: cannot be read ({exc.strerror}). Give the path of a CSV file.") from exc
    if len(data) > _LARGEST_BYTES:
        raise GlossaryInvalid(f"`{path}`: {len(data)} bytes are too many. Cut it to {_LARGEST_BYTES} or fewer.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        line = data[: exc.start].count(b"\n") + 1
        raise GlossaryInvalid(f"`{path}`, line {line}: not UTF-8 text. Save the table as CSV in UTF-8.") from exc
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(_DELIMITERS, key=first.count) if any(map(first.count, _DELIMITERS)) else ","
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True)
    rows = []
    try:
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as exc:
        raise GlossaryInvalid(f"`{path}`, line {reader.line_num}: {exc}. Close every quotation mark.") from exc
    return rows


def _term(path: Path, line: int, row: Sequence[str]) -> Term | None:
    """One row; None for an empty one, a comment or the heading."""
    cells = [" ".join(unicodedata.normalize("NFC", cell).split()) for cell in row]
    if not any(cells) or cells[0].startswith("#") or (line == 1 and cells[0].casefold() in _HEADER):
        return None
    source, target, mark, *more = (*cells, "", "", "") if len(cells) < 3 else (*cells, "")
    if any(more):
        raise GlossaryInvalid(
            f"`{path}`, line {line}: {len(cells)} columns. Write source, target and, if it matters, `case`; put a term"
            " that holds the dividing sign in quotation marks."
        )
    if not source:
        raise GlossaryInvalid(f"`{path}`, line {line}: no source term. Write it in the first column.")
    if not any(character.isalnum() for character in source):
        raise GlossaryInvalid(f"`{path}`, line {line}: `{source}` has no letter. Write a word.")
    if max(len(source), len(target)) > _LONGEST_TERM:
        raise GlossaryInvalid(f"`{path}`, line {line}: longer than {_LONGEST_TERM} characters. Write a term.")
    if mark.casefold() not in _MARKED | _UNMARKED:
        raise GlossaryInvalid(
            f"`{path}`, line {line}: `{mark}` in the third column. Write `case` to tell capitals apart, or nothing."
        )
    return Term(source, target or source, mark.casefold() in _MARKED)
