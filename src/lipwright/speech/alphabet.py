"""The phoneme alphabet of the Kokoro family: its symbols, and what they are in IPA.

A string of phonemes holds one character for each symbol that the model knows. Diphthongs are capitals (`A` is
`eɪ`), affricates are ligatures, stress and length are symbols of their own, and so are space and punctuation.
Source: the vocabulary of Kokoro-82M v1.0 (Apache-2.0) and the phoneme notes of misaki (Apache-2.0).
"""

from types import MappingProxyType

SYMBOL_IDS = MappingProxyType(
    {
        ";": 1,
        ":": 2,
        ",": 3,
        ".": 4,
        "!": 5,
        "?": 6,
        "—": 9,
        "…": 10,
        '"': 11,
        "(": 12,
        ")": 13,
        "“": 14,
        "”": 15,
        " ": 16,
        "̃": 17,
        "ʣ": 18,
        "ʥ": 19,
        "ʦ": 20,
        "ʨ": 21,
        "ᵝ": 22,
        "ꭧ": 23,
        "A": 24,
        "I": 25,
        "O": 31,
        "Q": 33,
        "S": 35,
        "T": 36,
        "W": 39,
        "Y": 41,
        "ᵊ": 42,
        "a": 43,
        "b": 44,
        "c": 45,
        "d": 46,
        "e": 47,
        "f": 48,
        "h": 50,
        "i": 51,
        "j": 52,
        "k": 53,
        "l": 54,
        "m": 55,
        "n": 56,
        "o": 57,
        "p": 58,
        "q": 59,
        "r": 60,
        "s": 61,
        "t": 62,
        "u": 63,
        "v": 64,
        "w": 65,
        "x": 66,
        "y": 67,
        "z": 68,
        "ɑ": 69,
        "ɐ": 70,
        "ɒ": 71,
        "æ": 72,
        "β": 75,
        "ɔ": 76,
        "ɕ": 77,
        "ç": 78,
        "ɖ": 80,
        "ð": 81,
        "ʤ": 82,
        "ə": 83,
        "ɚ": 85,
        "ɛ": 86,
        "ɜ": 87,
        "ɟ": 90,
        "ɡ": 92,
        "ɥ": 99,
        "ɨ": 101,
        "ɪ": 102,
        "ʝ": 103,
        "ɯ": 110,
        "ɰ": 111,
        "ŋ": 112,
        "ɳ": 113,
        "ɲ": 114,
        "ɴ": 115,
        "ø": 116,
        "ɸ": 118,
        "θ": 119,
        "œ": 120,
        "ɹ": 123,
        "ɾ": 125,
        "ɻ": 126,
        "ʁ": 128,
        "ɽ": 129,
        "ʂ": 130,
        "ʃ": 131,
        "ʈ": 132,
        "ʧ": 133,
        "ʊ": 135,
        "ʋ": 136,
        "ʌ": 138,
        "ɣ": 139,
        "ɤ": 140,
        "χ": 142,
        "ʎ": 143,
        "ʒ": 147,
        "ʔ": 148,
        "ˈ": 156,
        "ˌ": 157,
        "ː": 158,
        "ʰ": 162,
        "ʲ": 164,
        "↓": 169,
        "→": 171,
        "↗": 172,
        "↘": 173,
        "ᵻ": 177,
    }
)
"""Symbol to token number; 0 pads both ends."""

STRESS_MARKS = frozenset("ˈˌ")
ENDING_MARKS = frozenset("ː\u0303ʰʲᵝ")
"""Symbols that belong to the phone before them."""
PUNCTUATION = frozenset(';:,.!?—…"()“”')
INTONATION_MARKS = frozenset("↓→↗↘")

_IPA = {
    "A": "eɪ",
    "I": "aɪ",
    "O": "oʊ",
    "Q": "əʊ",
    "W": "aʊ",
    "Y": "ɔɪ",
    "S": "s",
    "T": "ɾ",
    "ᵊ": "ə",
    "ᵻ": "ɪ",
    "ʣ": "dz",
    "ʥ": "dʑ",
    "ʦ": "ts",
    "ʨ": "tɕ",
    "ʤ": "dʒ",
    "ʧ": "tʃ",
    "ꭧ": "tʂ",
}
_ENGLISH_SPELLINGS = (
    ("eɪ", "A"),
    ("aɪ", "I"),
    ("oʊ", "O"),
    ("əʊ", "Q"),
    ("aʊ", "W"),
    ("ɔɪ", "Y"),
)
_COMMON_SPELLINGS = (
    ("dʒ", "ʤ"),
    ("tʃ", "ʧ"),
    ("ts", "ʦ"),
    ("dz", "ʣ"),
    ("g", "ɡ"),
    ("'", "ˈ"),
    (":", "ː"),
)
_TIES = ("\u0361", "\u035c", ".", "\u032f", "\u0329")
"""Tie bars, syllable dots and marks for which the model has no symbol."""


def is_phone(symbol: str) -> bool:
    """Whether a symbol is a sound of its own, not a mark, a pause or an intonation."""
    return not (
        symbol in STRESS_MARKS
        or symbol in ENDING_MARKS
        or symbol in PUNCTUATION
        or symbol in INTONATION_MARKS
        or symbol == " "
    )


def to_ipa(symbol: str) -> str:
    """One phone of the alphabet in IPA: `A` is `eɪ`."""
    return _IPA.get(symbol, symbol)


def from_ipa(ipa: str, *, english: bool) -> str:
    """Write IPA in the alphabet.

    Args:
        ipa: such as `ˈlɪpɹaɪt`; tie bars and syllable dots are allowed.
        english: join diphthongs to the single symbols that English voices were trained on.
    Raises: ValueError: a character stands for no symbol of the alphabet; the message names it.
    """
    for tie in _TIES:
        ipa = ipa.replace(tie, "")
    spellings = _ENGLISH_SPELLINGS + _COMMON_SPELLINGS if english else _COMMON_SPELLINGS
    for spelling, symbol in spellings:
        ipa = ipa.replace(spelling, symbol)
    if english:
        ipa = ipa.replace("r", "ɹ")
    unknown = sorted({character for character in ipa if character not in SYMBOL_IDS})
    if unknown:
        raise ValueError(f"no phoneme is written {', '.join(f'`{character}`' for character in unknown)}")
    return ipa


def token_ids(symbols: str) -> list[int]:
    """The model's input: token numbers between two pads. Raises KeyError for a symbol that is not in the alphabet."""
    return [0, *(SYMBOL_IDS[symbol] for symbol in symbols), 0]
