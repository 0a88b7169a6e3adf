"""When a mouth aims at which viseme, and when it rests: phones laid out in time, pauses filled in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lipwright.contracts.speech import Phoneme
from lipwright.motion.visemes import Viseme, VisemeSpan, is_bilabial, is_labiodental, spans_of

PAUSE_RESTS_S: Final = 0.26
"""A pause of this length or more closes the mouth."""
OPENS_BEFORE_S: Final = 0.09
"""The mouth begins to open this long before a phrase sounds; real speakers show it 30 to 80 ms before."""
CLOSES_AFTER_S: Final = 0.17
"""The mouth is shut this long after a phrase; with `OPENS_BEFORE_S` it is no longer than the shortest rest."""
_FAR_S: Final = 1e6


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of time."""

    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class AimedSpan:
    """A viseme span and how strongly its phone is spoken, 0 to 1; 0.5 is usual."""

    span: VisemeSpan
    strength: float


@dataclass(frozen=True, slots=True)
class Timeline:
    """Everything that the mouth does, in order of time."""

    spans: tuple[AimedSpan, ...]
    """Tiles all of time: pauses and the silence before and after are spans too."""
    phrases: tuple[Interval, ...]
    """From the first to the last phone between two rests."""
    closures: tuple[Interval, ...]
    """Phones in which the lips touch; those at the edge of a phrase reach into the rest beside it."""
    tucks: tuple[Interval, ...]
    """Phones in which the lower lip goes under the upper teeth."""


def phrases_of(phonemes: Sequence[Phoneme], pause_s: float = PAUSE_RESTS_S) -> tuple[Interval, ...]:
    """The stretches of speech that pauses of at least `pause_s` part."""
    phrases: list[Interval] = []
    for phoneme in phonemes:
        if phrases and phoneme.start_s - phrases[-1].end_s < pause_s:
            phrases[-1] = Interval(phrases[-1].start_s, max(phrases[-1].end_s, phoneme.end_s))
        else:
            phrases.append(Interval(phoneme.start_s, phoneme.end_s))
    return tuple(phrases)


def timeline_of(phonemes: Sequence[Phoneme], strengths: Sequence[float], *, pause_s: float) -> Timeline:
    """Lay out a talk.

    Args:
        phonemes: in order of time.
        strengths: one for each phoneme.
        pause_s: the shortest pause that is a rest.
    """
    phrases = phrases_of(phonemes, pause_s)
    return Timeline(
        spans=_tile(phonemes, strengths, pause_s),
        phrases=phrases,
        closures=_closures(phonemes, phrases),
        tucks=tuple(Interval(p.start_s, p.end_s) for p in phonemes if is_labiodental(p.symbol)),
    )


def _tile(phonemes: Sequence[Phoneme], strengths: Sequence[float], pause_s: float) -> tuple[AimedSpan, ...]:
    spans: list[AimedSpan] = []
    spoken_s = -_FAR_S
    for phoneme, strength in zip(phonemes, strengths, strict=True):
        if phoneme.start_s > spoken_s:
            spans.append(_silent(spoken_s, phoneme.start_s, pause_s))
        spans.extend(AimedSpan(span, strength) for span in spans_of(phoneme))
        spoken_s = max(spoken_s, phoneme.end_s)
    spans.append(_silent(spoken_s, _FAR_S, pause_s))
    return tuple(spans)


def _silent(start_s: float, end_s: float, pause_s: float) -> AimedSpan:
    viseme = Viseme.REST if end_s - start_s >= pause_s else Viseme.PAUSE
    return AimedSpan(VisemeSpan(viseme, start_s, end_s, 1.0), 0.5)


def _closures(phonemes: Sequence[Phoneme], phrases: tuple[Interval, ...]) -> tuple[Interval, ...]:
    starts = {phrase.start_s for phrase in phrases}
    ends = {phrase.end_s for phrase in phrases}
    closures: list[Interval] = []
    follows_closure = False
    for phoneme in phonemes:
        if not is_bilabial(phoneme.symbol):
            follows_closure = False
            continue
        start_s = phoneme.start_s - (OPENS_BEFORE_S if phoneme.start_s in starts else 0.0)
        end_s = phoneme.end_s + (CLOSES_AFTER_S if phoneme.end_s in ends else 0.0)
        if follows_closure and phoneme.start_s - closures[-1].end_s < PAUSE_RESTS_S:
            # Nothing is spoken between two closed lips: they stay closed.
            start_s = closures.pop().start_s
        closures.append(Interval(start_s, end_s))
        follows_closure = True
    return tuple(closures)
