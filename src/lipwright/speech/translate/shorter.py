"""The same said with fewer words, by rules that leave the meaning alone, for engines that give one translation only."""

import re
from collections.abc import Sequence
from types import MappingProxyType
from typing import Final

_FEWEST_LETTERS: Final = 2
_Rules = tuple[tuple[re.Pattern[str], str], ...]


def _compiled(*rules: tuple[str, str]) -> _Rules:
    return tuple((re.compile(pattern, re.IGNORECASE), said) for pattern, said in rules)


def _openings(words: str) -> tuple[str, str]:
    """Words before a comma at the start of a sentence or a clause: they are left out."""
    return rf"(^|(?<=[;—] ))(?:(?:{words}),\s+)+(?=\S)", ""


def _asides(words: str) -> tuple[str, str]:
    """Words between commas, or behind one at the end: they are left out with the commas."""
    return rf",\s+(?:{words})(?:,|(?=[.!?…]|$))", ""


_FILLERS: Final = MappingProxyType(
    {
        "en": _compiled(
            _openings("well|so|now|okay|ok|right|you know|you see|i mean|look|listen|uh|um|er|oh|like|anyway|alright"),
            _asides("you know|you see|i mean|right|okay|uh|um|er|like|if you will|so to speak|as it were"),
            (r"\b(?:uh|um|er|erm),?\s+", ""),
            (r"\b(?:kind|sort) of (?=[a-z]+(?:ed|ing)\b)", ""),
        ),
        "pt": _compiled(
            _openings("bem|bom|então|olha|veja|sabe|você sabe|tipo|né|quer dizer|enfim|ah|é"),
            _asides("sabe|você sabe|né|tipo|quer dizer|tá|certo|digamos"),
        ),
        "es": _compiled(
            _openings("bueno|pues|entonces|mira|mire|oye|ya sabes|sabes|o sea|es decir|eh|en fin|a ver"),
            _asides("sabes|ya sabes|no|verdad|vale|digamos|o sea"),
        ),
        "fr": _compiled(
            _openings("bon|bien|alors|euh|ben|tu sais|vous savez|écoutez|donc"), _asides("tu sais|euh|quoi")
        ),
        "it": _compiled(_openings("beh|allora|dunque|ecco|sai|sa|guarda|cioè"), _asides("sai|cioè|diciamo")),
    }
)
"""What a speaker says to win time."""
_ADVERBS: Final = MappingProxyType(
    {
        "en": _compiled(
            (r"\b(?:really|actually|basically|literally|simply|just|quite|pretty much|obviously)\s+(?=[a-z])", ""),
            _openings("actually|basically|honestly|frankly|of course|obviously|naturally|in fact|as a matter of fact"),
            _openings("my friends?|ladies and gentlemen|folks|guys|everyone|my dear|sir|madam"),
            _asides(
                "my friends?|ladies and gentlemen|folks|guys|everyone|my dear|sir|madam|of course|actually|in fact"
            ),
            (r"\bin order to\b", "to"),
            (r"\bat this point in time\b", "now"),
            (r"\bdue to the fact that\b", "because"),
            (r"\ba (?:large|great) number of\b", "many"),
            (r"\beach and every\b", "every"),
            (r"\bthe fact that\b", "that"),
        ),
        "pt": _compiled((r"\b(?:realmente|simplesmente|basicamente|literalmente|praticamente)\s+", "")),
        "es": _compiled((r"\b(?:realmente|simplemente|básicamente|literalmente)\s+", "")),
    }
)
"""What may go when there is no time, and what has a shorter word."""
_COMPACT: Final = MappingProxyType(
    {
        "pt": _compiled(
            (r"(^|(?<=[,;] ))eu (?=(?:não |já |só |sempre |nunca )?(?!que\b|ou\b)\w+(?:o|ei|i|ou)\b)", ""),
            (r"(^|(?<=[,;] ))nós (?=(?:não |já |nos |só |sempre |nunca )?\w+mos\b)", ""),
            (r"\b(?:no entanto|entretanto|contudo|todavia),\s+", "mas "),
            (r"\ba fim de\b", "para"),
            (r"\bneste momento\b", "agora"),
            (r"\buma vez que\b", "pois"),
            (r"\bdevido ao fato de que\b", "porque"),
            (r"\btodo o mundo\b", "todos"),
            (r"\bde modo que\b", "para que"),
            (r"\bna parte da (manhã|tarde|noite)\b", r"de \1"),
            (r"\bum grande número de\b", "muitos"),
        ),
        "es": _compiled(
            (
                r"(^|(?<=[,;¿¡] )|(?<=[¿¡]))(?:yo|nosotros|nosotras|tú) (?=(?!y\b|o\b|misma?o?s?\b|también\b|que\b)\w)",
                "",
            ),
            (r"\bsin embargo,\s+", "pero "),
            (r"\bno obstante,\s+", "pero "),
            (r"\ba fin de\b", "para"),
            (r"\ben este momento\b", "ahora"),
            (r"\bdebido a que\b", "porque"),
            (r"\btodo el mundo\b", "todos"),
            (r"\bun gran número de\b", "muchos"),
        ),
        "it": _compiled(
            (r"(^|(?<=[,;] ))(?:io|noi|tu) (?=(?!e\b|o\b|stess|anche\b|che\b)\w)", ""),
            (r"\btuttavia,\s+", "ma "),
            (r"\bin questo momento\b", "ora"),
        ),
        "fr": _compiled(
            (r"\bcependant,\s+", "mais "),
            (r"\bafin de\b", "pour"),
            (r"\ben ce moment\b", "maintenant"),
            (r"\bà l'heure actuelle\b", "maintenant"),
        ),
        "en": _compiled(
            (r"\b(I|you|we|they) (?:have)\b(?= (?:been|never|already|seen|had|done|made|got|gone|come))", r"\1've"),
            (r"\b(I|you|he|she|it|we|they) will\b", r"\1'll"),
            (r"\b(do|does|did|is|are|was|were|have|has|had|would|could|should) not\b", r"\1n't"),
            (r"\bcannot\b", "can't"),
            (r"\bit is\b(?! [.!?])", "it's"),
            (r"\bI am\b(?=\s\w)", "I'm"),
            (r"\b(we|you|they) are\b(?=\s\w)", r"\1're"),
            (r"\bhowever,\s+", "but "),
            (r"\bin order to\b", "to"),
        ),
    }
)
"""Of a translation: pronouns that the verb tells, short words for long ones."""


