"""From the durations that a voice model predicts to phonemes and words with times."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.speech import Phoneme, Word
from lipwright.speech import alphabet
from lipwright.speech.tokens import Token

FRAME_S = 0.025
"""One step of the predicted durations."""
LATE_S = 0.065
"""The predicted durations run late by this much."""
SHORT_SPACE_S = 0.130
"""A space up to this long is no silence: the sounds on both sides share it."""
SPACE_BEFORE_S = 0.025
"""Of a short space, this much belongs to the sound before it ..."""
SPACE_AFTER_S = 0.050
"""... and no more than this to the sound behind it.

All four are the same for every voice. They were chosen on the tuning sentences of training/evaluate_word_times.py,
which prints, voice by voice, how far the word starts are from a forced alignment of other sentences."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """One symbol of the alphabet as the model said it."""

    text: str
    token: int
    """Index of the token that it belongs to."""
    start_s: float
    end_s: float


def time_symbols(symbols: str, tokens: Sequence[int], durations: NDArray[np.float32]) -> list[Symbol]:
    """Place every symbol in time.

    Args:
        symbols: what the model was given, n characters.
        tokens: the token index of each character, n.
        durations: frames of 25 ms for pad, symbols, pad: (n + 2,).
    """
    ends = np.cumsum(durations, dtype=np.float64) * FRAME_S - LATE_S
    return [
        Symbol(text, token, float(start), float(end))
        for text, token, start, end in zip(symbols, tokens, ends[:-2], ends[1:-1], strict=True)
    ]


def _share_short_spaces(symbols: Sequence[Symbol]) -> list[Symbol]:
    """Give short spaces between two sounds to these."""
    shared = list(symbols)
    for i in range(1, len(shared) - 1):
        before, space, after = shared[i - 1], shared[i], shared[i + 1]
        if space.text != " " or space.end_s - space.start_s > SHORT_SPACE_S or before.text in alphabet.PUNCTUATION:
            continue
        border_s = min(max(space.start_s + SPACE_BEFORE_S, space.end_s - SPACE_AFTER_S), space.end_s)
        shared[i - 1] = Symbol(before.text, before.token, before.start_s, border_s)
        shared[i] = Symbol(" ", space.token, border_s, border_s)
        shared[i + 1] = Symbol(after.text, after.token, border_s, after.end_s)
    return shared


def join_phones(symbols: Sequence[Symbol]) -> list[Symbol]:
    """Merge stress into the sound after it and length into the sound before it; the text becomes IPA."""
    phones: list[Symbol] = []
    stress_start_s: float | None = None
    attached = False
    for symbol in _share_short_spaces(symbols):
        if symbol.text in alphabet.STRESS_MARKS:
            stress_start_s = symbol.start_s if stress_start_s is None else stress_start_s
        elif symbol.text in alphabet.ENDING_MARKS and attached:
            last = phones[-1]
            phones[-1] = Symbol(last.text + symbol.text, last.token, last.start_s, symbol.end_s)
        elif alphabet.is_phone(symbol.text):
            start_s = symbol.start_s if stress_start_s is None else stress_start_s
            phones.append(Symbol(alphabet.to_ipa(symbol.text), symbol.token, start_s, symbol.end_s))
            stress_start_s, attached = None, True
        else:
            stress_start_s, attached = None, False
    return phones


def clip_phones(phones: Sequence[Symbol], start_s: float, end_s: float) -> list[Symbol]:
    """Keep all phones between two times, in order; each keeps at least a millisecond."""
    least_s = 0.001
    clipped: list[Symbol] = []
    floor_s = start_s
    for left, phone in zip(range(len(phones), 0, -1), phones, strict=True):
        begin_s = min(max(phone.start_s, floor_s), end_s - left * least_s)
        finish_s = min(max(phone.end_s, begin_s + least_s), end_s - (left - 1) * least_s)
        clipped.append(Symbol(phone.text, phone.token, begin_s, finish_s))
        floor_s = finish_s
    return clipped


def to_phonemes(phones: Sequence[Symbol]) -> tuple[Phoneme, ...]:
    """The contract's phonemes."""
    return tuple(Phoneme(phone.text, phone.start_s, phone.end_s) for phone in phones)


def to_words(tokens: Sequence[Token], phones: Sequence[Symbol]) -> tuple[Word, ...]:
    """The contract's words: a token without a sound of its own joins the word before it, or after it at the start."""
    words: list[Word] = []
    unheard = ""
    for i, token in enumerate(tokens):
        own = [phone for phone in phones if phone.token == i]
        if own:
            words.append(Word(unheard + token.text, own[0].start_s, own[-1].end_s))
            unheard = ""
        elif words:
            last = words[-1]
            words[-1] = Word(f"{last.text} {token.text}", last.start_s, last.end_s)
        else:
            unheard += token.text + " "
    return tuple(words)
