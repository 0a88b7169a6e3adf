"""Which of several translations is said: the first that the time allows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lipwright.contracts.dub import Line
from lipwright.speech.isochrony import Rules, Slot, find_rooms
from lipwright.speech.translate.cuts import joined
from lipwright.speech.translate.recut import recut
from lipwright.speech.translate.sentences import Sentence
from lipwright.speech.translate.shorter import by_length, compact
from lipwright.speech.translate.spoken_length import spoken_length_s

_SURE: Final = 0.85
"""A prediction is wrong by 4 to 8 % on average: what takes less of its time than this surely fits."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is said of a sentence in each of its lines."""

    parts: tuple[str, ...]
    shorter: tuple[tuple[str, ...], ...]
    """For each part what may be said in its place, longest first. A part of a sentence that goes over several lines is
    only made more compact: another translation would not go on where the line before it ends."""


def rooms_of(lines: Sequence[Line], duration_s: float) -> list[float]:
    """Seconds that each line may take, with the silence behind it."""
    slots = [Slot(line.number, line.start_s, line.end_s, line.speaker) for line in lines]
    return [room.end_s - room.start_s for room in find_rooms(slots, duration_s, Rules())]


def budgets_of(sentences: Sequence[Sentence], rooms_s: Sequence[float]) -> list[tuple[float, ...]]:
    """Seconds for each part of each sentence: the sentences of one line share its room."""
    said: dict[int, float] = {}
    for sentence in sentences:
        for place, share in zip(sentence.lines, sentence.shares, strict=True):
            said[place] = said.get(place, 0.0) + share
    return [
        tuple(
            rooms_s[place] * share / said[place] for place, share in zip(sentence.lines, sentence.shares, strict=True)
        )
        for sentence in sentences
    ]


def is_tight(text: str, budget_s: Sequence[float], language: str, pace: float) -> bool:
    """Whether a shorter translation may be wanted."""
    return spoken_length_s(text, language, pace) > _SURE * sum(budget_s)


def choose(texts: Sequence[str], sentence: Sentence, budget_s: Sequence[float], language: str, pace: float) -> Chosen:
    """Take the first translation that can be said in time, at most 1.2 times as fast as the voice speaks by itself.

    Args:
        texts: translations of one sentence, the best first.
        budget_s: for each of its lines.
        pace: of the voice.
    Returns: the shortest translation, where none can.
    """
    options = (texts[0], *by_length(texts[0], [*texts[1:], *(compact(text, language) for text in texts)]))
    cut = [recut(option, sentence.shares) for option in options]
    fitting = (i for i, parts in enumerate(cut) if _fits(parts, budget_s, language, pace))
    chosen = next(fitting, min(range(len(options)), key=lambda i: len(options[i])))
    if len(sentence.lines) == 1:
        return Chosen(cut[chosen], (by_length(options[chosen], options),))
    shorter = tuple(by_length(part, [compact(part, language)]) for part in cut[chosen])
    return Chosen(cut[chosen], shorter)


def lines_said(parts: Sequence[str], shorter: Sequence[Sequence[str]]) -> tuple[str, tuple[str, ...]]:
    """The text of a line and its alternatives, longest first, from the parts of the sentences that it says."""
    steps = max((len(options) for options in shorter), default=0)
    text = _all_joined(parts)
    others = [
        _all_joined([(part, *options)[min(step, len(options))] for part, options in zip(parts, shorter, strict=True)])
        for step in range(1, steps + 1)
    ]
    return text, by_length(text, others)


def _fits(parts: Sequence[str], budget_s: Sequence[float], language: str, pace: float) -> bool:
    fastest = Rules().fastest
    return all(
        spoken_length_s(part, language, pace) <= fastest * most_s for part, most_s in zip(parts, budget_s, strict=True)
    )


def _all_joined(parts: Sequence[str]) -> str:
    text = ""
    for part in parts:
        text = joined(text, part)
    return text
