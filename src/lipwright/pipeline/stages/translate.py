"""Lines in another language: whole sentences are translated, kept, cut to their lines again, and chosen by length."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from lipwright.contracts.dub import Line, TargetLine
from lipwright.contracts.progress import Progress
from lipwright.pipeline.stages.translate_sentences import Request, SentenceTranslator
from lipwright.speech.translate.base import Passage, Translator
from lipwright.speech.translate.fitting import budgets_of, choose, is_tight, lines_said, rooms_of
from lipwright.speech.translate.glossary import Glossary
from lipwright.speech.translate.plain import is_noise, needs_no_engine, plain, unwrapped, without_engine
from lipwright.speech.translate.sentences import Sentence, sentences_of
from lipwright.speech.translate.shorter import plainer_sources
from lipwright.speech.translate.spoken_length import longest_characters
from lipwright.store.stages import StageStore

CONTEXT_SENTENCES = 2
CANDIDATES = 3
SLOT_STEP_S = 0.1
"""An engine that knows length is told it so exactly, and another length is another translation."""


def translate(
    lines: Sequence[Line],
    target: str,
    translator: Translator,
    *,
    store: StageStore,
    progress: Progress,
    glossary: Glossary | None = None,
    duration_s: float | None = None,
    paces: Mapping[int, float] | None = None,
    noises: bool = False,
) -> tuple[TargetLine, ...]:
    """Translate lines, unless an earlier run has done it: sentence by sentence, so that an edit costs one of them.

    Args:
        lines: in order of time. A line in the target's language stays as it is; an empty one stays empty.
        target: BCP 47.
        glossary: the user's terms.
        duration_s: of the video; the end of the last line when None.
        paces: of the voices, by speaker, as `pace_of` tells; 1 for those that are missing.
        noises: whether descriptions of sounds, such as `[Music]`, are translated, for readers; else nothing is said.
    Returns: one line for each, with its number and slot.
    Raises: LanguageUnknown: the translator does not translate this pair. TranslationFailed: with the number of the line
        in `part`, from its cause. OutputError, Cancelled.
    """
    for language in dict.fromkeys(line.language for line in lines if plain(line.text)):
        if not is_same_language(language, target):
            translator.check_pair(language, target)
    work = _Work(lines, target, translator, glossary or Glossary(), paces or {}, noises)
    end_s = duration_s if duration_s is not None else max((line.end_s for line in lines), default=0.0)
    progress.stage("translate", max(len(work.sentences), 1))
    return work.run(rooms_of(lines, end_s), SentenceTranslator(translator, target, store, progress))


def is_same_language(language: str, target: str) -> bool:
    """Whether two tags name one language, regions aside."""
    return language.replace("_", "-").split("-")[0].lower() == target.replace("_", "-").split("-")[0].lower()


class _Work:
    """The sentences of some lines on their way."""

    def __init__(
        self,
        lines: Sequence[Line],
        target: str,
        translator: Translator,
        glossary: Glossary,
        paces: Mapping[int, float],
        noises: bool,
    ) -> None:
        self._lines, self._target, self._capability = lines, target, translator.capability
        self._glossary, self._paces, self._noises = glossary, paces, noises
        self.sentences = sentences_of(lines)
        if noises:
            self.sentences += [
                Sentence(unwrapped(plain(line.text))[1], (place,), (1.0,))
                for place, line in enumerate(lines)
                if is_noise(plain(line.text))
            ]

    def run(self, rooms_s: Sequence[float], engine: SentenceTranslator) -> tuple[TargetLine, ...]:
        budgets = budgets_of(self.sentences, rooms_s)
        asked = [self._request(i, sum(budgets[i])) for i in range(len(self.sentences))]
        first = engine.translate([request for request in asked if request is not None])
        plainer: list[tuple[Request, Request]] = []
        for request, budget_s, sentence in zip(asked, budgets, self.sentences, strict=True):
            if request is None or self._capability.candidates:
                continue
            if is_tight(first[request].texts[0], budget_s, self._target, self._pace(sentence)):
                plainer += [(request, self._with_text(request, text)) for text in self._plainer(request)]
        second = engine.translate([other for _, other in plainer])
        parts: list[list[str]] = [[] for _ in self._lines]
        shorter: list[list[tuple[str, ...]]] = [[] for _ in self._lines]
        notes: list[dict[str, None]] = [{} for _ in self._lines]
        for request, budget_s, sentence in zip(asked, budgets, self.sentences, strict=True):
            if request is None:
                texts: tuple[str, ...] = (self._unchanged(sentence),)
            else:
                found = first[request]
                others = [second[other] for own, other in plainer if own == request]
                texts = (
                    *found.texts,
                    *(text for other in others if len(other.notes) <= len(found.notes) for text in other.texts),
                )
                notes[sentence.lines[0]].update(dict.fromkeys(found.notes))
            chosen = choose(texts, sentence, budget_s, self._target, self._pace(sentence))
            for place, part, options in zip(sentence.lines, chosen.parts, chosen.shorter, strict=True):
                parts[place].append(part)
                shorter[place].append(options)
        return tuple(
            self._line(line, parts[place], shorter[place], tuple(notes[place]))
            for place, line in enumerate(self._lines)
        )

    def _line(
        self, line: Line, parts: Sequence[str], shorter: Sequence[tuple[str, ...]], notes: tuple[str, ...]
    ) -> TargetLine:
        text, alternatives = lines_said(parts, shorter)
        if text and is_noise(plain(line.text)):
            opening, _, closing = unwrapped(plain(line.text))
            text, alternatives = f"{opening}{text}{closing}", ()
        return TargetLine(
            number=line.number,
            start_s=line.start_s,
            end_s=line.end_s,
            speaker=line.speaker,
            source=line.text,
            text=text,
            alternatives=alternatives,
            notes=notes,
        )

    def _request(self, index: int, budget_s: float) -> Request | None:
        """What an engine is asked for a sentence; None where none is needed."""
        sentence = self.sentences[index]
        line = self._lines[sentence.lines[0]]
        if is_same_language(line.language, self._target) or needs_no_engine(sentence.text):
            return None
        passage = Passage(sentence.text, terms=self._glossary.terms_in(sentence.text))
        if self._capability.knows_length:
            slot_s = round(max(round(budget_s / SLOT_STEP_S), 1) * SLOT_STEP_S, 1)
            most = longest_characters(slot_s, self._target, self._pace(sentence))
            passage = replace(passage, slot_s=slot_s, longest_characters=most)
        if self._capability.uses_context:
            before = self.sentences[max(index - CONTEXT_SENTENCES, 0) : index]
            passage = replace(passage, context=tuple(other.text for other in before))
        return Request(passage, line.language, CANDIDATES if self._capability.candidates else 1, line.number)

    def _plainer(self, request: Request) -> tuple[str, ...]:
        return plainer_sources(request.passage.text, request.source)

    def _with_text(self, request: Request, text: str) -> Request:
        passage = replace(request.passage, text=text, terms=self._glossary.terms_in(text))
        return replace(request, passage=passage)

    def _unchanged(self, sentence: Sentence) -> str:
        line = self._lines[sentence.lines[0]]
        if is_same_language(line.language, self._target):
            return sentence.text
        return without_engine(sentence.text, line.language, self._target)

    def _pace(self, sentence: Sentence) -> float:
        return self._paces.get(self._lines[sentence.lines[0]].speaker, 1.0)
