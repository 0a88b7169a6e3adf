"""Finds words that are known, in order, in the sound of somebody saying them; pocketsphinx does the hearing."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lipwright.errors import ProviderUnavailable
from lipwright.speech.aligned_words import SoughtWord

SAMPLE_RATE_HZ: Final = 16_000
_FRAMES_HZ: Final = 100
_EDGE_FRAMES: Final = 30
"""Silence before and behind what is heard: the decoder takes the first moments of sound for silence."""
_DITHER: Final = 3.0
"""Noise in steps of 16 bits: digital silence stops the decoder."""
_LEVEL, _MOST_GAIN = 0.07, 30.0
_SKIPS, _SKIPS_MOST = 1e-20, 4
"""The chance that a word is not said, and how many in a row are tried."""
_BEGINS_LATER: Final = 1e-12
"""The chance that what is said begins with a certain later word, where that is tried."""
_VARIANT: Final = re.compile(r"\(\d+\)$")
_GARBAGE: Final = ("[SPEECH]", "[NOISE]")
_Arc = tuple[int, int, float] | tuple[int, int, float, str]
"""From a state to a state, its chance, and the word that is said on the way, if any."""


@dataclass(frozen=True, slots=True)
class HeardPhone:
    """One phone in ARPAbet; seconds from the start of what was heard."""

    name: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class HeardWord:
    """A word that was found."""

    index: int
    """Among the words that were sought."""
    phones: tuple[HeardPhone, ...]
    likeness: float
    """How much it sounds like its phones: mean score of a frame, 0 at best; around -15 where it is said,
    around -50 where it is not."""

    @property
    def start_s(self) -> float:
        return self.phones[0].start_s

    @property
    def end_s(self) -> float:
        return self.phones[-1].end_s


@dataclass(frozen=True, slots=True)
class Heard:
    """What was found in a stretch of sound."""

    words: tuple[HeardWord, ...]
    """In order; some of those sought may be missing between and behind them."""
    other: tuple[tuple[float, float], ...]
    """Start and end of what sounds like speech but is none of the words, in seconds."""


class Follower:
    """Knows English phones and a dictionary; learns the words that it lacks.

    Engine: pocketsphinx 5, BSD-2-Clause, with its American English acoustic model and the CMU dictionary (BSD).
    """

    def __init__(self) -> None:
        """Raises: ProviderUnavailable: the package is missing."""
        try:
            from pocketsphinx import Decoder
        except ModuleNotFoundError as exc:
            raise ProviderUnavailable(
                "pocketsphinx is missing, which finds the words of a transcript in the sound."
                " Install it: pip install pocketsphinx"
            ) from exc
        wide = {"beam": 1e-100, "wbeam": 1e-80, "pbeam": 1e-100, "bestpath": False}
        self._decoder: Any = Decoder(lm=None, loglevel="FATAL", samprate=SAMPLE_RATE_HZ, cmn="batch", lw=1.0, **wide)
        self._learnt: dict[str, set[tuple[str, ...]]] = {}
        self._grammar, self._grammars = "", 0

    def knows(self, name: str) -> bool:
        """Whether the dictionary has a word."""
        return self._decoder.lookup_word(name) is not None

    def follow(self, sound: NDArray[np.float32], words: Sequence[SoughtWord], *, anywhere: bool = False) -> Heard:
        """Find as many of the words, from the first one on, as are said.

        Args:
            sound: mono at SAMPLE_RATE_HZ, (n,).
            words: in the order in which they would be said; more than fit is no matter.
            anywhere: whether any word may be the first one.
        """
        self._learn(words)
        samples = _prepared(sound)
        spoken = self._spoken(samples, [word.name for word in words], anywhere=anywhere)
        if not spoken:
            return Heard((), ((0.0, len(sound) / SAMPLE_RATE_HZ),))
        aligned = self._aligned(samples, [words[index].name for index in spoken])
        found: list[HeardWord] = []
        other: list[tuple[float, float]] = []
        left = iter(spoken)
        for name, phones, likeness in aligned:
            if name in _GARBAGE:
                other.append((phones[0].start_s, phones[-1].end_s))
            elif name[0] not in "<(":
                found.append(HeardWord(next(left), phones, likeness))
        return Heard(tuple(found), tuple(other))

    def _learn(self, words: Sequence[SoughtWord]) -> None:
        for word in words:
            known = self._learnt.get(word.name)
            if known is None:
                known = self._learnt[word.name] = self._pronunciations(word.name)
            if word.phones and word.phones not in known:
                variant = f"{word.name}({len(known) + 1})" if known else word.name
                self._decoder.add_word(variant, " ".join(word.phones), False)
                known.add(word.phones)

    def _pronunciations(self, name: str) -> set[tuple[str, ...]]:
        known: set[tuple[str, ...]] = set()
        phones = self._decoder.lookup_word(name)
        while phones is not None:
            known.add(tuple(phones.split()))
            phones = self._decoder.lookup_word(f"{name}({len(known) + 1})")
        return known

    def _spoken(self, samples: bytes, names: list[str], *, anywhere: bool) -> list[int]:
        """Which of the words are said: the best way along their chain, which may leave some out and end early."""
        count = len(names)
        end = count + 1
        arcs: list[_Arc] = [(count, end, 1.0)]
        for place, name in enumerate(names):
            arcs += [(place, place + 1, 1.0, name), (place, end, 1.0)]
            # One arc for each length: arcs without a word are not followed one after the other.
            arcs += [(place, later, _SKIPS) for later in range(place + 1, min(place + _SKIPS_MOST, count))]
        if anywhere:
            arcs += [(0, later, _BEGINS_LATER) for later in range(_SKIPS_MOST + 1, count)]
        self._decode(samples, end, arcs)
        if self._decoder.hyp() is None:
            return []
        said = [_VARIANT.sub("", segment.word) for segment in self._decoder.seg() if segment.word[0] not in "<(["]
        return _places(said, names)

    def _aligned(self, samples: bytes, names: list[str]) -> list[tuple[str, tuple[HeardPhone, ...], float]]:
        """Words, silences and what is neither, each with its phones and its likeness."""
        self._decode(samples, len(names), [(place, place + 1, 1.0, name) for place, name in enumerate(names)])
        if self._decoder.hyp() is None:
            return []
        self._decoder.set_alignment()
        self._hear(samples)
        return [
            (word.name, tuple(map(_heard_phone, word)), word.score / word.duration)
            for word in self._decoder.get_alignment()
        ]

    def _decode(self, samples: bytes, end: int, arcs: Sequence[_Arc]) -> None:
        """Find the best way from state 0 to the end."""
        before, self._grammar = self._grammar, f"grammar {self._grammars}"
        self._grammars += 1
        self._decoder.add_fsg(self._grammar, self._decoder.create_fsg(self._grammar, 0, end, arcs))
        self._decoder.activate_search(self._grammar)
        if before:  # a search that is replaced under its name while it is active would be freed in use
            self._decoder.remove_search(before)
        self._hear(samples)

    def _hear(self, samples: bytes) -> None:
        self._decoder.start_utt()
        self._decoder.process_raw(samples, full_utt=True)
        self._decoder.end_utt()


def _prepared(sound: NDArray[np.float32]) -> bytes:
    """16-bit samples at a usual level, silence at both ends, a little noise."""
    loudest = float(np.sqrt(np.mean(np.square(sound, dtype=np.float64)))) if len(sound) else 0.0
    edge = np.zeros(_EDGE_FRAMES * SAMPLE_RATE_HZ // _FRAMES_HZ)
    padded = np.concatenate([edge, sound * min(_LEVEL / max(loudest, 1e-9), _MOST_GAIN), edge])
    noise = np.random.default_rng(0).normal(0.0, _DITHER, len(padded))
    samples: bytes = (np.clip(padded, -1.0, 1.0) * 32_700 + noise).astype("<i2").tobytes()
    return samples


def _heard_phone(entry: Any) -> HeardPhone:
    first = entry.start - _EDGE_FRAMES
    return HeardPhone(entry.name, first / _FRAMES_HZ, (first + entry.duration) / _FRAMES_HZ)


def _places(said: Sequence[str], names: Sequence[str]) -> list[int]:
    """Where the said words stand among all words: in order, with as few breaks and as little left out as possible."""
    count = len(names)
    best = np.full(count + 1, np.inf)
    best[0] = 0.0
    steps: list[NDArray[np.intp]] = []
    places = np.arange(count)
    for word in said:
        # From "the next word would be k" to "this word is at j": nothing for k = j, else a break.
        reach = best[:count] - places * 1e-3
        running = np.minimum.accumulate(reach)
        source = np.maximum.accumulate(np.where(reach == running, places, 0))
        jump = running + places * 1e-3 + 1.0
        straight = best[:count] <= jump
        matches = np.array([name == word for name in names])
        arrived = np.where(matches, np.where(straight, best[:count], jump), np.inf)
        steps.append(np.where(straight, places, source))
        best = np.concatenate([[np.inf], arrived])
    found: list[int] = []
    following = int(np.argmin(best))
    for step in reversed(steps):
        found.append(following - 1)
        following = int(step[following - 1])
    return found[::-1]
