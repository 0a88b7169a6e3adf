"""Phones to visemes: the classes of mouth shapes that a viewer can tell apart. Every symbol has an answer."""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from lipwright.contracts.speech import Phoneme


class Viseme(StrEnum):
    """A mouth shape; the name is that of its commonest sounds."""

    REST = "rest"
    """Silence: lips together."""
    PAUSE = "pause"
    """A break too short to close for."""
    P = "p"
    """p b m: lips pressed together."""
    F = "f"
    """f v: lower lip under the upper teeth."""
    TH = "th"
    T = "t"
    """t d n l: the tongue behind the teeth; the lips follow their neighbours."""
    K = "k"
    """k g: made at the back; the lips follow their neighbours."""
    H = "h"
    """h: the shape of what follows."""
    SH = "sh"
    """sh ch j: lips pushed forward."""
    S = "s"
    R = "r"
    W = "w"
    """w: lips narrow and almost shut."""
    Y = "y"
    AH = "ah"
    """The vowels of father and cat."""
    EH = "eh"
    SCHWA = "schwa"
    IY = "iy"
    """The vowels of see and sit: wide."""
    OH = "oh"
    """The vowels of more and go: round."""
    OO = "oo"
    """The vowels of too and put: round and narrow."""


@dataclass(frozen=True, slots=True)
class VisemeSpan:
    """A mouth shape that is aimed at for a while. Spans of one phone may share their time."""

    viseme: Viseme
    start_s: float
    end_s: float
    share: float
    """0 to 1: its part in a shape that lies between two classes; the parts of one moment add up to 1."""


_UNKNOWN: Final = Viseme.SCHWA
"""The answer for a letter that is in no table: a slightly open mouth that its neighbours overrule."""

_FIRST_HALF: Final = 0.55
"""Of a diphthong: the first vowel is the longer one."""

_LETTERS: Final = {
    Viseme.P: "pbmɓʙʘ",
    Viseme.F: "fvʋɱⱱ",
    Viseme.TH: "θð",
    Viseme.T: "tdnlɾrɲʎɫɬɮɭɺɖɗʈɳɽʄǀǁǂǃT",
    Viseme.K: "kɡgŋcɟɢqɣxχɴɰʁʀɠʛ",
    Viseme.H: "hɦʔħʕʜʢʡ",
    Viseme.SH: "ʃʒʧʤɕʑʂʐʨʥꭧɧ",
    Viseme.S: "szʦʣS",
    Viseme.R: "ɹɻɚɝ",
    Viseme.W: "wʍɥʷ",
    Viseme.Y: "jʝç",
    Viseme.AH: "aɑæɶ",
    Viseme.EH: "eɛ",
    Viseme.SCHWA: "əɘɜɞɐɤᵊ",
    Viseme.IY: "iɪɨɯᵻ",
    Viseme.OH: "oɔɵø",
    Viseme.OO: "uʊʉyʏ",
}
_BLENDS: Final = {
    "ʌ": (Viseme.AH, Viseme.SCHWA),
    "ɒ": (Viseme.AH, Viseme.OH),
    "œ": (Viseme.EH, Viseme.OH),
    "β": (Viseme.P, Viseme.SCHWA),  # a bilabial approximant comes near and does not close
    "ɸ": (Viseme.P, Viseme.SCHWA),
}
_LIGATURES: Final = {"A": "eɪ", "I": "aɪ", "O": "oʊ", "Q": "əʊ", "W": "aʊ", "Y": "ɔɪ"}
"""The single capitals that Kokoro's alphabet writes for English diphthongs."""

_AFFRICATES: Final = {
    "tʃ": Viseme.SH, "dʒ": Viseme.SH, "tɕ": Viseme.SH, "dʑ": Viseme.SH, "tʂ": Viseme.SH, "dʐ": Viseme.SH,
    "ʈʂ": Viseme.SH, "ɖʐ": Viseme.SH, "ts": Viseme.S, "dz": Viseme.S, "tθ": Viseme.TH, "dð": Viseme.TH,
    "tɬ": Viseme.T, "dɮ": Viseme.T, "kx": Viseme.K, "qχ": Viseme.K, "kp": Viseme.P, "ɡb": Viseme.P, "gb": Viseme.P,
}  # fmt: skip

