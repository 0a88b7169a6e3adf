"""Castilian Spanish by rules: the spelling tells everything but the stress of names."""

import re
from collections.abc import Sequence

from lipwright.speech.g2p.rules import RuleBased, apply_rules, compile_rules, letters_of, mark_stress
from lipwright.speech.wordlist import word_set

_NUCLEI = "aeiouIAWO"
_UNSTRESSED = word_set(
    "el la los las un una de del al a en y e o u que se me te lo le les nos os su sus mi mis tu tus con por "
    "para sin ni si como pero porque aunque cuando donde mientras desde hasta entre sobre"
)
_RULES = compile_rules(
    [
        (r"ch", "ʧ"),
        (r"ll", "ʎ"),
        (r"rr", "r"),
        (r"sc(?=[eiéí])", "sθ"),
        (r"cc(?=[eiéí])", "kθ"),
        (r"c(?=[eiéí])", "θ"),
        (r"z", "θ"),
        (r"qu(?=[eiéí])", "k"),
        (r"[ckq]", "k"),
        (r"gu(?=[eiéí])", "G"),
        (r"g[üu](?=[aeioáéíó])", "Gw"),
        (r"(?:g(?=[eiéí])|j)", "x"),
        (r"g", "G"),
        (r"hu(?=[aeoáéó])", "w"),
        (r"(?<![a-zñ])hi(?=[aeoáéó])", "ʝ"),
        (r"h", ""),
        (r"ñ", "ɲ"),
        (r"x(?=ic[oa])", "x"),
        (r"(?<![a-zñ])x", "s"),
        (r"x", "ks"),
        (r"(?<![a-zñ])r|(?<=[nls])r", "r"),
        (r"r", "ɾ"),
        (r"n(?=[pbvmf])", "m"),
        (r"[vb]", "B"),
        (r"d", "D"),
        (r"n(?=[gkjq]|c[^eiéíh])", "n"),
        (r"á[iy](?![aeoáéó])", "ˈI"),
        (r"é[iy](?![aeoáéó])", "ˈA"),
        (r"ó[iy](?![aeoáéó])", "ˈoɪ"),
        (r"áu", "ˈW"),
        (r"éu", "ˈeʊ"),
        (r"a[iy](?![aeoáéó])", "I"),
        (r"e[iy](?![aeoáéó])", "A"),
        (r"o[iy](?![aeoáéó])", "oɪ"),
        (r"uy(?![a-zñáéíóú])", "uj"),
        (r"au", "W"),
        (r"eu", "eʊ"),
        (r"ou", "O"),
        (r"y(?=[aeiouáéíóú])", "ʝ"),
        (r"y", "i"),
        (r"i(?=[aeouáéóú])", "j"),
        (r"[uü](?=[aeioáéíó])", "w"),
        (r"á", "ˈa"),
        (r"é", "ˈe"),
        (r"í", "ˈi"),
        (r"ó", "ˈo"),
        (r"ú", "ˈu"),
        (r"à|â|ä|ã", "a"),
        (r"è|ê|ë", "e"),
        (r"ì|î|ï", "i"),
        (r"ò|ô|ö|õ", "o"),
        (r"ü", "u"),
        (r"ç", "s"),
        *((letter, letter) for letter in "aeioufklmnpstw"),
    ]
)
_SOFT = {"B": ("b", "β"), "D": ("d", "ð"), "G": ("ɡ", "ɣ")}


def _soften(phonemes: str, before: str) -> str:
    """Write b, d, g as stops behind a nasal (d also behind l) and at the start of a phrase, else as approximants."""
    out = []
    for symbol in phonemes:
        said = symbol
        if symbol in _SOFT:
            hard = before in ("", "m", "n", "ŋ") or (symbol == "D" and before == "l")
            said = _SOFT[symbol][0 if hard else 1]
        out.append(said)
        before = said if said != "ˈ" else before
    return "".join(out)


class Spanish(RuleBased):
    """Castilian Spanish (`es`).

    The rules and lists are Lipwright's own; tests/speech/test_g2p.py holds them to a table of words.
    """

    letters = letters_of(_RULES)

    def __init__(self, language: str = "es") -> None:
        self.language = language

    def say(self, words: Sequence[str]) -> list[str]:
        out: list[str] = []
        before = ""
        for word in words:
            phonemes = apply_rules(word, _RULES)
            if "ˈ" not in phonemes and word not in _UNSTRESSED:
                phonemes = mark_stress(phonemes, _NUCLEI, 2 if re.search(r"[aeiouns]$", word) else 1)
            out.append(_soften(phonemes, before))
            before = out[-1][-1:] or before
        return out
