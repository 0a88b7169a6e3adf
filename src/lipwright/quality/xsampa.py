"""Phones in letters that every typeface has."""

from typing import Final

_LETTERS: Final = {
    "ɑ": "A", "æ": "{", "ɐ": "6", "ɒ": "Q", "ə": "@", "ɚ": "@`", "ɛ": "E", "ɜ": "3", "ɝ": "3`", "ɪ": "I", "ɨ": "1",
    "ɔ": "O", "ø": "2", "œ": "9", "ʊ": "U", "ʉ": "}", "ʌ": "V", "ɤ": "7", "ɯ": "M", "ʏ": "Y", "ᵊ": "@", "ᵻ": "I",
    "β": "B", "ç": "C", "ð": "D", "ɸ": "p\\", "ɡ": "g", "ɣ": "G", "ʝ": "j\\", "ɟ": "J\\", "ʎ": "L", "ɫ": "5", "ɬ": "K",
    "ɱ": "F", "ɲ": "J", "ŋ": "N", "ɳ": "n`", "ɹ": "r\\", "ɻ": "r\\`", "ɾ": "4", "ɽ": "r`", "ʁ": "R", "ʀ": "R\\",
    "ʃ": "S", "ʒ": "Z", "ʂ": "s`", "ʐ": "z`", "ɕ": "s\\", "ʑ": "z\\", "θ": "T", "χ": "X", "ʋ": "v\\", "ɥ": "H",
    "ʔ": "?", "ʕ": "?\\", "ɦ": "h\\", "ħ": "X\\", "ʍ": "W", "ʧ": "tS", "ʤ": "dZ", "ʦ": "ts", "ʣ": "dz", "ɓ": "b_<",
    "ː": ":", "ˑ": ":\\", "ʰ": "_h", "ʲ": "'", "ʷ": "_w", "\u0303": "~", "\u0329": "=", "\u0361": "", "\u032a": "_d",
}  # fmt: skip
"""Source: Wells, Computer-coding the IPA: a proposed extension of SAMPA, 1995."""


def spelled(symbol: str) -> str:
    """An IPA symbol in X-SAMPA; `*` stands for a letter that is in no table."""
    from unicodedata import normalize

    decomposed = (letter if letter in _LETTERS else normalize("NFD", letter) for letter in symbol)
    return "".join(_LETTERS.get(part, part if part.isascii() else "*") for part in "".join(decomposed))
