"""Which voice suits whom: the most similar ones, and another one for each speaker."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lipwright.errors import LanguageUnknown
from lipwright.speech.speakers.base import Speaker
from lipwright.speech.speakers.cards import card_of
from lipwright.speech.tts.base import Voice, matches

_PITCH_WEIGHT: Final = 0.7
"""Cosine that an octave of pitch is worth: a man who gets a woman's voice is worse than any other difference."""
_UNKNOWN_COSINE: Final = 0.35
"""Of voices that were never compared: that of two people who have nothing to do with each other."""
_FAR_OCTAVES: Final = 0.5
"""A voice farther from its speaker's pitch is said to be so."""


@dataclass(frozen=True, slots=True)
class VoiceChoice:
    """A voice for each speaker of a video."""

    voices: dict[int, str]
    """Id of a voice by number of a speaker."""
    notes: tuple[str, ...]
    """What the reader of a report should know."""


def choose_voices(speakers: Sequence[Speaker], voices: Sequence[Voice], language: str) -> VoiceChoice:
    """Give each speaker a voice, by its sound and its pitch.

    Different speakers have different voices while there are enough; then those who speak most have one of their own,
    and the others share the nearest. The same speakers and voices always give the same choice.

    Args:
        voices: of any languages; the first one of `language` is its default.
        language: BCP 47, of the dub.
    Raises: LanguageUnknown: none of the voices speaks it. ProviderUnavailable: the packaged voice cards are damaged.
    """
    fitting = [voice for voice in voices if matches(language, voice.language)]
    if not fitting:
        spoken = ", ".join(dict.fromkeys(voice.language for voice in voices)) or "none"
        raise LanguageUnknown(f"{language}: no voice speaks it. The voices speak {spoken}. Name another speech engine.")
    if not speakers:
        return VoiceChoice({}, ())
    likeness = np.array([[_likeness(speaker, voice) for voice in fitting] for speaker in speakers])
    whole_s = sum(speaker.spoken_s for speaker in speakers)
    importance = np.array([0.5 + (speaker.spoken_s / whole_s if whole_s else 0.0) for speaker in speakers])
    own = _assigned(likeness * importance[:, None])
    chosen = [own.get(row, int(likeness[row].argmax())) for row in range(len(speakers))]
    given = {speaker.number: fitting[at].id for speaker, at in zip(speakers, chosen, strict=True)}
    notes = [*_shared(speakers, chosen, fitting, language)]
    for speaker, at in zip(speakers, chosen, strict=True):
        pitch_hz = card_of(fitting[at]).pitch_hz
        if speaker.pitch_hz is not None and abs(np.log2(speaker.pitch_hz / pitch_hz)) > _FAR_OCTAVES:
            notes.append(
                f"Speaker {speaker.number} speaks at about {speaker.pitch_hz:.0f} Hz, the voice {fitting[at].id} at "
                f"{pitch_hz:.0f} Hz: no nearer voice for {language} is free. Name another voice if it does not fit."
            )
    return VoiceChoice(given, tuple(notes))


def _likeness(speaker: Speaker, voice: Voice) -> float:
    card = card_of(voice)
    cosine = _UNKNOWN_COSINE
    if speaker.embedding and card.embedding:
        cosine = float(np.dot(speaker.embedding, card.embedding))
    apart = abs(float(np.log2(speaker.pitch_hz / card.pitch_hz))) if speaker.pitch_hz is not None else 0.0
    return cosine - _PITCH_WEIGHT * apart


def _shared(speakers: Sequence[Speaker], chosen: Sequence[int], voices: Sequence[Voice], language: str) -> list[str]:
    notes = []
    for at in dict.fromkeys(chosen):
        sharing = [str(speaker.number) for speaker, own in zip(speakers, chosen, strict=True) if own == at]
        if len(sharing) > 1:
            who = f"{', '.join(sharing[:-1])} and {sharing[-1]}"
            ready = f"are {len(voices)} voices" if len(voices) > 1 else "is 1 voice"
            notes.append(
                f"Speakers {who} have the same voice, {voices[at].id}: there {ready} for {language} and "
                f"{len(speakers)} speakers."
            )
    return notes


def _assigned(worth: NDArray[np.float64]) -> dict[int, int]:
    """The pairing of rows with columns, each used once, of the greatest sum; rows are left over if there are more.

    Source: Kuhn, The Hungarian method, 1955, in the form with potentials and shortest paths.
    """
    rows, columns = worth.shape
    if rows > columns:
        return {row: column for column, row in _assigned(worth.T).items()}
    cost = np.pad(-worth, ((1, 0), (1, 0)))
    row_price, column_price = np.zeros(rows + 1), np.zeros(columns + 1)
    row_of, came_from = np.zeros(columns + 1, np.int64), np.zeros(columns + 1, np.int64)
    for row in range(1, rows + 1):
        row_of[0], here = row, 0
        shortest, used = np.full(columns + 1, np.inf), np.zeros(columns + 1, bool)
        while row_of[here]:
            used[here] = True
            reduced = cost[row_of[here]] - row_price[row_of[here]] - column_price
            better = ~used & (reduced < shortest)
            better[0] = False
            shortest[better], came_from[better] = reduced[better], here
            free = np.where(used, np.inf, shortest)
            free[0] = np.inf
            here_next = int(free.argmin())
            step = free[here_next]
            row_price[row_of[used]] += step
            column_price[used] -= step
            shortest[~used] -= step
            here = here_next
        while here:
            row_of[here] = row_of[came_from[here]]
            here = int(came_from[here])
    return {int(row_of[column]) - 1: column - 1 for column in range(1, columns + 1) if row_of[column]}
