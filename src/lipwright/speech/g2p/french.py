"""French by rules: reading, silent ends, liaison."""

import re
from collections.abc import Sequence

from lipwright.speech.g2p.french_words import (
    ASPIRATED,
    LINKING,
    NASAL_ENT,
    PLURAL_SUBJECTS,
    UNSTRESSED,
    WORDS,
)
from lipwright.speech.g2p.rules import RuleBased, apply_rules, compile_rules, letters_of

_V = "aeiouyàâäéèêëîïôöùûüœæ"
_C = "bcdfgjklmnpqrstvwxzç"
_SILENT_ENDS = compile_rules(
    [
        (r"es?$", ""),
        (r"er[s]?$", "e"),
        (r"ez$", "e"),
        (r"ets?$", "ɛ"),
        (r"(?<=[nmlrv])[dtp]s?$", ""),
        (r"(?<=n)[cg]s?$", ""),
        (r"cts?$", ""),
        (r"[sxztdp]+$", ""),
    ]
)
_RULES = compile_rules(
    [
        # consonant groups
        (r"sch", "ʃ"),
        (r"ch(?=[rln])", "k"),
        (r"ch", "ʃ"),
        (r"ph", "f"),
        (r"th", "t"),
        (r"gn", "ɲ"),
        (r"sc(?=[eiyéèê])", "s"),
        (r"cc(?=[eiyéèê])", "ks"),
        (r"c(?=[eiyéèêî])|ç", "s"),
        (r"cqu|qu|cc|ck|[ckq]", "k"),
        (r"gg(?=[eiyéèê])", "ɡʒ"),
        (r"ge(?=[aouâô])", "ʒ"),
        (r"gu(?=[eiyéèê])", "ɡ"),
        (r"g(?=[eiyéèêî])", "ʒ"),
        (r"gg|g", "ɡ"),
        (r"(?<=[aeiouéèê])ss|(?<=y)ss", "s"),
        (rf"(?<=[{_V}])s(?=[{_V}h])", "z"),
        (r"ss|s", "s"),
        (r"(?<![a-zà-ÿœ])ex(?=[aeiouhéèêâ])", "ɛɡz"),
        (r"(?<![a-zà-ÿœ])ex(?=c[eiyéèê])", "ɛk"),
        (r"x", "ks"),
        (r"(?<!s)ti(?=on|eux|ell?e|ence|ent|aire|al)", "sj"),
        (r"(?<=[ao]cra)ti(?=e)", "si"),
        (r"j", "ʒ"),
        (r"h", ""),
        (r"w", "w"),
        # vowels with glides
        (r"(?<=[aeu])ill(?=[eaoué])", "j"),
        (r"(?<=u)il$", "j"),
        (r"aill?(?=e?s?$)|ail(?=l)", "aj"),
        (r"ill(?=[eaouéè])", "ij"),
        (r"oy(?=[aeiouéè])", "waj"),
        (r"ay(?=[aeiouéè])|ey(?=[aeiouéè])", "ɛj"),
        (r"uy(?=[aeiouéè])", "yij"),
        (rf"(?:i|î)?oin(?![{_V}nm])", "wɛ̃"),
        (r"(?<=[éi])en(?=s?$|[td])", "ɛ̃"),
        (r"ien(?=s?$|[td]s?$)", "jɛ̃"),
        (r"oê|oi|oî", "wa"),
        (r"ou(?=[aeiéè])", "w"),
        (r"o[uùû]", "u"),
        (r"i(?=[aeouéèêô](?!nt$|s?$)|on|ons$|e[lrtnuz])", "j"),
        (r"y(?=[aeouéè])", "j"),
        # nasals
        (rf"(?:ai|ei)[nm](?![{_V}nm])", "ɛ̃"),
        (rf"(?:an|am|en|em|aen)(?![{_V}nm])", "ɑ̃"),
        (r"emm(?=[eé])", "ɑ̃m"),
        (r"enn(?=ui)|en(?=ivr|orgu)", "ɑ̃n"),
        (rf"(?:in|im|yn|ym|în)(?![{_V}nm])", "ɛ̃"),
        (rf"(?:on|om)(?![{_V}nm])", "ɔ̃"),
        (rf"(?:un|um)(?![{_V}nm])", "œ̃"),
        # vowels
        (r"e?aux?", "o"),
        (r"ô", "o"),
        (r"œu?(?=[rflvi])|œ(?=il)", "œ"),
        (r"œu", "ø"),
        (r"œ", "e"),
        (r"eu(?=s[e])", "ø"),
        (rf"eu(?=[{_C}]*[rlfvbnmpj][{_V}]?)(?!x?$)", "œ"),
        (r"e[uû]", "ø"),
        (r"ue(?=il)", "œ"),
        (r"ai(?=s?$)", "ɛ"),
        (r"aî|ai|ei|eî", "ɛ"),
        (r"aï", "ai"),
        (r"é|æ", "e"),
        (r"[èêë]", "ɛ"),
        (r"e(?=ss|ff|ll|tt|nn|mm|rr|pp|cc|xx)", "ɛ"),
        (r"e(?=ch|ph|th|gn|(?:[bcdfgptv])[rl])", "ə"),
        (rf"e(?=[{_C}](?:[{_C}]|$))", "ɛ"),
        (r"e(?=x)", "ɛ"),
        (r"e", "ə"),
        (r"u(?=i)|u|û|ù|ü", "y"),
        (rf"o(?=s[{_V}]|$|ts?$|s$)", "o"),
        (rf"o(?=[{_C}])", "ɔ"),
        (r"o|ö", "o"),
        (r"[aàâä]", "a"),
        (r"[iîïy]", "i"),
        (r"([bdfklmnprtv])\1", "@"),
        (r"r", "ʁ"),
        *((letter, letter) for letter in "bdfklmnptvz"),
    ]
)
_DOUBLE = re.compile(r"([bdfklmnprtv])\1")
_NUCLEI = "aeiouyɛɔəøœɑ"
_ELIDED = {
    "l": "l",
    "d": "d",
    "j": "ʒ",
    "qu": "k",
    "n": "n",
    "s": "s",
    "m": "m",
    "t": "t",
    "c": "s",
    "jusqu": "ʒysk",
    "lorsqu": "lɔʁsk",
    "puisqu": "pyisk",
    "aujourd": "oʒuʁd",
    "presqu": "pʁɛsk",
}


