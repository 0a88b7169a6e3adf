"""How long a text takes to speak, before anybody speaks it: from its sounds, or from its letters."""

import functools
import re
from types import MappingProxyType
from typing import Final, NamedTuple

from lipwright.errors import SpeechError
from lipwright.speech import alphabet
from lipwright.speech.g2p.base import Pronouncer
from lipwright.speech.g2p.registry import pronouncer_for
from lipwright.speech.normalise import normalise

_SENTENCE_PAUSE_S: Final = 0.36
_CLAUSE_MARKS: Final = re.compile(r"[,;:—(]")
_SENTENCE_MARKS: Final = re.compile(r"[.!?…]+")
_VOWELS: Final = frozenset("AIOQWYaeiouyɑɐɒæɔəɚɛɜɨɪɯøœʊʌɤᵊᵻ")


class _Rates(NamedTuple):
    """Seconds, of the default voice of a language at speed 1."""

    sentence: float
    vowel: float
    consonant: float
    clause: float
    """For each comma and its like inside the sentence."""
    sentence_by_letters: float
    letter: float
    """The last two tell the length from the number of characters alone."""


_RATES: Final = MappingProxyType(
    {
        "en": _Rates(0.187, 0.0822, 0.0600, 0.115, 0.142, 0.0477),
        "es": _Rates(0.270, 0.0983, 0.0397, 0.020, 0.210, 0.0525),
        "fr": _Rates(0.162, 0.1062, 0.0563, 0.089, 0.171, 0.0462),
        "it": _Rates(0.425, 0.0564, 0.0635, 0.093, 0.404, 0.0482),
        "pt": _Rates(0.380, 0.0827, 0.0492, 0.0, 0.321, 0.0512),
    }
)
"""Fitted on 45 sentences for each language as Kokoro speaks them (af_heart, ef_dora, ff_siwis, if_sara, pf_dora), from
the first sound to the last. Mean error on sentences that were left out of the fit: English 7.6 %, Spanish 3.9 %, French
8.1 %, Italian 4.4 %, Portuguese 4.3 %."""
_LETTERS_S: Final = MappingProxyType({"ja": 0.13, "zh": 0.19, "yue": 0.19, "ko": 0.14, "th": 0.065, "km": 0.065})
"""Seconds for a letter where it stands for a syllable or more, after the syllable rates of Pellegrino, Coupé and
Marsico, A cross-language perspective on speech information rate, Language 87 (2011)."""
_LETTER_S: Final = 0.052
_SENTENCE_S: Final = 0.28
"""Of any other language."""
_PRONOUNCERS: Final = {"en": "en-US", "es": "es", "fr": "fr", "it": "it", "pt": "pt-BR"}
_PACES: Final = MappingProxyType(
    {"af_nicole": 1.52, "bm_fable": 1.24, "bm_george": 1.22, "im_nicola": 1.17, "am_michael": 1.12}
)
"""Kokoro's voices that take their time, against the default voice of their language; measured on 12 to 16 sentences.
The others are within 5 % of it."""


def pace_of(voice: str) -> float:
    """How many times as long as the default voice of its language a voice takes; 1 where that is not known."""
    return _PACES.get(voice, 1.0)


def spoken_length_s(text: str, language: str, pace: float = 1.0) -> float:
    """Seconds from the first sound to the last, at speed 1. Never fails: letters that nothing can read are counted.

    Args:
        text: one sentence or more.
        language: BCP 47.
        pace: of the voice, as `pace_of` tells.
    """
    if not any(character.isalnum() for character in text):
        return 0.0
    primary = _primary(language)
    marks = text.strip().rstrip(".!?…\"'”’»)] ")
    pauses_s = _SENTENCE_PAUSE_S * len(_SENTENCE_MARKS.findall(re.sub(r"\d[.,]\d", "", marks)))
    sounds = _sounds(text, primary)
    if sounds is None:
        return pace * (_by_letters(text, primary) + pauses_s)
    rates = _RATES[primary]
    vowels = sum(symbol in _VOWELS for symbol in sounds)
    consonants = sum(alphabet.is_phone(symbol) for symbol in sounds) - vowels
    clauses = len(_CLAUSE_MARKS.findall(sounds.rstrip(" ,;:—(")))
    spoken_s = rates.sentence + rates.vowel * vowels + rates.consonant * consonants + rates.clause * clauses
    return pace * (spoken_s + pauses_s)


def longest_characters(slot_s: float, language: str, pace: float = 1.0) -> int:
    """About how many characters can be said in a slot; at least one."""
    primary = _primary(language)
    if primary in _RATES:
        sentence_s, letter_s = _RATES[primary].sentence_by_letters, _RATES[primary].letter
    else:
        sentence_s, letter_s = _SENTENCE_S, _LETTERS_S.get(primary, _LETTER_S)
    return max(int((slot_s / pace - sentence_s) / letter_s), 1)


def _by_letters(text: str, primary: str) -> float:
    letters = len(" ".join(text.split()))
    if primary in _RATES:
        return _RATES[primary].sentence_by_letters + _RATES[primary].letter * letters
    return _SENTENCE_S + _LETTERS_S.get(primary, _LETTER_S) * letters


def _sounds(text: str, primary: str) -> str | None:
    """Phonemes with spaces and punctuation; None where there are no rules for the language, or for a letter."""
    if primary not in _PRONOUNCERS:
        return None
    try:
        tokens = normalise(text, _PRONOUNCERS[primary])
        return " ".join(said for said in _pronouncer(_PRONOUNCERS[primary]).pronounce(tokens) if said)
    except SpeechError:
        return None


@functools.cache
def _pronouncer(language: str) -> Pronouncer:
    return pronouncer_for(language)


def _primary(language: str) -> str:
    return language.replace("_", "-").split("-", maxsplit=1)[0].lower()
