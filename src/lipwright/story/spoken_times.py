"""When each word of a text is said, from the words that an engine tells; or about when, before anybody speaks."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from lipwright.contracts.speech import Word
from lipwright.speech.script import Pause, read_script
from lipwright.speech.translate.spoken_length import spoken_length_s
from lipwright.story.words import tokens_of

LEAD_S: Final = 0.26
TAIL_S: Final = 0.46
"""Silence before the first sound of a narration, and after its last."""
SENTENCE_S: Final = 0.36
PARAGRAPH_S: Final = 0.80
"""Between sentences, from sound to sound, as speech/narrate.py sets them."""


@dataclass(frozen=True, slots=True)
class SceneSpeech:
    """What is heard in one scene."""

    words: Sequence[Word]
    """In order, not overlapping; times from the start of the sound. Empty where nobody speaks, or nobody knows."""
    duration_s: float
    """Of the whole sound, silences included; 0 for a scene in which nobody speaks."""


@dataclass(frozen=True, slots=True)
class Said:
    """When one word of a text is said."""

    start_s: float
    end_s: float


def said_words(text: str, speech: SceneSpeech) -> list[Said]:
    """When each word of a scene's text is said, one for each of `tokens_of`; starts never fall.

    Engines may join, divide or respell words: they are matched by how many letters have been said. Where an engine
    tells no words, they are spread over the sound by their letters.
    """
    tokens = tokens_of(text)
    words = [(sum(map(str.isalnum, word.text)), word) for word in speech.words]
    spoken = [(letters, word) for letters, word in words if letters] or [(1, _all_of(speech))]
    begun = [0, *accumulate(letters for letters, _ in spoken)]
    share = begun[-1] / max(sum(token.letters for token in tokens), 1)
    found: list[Said] = []
    letters = 0
    for token in tokens:
        start_s = _time_at(letters * share, begun, spoken)
        letters += token.letters
        end_s = _time_at(letters * share, begun, spoken, is_end=True)
        found.append(Said(start_s, max(start_s, end_s)))
    return found


def guessed_speech(text: str, language: str, pace: float) -> SceneSpeech:
    """About how a text will be spoken.

    Args:
        language: BCP 47.
        pace: of the voice, as `spoken_length.pace_of` tells.
    """
    words: list[Word] = []
    now_s, silence_s, asked_s = LEAD_S, 0.0, None
    for item in read_script(text):
        if isinstance(item, Pause):
            asked_s = (asked_s or 0.0) + item.length_s
            continue
        tokens = tokens_of(item.text)
        if not tokens:
            continue
        now_s += asked_s if asked_s is not None else silence_s
        length_s = spoken_length_s(item.text, language, pace)
        per_letter_s = length_s / sum(token.letters for token in tokens)
        for token in tokens:
            end_s = now_s + token.letters * per_letter_s
            words.append(Word(item.text[token.start : token.end], now_s, end_s))
            now_s = end_s
        silence_s, asked_s = PARAGRAPH_S if item.ends_paragraph else SENTENCE_S, None
    return SceneSpeech(words, now_s + (asked_s or 0.0) + TAIL_S) if words else SceneSpeech((), 0.0)


def _all_of(speech: SceneSpeech) -> Word:
    """One word over all of a sound whose words are not known, but for the silence around them."""
    lead_s, tail_s = min(LEAD_S, speech.duration_s / 4), min(TAIL_S, speech.duration_s / 4)
    return Word("", lead_s, speech.duration_s - tail_s)


def _time_at(
    letters: float, begun: Sequence[int], spoken: Sequence[tuple[int, Word]], *, is_end: bool = False
) -> float:
    """When so many letters have been said; at the border of two words the start of the later, or the earlier's end."""
    rounded = round(letters, 6)
    place = bisect_right(begun, rounded) - 1
    if is_end and place and begun[place] == rounded:
        place -= 1
    place = min(place, len(spoken) - 1)
    count, word = spoken[place]
    return word.start_s + (word.end_s - word.start_s) * min((rounded - begun[place]) / count, 1.0)