_BILABIALS: Final = frozenset(_LETTERS[Viseme.P])

_CLASS_OF: Final[dict[str, tuple[Viseme, ...]]] = {
    **{letter: (viseme,) for viseme, letters in _LETTERS.items() for letter in letters},
    **_BLENDS,
    **{pair: (viseme,) for pair, viseme in _AFFRICATES.items()},
}

_MARKS: Final = frozenset({"Mn", "Me", "Lm", "Sk", "Po", "Pd", "Ps", "Pe", "Pi", "Pf", "Pc", "Zs", "Sm", "So"})
"""Stress, length, tone and secondary articulation marks, punctuation and blanks: no lips of their own."""


@lru_cache(maxsize=4096)
def visemes_of(symbol: str) -> tuple[tuple[Viseme, ...], ...]:
    """The mouth shapes of one phone, in the order in which they are made.

    Args:
        symbol: IPA, with or without stress, length, nasal, syllabic and other marks; letters of Kokoro's
            alphabet are understood too.
    Returns: one entry for a plain phone, two for a diphthong; an entry with two classes means the shape half way
        between them. A letter that no table knows counts as a schwa; marks alone give no entry.
    Source: place of articulation after the chart of the International Phonetic Association, 2020.
    """
    letters = _letters(symbol)
    shapes: list[tuple[Viseme, ...]] = []
    position = 0
    while position < len(letters):
        pair = letters[position : position + 2]
        part = pair if pair in _AFFRICATES else letters[position]
        shape = _CLASS_OF.get(part, (_UNKNOWN,))
        if not shapes or shapes[-1] != shape:
            shapes.append(shape)
        position += len(part)
    return tuple(shapes)


def spans_of(phoneme: Phoneme) -> tuple[VisemeSpan, ...]:
    """Lay the mouth shapes of one phone over its time: 55 to 45 for two, even for more."""
    shapes = visemes_of(phoneme.symbol)
    length_s = phoneme.end_s - phoneme.start_s
    if len(shapes) == 2:
        cuts: tuple[float, ...] = (0.0, _FIRST_HALF, 1.0)
    else:
        cuts = tuple(index / max(len(shapes), 1) for index in range(len(shapes) + 1))
    return tuple(
        VisemeSpan(
            viseme, phoneme.start_s + cuts[i] * length_s, phoneme.start_s + cuts[i + 1] * length_s, 1 / len(shape)
        )
        for i, shape in enumerate(shapes)
        for viseme in shape
    )


def is_bilabial(symbol: str) -> bool:
    """Whether the lips must touch in this phone: p, b, m and their kin, with any marks."""
    return any(letter in _BILABIALS for letter in _letters(symbol))


def is_labiodental(symbol: str) -> bool:
    """Whether the lower lip goes under the upper teeth in this phone: f, v and their kin."""
    return visemes_of(symbol) == ((Viseme.F,),)


def is_vowel(symbol: str) -> bool:
    """Whether the phone begins with a vowel."""
    shapes = visemes_of(symbol)
    return bool(shapes) and _VOWELS.issuperset(shapes[0])


_VOWELS: Final = frozenset({Viseme.AH, Viseme.EH, Viseme.SCHWA, Viseme.IY, Viseme.OH, Viseme.OO})


def _letters(symbol: str) -> str:
    """The base letters without marks, Kokoro's capitals spelled out."""
    spelled = unicodedata.normalize("NFC", "".join(_LIGATURES.get(letter, letter) for letter in symbol))
    decomposed = "".join(part if part in _CLASS_OF else unicodedata.normalize("NFD", part) for part in spelled)
    return "".join(part for part in decomposed if part in _CLASS_OF or unicodedata.category(part) not in _MARKS)
