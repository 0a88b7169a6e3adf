"""Words with times become subtitles that can be read: where to break, and how long to stay."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from lipwright.contracts.media import Cue
from lipwright.contracts.speech import Word

_SENTENCE_ENDS = ".!?…。！？؟"
_CLAUSE_ENDS = ",;:—–、，；：،"
_CLOSING = "\"'”’»)]」』"
_LINGER_S = 0.4
_LONG_PAUSE_S = 0.6
_OPENING = "\"'“‘«(¿¡"
_TITLES = frozenset("Dr. Mr. Mrs. Ms. Prof. St. Sr. Sra. Dra. M. Mme. Sig. Dott.".split())
_SHORT_WORD_CHARACTERS = 3
_FIRST_CJK, _LAST_CJK = "\u3000", "\u9fff"

# What a break or a blemish costs, against 1 for one more cue.
_COST_INSIDE_CLAUSE = 2.0
_COST_AFTER_SHORT_WORD = 0.5
_COST_AFTER_CLAUSE = 0.5
_COST_SENTENCE_END_INSIDE = 1.2
_COST_PAUSE_INSIDE_PER_S = 2.0
_COST_TOO_FAST = 4.0
_COST_TOO_SHORT_PER_S = 4.0


@dataclass(frozen=True, slots=True)
class CueRules:
    """What a subtitle may be. The defaults are those of the BBC and Netflix style guides where they agree."""

    line_characters: int = 42
    lines: int = 2
    characters_per_s: float = 17.0
    """Reading speed that is kept wherever the speech itself is not faster."""
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
    spoken = [
        piece
        for word in words
        if word.text.strip() and word.start_s < duration_s
        for piece in _pieces(Word(word.text.strip(), word.start_s, min(word.end_s, duration_s)), limits.line_characters)
    ]
    cues = []
    first = 0
    for last in _best_breaks(spoken, duration_s, limits):
        group = spoken[first : last + 1]
        end_s = min(_latest_end_s(spoken, first, last, duration_s, limits), _wished_end_s(group, limits))
        text = "\n".join(_lines([word.text for word in group], limits) or [_joined([word.text for word in group])])
        cues.append(Cue(text=text, start_s=group[0].start_s, end_s=end_s))
        first = last + 1
    return cues


def _pieces(word: Word, line_characters: int) -> list[Word]:
    """Cut what is longer than a line, such as a web address; the pieces share its time evenly."""
    parts = [word.text[at : at + line_characters] for at in range(0, len(word.text), line_characters)]
    step_s = (word.end_s - word.start_s) / len(parts)
    return [
        Word(part, word.start_s + index * step_s, word.start_s + (index + 1) * step_s)
        for index, part in enumerate(parts)
    ]


def _best_breaks(words: Sequence[Word], duration_s: float, rules: CueRules) -> list[int]:
    """Give the index of the last word of each cue, for the least total cost (dynamic programming over the words)."""
    best = [0.0] + [float("inf")] * len(words)
    came_from = [0] * (len(words) + 1)
    for first in range(len(words)):
        for last in range(first, len(words)):
            if last > first and not _fits(words, first, last, rules):
                break
            cost = best[first] + _cost(words, first, last, duration_s, rules)
            if cost < best[last + 1]:
                best[last + 1], came_from[last + 1] = cost, first
    breaks = []
    end = len(words)
    while end:
        breaks.append(end - 1)
        end = came_from[end]
    return breaks[::-1]


def _fits(words: Sequence[Word], first: int, last: int, rules: CueRules) -> bool:
    if words[last].end_s - words[first].start_s > rules.longest_s:
        return False
    return bool(_lines([word.text for word in words[first : last + 1]], rules))


def _cost(words: Sequence[Word], first: int, last: int, duration_s: float, rules: CueRules) -> float:
    cost = 1.0
    group = words[first : last + 1]
    if last + 1 < len(words):
        cost += _break_cost(words[last].text)
    for word, following in pairwise(group):
        pause_s = following.start_s - word.end_s
        if _ends_sentence(word.text):
            cost += _COST_SENTENCE_END_INSIDE
        if pause_s > _LONG_PAUSE_S:
            cost += _COST_PAUSE_INSIDE_PER_S * pause_s
    time_s = max(_latest_end_s(words, first, last, duration_s, rules) - group[0].start_s, 1e-3)
    speed = len(_joined([word.text for word in group])) / time_s
    cost += _COST_TOO_FAST * max(0.0, speed / rules.characters_per_s - 1)
    return cost + _COST_TOO_SHORT_PER_S * max(0.0, rules.shortest_s - time_s)


def _break_cost(text: str) -> float:
    if _ends_sentence(text):
        return 0.0
    if _ends_with(text, _CLAUSE_ENDS):
        return _COST_AFTER_CLAUSE
    return _COST_INSIDE_CLAUSE + (_COST_AFTER_SHORT_WORD if len(text) <= _SHORT_WORD_CHARACTERS else 0.0)


def _latest_end_s(words: Sequence[Word], first: int, last: int, duration_s: float, rules: CueRules) -> float:
    """Give the latest time at which a cue may end: before the next one, not after the video, and not too long."""
    start_s = words[first].start_s
    latest_s = min(duration_s, start_s + rules.longest_s)
    if last + 1 < len(words):
        next_s = words[last + 1].start_s
        latest_s = min(latest_s, max(next_s - rules.gap_s, (start_s + next_s) / 2))
    return latest_s


def _wished_end_s(group: Sequence[Word], rules: CueRules) -> float:
    characters = len(_joined([word.text for word in group]))
    return max(
        group[-1].end_s + _LINGER_S,
        group[0].start_s + rules.shortest_s,
        group[0].start_s + characters / rules.characters_per_s,
    )


def _lines(texts: Sequence[str], rules: CueRules) -> list[str]:
    """Lay words on as few lines as they need; empty when they need too many.

    Of two lines the better break follows punctuation, the lines are of like length, and the lower one is the longer.
    """
    whole = _joined(texts)
    if len(whole) <= rules.line_characters:
        return [whole]
    if rules.lines == 1:
        return []
    best: tuple[float, list[str]] | None = None
    for split in range(1, len(texts)):
        upper = _joined(texts[:split])
        if len(upper) > rules.line_characters:
            break
        rest = _lines(texts[split:], CueRules(line_characters=rules.line_characters, lines=rules.lines - 1))
        if not rest:
            continue
        uneven = abs(len(upper) - len(rest[0])) + (2 if len(upper) > len(rest[0]) else 0)
        cost = uneven / rules.line_characters + _break_cost(texts[split - 1]) / 2
        if best is None or cost < best[0]:
            best = cost, [upper, *rest]
    return [] if best is None else best[1]


def _joined(texts: Sequence[str]) -> str:
    """Put spaces between words, except between two that are written in Chinese or Japanese letters."""
    joined = ""
    for text in texts:
        if joined and not (_is_cjk(joined[-1]) and _is_cjk(text[0])):
            joined += " "
        joined += text
    return joined


def _is_cjk(character: str) -> bool:
    return _FIRST_CJK <= character <= _LAST_CJK or "\uff00" <= character <= "\uffef"


def _ends_sentence(text: str) -> bool:
    """Whether a reader breathes after this word: not after a title or an initial, whose name follows."""
    bare = text.rstrip(_CLOSING)
    is_initial = len(bare) == len("J.") and bare[0].isupper()
    return _ends_with(text, _SENTENCE_ENDS) and not is_initial and bare.lstrip(_OPENING) not in _TITLES


def _ends_with(text: str, marks: str) -> bool:
    return text.rstrip(_CLOSING).endswith(tuple(marks))
