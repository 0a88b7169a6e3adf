"""From a sentence as written to tokens as spoken: numbers, money, dates, abbreviations and symbols become words.

Every token keeps the text that it had in the sentence, so that a subtitle shows `$5` while the voice says
`five dollars`.
"""

import functools
import itertools
import re
import unicodedata
from collections.abc import Iterator, Sequence

from lipwright.errors import LanguageUnknown, ScriptUnsupported, TextEmpty
from lipwright.speech.letters import plain_letters
from lipwright.speech.lexicon import Lexicon
from lipwright.speech.reading.english import ENGLISH
from lipwright.speech.reading.french import FRENCH
from lipwright.speech.reading.italian import ITALIAN
from lipwright.speech.reading.portuguese import PORTUGUESE
from lipwright.speech.reading.rule import SHARE, Rule
from lipwright.speech.reading.rules import Reader
from lipwright.speech.reading.spanish import SPANISH
from lipwright.speech.tokens import Piece, Token

_WORDS = {words.language: words for words in (ENGLISH, SPANISH, FRENCH, ITALIAN, PORTUGUESE)}
_CHARACTERS = str.maketrans(
    {
        "’": "'", "‘": "'", "`": "'", "´": "'", "«": '"', "»": '"', "„": '"', "‹": "'", "›": "'", "–": "—", "―": "—",
        "−": "-", "\u2010": "-", "\u2011": "-", "\u00ad": "", "\u200b": "", "\ufeff": "", "_": " ", "*": " ", "|": ",",
        "/": " ", "\\": " ", "[": "(", "]": ")", "{": "(", "}": ")", "•": " ", "™": "", "®": "", "^": " ",
        "#": " ",
        "ʻ": "'", "ʼ": "'",
        "=": " ",
        "~": " ",
        "\u3002": ".", "\uff01": "!", "\uff1f": "?", "\uff0c": ",",
    }
)  # fmt: skip
_MARKS_LIKE_LETTERS = frozenset("πµªºʻʼ")
_SILENT_CATEGORIES = frozenset({"So", "Sk", "Cc", "Cf", "Co", "Cn", "Cs"})
"""Emoji, controls and their like are shown, not said."""


@functools.cache
def _rules(language: str) -> tuple[Rule, ...]:
    words = _WORDS.get(language.split("-", maxsplit=1)[0])
    if words is None:
        raise LanguageUnknown(f"{language}: no rules for reading numbers. There are rules for {', '.join(_WORDS)}.")
    return tuple(Reader(words, language).rules())


def check_script(text: str, language: str) -> None:
    """Refuse letters of a script that the language is not written in.

    Raises: ScriptUnsupported: names the letters.
    """
    strange = sorted({c for c in text if c.isalpha() and c not in _MARKS_LIKE_LETTERS and plain_letters(c) is None})
    if strange:
        shown = ", ".join(strange[:8]) + (" ..." if len(strange) > 8 else "")
        raise ScriptUnsupported(
            f"A voice for {language} does not speak these letters: {shown}. Choose a voice for the text's language,"
            " write the words in Latin letters, or give their pronunciation in a pronunciation file."
        )


def normalise(text: str, language: str, lexicon: Lexicon | None = None) -> tuple[Token, ...]:
    """Cut a sentence at its spaces, each token with what is said for it.

    Args:
        text: one sentence.
        language: BCP 47 tag: en, es, fr, it, pt, with or without a region.
        lexicon: pronunciations that go before all rules.
    Returns: one token for each stretch between spaces, in order; `text[token.start:token.end] == token.text`.
    Raises: TextEmpty, ScriptUnsupported, LanguageUnknown.
    """
    if not text.strip():
        raise TextEmpty("There is no text to say. Write at least one word.")
    claims = _claims(text, language, lexicon or Lexicon())
    claimed = [(start, end) for start, end, _ in claims]
    check_script("".join(c for i, c in enumerate(text) if not any(a <= i < b for a, b in claimed)), language)
    spans = [match.span() for match in re.finditer(r"\S+", text)]
    pieces: list[list[Piece]] = [[] for _ in spans]
    for start, end, piece in _filled(text, claims):
        inside = [i for i, (a, b) in enumerate(spans) if a < end and b > start]
        shares = _shares(piece, [len(text[max(spans[i][0], start) : min(spans[i][1], end)]) for i in inside])
        for i, share in zip(inside, shares, strict=True):
            pieces[i].append(share)
    return tuple(Token(text[a:b], a, b, _tidy(own)) for (a, b), own in zip(spans, pieces, strict=True))


