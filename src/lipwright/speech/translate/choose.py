"""Which of several engines translates a pair best."""

from collections.abc import Sequence

from lipwright.errors import LanguageUnknown
from lipwright.speech.translate.base import Quality, Translator

_BEST_FIRST = tuple(Quality)


def best_translator(engines: Sequence[Translator], source: str, target: str) -> Translator:
    """The engine that translates a pair best; the first of those that are alike.

    Raises: LanguageUnknown: none of them does; the message says what each of them translates.
    """
    able = [(quality, engine) for engine in engines if (quality := engine.quality(source, target)) is not None]
    if able:
        return min(able, key=lambda pair: _BEST_FIRST.index(pair[0]))[1]
    raise LanguageUnknown(
        f"{source} to {target}: nothing that is installed translates this. {possible(engines)} For other languages,"
        " install another pair (apt-get install apertium-...), or name an OpenAI-compatible server or NLLB's weights."
    )


def possible(engines: Sequence[Translator]) -> str:
    """A sentence that says what some engines can translate."""
    targets: dict[str, list[str]] = {}
    for engine in engines:
        for source, target in engine.pairs() or ():
            if target not in targets.setdefault(source, []):
                targets[source].append(target)
    known = "; ".join(f"{source} to {', '.join(sorted(found))}" for source, found in sorted(targets.items()))
    return f"Possible are: {known}." if known else "No engine has its files."
