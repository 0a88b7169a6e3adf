"""When each word and phone of a transcript is said: English, any length, in windows, the same on every run.

Words that are not heard are told, and so is speech that no word explains: a transcript may lack a part, or have one
too many.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.speech import Phoneme, Word
from lipwright.errors import LanguageUnknown, TextEmpty, TranscriptMismatch
from lipwright.speech import arpabet
from lipwright.speech.aligned_words import SoughtWord, sought_words
from lipwright.speech.follower import SAMPLE_RATE_HZ, Follower, HeardWord
from lipwright.speech.lexicon import Lexicon
from lipwright.speech.pauses import Feed, Stretch, Window, loud_stretches

_WINDOW_S: Final = (12.0, 24.0)
"""Shortest and longest window."""
_LOST_WINDOW_S: Final = (5.0, 9.0)
_STEP_S: Final = (1.0, 4.0)
"""Where no word was found, windows are shorter, and each begins at a pause so far behind the one before."""
_GOES_ON_S: Final = 0.6
"""More speech than this behind the last word is worth another look."""
_UNCERTAIN_S: Final = 0.5
"""Before the end of a window that ends in speech, words may be cut."""
_WORDS_PER_S, _MORE_WORDS, _MOST_WORDS = 6.0, 40, 600
"""How many words are offered for a stretch of sound."""
_NEAR_S: Final = 1.5
_LEAST_LIKENESS: Final = -40.0
"""Of the words within _NEAR_S: right words have more, also in noise 10 dB below them, three of four wrong ones less."""
_LEAST_RUN, _LEAST_LIKENESS_OF_RUN = 3, -30.0
"""Behind a hole so many words in a row, on the whole so like the sound, are no chance."""
_ENOUGH: Final = 0.5
"""The part of the loud sound that words explain, as a rule."""
_LEAST_FOUND: Final = 1 / 3
_EXPLAINED_S: Final = 0.12
"""A word explains the sound this close to it."""
_UNEXPLAINED_S: Final = 0.15
"""A shorter sound without words is a breath, or a click."""


@dataclass(frozen=True, slots=True)
class Unfound:
    """Consecutive words of a transcript that are not heard."""

    text: str
    start_s: float
    end_s: float
    """They would be between these times: the end of the word before, the start of the word behind."""


@dataclass(frozen=True, slots=True)
class Alignment:
    """A recording and its transcript brought together. Times count from the first sample."""

    words: tuple[Word, ...]
    """Those that are heard, as written, in order, not overlapping."""
    phonemes: tuple[Phoneme, ...]
    """In order, not overlapping; what is between them is silence, or unexplained."""
    duration_s: float
    unfound: tuple[Unfound, ...]
    unexplained: tuple[Stretch, ...]
    """Where something sounds like speech, and no word of the transcript is heard."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A spoken word in its place."""

    index: int
    phones: tuple[Phoneme, ...]