def _claims(text: str, language: str, lexicon: Lexicon) -> list[tuple[int, int, Piece]]:
    """Start, end and reading of everything that is not said as written; in order, not overlapping."""
    taken = bytearray(len(text))
    claims: list[tuple[int, int, Piece]] = []
    for start, end, piece in lexicon.find(text, language):
        taken[start:end] = b"\1" * (end - start)
        claims.append((start, end, piece))
    for rule in _rules(language):
        for match in rule.pattern.finditer(text):
            start, end = match.span()
            if start == end or any(taken[start:end]):
                continue
            said = rule.read(match)
            if said is not None:
                taken[start:end] = b"\1" * (end - start)
                claims.append((start, end, Piece(said)))
    return sorted(claims, key=lambda claim: claim[0])


def _filled(text: str, claims: Sequence[tuple[int, int, Piece]]) -> Iterator[tuple[int, int, Piece]]:
    """The claims with what lies between them, word by word, letters apart from claimed words by a space."""
    place = 0
    after_claim = False
    for start, end, piece in [*claims, (len(text), len(text), Piece(""))]:
        for match in re.finditer(r"\S+", text[place:start]):
            a, b = place + match.start(), place + match.end()
            plain = _plain(text[a:b])
            if after_claim and a == place and plain[:1].isalnum():
                plain = " " + plain
            if b == start and end > start and plain[-1:].isalnum() and piece.text[:1].isalnum():
                plain += " "
            yield a, b, Piece(plain)
        if end > start:
            touching = after_claim and start == place and piece.ipa is None
            yield start, end, Piece(" " + piece.text, None) if touching else piece
        place, after_claim = end, True


def _plain(text: str) -> str:
    """Text as the voices know it: plain quotes, no emoji."""
    text = unicodedata.normalize("NFC", text).translate(_CHARACTERS)
    text = text.replace("...", "…").replace("--", "—")
    return "".join(c for c in text if c in " " or unicodedata.category(c) not in _SILENT_CATEGORIES)


def _shares(piece: Piece, weights: Sequence[int]) -> list[Piece]:
    """Divide the words of a piece among the tokens that it covers: as its reading says, else by their length."""
    count = len(weights)
    parts = piece.text.split(SHARE)
    if count == 1:
        return [Piece(piece.text.replace(SHARE, " "), piece.ipa)]
    if len(parts) == count:
        return [Piece(part) for part in parts]
    if 1 < len(parts) < count:
        return [*_shares(Piece(" ".join(parts[:-1])), weights[:-1]), Piece(parts[-1])]
    if piece.ipa is not None:
        return [piece, *(Piece("") for _ in range(count - 1))]
    words = piece.text.replace(SHARE, " ").split()
    bounds = [0]
    for i in range(1, count):
        ideal = round(len(words) * sum(weights[:i]) / sum(weights))
        bounds.append(min(max(ideal, bounds[-1] + 1), max(len(words) - (count - i), bounds[-1])))
    bounds.append(len(words))
    return [Piece(" ".join(words[a:b])) for a, b in itertools.pairwise(bounds)]


def _tidy(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Join neighbouring plain pieces, single spaces, none at the ends."""
    joined: list[Piece] = []
    for piece in pieces:
        if joined and piece.ipa is None and joined[-1].ipa is None:
            joined[-1] = Piece(joined[-1].text + piece.text)
        else:
            joined.append(piece)
    tidy = [Piece(re.sub(r"\s+", " ", piece.text), piece.ipa) for piece in joined]
    if tidy:
        tidy[0] = Piece(tidy[0].text.lstrip(), tidy[0].ipa)
        tidy[-1] = Piece(tidy[-1].text.rstrip(), tidy[-1].ipa)
    return tuple(piece for piece in tidy if piece.text)
