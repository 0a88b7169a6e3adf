"""Words and lines with times become subtitles that can be read: where to break, and how long to stay."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, pairwise

from lipwright.contracts.media import Cue
from lipwright.contracts.speech import Word
from lipwright.media.text_width import display_width
from lipwright.media.timed_text import AnyLine, Unit, units_of_lines, units_of_words

_LINGER_S = 0.4
_LONG_PAUSE_S = 0.6

# What a break or a blemish costs, against 1 for one more cue.
_COST_SENTENCE_END_INSIDE = 1.2
_COST_PAUSE_INSIDE_PER_S = 2.0
_COST_TOO_FAST = 4.0
_COST_TOO_SHORT_PER_S = 4.0
_COST_ORPHAN = 0.5
_LOST_COLUMNS = 12  # a shorter cue that goes on with a sentence stands there lost
_ORPHAN = 0.25  # of the longer line: what is shorter stands there lost


@dataclass(frozen=True, slots=True)
class CueRules:
    """What a subtitle may be. The defaults are those of the BBC and Netflix style guides where they agree."""

    line_characters: int = 42
    """Columns: a Chinese, Japanese or Korean character takes two."""
    lines: int = 2
    characters_per_s: float = 17.0
    """In columns; reading speed that is kept wherever the speech itself is not faster."""
    shortest_s: float = 1.0
    """Kept wherever the next cue leaves the time."""
    longest_s: float = 7.0
    fps: Fraction = Fraction(25)
    gap_frames: int = 2
    """Between two cues, so that the eye sees the change."""

    @property
    def gap_s(self) -> float:
        """The gap in seconds."""
        return float(self.gap_frames / self.fps)


def cues_from_words(words: Sequence[Word], duration_s: float, rules: CueRules | None = None) -> list[Cue]:
    """Group words into cues, breaking at the ends of sentences and clauses where the rules allow.

    Lines, order, the longest time and not overlapping are never violated; reading speed and the shortest time give way
    to speech that is faster. Words without letters, and what lies after `duration_s`, are left out.

    Args:
        words: in order, not overlapping.
        duration_s: of the video.
    Returns: cues in order, inside the duration; a cue starts with its first word and stays until it was read.
    """
    limits = rules or CueRules()
    return _cues(units_of_words(words, duration_s, limits.line_characters), duration_s, limits)


def cues_from_lines(lines: Sequence[AnyLine], duration_s: float, rules: CueRules | None = None) -> list[Cue]:
    """Cut lines into cues, each of one speaker, by the same rules.

    Words with their times are used where they say what the line says; else its text takes its time evenly. A line that
    failed to be spoken is shown in its slot; one without text is not shown. Lines that start after `duration_s` are
    left out, and of two that are said at once the second is shown after the first.
    """
    limits = rules or CueRules()
    return _cues(units_of_lines(lines, duration_s, limits.line_characters), duration_s, limits)


def _cues(units: Sequence[Unit], duration_s: float, rules: CueRules) -> list[Cue]:
    text = _Text(units, rules)
    cues = []
    first = 0
    for last in _best_breaks(text, duration_s):
        start_s = units[first].start_s
        end_s = min(text.latest_end_s(first, last, duration_s), text.wished_end_s(first, last))
        cues.append(Cue(text="\n".join(text.lines(first, last, rules.lines)), start_s=start_s, end_s=end_s))
        first = last + 1
    return cues


def _best_breaks(text: "_Text", duration_s: float) -> list[int]:
    """Give the index of the last unit of each cue, for the least total cost (dynamic programming over the units)."""
    count = len(text.units)
    best = [0.0] + [float("inf")] * count
    came_from = [0] * (count + 1)
    for first in range(count):
        for last in range(first, count):
            if last > first and not text.fits(first, last):
                break
            cost = best[first] + text.cost(first, last, duration_s)
            if cost < best[last + 1]:
                best[last + 1], came_from[last + 1] = cost, first
            if text.units[last].stops:
                break
    breaks = []
    end = count
    while end:
        breaks.append(end - 1)
        end = came_from[end]
    return breaks[::-1]


class _Text:
    """Units with their running sums, so that a stretch of them is judged without reading it again."""

    def __init__(self, units: Sequence[Unit], rules: CueRules) -> None:
        self.units = units
        self.rules = rules
        steps = [unit.spaced + display_width(unit.text) for unit in units]
        self._ends = list(accumulate(steps, initial=0))
        inside = [_inside_cost(before, after) for before, after in pairwise(units)]
        self._inside = list(accumulate(inside, initial=0.0))

    def width(self, first: int, last: int) -> int:
        """Of a stretch on one line."""
        return self._ends[last + 1] - self._ends[first] - self.units[first].spaced

    def fits(self, first: int, last: int) -> bool:
        """Whether a stretch is short enough, and has room on the lines of a cue."""
        if self.units[last].end_s - self.units[first].start_s > self.rules.longest_s:
            return False
        for _ in range(self.rules.lines):
            room = self._ends[first] + self.units[first].spaced + self.rules.line_characters
            first = bisect_right(self._ends, room) - 1
            if first > last:
                return True
        return False

    def cost(self, first: int, last: int, duration_s: float) -> float:
        """Of making a stretch one cue."""
        cost = 1.0 + self._inside[last] - self._inside[first]
        if last + 1 < len(self.units):
            cost += self.units[last].break_cost
        width = self.width(first, last)
        if first and width < _LOST_COLUMNS and _pause_s(self.units[first - 1], self.units[first]) <= _LONG_PAUSE_S:
            cost += self.units[first - 1].break_cost
        time_s = max(self.latest_end_s(first, last, duration_s) - self.units[first].start_s, 1e-3)
        speed = width / time_s
        cost += _COST_TOO_FAST * max(0.0, speed / self.rules.characters_per_s - 1)
        return cost + _COST_TOO_SHORT_PER_S * max(0.0, self.rules.shortest_s - time_s)

    def latest_end_s(self, first: int, last: int, duration_s: float) -> float:
        """Give the latest time at which a cue may end: before the next one, not after the video, and not too long."""
        start_s = self.units[first].start_s
        latest_s = min(duration_s, start_s + self.rules.longest_s)
        if last + 1 < len(self.units):
            next_s = self.units[last + 1].start_s
            latest_s = min(latest_s, max(next_s - self.rules.gap_s, (start_s + next_s) / 2))
        return latest_s

    def wished_end_s(self, first: int, last: int) -> float:
        """Give the time until which a cue should stay: it was said, and could be read."""
        start_s = self.units[first].start_s
        return max(
            self.units[last].end_s + _LINGER_S,
            start_s + self.rules.shortest_s,
            start_s + self.width(first, last) / self.rules.characters_per_s,
        )

    def lines(self, first: int, last: int, most: int) -> list[str]:
        """Lay a stretch on as few lines as it needs; empty when it needs more than `most`.

        Of two lines the better break follows punctuation, the lines are of like length, and the lower one is the
        longer.
        """
        if self.width(first, last) <= self.rules.line_characters:
            return [self._text(first, last)]
        best: tuple[float, list[str]] | None = None
        for split in range(first, last):
            upper = self.width(first, split)
            if most == 1 or upper > self.rules.line_characters:
                break
            rest = self.lines(split + 1, last, most - 1)
            if not rest:
                continue
            lower = display_width(rest[0])
            uneven = abs(upper - lower) + (2 if upper > lower else 0)
            cost = uneven / self.rules.line_characters + self.units[split].break_cost / 2
            if min(upper, lower) < _ORPHAN * max(upper, lower):
                cost += _COST_ORPHAN
            if best is None or cost < best[0]:
                best = cost, [self._text(first, split), *rest]
        return [] if best is None else best[1]

    def _text(self, first: int, last: int) -> str:
        rest = "".join(" " * unit.spaced + unit.text for unit in self.units[first + 1 : last + 1])
        return self.units[first].text + rest


def _inside_cost(before: Unit, after: Unit) -> float:
    """What it costs to show two units in one cue."""
    pause_s = _pause_s(before, after)
    cost = _COST_PAUSE_INSIDE_PER_S * pause_s if pause_s > _LONG_PAUSE_S else 0.0
    return cost + (_COST_SENTENCE_END_INSIDE if before.break_cost == 0.0 else 0.0)


def _pause_s(before: Unit, after: Unit) -> float:
    return after.start_s - before.end_s