def align(
    chunks: Iterable[NDArray[np.float32]],
    sample_rate_hz: int,
    transcript: str,
    language: str,
    *,
    lexicon: Lexicon | None = None,
) -> Alignment:
    """Find the words of a transcript in the recording of somebody who says them.

    Args:
        chunks: mono, -1 to 1, (n,) each; read once, in pieces of any size.
        sample_rate_hz: of the chunks.
        transcript: what is said; numbers and abbreviations are read as the voices read them.
        language: BCP 47; English of any region.
        lexicon: pronunciations that go before all others.
    Returns: words and phones with their times, in steps of 10 ms; the start of a word is 13 ms off on average.
    Raises: LanguageUnknown: not English. TextEmpty: no words. ScriptUnsupported: letters that English has not.
        TranscriptMismatch: less than a third of the words are heard. ProviderUnavailable: the aligner is missing.
        ValueError: a chunk is not mono.
    """
    if language.split("-", maxsplit=1)[0].lower() != "en":
        raise LanguageUnknown(
            f"{language}: only English transcripts can be aligned. Leave --transcript out: the mouth then follows the"
            " sound itself."
        )
    follower = Follower()
    spoken_in = "en-GB" if language.lower() == "en-gb" else "en-US"
    written, sought = sought_words(transcript, spoken_in, lexicon, follower.knows)
    if not sought:
        raise TextEmpty("The transcript has no words. Write what is said, or leave --transcript out.")
    feed = Feed(chunks, sample_rate_hz, SAMPLE_RATE_HZ)
    found, unexplained = _follow(feed, sought, follower)
    if len(found) < _LEAST_FOUND * len(sought):
        raise TranscriptMismatch(
            f"transcript: only {len(found)} of its {len(sought)} words are heard in the recording. Check that it"
            " belongs to this recording, or leave --transcript out: the mouth then follows the sound itself."
        )
    return Alignment(
        words=_words(found, sought, written),
        phonemes=tuple(phone for word in found for phone in word.phones),
        duration_s=feed.duration_s,
        unfound=_unfound(found, sought, written, feed.duration_s),
        unexplained=unexplained,
    )


def _follow(
    feed: Feed, sought: Sequence[SoughtWord], follower: Follower
) -> tuple[tuple[_Found, ...], tuple[Stretch, ...]]:
    """Window after window; each one goes on behind the last word that was found, or at the next pause."""
    found: list[_Found] = []
    unexplained: list[Stretch] = []
    following, heard_to_s = 0, 0.0
    lengths_s = _WINDOW_S
    while (window := feed.window(*lengths_s)) is not None:
        most = round(_WORDS_PER_S * (window.end_s - heard_to_s)) + _MORE_WORDS
        offered = sought[following : following + min(most, _MOST_WORDS)]
        words = _heard(follower, window, offered, lost=lengths_s is _LOST_WINDOW_S) if offered else []
        taken_s = _taken_s(window, words)
        if not words and offered and (next_pause := feed.window(*_STEP_S)) is not None:
            taken_s = next_pause.end_s
        lengths_s = _WINDOW_S if (taken_s == window.end_s and words) or not offered else _LOST_WINDOW_S
        words = [word for word in words if window.start_s + word.end_s <= taken_s]
        own = [_found(word, following, offered[word.index], window.start_s, heard_to_s) for word in words]
        explained = [Stretch(w.phones[0].start_s - _EXPLAINED_S, w.phones[-1].end_s + _EXPLAINED_S) for w in own]
        unexplained += _outside(loud_stretches(window.until(taken_s)), explained)
        if own:
            found += own
            following, heard_to_s = own[-1].index + 1, own[-1].phones[-1].end_s
        feed.go_on(taken_s)
    return tuple(found), tuple(unexplained)


def _taken_s(window: Window, words: Sequence[HeardWord]) -> float:
    """Where the next window begins: at the end of the last word when that is cut, or when speech goes on behind it."""
    if not window.ends_in_pause:
        words = [word for word in words if window.start_s + word.end_s < window.end_s - _UNCERTAIN_S]
    if not words:
        return window.end_s
    last_s = window.start_s + words[-1].end_s
    behind = _outside(loud_stretches(window), [Stretch(window.start_s - 1.0, last_s + _EXPLAINED_S)])
    goes_on = sum(stretch.end_s - stretch.start_s for stretch in behind) > _GOES_ON_S
    return last_s if goes_on or not window.ends_in_pause else window.end_s


def _heard(follower: Follower, window: Window, offered: Sequence[SoughtWord], *, lost: bool) -> list[HeardWord]:
    """The words of one window; where they are few, those that begin later in the transcript, if they are many."""
    loud_s = sum(stretch.end_s - stretch.start_s for stretch in loud_stretches(window))
    words = _believed(follower.follow(window.sound, offered).words, lost=lost)
    if _spoken_s(words) >= _ENOUGH * loud_s:
        return words
    later = _believed(follower.follow(window.sound, offered, anywhere=True).words, lost=True)
    return later if _spoken_s(later) >= max(_ENOUGH * loud_s, _spoken_s(words)) else words


