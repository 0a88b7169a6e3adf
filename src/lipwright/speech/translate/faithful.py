"""A translation that keeps the glossary's terms and the facts of its source, whatever engine makes it.

A term of the glossary is put into the source in the target language: an engine mostly copies it and lets articles and
endings agree. What is lost nevertheless is replaced by a word that no language has, which every engine copies, and put
back afterwards. What is missing even then is told.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from lipwright.errors import ProviderAnswerInvalid
from lipwright.speech.translate.base import Passage, Translator
from lipwright.speech.translate.glossary import survives
from lipwright.speech.translate.kept import Fact, Kind, as_written_in, facts_of, is_kept
from lipwright.speech.translate.names import stand_in

_SHIELD: Final = "QZX"
"""With a number behind it, it comes back untouched from Bergamot both ways (150 of 150 sentences) and from Apertium."""

_ROUNDS: Final = 2
"""An engine that loses one thing less may lose another one instead."""
_LONGER: Final = 3
_MORE_CHARACTERS: Final = 20
_FEW_WORDS: Final = 3
_NUMBERS: Final = ("731", "742", "853", "964")
"""Stand for figures that were lost: engines leave three digits alone."""


@dataclass(frozen=True, slots=True)
class Faithful:
    """Translations of one passage."""

    texts: tuple[str, ...]
    """Best first, never empty."""
    notes: tuple[str, ...]
    """What is missing in all of them."""


@dataclass(frozen=True, slots=True)
class _Missing:
    """Something of the source that a translation lacks."""

    source: str
    target: str
    note: str
    shielded: bool
    """Whether it is put back as it is, rather than only told."""
    kind: Kind | None = None
    """Of a fact; None for a term."""


def translate_faithfully(
    engine: Translator, passages: Sequence[Passage], source: str, target: str, count: int = 1
) -> list[Faithful]:
    """Translate passages, each with the terms and facts that it has.

    Raises: as Translator.translate; ProviderAnswerInvalid: sentences without a translation.
    """
    told = engine.capability.keeps_terms
    asked = [passage if told else replace(passage, text=_with_terms(passage)) for passage in passages]
    answers = [
        _best(passage, texts, source, target)
        for passage, texts in zip(passages, _asked(engine, asked, source, target, count), strict=True)
    ]
    hidden: dict[int, dict[str, _Missing]] = {}
    lacking = {} if told else {i: missing for i, (_, missing) in enumerate(answers)}
    for _ in range(_ROUNDS):
        again = [i for i, missing in lacking.items() if any(_is_new(one, hidden.get(i, {})) for one in missing)]
        if not again:
            break
        for i in again:
            hidden[i] = {**hidden.get(i, {}), **{one.source: one for one in lacking[i] if one.shielded}}
        shields = [_shields(passages[i], list(hidden[i].values())) for i in again]
        masked = [
            replace(passages[i], text=_hidden(passages[i], shield)) for i, shield in zip(again, shields, strict=True)
        ]
        lacking = {}
        for i, shield, texts in zip(again, shields, _asked(engine, masked, source, target, count), strict=True):
            shown = [text for text in (_shown(text, shield) for text in texts) if text is not None]
            if shown:
                attempt = _best(passages[i], shown, source, target)
                lacking[i] = attempt[1]
                answers[i] = attempt if len(attempt[1]) < len(answers[i][1]) else answers[i]
    return [Faithful(texts, tuple(one.note for one in missing)) for texts, missing in answers]


def _is_new(missing: _Missing, hidden: Mapping[str, _Missing]) -> bool:
    """Whether hiding it may help, since it was not hidden yet."""
    return missing.shielded and missing.source not in hidden


def _asked(
    engine: Translator, passages: Sequence[Passage], source: str, target: str, count: int
) -> list[tuple[str, ...]]:
    """What the engine answers, as many translations as there are passages, none of them without words."""
    answers = [
        tuple(dict.fromkeys(" ".join(text.split()) for text in texts if text.strip()))
        for texts in engine.translate(passages, source, target, count)
    ]
    if len(answers) != len(passages) or not all(answers):
        raise ProviderAnswerInvalid(
            f"{engine.capability.name}: {sum(map(bool, answers))} translations of {len(passages)} sentences."
            " Try again, or name another engine."
        )
    return answers


def _with_terms(passage: Passage) -> str:
    """The source with its terms in the target language."""
    return _replaced(passage.text, passage.terms)


def _best(
    passage: Passage, texts: Sequence[str], source: str, target: str
) -> tuple[tuple[str, ...], tuple[_Missing, ...]]:
    """Those translations that lack the least, and what they lack."""
    lacking = [(text, _missing(passage, text, source, target)) for text in texts]
    least = min(len(missing) for _, missing in lacking)
    best = [(text, missing) for text, missing in lacking if len(missing) == least]
    return tuple(dict.fromkeys(text for text, _ in best)), best[0][1]


def _missing(passage: Passage, translation: str, source: str, target: str) -> tuple[_Missing, ...]:
    lost = [
        _Missing(term, said, f"the glossary's `{said}` for `{term}` is missing in the translation", True)
        for term, said in passage.terms.items()
        if not survives(said, translation)
    ]
    facts = [fact for fact in facts_of(passage.text, source) if not _is_in_terms(fact, passage.terms)]
    kept = [fact for fact in facts if is_kept(fact, translation, source, target)]
    for fact in facts:
        if fact not in kept:
            note = f"the {fact.kind} `{fact.text}` is missing in the translation"
            shielded = fact.kind is not Kind.NAME or any(_is_beside(fact, other) for other in kept)
            lost.append(_Missing(fact.text, as_written_in(fact, source, target), note, shielded, fact.kind))
    doubt = _doubt(passage.text, translation)
    return (*lost, _Missing("", "", doubt, False)) if doubt else tuple(lost)


def _doubt(text: str, translation: str) -> str | None:
    """What makes a translation look like none."""
    if any(map(str.isalpha, text)) and not any(map(str.isalpha, translation)):
        return "the translation has no words"
    if len(translation) > _LONGER * len(text) + _MORE_CHARACTERS:
        return "the translation is much longer than its source"
    if translation == text and len(text.split()) > _FEW_WORDS:
        return "the translation is the same as its source"
    return None


def _is_beside(fact: Fact, other: Fact) -> bool:
    """Whether a name stands beside a part of the same name: then it is no word that an engine may translate."""
    apart = (other.start - fact.end, fact.start - other.end)
    return other.kind in (Kind.NAME, Kind.FIRST_NAME) and 1 in apart


def _is_in_terms(fact: Fact, terms: Mapping[str, str]) -> bool:
    return any(fact.text in term for term in terms)


def _shields(passage: Passage, missing: Sequence[_Missing]) -> dict[str, _Missing]:
    """What engines leave alone, for everything that was lost: a like thing, so that the rest agrees with it."""
    shields: dict[str, _Missing] = {}
    for one in missing:
        if one.shielded:
            taken = " ".join((passage.text, *shields))
            other = stand_in(one.source, taken) if one.kind is Kind.FIRST_NAME else None
            if one.kind in (Kind.PRICE, Kind.NUMBER):
                number = next((number for number in _NUMBERS if number not in taken), None)
                other = number if one.kind is Kind.NUMBER or number is None else f"${number}"
            shields[other or f"{_SHIELD}{len(shields) + 1}"] = one
    return shields


def _hidden(passage: Passage, shields: Mapping[str, _Missing]) -> str:
    """The source with those words in place of everything that was lost."""
    hidden = {one.source: shield for shield, one in shields.items()}
    rest = {term: said for term, said in passage.terms.items() if term not in hidden}
    return _replaced(passage.text, {**rest, **hidden})


def _shown(text: str, shields: Mapping[str, _Missing]) -> str | None:
    """The translation with what was hidden; None where it did not come back."""
    for shield, one in shields.items():
        word = re.escape(shield)
        if one.kind is Kind.PRICE and shield.startswith("$"):
            word = rf"(?:U[SE]D?|R)?\$\s?{shield[1:]}|{shield[1:]} d[oó]l\w+"
        parts = re.split(rf"(?<![\w.,])(?:{word})(?![.,]?\d)", text, flags=re.IGNORECASE)
        if len(parts) == 1:
            return None
        text = one.target.join(parts)
    return text


def _replaced(text: str, words: Mapping[str, str]) -> str:
    """Longest first, each place once."""
    if not words:
        return text
    longest_first = sorted(words, key=len, reverse=True)
    pattern = "|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in longest_first)
    return re.sub(pattern, lambda match: words[match.group()], text)
