"""Text of which each unit has its time: from words that were heard, or laid over the time of a line."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from lipwright.contracts.dub import Fit, Line, SpokenLine, TargetLine
from lipwright.contracts.speech import Word
from lipwright.media.breaks import break_cost, joined, unit_spans
from lipwright.media.text_width import display_width

AnyLine = Line | TargetLine | SpokenLine

_SLOWEST_WORD_S = 1.5
_SLOWEST_CHARACTER_S = 0.2
"""No word is spoken more slowly: recognisers draw the last one before a pause out into the silence."""

_MOMENT_S = 0.001  # as exact as subtitle files are


@dataclass(frozen=True, slots=True)
class Unit:
    """What stays together on a line, such as a word."""

    text: str
    start_s: float
    end_s: float
    spaced: bool = False
    """Whether a space stands before it."""
    break_cost: float = 0.0
    """What it costs to end a line or a cue behind it."""
    stops: bool = False
    """Whether somebody else speaks next, so that a cue has to end."""


def units_of_words(words: Sequence[Word], duration_s: float, widest: int) -> list[Unit]:
    """Give the units of words; those without letters, and what lies after `duration_s`, are left out."""
    spoken = [
        Word(word.text.strip(), word.start_s, min(word.end_s, duration_s, _plausible_end_s(word)))
        for word in words
        if word.text.strip() and word.start_s < duration_s
    ]
    return _spread(_units(joined([word.text for word in spoken]), spoken, widest), duration_s)


def units_of_lines(lines: Sequence[AnyLine], duration_s: float, widest: int) -> list[Unit]:
    """Give the units of lines, which may overlap; a line that starts after `duration_s` is left out."""
    parts = [_Part.of(line) for line in lines if line.text.strip()]
    parts = sorted((part for part in parts if part.start_s < duration_s), key=lambda part: part.start_s)
    parts = _apart([replace(part, end_s=min(max(part.end_s, part.start_s), duration_s)) for part in parts])
    units: list[Unit] = []
    for index, part in enumerate(parts):
        own = _units(part.text, part.times(), widest)
        if not own:
            continue
        if units:
            spaced = " " in joined([units[-1].text[-1], own[0].text[0]])
            own = [replace(own[0], spaced=spaced), *own[1:]]
        stops = index + 1 < len(parts) and parts[index + 1].speaker != part.speaker
        units += [*own[:-1], replace(own[-1], stops=stops)]
    return _spread(units, duration_s)


def _plausible_end_s(word: Word) -> float:
    return word.start_s + _SLOWEST_WORD_S + _SLOWEST_CHARACTER_S * len(word.text)


@dataclass(frozen=True, slots=True)
class _Part:
    text: str
    start_s: float
    end_s: float
    speaker: int
    words: tuple[Word, ...]

    @classmethod
    def of(cls, line: AnyLine) -> "_Part":
        start_s, end_s = line.start_s, line.end_s
        if isinstance(line, SpokenLine) and line.fit is Fit.FAILED:
            start_s, end_s = line.slot_start_s, line.slot_end_s
        words = () if isinstance(line, TargetLine) else line.words
        return cls(" ".join(line.text.split("\n")).strip(), max(start_s, 0.0), end_s, line.speaker, words)

    def times(self) -> list[Word]:
        """The words if they say the text inside its time, else the text as one word that takes all of it."""
        said = [word for word in self.words if word.text.strip()]
        inside = all(self.start_s <= word.start_s <= word.end_s <= self.end_s for word in said)
        in_order = all(before.end_s <= after.start_s for before, after in pairwise(said))
        if said and inside and in_order and _letters(self.text) == "".join(_letters(word.text) for word in said):
            return [replace(word, end_s=min(word.end_s, _plausible_end_s(word))) for word in said]
        return [Word(self.text, self.start_s, self.end_s)]


def _letters(text: str) -> str:
    return "".join(text.split())


def _apart(parts: Sequence[_Part]) -> list[_Part]:
    """Where two speak at once, one is read after the other."""
    kept: list[_Part] = []
    for part in parts:
        if kept and kept[-1].end_s > part.start_s:
            before = kept[-1]
            end_s = max(before.end_s, part.end_s)
            share = display_width(before.text) / max(display_width(before.text) + display_width(part.text), 1)
            border_s = before.start_s + share * (end_s - before.start_s)
            border_s = min(max(border_s, part.start_s, before.start_s), before.end_s)
            kept[-1] = replace(before, end_s=border_s)
            kept.append(replace(part, start_s=border_s, end_s=end_s))
        else:
            kept.append(part)
    return kept


def _units(text: str, times: Sequence[Word], widest: int) -> list[Unit]:
    """Cut a text whose letters are those of `times`, in order."""
    starts, ends = _letter_times(text, times)
    spans = unit_spans(text, widest)
    spaced = [bool(index) and spans[index - 1][1] < start for index, (start, _) in enumerate(spans)]
    texts = [text[start:end] for start, end in spans]
    costs = [break_cost(before, after, gap) for before, after, gap in zip(texts, texts[1:], spaced[1:], strict=False)]
    return [
        Unit(unit, starts[start], ends[end - 1], gap, cost)
        for unit, (start, end), gap, cost in zip(texts, spans, spaced, [*costs, 0.0], strict=False)
    ]


def _letter_times(text: str, times: Sequence[Word]) -> tuple[list[float], list[float]]:
    """Start and end of each character; a word's characters share its time by their width."""
    letters = []
    for word in times:
        bare = _letters(word.text)
        whole = max(sum(max(display_width(letter), 0) for letter in bare), 1)
        done = 0
        for letter in bare:
            width = display_width(letter)
            start_s = word.start_s + (word.end_s - word.start_s) * min(done / whole, 1.0)
            done += width
            letters.append((start_s, word.start_s + (word.end_s - word.start_s) * min(done / whole, 1.0)))
    starts, ends = [], []
    following = iter(letters)
    last = times[0].start_s if times else 0.0
    for character in text:
        start_s, end_s = (last, last) if character.isspace() else next(following)
        starts.append(start_s)
        ends.append(end_s)
        last = end_s
    return starts, ends


def _spread(units: list[Unit], duration_s: float) -> list[Unit]:
    """Give units that start at one moment a moment each, before the next one that starts later."""
    spread: list[Unit] = []
    first = 0
    while first < len(units):
        after = first + 1
        while after < len(units) and units[after].start_s <= units[first].start_s + _MOMENT_S:
            after += 1
        start_s = units[first].start_s
        until_s = units[after].start_s if after < len(units) else max(duration_s, units[after - 1].end_s)
        step_s = (until_s - start_s) / (after - first)
        for index in range(first, after):
            unit_start_s = start_s + (index - first) * step_s
            spread.append(replace(units[index], start_s=unit_start_s, end_s=max(units[index].end_s, unit_start_s)))
        first = after
    return spread
