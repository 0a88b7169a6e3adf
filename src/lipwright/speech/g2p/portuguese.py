"""Brazilian Portuguese by rules."""

import re
from collections.abc import Sequence

from lipwright.speech.g2p.rules import RuleBased, apply_rules, compile_rules, letters_of, mark_stress
from lipwright.speech.wordlist import word_set

_NUCLEI = "aeiouɛɔʊyæɐõũIAWOẽĩ"
_UNSTRESSED = word_set(
    "a o as os e de do da dos das em no na nos nas um uma uns umas que se me te lhe por pelo pela com para "
    "ao aos à às ou mas sem seu sua seus suas meu minha teu tua"
)
_V = "aeiouáéíóúâêôãõà"
_WORDS = {
    "e": "i",
    "é": "ˈɛ",
    "o": "u",
    "os": "ʊz",
    "a": "a",
    "as": "az",
    "muito": "mwˈiŋtʊ",
    "muitos": "mwˈiŋtʊs",
    "muita": "mwˈiŋtæ",
    "muitas": "mwˈiŋtæs",
    "eu": "eʊ",
    "ele": "ˈely",
    "eles": "ˈelys",
    "ela": "ˈɛlæ",
    "elas": "ˈɛlæs",
    "mais": "mˈIs",
    "mas": "mas",
    "mãe": "mˈɐ̃y",
    "nós": "nˈɔs",
    "ontem": "ˈontAŋ",
    "táxi": "tˈaksi",
    "fixo": "fˈiksʊ",
    "próximo": "prˈɔsimʊ",
    "próxima": "prˈɔsimæ",
    "máximo": "mˈasimʊ",
    "sexo": "sˈɛksʊ",
    "hoje": "ˈoʒy",
    "agora": "aɡˈɔɾæ",
    "história": "istˈɔɾjæ",
}
_RULES = compile_rules(
    [
        (r"ções", "sˈõjs"),
        (r"ç", "s"),
        (r"ões", "ˈõjs"),
        (r"õe", "ˈõj"),
        (r"ão", "ˈɐ̃ʊ̃"),
        (r"ãe", "ˈɐ̃j"),
        (r"ã", "ˈɐ̃"),
        (r"ch", "ʃ"),
        (r"lh", "lj"),
        (r"nh", "ɲ"),
        (r"sc(?=[eiéí])", "s"),
        (r"xc(?=[eiéí])", "s"),
        (r"ss", "s"),
        (r"c(?=[eiéíê])", "s"),
        (r"qu(?=[eiéíê])", "k"),
        (r"q[uü]", "kw"),
        (r"[ckq]", "k"),
        (r"gu(?=[eiéíê])", "ɡ"),
        (r"g[uü](?=[aoiáó])", "ɡw"),
        (r"g(?=[eiéíê])", "ʒ"),
        (r"g", "ɡ"),
        (r"j", "ʒ"),
        (r"h", ""),
        (r"rr", "x"),
        (r"(?<![a-zà-ü])r|(?<=[nls])r", "x"),
        (rf"r(?=[{_V}])(?<=[{_V}]r)", "ɾ"),
        (r"(?<=[bcdfgptv])r", "r"),
        (r"r$", "r"),
        (r"r", "ɾ"),
        (r"(?<![a-zà-ü])ex(?=[aeiouáéíóú])", "ez"),
        (r"(?<![a-zà-ü])ex(?=[ptc])", "es"),
        (r"x", "ʃ"),
        (rf"(?<=[{_V}])s(?=[{_V}])", "z"),
        (r"s(?=[bdgvmnlrz])", "z"),
        (r"z$", "s"),
        (r"[sz]$", "s"),
        (r"z", "z"),
        (r"s", "s"),
        (r"t(?=[ií]|es?$)", "ʧ"),
        (r"d(?=[ií]|es?$)", "ʤ"),
        (r"ei(?=[nm](?![aeiouáéíóúãõh]))", "A"),
        (r"éi", "ˈɛɪ"),
        (r"ái", "ˈI"),
        (r"ói", "ˈɔɪ"),
        (r"[âa][mn](?=[^aeiouáéíóúâêôãõhmn])", "ɐ̃ŋ"),
        (r"am$", "ɐ̃U\u0303"),
        (r"á[mn](?=[^aeiouáéíóúâêôãõhmn])", "ˈɐ̃ŋ"),
        (r"[éê][mn](?=s?$)", "ˈAŋ"),
        (r"ê[mn](?=[^aeiouáéíóúâêôãõhmn])", "ˈAŋ"),
        (r"e[mn](?=s?$)", "Aŋ"),
        (r"e[mn](?=[^aeiouáéíóúâêôãõhmn])", "Aŋ"),
        (r"i[mn](?=$|[^aeiouáéíóúâêôãõhmn])", "iŋ"),
        (r"í[mn](?=[^aeiouáéíóúâêôãõhmn])", "ˈiŋ"),
        (r"ô[mn](?=[^aeiouáéíóúâêôãõhmn])", "ˈoŋ"),
        (r"o[mn](?=$|s?$|[^aeiouáéíóúâêôãõhmn])", "oŋ"),
        (r"u[mn](?=$|s?$|[^aeiouáéíóúâêôãõhmn])", "ũŋ"),
        (r"ai(?![nm]|[aeou])", "I"),
        (r"ei(?![aeou])", "A"),
        (r"oi", "oɪ"),
        (r"ui$", "ui"),
        (r"au|al(?=$|[^aeiouáéíóúâêôãõhl])", "W"),
        (r"ál(?=$|[^aeiouáéíóúâêôãõh])|áu", "ˈW"),
        (r"eu|el(?=$|[^aeiouáéíóúâêôãõh])", "eU"),
        (r"éu", "ˈɛU"),
        (r"iu|il(?=$|[^aeiouáéíóúâêôãõh])", "iU"),
        (r"ou|ol(?=$|[^aeiouáéíóúâêôãõh])", "ow"),
        (r"ul(?=$|[^aeiouáéíóúâêôãõh])", "uw"),
        (r"l", "l"),
        (r"os?$(?<=os)", "ʊs"),
        (r"o$", "ʊ"),
        (r"es$", "ys"),
        (r"e$", "y"),
        (r"as$", "æs"),
        (r"a$", "æ"),
        (r"á", "ˈa"),
        (r"à", "a"),
        (r"é", "ˈɛ"),
        (r"ê", "ˈe"),
        (r"í", "ˈi"),
        (r"ó", "ˈɔ"),
        (r"ô", "ˈo"),
        (r"[úü]", "ˈu"),
        (r"â", "ˈɐ̃"),
        (r"y", "i"),
        (r"w", "w"),
        *((letter, letter) for letter in "aeioubdflmnptv"),
    ]
)
_WEAK = str.maketrans({"U": "ʊ", "y": "i", "æ": "ɐ"})
"""Closing glides, and the weak final e and a, which the rules keep apart from full vowels."""
_LAST = re.compile(r"(?:[rlzx]|[iu]s?|[iou][mn]s?|ns)$")
"""Without an accent, words with these ends are stressed on the last syllable."""

