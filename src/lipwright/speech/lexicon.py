"""The user's pronunciations: a word, or a few words, and how to say them. They go before all other rules.

Two file formats. TOML: strings for every language, tables for one language.

    Lipwright = "lip right"          # said as if it were spelled so
    GIF = "/dʒɪf/"                   # between slashes: IPA
    [es]
    Lipwright = "/lipɾajt/"

CSV: `word,say` or `word,say,language` lines; lines that start with # are skipped.

A word in lower case matches however it is written; a word with a capital matches only as it is written, so that
`US` leaves `us` alone. The longest match wins; a language's own entry goes before one for every language.
"""

import csv
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lipwright.errors import MediaNotFound, UsageError
from lipwright.speech import alphabet
from lipwright.speech.tokens import Piece


@dataclass(frozen=True, slots=True)
class Entry:
    """One pronunciation."""

    word: str
    """As written in a text; may hold spaces."""
    say: str
    """A respelling, or IPA between slashes."""
    language: str | None = None
    """BCP 47 tag, with or without a region; every language when None."""

    @property
    def ipa(self) -> str | None:
        """The IPA between the slashes; None for a respelling."""
        is_ipa = len(self.say) > 2 and self.say.startswith("/") and self.say.endswith("/")
        return self.say[1:-1] if is_ipa else None

    def serves(self, language: str) -> bool:
        """Whether the entry is for a language."""
        own = (self.language or "").lower()
        return not own or language.lower() == own or language.lower().startswith(own + "-")


class Lexicon:
    """Pronunciations, ready to be found in a text."""

    def __init__(self, entries: Sequence[Entry] = ()) -> None:
        self.entries = tuple(entries)

    def find(self, text: str, language: str) -> Iterator[tuple[int, int, Piece]]:
        """Start, end and pronunciation of every entry in a text, in order, not overlapping."""
        own = [entry for entry in self.entries if entry.serves(language)]
        own.sort(key=lambda entry: (-len(entry.word), entry.language is None))
        if not own:
            return
        pattern = "|".join(
            f"({re.escape(entry.word)})" if entry.word != entry.word.lower() else f"((?i:{re.escape(entry.word)}))"
            for entry in own
        )
        for match in re.finditer(rf"(?<!\w)(?:{pattern})(?!\w)", text):
            entry = own[(match.lastindex or 1) - 1]
            spoken = entry.word if entry.ipa is not None else entry.say
            yield match.start(), match.end(), Piece(spoken, entry.ipa)


def read_lexicon(path: Path) -> Lexicon:
    """Read a TOML or CSV file.

    Raises:
        MediaNotFound: there is no such file.
        UsageError: a line is wrong; the message names file, line and what would be right.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as exc:
        raise MediaNotFound(f"{path}: there is no such pronunciation file.") from exc
    except (UnicodeDecodeError, OSError) as exc:
        raise UsageError(f"{path}: the pronunciation file cannot be read as UTF-8 text ({exc}).") from exc
    numbered = _toml_entries(path, text) if path.suffix.lower() == ".toml" else _csv_entries(path, text)
    seen: dict[tuple[str, str], int] = {}
    entries = []
    for line, entry in numbered:
        _check(path, line, entry)
        key = (entry.word, (entry.language or "").lower())
        if key in seen:
            raise UsageError(f"{path}, line {line}: `{entry.word}` is already given in line {seen[key]}. Keep one.")
        seen[key] = line
        entries.append(entry)
    return Lexicon(entries)


def _check(path: Path, line: int, entry: Entry) -> None:
    if not entry.word.strip() or not any(character.isalnum() for character in entry.word):
        raise UsageError(f"{path}, line {line}: there is no word to pronounce. Write a word and how to say it.")
    if not entry.say.strip("/ "):
        raise UsageError(f"{path}, line {line}: `{entry.word}` has no pronunciation. Write a respelling, or /IPA/.")
    if entry.say.startswith("/") != entry.say.endswith("/"):
        raise UsageError(f"{path}, line {line}: `{entry.say}` has one slash. Write IPA between two slashes: /dʒɪf/.")
    if entry.ipa is not None:
        try:
            alphabet.from_ipa(entry.ipa, english=True)
        except ValueError as exc:
            raise UsageError(f"{path}, line {line}: `{entry.say}` is not IPA that a voice knows: {exc}.") from exc


def _toml_entries(path: Path, text: str) -> Iterator[tuple[int, Entry]]:
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        raise UsageError(f'{path}: not valid TOML: {exc}. Write lines such as `GIF = "/dʒɪf/"`.') from exc
    lines = text.splitlines()
    for key, value in table.items():
        if isinstance(value, dict):
            start = _line_of(lines, rf"\s*\[\s*[\"']?{re.escape(key)}[\"']?\s*\]", 1)
            for word, say in value.items():
                line = _line_of(lines, rf"\s*[\"']?{re.escape(word)}[\"']?\s*=", start)
                yield line, Entry(word, _text_of(path, line, word, say), key)
        else:
            line = _line_of(lines, rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", 1)
            yield line, Entry(key, _text_of(path, line, key, value))


def _line_of(lines: Sequence[str], pattern: str, start: int) -> int:
    """The number of the first line from `start` on that begins with a pattern."""
    return next((n for n, line in enumerate(lines, 1) if n >= start and re.match(pattern, line)), start)


def _text_of(path: Path, line: int, word: str, say: object) -> str:
    if not isinstance(say, str):
        raise UsageError(f'{path}, line {line}: `{word}` must be a text in quotes, such as "lip right" or "/lɪpɹaɪt/".')
    return say.strip()


def _csv_entries(path: Path, text: str) -> Iterator[tuple[int, Entry]]:
    reader = csv.reader(text.splitlines())
    for row in reader:
        cells = [cell.strip() for cell in row]
        if not any(cells) or cells[0].startswith("#") or (reader.line_num == 1 and cells[:2] == ["word", "say"]):
            continue
        if len(cells) not in (2, 3):
            raise UsageError(
                f"{path}, line {reader.line_num}: {len(cells)} columns. Write `word,say` or `word,say,language`;"
                " put quotes around a text that has a comma."
            )
        yield reader.line_num, Entry(cells[0], cells[1], (cells[2] or None) if len(cells) == 3 else None)
