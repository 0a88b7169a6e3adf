"""What every engine that translates promises, and what it says of itself."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from lipwright import __version__
from lipwright.errors import LanguageUnknown

_MOST_SHOWN: Final = 60
_FEW_SHOWN: Final = 8


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
    uses_context: bool = False
    """Whether the sentences before a passage change its translation."""
    batch: int = 1
    """How many passages are best given in one call."""


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

    def identity(self, source: str, target: str) -> str:
        """What a translation depends on besides the passage: the engine, its model, its version. A key of the store."""
        return f"{self.capability.name} in {__version__}"

    def find_pair(self, source: str, target: str) -> tuple[str, str] | None:
        """The engine's own tags for a pair, those that name the same region first. None when it does not translate it.

        `pt` serves `pt-BR`. An engine that has no list of pairs takes them as they are.
        """
        known = self.pairs()
        if known is None:
            return source, target
        fitting = [pair for pair in known if serves(pair[0], source) and serves(pair[1], target)]
        asked = (source.lower(), target.lower())
        return min(fitting, key=lambda pair: _strangeness(pair, asked)) if fitting else None

    def quality(self, source: str, target: str) -> Quality | None:
        """Of a pair; None when it does not translate it."""
        known, pair = self.pairs(), self.find_pair(source, target)
        if known is None:
            return Quality.GOOD
        return known[pair] if pair is not None else None

    def check_pair(self, source: str, target: str) -> None:
        """Raise LanguageUnknown, saying what is possible, for a pair that it does not translate."""
        if self.find_pair(source, target) is not None:
            return
        possible = describe_pairs(self.pairs() or ()) or "nothing here: its files are missing"
        raise LanguageUnknown(
            f"{source} to {target}: the engine {self.capability.name} does not translate this."
            f" It translates {possible}."
        )


def describe_pairs(pairs: Iterable[tuple[str, str]]) -> str:
    """Pairs for a message: `en to es, pt-BR; pt to en`. Many of them are only counted. Empty for none."""
    targets: dict[str, list[str]] = {}
    for source, target in sorted(set(pairs)):
        targets.setdefault(source, []).append(target)
    if sum(map(len, targets.values())) > _MOST_SHOWN:
        return f"{len(targets)} languages, such as {', '.join(list(targets)[:_FEW_SHOWN])}"
    return "; ".join(f"{source} to {', '.join(found)}" for source, found in targets.items())


def serves(known: str, asked: str) -> bool:
    """Whether one tag is the other without its script or region."""
    left, right = known.lower().split("-"), asked.lower().replace("_", "-").split("-")
    shared = min(len(left), len(right))
    return left[:shared] == right[:shared]


def _strangeness(pair: tuple[str, str], asked: tuple[str, str]) -> int:
    """How many of two tags are others than those that were asked for."""
    return sum(own.lower() != wanted for own, wanted in zip(pair, asked, strict=True))
