"""Which of several engines translates a pair best."""

from collections.abc import Sequence

from lipwright.errors import LanguageUnknown
from lipwright.speech.translate.base import Quality, Translator, describe_pairs

_BEST_FIRST = tuple(Quality)


def best_translator(engines: Sequence[Translator], source: str, target: str) -> Translator:
    """The engine that translates a pair best; the first of those that are alike.

    Raises: LanguageUnknown: none of them does; the message says what each of them translates.
    """
    able = [(quality, engine) for engine in engines if (quality := engine.quality(source, target)) is not None]
    if able:
        return min(able, key=lambda pair: _BEST_FIRST.index(pair[0]))[1]
    known = describe_pairs(pair for engine in engines for pair in engine.pairs() or ())
    raise LanguageUnknown(
        f"{source} to {target}: nothing that is installed translates this. What is installed translates"
        f" {known or 'nothing'}. For other languages set LIPWRIGHT_TRANSLATE=openai and"
        " LIPWRIGHT_OPENAI_URL to a server, or LIPWRIGHT_NLLB_MODEL to a folder with NLLB weights, or install more of"
        " Apertium (apt-get install apertium-...)."
    )
