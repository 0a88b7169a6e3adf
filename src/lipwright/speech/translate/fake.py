"""A translator for tests: it marks what it is given, and fails on demand."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from lipwright.errors import LipwrightError
from lipwright.speech.translate.base import Passage, Quality, TranslateCapability, Translator

CAPABILITY = TranslateCapability(
    name="fake",
    candidates=True,
    keeps_terms=True,
    knows_length=True,
    cost_unit="none",
    needs_gpu=False,
    code_licence="Apache-2.0",
    weights_licence="Apache-2.0",
    uses_context=False,
    batch=4,
)


class FakeTranslator(Translator):
    """Puts the target's primary tag before every sentence, deterministic, without a model: `pt: Hello.`

    Each further candidate lacks one more of the last words. The terms of a glossary are put in place.

    Licence: Apache-2.0, as Lipwright.
    """

    capability = CAPABILITY

    def __init__(
        self,
        *,
        known: Mapping[tuple[str, str], Quality] | None = None,
        failures: Sequence[LipwrightError | None] = (),
        say: Callable[[str], str] | None = None,
        **capability: bool | int,
    ) -> None:
        """
        Args:
            known: its pairs; None for all.
            failures: raised by the first, second ... call of `translate`; None lets a call through.
            say: what it makes of a text; None marks it.
            capability: fields of the capability that are to be others.
        """
        self.capability = replace(CAPABILITY, **capability)  # type: ignore[arg-type]  # each has the type of its field
        self.calls: list[tuple[Passage, ...]] = []
        """The passages of every call so far."""
        self._known, self._say = known, say
        self._failures = list(failures)

    def pairs(self) -> Mapping[tuple[str, str], Quality] | None:
        return self._known

    def translate(self, passages: Sequence[Passage], source: str, target: str, count: int = 1) -> list[tuple[str, ...]]:
        self.check_pair(source, target)
        self.calls.append(tuple(passages))
        failure = self._failures.pop(0) if self._failures else None
        if failure is not None:
            raise failure
        mark = target.split("-", maxsplit=1)[0]
        return [self._candidates(passage, mark, count) for passage in passages]

    def _candidates(self, passage: Passage, mark: str, count: int) -> tuple[str, ...]:
        text = passage.text
        if self.capability.keeps_terms:
            for source, target in passage.terms.items():
                text = text.replace(source, target)
        words = (self._say(text) if self._say is not None else f"{mark}: {text}").split()
        wanted = count if self.capability.candidates else 1
        return tuple(" ".join(words[: len(words) - less]) for less in range(min(wanted, len(words))))