def _spoken_s(words: Sequence[HeardWord]) -> float:
    return sum(word.end_s - word.start_s for word in words)


def _believed(words: Sequence[HeardWord], *, lost: bool) -> list[HeardWord]:
    """Without those around which the sound is not that of the words, and without a few doubtful ones behind a hole.

    Args:
        lost: whether there is a hole before the first word.
    """
    middles = np.array([(word.start_s + word.end_s) / 2 for word in words])
    lengths = np.array([word.end_s - word.start_s for word in words])
    likeness = lengths * [word.likeness for word in words]
    near = np.abs(middles[:, None] - middles) < _NEAR_S
    believed = near @ likeness >= _LEAST_LIKENESS * (near @ lengths)
    runs: list[list[HeardWord]] = []
    for word, is_believed in zip(words, believed, strict=True):
        if not is_believed:
            continue
        if runs and word.index == runs[-1][-1].index + 1:
            runs[-1].append(word)
        else:
            runs.append([word])
    return [word for run in runs if (run[0].index == 0 and not lost) or _is_sure(run) for word in run]


def _is_sure(run: Sequence[HeardWord]) -> bool:
    likeness = sum(word.likeness * (word.end_s - word.start_s) for word in run)
    return len(run) >= _LEAST_RUN and likeness >= _LEAST_LIKENESS_OF_RUN * _spoken_s(run)


def _found(word: HeardWord, following: int, sought: SoughtWord, start_s: float, floor_s: float) -> _Found:
    symbols = arpabet.to_ipa([phone.name for phone in word.phones], sought.said)
    phones = [
        Phoneme(symbol, max(start_s + phone.start_s, floor_s), max(start_s + phone.end_s, floor_s))
        for symbol, phone in zip(symbols, word.phones, strict=True)
    ]
    return _Found(following + word.index, tuple(phones))


def _outside(stretches: Sequence[Stretch], explained: Sequence[Stretch]) -> list[Stretch]:
    """What is left of stretches of sound when words explain parts of them."""
    left: list[Stretch] = []
    for stretch in stretches:
        start_s = stretch.start_s
        for word in explained:
            if word.end_s <= start_s or word.start_s >= stretch.end_s:
                continue
            left.append(Stretch(start_s, word.start_s))
            start_s = word.end_s
        left.append(Stretch(start_s, stretch.end_s))
    return [part for part in left if part.end_s - part.start_s >= _UNEXPLAINED_S]


def _words(found: Sequence[_Found], sought: Sequence[SoughtWord], written: Sequence[str]) -> tuple[Word, ...]:
    """Written words: one that is spoken as several lasts from the first to the last of them that is heard."""
    words: list[Word] = []
    last = None
    for word in found:
        token, start_s, end_s = sought[word.index].token, word.phones[0].start_s, word.phones[-1].end_s
        words.append(Word(written[token], words.pop().start_s if token == last else start_s, end_s))
        last = token
    return tuple(words)


def _unfound(
    found: Sequence[_Found], sought: Sequence[SoughtWord], written: Sequence[str], duration_s: float
) -> tuple[Unfound, ...]:
    unfound: list[Unfound] = []
    heard_tokens = {sought[word.index].token for word in found}
    place, clock_s = 0, 0.0
    for index, start_s, end_s in [
        *((word.index, word.phones[0].start_s, word.phones[-1].end_s) for word in found),
        (len(sought), duration_s, duration_s),
    ]:
        tokens = dict.fromkeys(word.token for word in sought[place:index] if word.token not in heard_tokens)
        if tokens:
            unfound.append(Unfound(" ".join(written[token] for token in tokens), clock_s, start_s))
        place, clock_s = index + 1, end_s
    return tuple(unfound)