_VOICED = "aeiouáéíóúâêôãõàhbdgvmnlrzj"
"""First letters before which a final s is voiced."""
_OPEN = (
    (re.compile(r"e(?=l[ao]s?$)"), "é"),
    (re.compile(r"o(?=(?:l|s)as?$)"), "ó"),
    (re.compile(r"e(?=rt[ao]s?$)"), "é"),
    (re.compile(r"o(?=rt[ae]s?$)"), "ó"),
)
"""Ends in which the stressed vowel is open."""


def _open_vowel(word: str) -> str:
    """Write the accent that tells an open vowel, where the end of the word tells it."""
    if re.search(r"[áéíóúâêôãõ]", word) or len(word) < 4:
        return word
    for pattern, letter in _OPEN:
        word = pattern.sub(letter, word)
    return word


class BrazilianPortuguese(RuleBased):
    """Brazilian Portuguese (`pt-BR`).

    The rules and lists are Lipwright's own; tests/speech/test_g2p.py holds them to a table of words.
    """

    letters = letters_of(_RULES)

    def __init__(self, language: str = "pt-BR") -> None:
        self.language = language

    def say(self, words: Sequence[str]) -> list[str]:
        out = [self._word(word) for word in words]
        for i, following in enumerate(words[1:]):
            if out[i].endswith("s") and following[0] in _VOICED:
                out[i] = out[i][:-1] + "z"
        return out

    def _word(self, word: str) -> str:
        if word in _WORDS:
            return _WORDS[word].translate(_WEAK)
        phonemes = apply_rules(_open_vowel(word), _RULES)
        if re.search(r"[áéíóúâêô].*[^aeiouq]i[ao]s?$", word):
            phonemes = re.sub(r"i([ʊæ]s?)$", r"j\1", phonemes)
        if phonemes.count("ˈ") > 1:
            first, _, rest = phonemes.rpartition("ˈ")
            keep_first = word.endswith(("ão", "ãos", "ã", "ãs")) and re.search(r"[áéíóúâêô]", word)
            head, _, tail = phonemes.partition("ˈ")
            phonemes = f"{head}ˈ{tail.replace('ˈ', '')}" if keep_first else f"{first.replace('ˈ', '')}ˈ{rest}"
        if "ˈ" not in phonemes and word not in _UNSTRESSED:
            last = bool(_LAST.search(word)) and not word.endswith(("am", "em", "ens"))
            phonemes = mark_stress(phonemes, _NUCLEI, 1 if last else 2)
        return re.sub(r"ŋ(?=[pb])", "m", phonemes.translate(_WEAK))