def _read(word: str, after: str) -> str:
    """Phonemes of one word without stress; `after` is the word before it."""
    if word in WORDS:
        return WORDS[word]
    if word.endswith("s") and word[:-1] in WORDS and len(word) > 3:
        return WORDS[word[:-1]]
    if word.endswith("aient"):
        word = word[:-3]
    elif word.endswith("ent") and not word.endswith("ment") and word.removesuffix("s") not in NASAL_ENT:
        word = word[:-2] + "s" if len(word) > 4 else word
    elif word.endswith("ment") and after in PLURAL_SUBJECTS and word not in NASAL_ENT:
        word = word[:-2] + "s"
    word = re.sub(r"emment$", "amment", word)
    doubles = [match.group(1) for match in _DOUBLE.finditer(word)]
    phonemes = apply_rules(word, (*_SILENT_ENDS, *_RULES)) or apply_rules(word, _RULES)
    for letter in doubles:
        phonemes = phonemes.replace("@", "ʁ" if letter == "r" else letter, 1)
    return phonemes


def _stress(phonemes: str) -> str:
    """Mark the last full vowel."""
    for i in range(len(phonemes) - 1, -1, -1):
        if phonemes[i] in _NUCLEI and (phonemes[i] != "ə" or not any(s in _NUCLEI for s in phonemes[:i])):
            return f"{phonemes[:i]}ˈ{phonemes[i:]}"
    return phonemes


def _starts_with_vowel(word: str) -> bool:
    """Whether a word lets the one before it link: a vowel or a mute h."""
    if word.startswith(ASPIRATED):
        return False
    return word[0] in _V + "h" and not re.match(r"y[aeou]", word)


class French(RuleBased):
    """Standard French (`fr`).

    The rules and lists are Lipwright's own; tests/speech/test_g2p.py holds them to a table of words.
    """

    letters = letters_of(_RULES)

    def __init__(self, language: str = "fr") -> None:
        self.language = language

    def say(self, words: Sequence[str]) -> list[str]:
        out = []
        for i, word in enumerate(words):
            after = words[i - 1] if i else ""
            *heads, tail = word.split("'")
            phonemes = "".join(_ELIDED.get(head, _read(head, "")) for head in heads)
            if tail:
                plain = _read(tail, after)
                phonemes += plain if word in UNSTRESSED else _stress(plain)
            if i + 1 < len(words) and _starts_with_vowel(words[i + 1]):
                phonemes += LINKING.get(word, "")
            out.append(phonemes)
        return out