def plainer_sources(text: str, language: str) -> tuple[str, ...]:
    """A sentence without its fillers, and without what else may go; those that differ from it, longest first."""
    primary = _primary(language)
    without_fillers = _applied(text, _FILLERS.get(primary, ()))
    bare = _applied(without_fillers, _ADVERBS.get(primary, ()))
    return tuple(dict.fromkeys(said for said in (without_fillers, bare) if said != text))


def compact(text: str, language: str) -> str:
    """A translation with fewer sounds that says the same; the text itself where no rule applies."""
    return _applied(text, _COMPACT.get(_primary(language), ()))


def by_length(text: str, others: Sequence[str]) -> tuple[str, ...]:
    """Those of the others that are shorter than a text, each once, longest first."""
    shorter = {other for other in others if other.strip() and len(other) < len(text)}
    return tuple(sorted(shorter, key=lambda other: (-len(other), other)))


def _applied(text: str, rules: _Rules) -> str:
    """With its capital where it had one; the text itself where too little would be left."""
    said = text
    for pattern, replacement in rules:
        said = pattern.sub(replacement, said)
    said = " ".join(said.split())
    if said == text or sum(map(str.isalpha, said)) < _FEWEST_LETTERS:
        return text
    first, wanted = _first_letter(said), _first_letter(text)
    return said[:first] + said[first].upper() + said[first + 1 :] if text[wanted].isupper() else said


def _first_letter(text: str) -> int:
    return next(place for place, character in enumerate(text) if character.isalpha())


def _primary(language: str) -> str:
    return language.replace("_", "-").split("-", maxsplit=1)[0].lower()
