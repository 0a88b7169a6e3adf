"""Two or three engines in a row: a language that none of them translates directly is reached over another one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from lipwright.speech.translate.apertium import Apertium
from lipwright.speech.translate.base import Passage, Quality, TranslateCapability, Translator, serves
from lipwright.speech.translate.bergamot import Bergamot

_LONGEST_PATH: Final = 3
_LOSS: Final = {Quality.GOOD: 0, Quality.FAIR: 1, Quality.GIST: 2}


@dataclass(frozen=True, slots=True)
class _Leg:
    """One engine's way from one language to another."""

    engine: Translator
    source: str
    target: str
    quality: Quality


class Relay(Translator):
    """English to Spanish is Bergamot to Portuguese, then Apertium to Spanish; every other pair likewise.

    The path with the least loss is taken, the shorter one of two that are alike. Losses add up: two fair legs give
    the gist.

    Licence: Apache-2.0, as Lipwright; its engines have their own.
    """

    capability = TranslateCapability(
        name="relay",
        candidates=False,
        keeps_terms=False,
        knows_length=False,
        cost_unit="none",
        needs_gpu=False,
        code_licence="Apache-2.0",
        weights_licence="MPL-2.0 AND GPL-2.0-or-later",
        batch=Apertium.capability.batch,
    )

    def __init__(self, engines: Sequence[Translator] | None = None) -> None:
        """
        Args:
            engines: those that say which pairs they translate; Bergamot and Apertium when None.
        """
        self._engines = tuple(engines) if engines is not None else (Bergamot(), Apertium())

    def pairs(self) -> Mapping[tuple[str, str], Quality]:
        return {ends: _quality(path) for ends, path in self._best_paths().items()}

    def identity(self, source: str, target: str) -> str:
        return ", then ".join(leg.engine.identity(leg.source, leg.target) for leg in self._path(source, target))

    def path(self, source: str, target: str) -> tuple[str, ...]:
        """The languages on the way, both ends included. Raises LanguageUnknown."""
        legs = self._path(source, target)
        return (legs[0].source, *(leg.target for leg in legs))

    def translate(self, passages: Sequence[Passage], source: str, target: str, count: int = 1) -> list[tuple[str, ...]]:
        texts = [passage.text for passage in passages]
        for leg in self._path(source, target):
            answers = leg.engine.translate([Passage(text) for text in texts], leg.source, leg.target)
            texts = [answer[0] for answer in answers]
        return [(text,) for text in texts]

    def _path(self, source: str, target: str) -> tuple[_Leg, ...]:
        self.check_pair(source, target)
        paths = self._best_paths()
        return paths[self.find_pair(source, target) or (source, target)]

    def _best_paths(self) -> dict[tuple[str, str], tuple[_Leg, ...]]:
        best: dict[tuple[str, str], tuple[_Leg, ...]] = {}
        for path in self._paths():
            ends = path[0].source, path[-1].target
            if ends not in best or _cost(path) < _cost(best[ends]):
                best[ends] = path
        return best

    def _paths(self) -> Iterator[tuple[_Leg, ...]]:
        """All ways that pass no language twice."""
        legs = [
            _Leg(engine, source, target, quality)
            for engine in self._engines
            for (source, target), quality in (engine.pairs() or {}).items()
        ]
        paths: list[tuple[_Leg, ...]] = [(leg,) for leg in legs]
        while paths:
            yield from paths
            paths = [
                (*path, leg)
                for path in paths
                for leg in legs
                if len(path) < _LONGEST_PATH and serves(path[-1].target, leg.source) and not _passed(path, leg.target)
            ]


def _passed(path: Sequence[_Leg], language: str) -> bool:
    return any(_primary(language) in (_primary(leg.source), _primary(leg.target)) for leg in path)


def _primary(tag: str) -> str:
    return tag.split("-", maxsplit=1)[0]


def _loss(path: Sequence[_Leg]) -> int:
    return sum(_LOSS[leg.quality] for leg in path)


def _cost(path: Sequence[_Leg]) -> tuple[int, int]:
    return _loss(path), len(path)


def _quality(path: Sequence[_Leg]) -> Quality:
    worst = min(_loss(path), max(_LOSS.values()))
    return next(quality for quality, loss in _LOSS.items() if loss == worst)
