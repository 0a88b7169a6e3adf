"""Sentences through a translator, each kept under what it depends on, so that none is translated twice."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from lipwright.contracts.progress import Progress
from lipwright.errors import InputError, ProviderAnswerInvalid, ProviderError, TranslationFailed
from lipwright.speech.translate.base import Passage, Translator
from lipwright.speech.translate.faithful import Faithful, translate_faithfully
from lipwright.store.key import StageKey
from lipwright.store.stages import StageStore

TRANSLATION = "translation.json"
SHOWN_CHARACTERS = 60


@dataclass(frozen=True)
class Request:
    """A sentence that an engine is to translate."""

    passage: Passage
    source: str
    """BCP 47."""
    count: int
    """How many translations are wanted."""
    line: int = field(compare=False)
    """Number of its first line, for messages."""

    def __hash__(self) -> int:
        return hash((self.passage.text, self.source))


class SentenceTranslator:
    """A translator and what it has translated before."""

    def __init__(self, translator: Translator, target: str, store: StageStore, progress: Progress) -> None:
        self._translator, self._target = translator, target
        self._store, self._progress = store, progress
        self._identities: dict[str, str] = {}

    def translate(self, requests: Sequence[Request]) -> dict[Request, Faithful]:
        """Translate sentences, as many at once as the engine likes.

        Raises: TranslationFailed: from what the engine raises, with the number of its line.
        """
        found: dict[Request, Faithful] = {}
        missing: dict[Request, None] = {}
        for request in requests:
            self._progress.check_cancelled()
            if request in found or request in missing:
                continue
            kept = self._store.get(self._key(request))
            if kept is None:
                missing[request] = None
            else:
                found[request] = _read(kept)
                self._progress.advance()
        for batch in _batches(list(missing), max(self._translator.capability.batch, 1)):
            self._progress.check_cancelled()
            for request, answer in zip(batch, self._answers(batch), strict=True):
                self._keep(request, answer)
                found[request] = answer
                self._progress.advance()
        return found

    def _answers(self, batch: Sequence[Request]) -> list[Faithful]:
        """Translations of sentences in one language. A batch whose answer cannot be read is asked for one by one."""
        try:
            return self._asked(batch)
        except ProviderAnswerInvalid as exc:
            if len(batch) == 1:
                raise _failure(batch[0], exc) from exc
            return [answer for request in batch for answer in self._answers([request])]
        except (ProviderError, InputError) as exc:
            raise _failure(batch[0], exc) from exc

    def _asked(self, batch: Sequence[Request]) -> list[Faithful]:
        return translate_faithfully(
            self._translator,
            [request.passage for request in batch],
            batch[0].source,
            self._target,
            batch[0].count,
        )

    def _key(self, request: Request) -> StageKey:
        if request.source not in self._identities:
            self._identities[request.source] = self._translator.identity(request.source, self._target)
        return StageKey(
            "translate",
            1,
            provider=self._identities[request.source],
            parameters={
                "passage": request.passage,
                "source": request.source,
                "target": self._target,
                "count": request.count,
            },
        )

    def _keep(self, request: Request, answer: Faithful) -> None:
        with self._store.making(self._key(request)) as folder:
            content = {"texts": answer.texts, "notes": answer.notes}
            (folder / TRANSLATION).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def _batches(requests: Sequence[Request], size: int) -> Iterator[list[Request]]:
    """Requests in one language and for one count together."""
    groups: dict[tuple[str, int], list[Request]] = {}
    for request in requests:
        groups.setdefault((request.source, request.count), []).append(request)
    for group in groups.values():
        rest = iter(group)
        while batch := list(islice(rest, size)):
            yield batch


def _read(folder: Path) -> Faithful:
    kept = json.loads((folder / TRANSLATION).read_text(encoding="utf-8"))
    return Faithful(tuple(kept["texts"]), tuple(kept["notes"]))


def _failure(request: Request, cause: ProviderError | InputError) -> TranslationFailed:
    text = request.passage.text
    shown = text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}..."
    return TranslationFailed(f"line {request.line} (`{shown}`) is not translated: {cause}", cause, request.line)
