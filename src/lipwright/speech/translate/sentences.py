"""Lines are joined to the sentences that go over them, and a sentence knows how much of it each line says."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lipwright.contracts.dub import Line
from lipwright.speech.script import split_sentences
from lipwright.speech.translate.cuts import joined
from lipwright.speech.translate.plain import is_noise, needs_no_engine, plain

LONGEST_PAUSE_S: Final = 2.0
"""A longer silence ends a sentence, whatever is written."""
LONGEST_CHARACTERS: Final = 320
"""A sentence that nobody has ended is ended behind so many."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, and its share in the lines that say it."""

    text: str
    lines: tuple[int, ...]
    """Their places in the sequence, in order."""
    shares: tuple[float, ...]
    """How many characters of the sentence each of them says; positive."""


def sentences_of(lines: Sequence[Line]) -> list[Sentence]:
    """The sentences of all lines, in order. Empty lines, and lines that describe a sound, have none."""
    return [sentence for chain in _chains(lines) for sentence in _cut(chain, lines)]


def _chains(lines: Sequence[Line]) -> list[list[int]]:
    """Places of lines that belong together."""
    chains: list[list[int]] = []
    for place, line in enumerate(lines):
        text = plain(line.text)
        if not text or is_noise(text):
            continue
        if chains and chains[-1][-1] == place - 1 and _goes_on(lines, chains[-1], line):
            chains[-1].append(place)
        else:
            chains.append([place])
    return chains


def _goes_on(lines: Sequence[Line], chain: Sequence[int], line: Line) -> bool:
    last = lines[chain[-1]]
    if (last.speaker, last.language) != (line.speaker, line.language) or line.start_s - last.end_s > LONGEST_PAUSE_S:
        return False
    before, after = plain(last.text), plain(line.text)
    if needs_no_engine(before) or needs_no_engine(after):
        return False
    if sum(len(plain(lines[place].text)) + 1 for place in chain) + len(after) > LONGEST_CHARACTERS:
        return False
    apart = len(split_sentences(before)) + len(split_sentences(after))
    return len(split_sentences(joined(before, after))) < apart


def _cut(chain: Sequence[int], lines: Sequence[Line]) -> list[Sentence]:
    text, edges = "", list[int]()
    for place in chain:
        text = joined(text, plain(lines[place].text))
        edges.append(len(text))
    found = []
    start = 0
    for sentence in split_sentences(text):
        start = text.index(sentence, start)
        end = start + len(sentence)
        said = [
            (place, min(end, edge) - max(start, begin))
            for place, begin, edge in zip(chain, [0, *edges[:-1]], edges, strict=True)
            if min(end, edge) - max(start, begin) > 1 or (begin <= start and end <= edge)
        ]
        found.append(Sentence(sentence, tuple(place for place, _ in said), tuple(float(size) for _, size in said)))
        start = end
    return found
