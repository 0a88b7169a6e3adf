"""The text of a row in another language: pauses, paragraphs and what came out of variables stay."""

from lipwright.contracts.dub import Line
from lipwright.contracts.progress import Progress
from lipwright.pipeline.stages.translate import translate
from lipwright.speech.script import Pause, read_script
from lipwright.speech.translate.base import Translator
from lipwright.speech.translate.glossary import Glossary, Term
from lipwright.store.stages import StageStore

ROOM_S = 100.0
"""For each sentence: a clip is as long as its words, so that none has to be cut short."""


def say_in(
    text: str,
    source: str,
    target: str,
    kept: tuple[str, ...],
    translator: Translator,
    store: StageStore,
    progress: Progress,
) -> tuple[str, tuple[str, ...]]:
    """Translate a script.

    Args:
        kept: words that stay as they are.
    Returns: the script, and what its reader should look at.
    Raises: TranslationFailed, LanguageUnknown, OutputError, Cancelled.
    """
    items = read_script(text)
    sentences = [(place, item) for place, item in enumerate(items) if not isinstance(item, Pause)]
    lines = [
        Line(number, ROOM_S * number, ROOM_S * (number + 1), 1, sentence.text, source)
        for number, (_, sentence) in enumerate(sentences, 1)
    ]
    glossary = Glossary([Term(name, name, exact_case=True) for name in kept])
    said = translate(lines, target, translator, store=store, progress=progress, glossary=glossary)
    texts = {place: line.text for (place, _), line in zip(sentences, said, strict=True)}
    written = ""
    for place, item in enumerate(items):
        if isinstance(item, Pause):
            written += f"[pause {item.length_s:g}s] "
        else:
            written += texts[place] + ("\n\n" if item.ends_paragraph else " ")
    return written.strip(), tuple(note for line in said for note in line.notes)
