"""English phones as the aligner writes them (ARPAbet), in IPA and in the alphabet of the voices."""

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


def from_symbols(symbols: str) -> tuple[str, ...]:
    """Phonemes in the alphabet of the voices as phones of the aligner; marks and what no English phone is near are left
    out.

    Args:
        symbols: of one word, such as `lˈɪpɹIt`.
    """
    bare = "".join(symbol for symbol in symbols if alphabet.is_phone(symbol))
    phones: list[str] = []
    place = 0
    while place < len(bare):
        for symbol, said in _OF_SYMBOLS:
            if bare.startswith(symbol, place):
                phones += said.split()
                place += len(symbol)
                break
        else:
            place += 1
    return tuple(phones)
