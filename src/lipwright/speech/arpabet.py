"""English phones as the aligner writes them (ARPAbet), in IPA and in the alphabet of the voices."""

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

from lipwright.speech import alphabet

IPA = MappingProxyType(
    {
        "AA": "ɑ", "AE": "æ", "AH": "ʌ", "AO": "ɔ", "AW": "aʊ", "AY": "aɪ", "B": "b", "CH": "tʃ", "D": "d", "DH": "ð",
        "EH": "ɛ", "ER": "ɚ", "EY": "eɪ", "F": "f", "G": "ɡ", "HH": "h", "IH": "ɪ", "IY": "i", "JH": "dʒ", "K": "k",
        "L": "l", "M": "m", "N": "n", "NG": "ŋ", "OW": "oʊ", "OY": "ɔɪ", "P": "p", "R": "ɹ", "S": "s", "SH": "ʃ",
        "T": "t", "TH": "θ", "UH": "ʊ", "UW": "u", "V": "v", "W": "w", "Y": "j", "Z": "z", "ZH": "ʒ",
    }
)  # fmt: skip
"""Each phone of the aligner's acoustic model in IPA."""

_OF_SYMBOLS = (
    ("ɜɹ", "ER"), ("əɹ", "ER"), ("ɪə", "IH AH"), ("A", "EY"), ("I", "AY"), ("O", "OW"), ("Q", "OW"), ("W", "AW"),
    ("Y", "OY"), ("S", "S"), ("T", "D"), ("a", "AA"), ("b", "B"), ("d", "D"), ("e", "EH"), ("f", "F"), ("h", "HH"),
    ("i", "IY"), ("j", "Y"), ("k", "K"), ("l", "L"), ("m", "M"), ("n", "N"), ("o", "AO"), ("p", "P"), ("r", "R"),
    ("s", "S"), ("t", "T"), ("u", "UW"), ("v", "V"), ("w", "W"), ("x", "HH"), ("y", "IY"), ("z", "Z"), ("ɑ", "AA"),
    ("ɐ", "AH"), ("ɒ", "AA"), ("æ", "AE"), ("β", "V"), ("ɔ", "AO"), ("ɕ", "SH"), ("ç", "HH"), ("ð", "DH"),
    ("ʤ", "JH"), ("ə", "AH"), ("ᵊ", "AH"), ("ɚ", "ER"), ("ɛ", "EH"), ("ɜ", "ER"), ("ɡ", "G"), ("ɨ", "IH"),
    ("ᵻ", "IH"), ("ɪ", "IH"), ("ɯ", "UW"), ("ŋ", "NG"), ("ɲ", "N Y"), ("ø", "ER"), ("ɸ", "F"), ("θ", "TH"),
    ("œ", "EH"), ("ɹ", "R"), ("ɾ", "D"), ("ʁ", "R"), ("ʃ", "SH"), ("ʈ", "T"), ("ʧ", "CH"), ("ʊ", "UH"), ("ʌ", "AH"),
    ("ɣ", "G"), ("χ", "HH"), ("ʎ", "L Y"), ("ʒ", "ZH"), ("ʦ", "T S"), ("ʣ", "D Z"), ("ʔ", "T"), ("c", "K"), ("q", "K"),
)  # fmt: skip


_VOWELS = frozenset("AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW".split())


@dataclass(frozen=True, slots=True)
class Said:
    """A phone as the aligner writes it, and as the voices mean it: `AH` is `ʌ` or `ə`."""

    name: str
    ipa: str


def from_symbols(symbols: str) -> tuple[Said, ...]:
    """Phonemes in the alphabet of the voices as phones of the aligner.

    Marks are left out, and so is what no English phone is near.

    Args:
        symbols: of one word, such as `lˈɪpɹIt`.
    """
    bare = "".join(symbol for symbol in symbols if alphabet.is_phone(symbol))
    phones: list[Said] = []
    place = 0
    while place < len(bare):
        for symbol, names in _OF_SYMBOLS:
            if bare.startswith(symbol, place):
                alone = len(symbol) == 1 and " " not in names
                phones += [Said(name, alphabet.to_ipa(symbol) if alone else IPA[name]) for name in names.split()]
                place += len(symbol)
                break
        else:
            place += 1
    return tuple(phones)


def to_ipa(names: Sequence[str], said: Sequence[Said]) -> tuple[str, ...]:
    """The IPA of phones that were heard.

    Args:
        names: of one word, as heard.
        said: how the voices would say the word: tells which vowel is meant where the aligner has one name for two.
    """
    meant = [phone for phone in said if phone.name in _VOWELS]
    if len(meant) != sum(name in _VOWELS for name in names):
        return tuple(IPA[name] for name in names)
    vowels = iter(meant)
    return tuple(vowel.ipa if name in _VOWELS and (vowel := next(vowels)).name == name else IPA[name] for name in names)
