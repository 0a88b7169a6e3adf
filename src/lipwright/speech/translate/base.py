"""What every engine that translates promises, and what it says of itself."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from lipwright.errors import LanguageUnknown


class Quality(StrEnum):
    """What a reader may expect of a translation."""

    GOOD = "good"
    """A native reader corrects a word here and there."""
    FAIR = "fair"
    """To be read before it is published."""
    GIST = "gist"
    """Tells what it is about; to be written again by a person."""


@dataclass(frozen=True, slots=True)
class TranslateCapability:
    """What an engine can do."""

    name: str
    """The name that settings and requests use: `bergamot`."""
    candidates: bool
    """Whether it offers several translations of one text."""
    keeps_terms: bool
    """Whether it is told the terms of a glossary; else they are put in its place after it."""
    knows_length: bool
    """Whether it is told how long a translation may be."""
    cost_unit: str
    """What use is counted in; `none` for an engine that costs nothing but time."""
    needs_gpu: bool
    code_licence: str
    """SPDX expression of the engine's code."""
    weights_licence: str
    """SPDX expression of the model; empty where the user brings it."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence to be translated, and what is wanted of its translation."""

    text: str
    slot_s: float | None = None
    """How long it may take to say; None where that does not matter."""
    longest_characters: int | None = None
    """About as many as can be said in the slot."""
    terms: Mapping[str, str] = field(default_factory=dict)
    """Those of the glossary that occur in it: source and target. A term that stays as it is maps to itself."""
    context: tuple[str, ...] = ()
    """The sentences before it."""


class Translator(ABC):
    """An engine that translates."""

    capability: TranslateCapability

    @abstractmethod
    def pairs(self) -> Mapping[tuple[str, str], Quality] | None:
        """Source and target, BCP 47, that work here and now, with their quality; None for all of them.

        Loads no model. Raises nothing: an engine whose files are missing has no pairs.
        """

    @abstractmethod
    def translate(self, passages: Sequence[Passage], source: str, target: str, count: int = 1) -> list[tuple[str, ...]]:
        """Translate sentences, each on its own.

        Args:
            source: BCP 47.
            target: BCP 47.
            count: how many translations of each are wanted, of different lengths, where the engine has candidates.
        Returns: one tuple for each passage, best first, never empty.
        Raises: LanguageUnknown: not this pair. ProviderError.
        """

    def quality(self, source: str, target: str) -> Quality | None:
        """Of a pair; None when it does not translate it. `pt` serves `pt-BR`."""
        known = self.pairs()
        if known is None:
            return Quality.GOOD
        fitting = [value for (a, b), value in known.items() if _serves(a, source) and _serves(b, target)]
        return fitting[0] if fitting else None

    def check_pair(self, source: str, target: str) -> None:
        """Raise LanguageUnknown, saying what is possible, for a pair that it does not translate."""
        if self.quality(source, target) is not None:
            return
        possible = ", ".join(f"{a} to {b}" for a, b in self.pairs() or ())
        raise LanguageUnknown(
            f"{source} to {target}: the engine {self.capability.name} does not translate this."
            f" It translates {possible or 'nothing here: its files are missing'}."
        )


def _serves(known: str, asked: str) -> bool:
    """Whether one tag is the other without its script or region."""
    left, right = known.lower().split("-"), asked.lower().replace("_", "-").split("-")
    shared = min(len(left), len(right))
    return left[:shared] == right[:shared]
