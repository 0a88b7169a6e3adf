"""A transcript cut into lines: a sentence that one person says, or the parts of one between its long pauses.

A line is translated whole and spoken in one go, and begins where its words begin in the source: short lines keep a dub
from drifting, whole sentences keep it intelligible.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Final

from lipwright.contracts.dub import Line
from lipwright.contracts.speech import Transcript, Word
from lipwright.speech.script import split_sentences
from lipwright.speech.speakers.base import Diarisation

PAUSE_S: Final = 0.8
"""A pause inside a sentence that ends a line: a listener hears it, and the mouth rests."""
LONGEST_S: Final = 12.0
SHORTEST_S: Final = 0.7
"""What is shorter is no line, where it can be joined to a neighbour: a voice cannot fit anything into its slot."""
_JOINED_PAUSE_S: Final = 1.6
"""A part of a sentence is not joined over a longer pause."""
_JOINED_SENTENCE_PAUSE_S: Final = 0.3
"""A whole sentence is not joined over a longer one."""
_UNMARKED_END_S: Final = 0.3
"""A pause this long between two utterances, before a capital letter, ends a sentence that has no mark at its end."""
_NOUNS_HAVE_CAPITALS: Final = frozenset({"de", "lb"})
_CLAUSE_ENDS: Final = ",;:—–、，；：،"
_CLOSING: Final = "\"'”’»)]」』"
_CLAUSE_BONUS_S: Final = 1.0
"""A cut at the end of a clause is worth as much as a pause longer by this."""
_UNEVEN_COST: Final = 0.8
"""Against a pause of a second: what a cut at the very beginning or end costs."""
_FIRST_SPACELESS, _LAST_SPACELESS = "\u3000", "\u9fff"


@dataclass(frozen=True, slots=True)
class _Said:
    """A word, who said it, in which language, and whether an utterance begins with it."""

    word: Word
    speaker: int
    language: str
    begins: bool


def lines_from(transcript: Transcript, diarisation: Diarisation) -> tuple[Line, ...]:
    """Cut a transcript into lines.

    A line ends with its sentence, at a change of speaker or language, at a pause of .8 s, and before it is 12 s long;
    what is shorter than .7 s is joined to a neighbour that is near. Words without text are left out; all others are in
    one line each, in order.

    Args:
        diarisation: of the same transcript.
    Returns: lines in order of time, not overlapping, inside the recording.
    """
    said = tuple(_said(transcript, diarisation))
    parts = [part for turn in _turns(said) for part in _parts(turn)]
    return tuple(
        Line(
            number,
            part[0].word.start_s,
            part[-1].word.end_s,
            part[0].speaker,
            joined([one.word.text for one in part]),
            part[0].language,
            tuple(one.word for one in part),
        )
        for number, part in enumerate(parts, 1)
    )


def joined(texts: Sequence[str]) -> str:
    """Words as a reader sees them: without spaces between Chinese or Japanese letters."""
    text = ""
    for word in texts:
        bare = word.strip()
        if text and bare and not (_is_spaceless(text[-1]) and _is_spaceless(bare[0])):
            text += " "
        text += bare
    return text


def _said(transcript: Transcript, diarisation: Diarisation) -> Iterator[_Said]:
    """Words with text, their times inside the recording and in order."""
    heard = ((word, part.language, at == 0) for part in transcript.utterances for at, word in enumerate(part.words))
    clock_s = 0.0
    for (word, language, begins), speaker in zip(heard, diarisation.words, strict=True):
        if word.text.strip():
            start_s = min(max(word.start_s, clock_s), transcript.duration_s)
            clock_s = min(max(word.end_s, start_s), transcript.duration_s)
            yield _Said(Word(word.text.strip(), start_s, clock_s), speaker, language, begins)


def _turns(said: Sequence[_Said]) -> Iterator[list[_Said]]:
    """Words of one speaker in one language."""
    turn: list[_Said] = []
    for one in said:
        if turn and (one.speaker, one.language) != (turn[-1].speaker, turn[-1].language):
            yield turn
            turn = []
        turn.append(one)
    if turn:
        yield turn


def _sentence_ends(turn: Sequence[_Said]) -> set[int]:
    """Index of the last word of each sentence; the reader of scripts knows abbreviations and numbers."""
    ends: set[int] = set()
    sentences = split_sentences(joined([one.word.text for one in turn]))
    lengths = accumulate(len("".join(sentence.split())) for sentence in sentences)
    letters, goal = 0, next(lengths, 0)
    for at, one in enumerate(turn):
        letters += len("".join(one.word.text.split()))
        following = turn[at + 1] if at + 1 < len(turn) else None
        if letters >= goal or following is None or _unmarked_end(one, following):
            ends.add(at)
            while goal <= letters and (longer := next(lengths, None)) is not None:
                goal = longer
    return ends


def _unmarked_end(one: _Said, following: _Said) -> bool:
    return (
        following.begins
        and following.word.start_s - one.word.end_s >= _UNMARKED_END_S
        and following.word.text[0].isupper()
        and following.language.split("-", maxsplit=1)[0] not in _NOUNS_HAVE_CAPITALS
        and not one.word.text.rstrip(_CLOSING).endswith(tuple(_CLAUSE_ENDS))
    )


def _parts(turn: Sequence[_Said]) -> Iterator[list[_Said]]:
    """A turn cut at the ends of sentences, at long pauses, and where a part would be too long."""
    ends = _sentence_ends(turn)
    parts: list[list[_Said]] = [[turn[0]]]
    whole = [False]
    for at, (before, after) in enumerate(pairwise(turn)):
        if at in ends or after.word.start_s - before.word.end_s >= PAUSE_S:
            parts.append([])
            whole[-1] = at in ends
            whole.append(False)
        parts[-1].append(after)
    at = 0
    while at < len(parts):
        first = _nearer(parts, whole, at) if _length_s(parts[at]) < SHORTEST_S else None
        if first is None:
            at += 1
        else:
            parts[first : first + 2] = [parts[first] + parts[first + 1]]
            del whole[first]
            at = first
    for part in parts:
        yield from _short_enough(part)


def _nearer(parts: Sequence[list[_Said]], whole: Sequence[bool], at: int) -> int | None:
    """The first of the two parts to be joined; None where the pauses are too long, or the line would be.

    Args:
        whole: whether a sentence ends with each part.
    """
    gaps = []
    for first in (at - 1, at):
        if first >= 0 and first + 1 < len(parts):
            pause_s = parts[first + 1][0].word.start_s - parts[first][-1].word.end_s
            length_s = parts[first + 1][-1].word.end_s - parts[first][0].word.start_s
            limit_s = _JOINED_SENTENCE_PAUSE_S if whole[first] else _JOINED_PAUSE_S
            if pause_s <= limit_s and length_s <= LONGEST_S:
                gaps.append((whole[first], pause_s, first))
    return min(gaps)[2] if gaps else None


def _short_enough(part: list[_Said]) -> Iterator[list[_Said]]:
    """Cut what is too long at the best place in its middle: the end of a clause, or a pause."""
    if _length_s(part) <= LONGEST_S or len(part) == 1:
        yield part
        return
    start_s, whole_s = part[0].word.start_s, _length_s(part)

    def worth(at: int) -> float:
        before, after = part[at - 1].word, part[at].word
        clause = before.text.rstrip(_CLOSING).endswith(tuple(_CLAUSE_ENDS))
        from_middle = abs((before.end_s + after.start_s) / 2 - start_s - whole_s / 2) / (whole_s / 2)
        return (after.start_s - before.end_s) + _CLAUSE_BONUS_S * clause - _UNEVEN_COST * from_middle**2 * 2

    cut = max(range(1, len(part)), key=worth)
    yield from _short_enough(part[:cut])
    yield from _short_enough(part[cut:])


def _length_s(part: Sequence[_Said]) -> float:
    return part[-1].word.end_s - part[0].word.start_s


def _is_spaceless(character: str) -> bool:
    return _FIRST_SPACELESS <= character <= _LAST_SPACELESS or "\uff00" <= character <= "\uffef"
