"""Which language a text is written in: by its script, else by its commonest words."""

import re
import unicodedata
from collections import Counter
from types import MappingProxyType
from typing import Final

from lipwright.speech.wordlist import word_set

_WORDS: Final = MappingProxyType(
    {
        "en": "the and of to is in that it you was for on are with this have not be they we he she what i my am how",
        "es": "el la los las de que y en un una es por con para no se lo está como pero más muy yo su qué del hay esto",
        "pt": "o a os as de que e em um uma é por com para não se do da no na está como mas mais muito eu você isso",
        "fr": "le la les des de que et en un une est pour avec dans ne pas ce il elle nous vous je qui sur mais du",
        "it": "il la lo gli di che e in un una è per con non si del della sono come ma più molto io questo anche le",
        "de": "der die das und ist in zu den nicht ein eine es mit für von auf wir sie ich sich auch dass aber war wie",
        "nl": "de het een en van is dat in op te niet ik je we ze met voor zijn maar dit ook er aan wat die hij naar",
        "ca": "el la els les de que i en un una és per amb no es però més molt jo això són com del ho aquest els tot",
        "pl": "i w na nie to jest się z do że jak ale co tak po czy o dla ja ty my już tylko przez był są może",
        "sv": "och i att det som en på är av för med den till inte om jag har vi du men ett var han hon så detta",
        "ro": "și de la în nu o un este că pe cu să mai din pentru care ce se am dar sunt eu asta cum fost",
        "tr": "ve bir bu da de için ne ile çok ben mi değil var o ama gibi daha kadar sonra olan şey biz her",
    }
)
_SCRIPTS: Final = (
    ("HIRAGANA", "ja"),
    ("KATAKANA", "ja"),
    ("HANGUL", "ko"),
    ("CJK", "zh"),
    ("CYRILLIC", "ru"),
    ("GREEK", "el"),
    ("ARABIC", "ar"),
    ("HEBREW", "he"),
    ("DEVANAGARI", "hi"),
    ("THAI", "th"),
)
_UKRAINIAN: Final = frozenset("іїєґ")
_SEEN_LETTERS: Final = 20_000
_FEWEST_WORDS: Final = 3
_CLEARER: Final = 1.15
"""The language has so many times the common words of the next one."""


def recognise_language(text: str) -> str | None:
    """The BCP 47 primary subtag of a text; None where it is too short, or no language is clearly it."""
    sample = text[:_SEEN_LETTERS]
    other = _by_script(sample)
    if other is not None:
        return other
    words = Counter(re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)?", sample.lower().replace("’", "'")))
    scores = {language: sum(words[word] for word in word_set(known)) for language, known in _WORDS.items()}
    (best, most), (_, next_most) = sorted(scores.items(), key=lambda item: -item[1])[:2]
    return best if most >= _FEWEST_WORDS and most >= _CLEARER * next_most else None


def _by_script(text: str) -> str | None:
    """The language of a script that few languages share; None for Latin letters."""
    scripts = Counter(
        unicodedata.name(character, "").split()[0].removesuffix("-").split("-")[0]
        for character in text
        if character.isalpha()
    )
    if not scripts or scripts.most_common(1)[0][0] == "LATIN":
        return None
    found = next((language for script, language in _SCRIPTS if scripts[script] > sum(scripts.values()) / 5), None)
    return "uk" if found == "ru" and _UKRAINIAN & set(text.lower()) else found
