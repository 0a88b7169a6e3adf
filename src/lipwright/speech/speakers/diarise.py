"""Who speaks when, by the sound of voices and the words that were recognised."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.speech import Transcript, Word
from lipwright.speech.pauses import Stretch
from lipwright.speech.speakers.base import Diarisation, Speaker, Turn
from lipwright.speech.speakers.embed import WIDTH, WINDOW_S, SpeakerEmbedder, unit
from lipwright.speech.speakers.features import SAMPLE_RATE_HZ
from lipwright.speech.speakers.follow import follow
from lipwright.speech.speakers.overlap import overlap_notes, overlaps_of
from lipwright.speech.speakers.people import Voices, find_people, somebody
from lipwright.speech.speakers.pieces import Piece, pieces_of
from lipwright.speech.speakers.pitch import median_pitch_hz
from lipwright.speech.speakers.turns import reference_of, turns_of

Listen = Callable[[float, float], NDArray[np.float32]]
"""Gives the sound between two times, mono at 16 kHz; less where the recording ends."""

STEP_S: Final = 0.2
"""Between two windows that are embedded."""
_LONGEST_REGION_S: Final = 30.0
_REGION_PAUSE_S: Final = 1.0
_AROUND_S: Final = 0.3
_SLACK_S: Final = 0.1
"""A window belongs to a piece out of which it reaches by less."""
_ROUNDS: Final = 3
_PITCH_S: Final = 60.0
"""So much of a speaker's speech is enough to know the pitch."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What was embedded of a recording."""

    times_s: NDArray[np.float64]
    """(n,) middles of windows, rising."""
    windows: NDArray[np.float32]
    """(n, 256)."""
    pieces: tuple[Piece, ...]
    voices: NDArray[np.float32]
    """(pieces, 256)."""


def diarise(
    listen: Listen,
    transcript: Transcript,
    embedder: SpeakerEmbedder,
    count: int | None = None,
    on_heard: Callable[[float], None] = lambda _: None,
) -> Diarisation:
    """Give each word to a speaker.

    Memory grows by 18 MB for an hour of speech (windows five times a second); the sound is read piece by piece.

    Args:
        count: how many people speak; None when nobody knows.
        on_heard: is told up to which time the recording was listened to.
    """
    words = transcript.words
    if not words:
        return Diarisation((), (), (), (), ())
    heard = _hear(listen, words, embedder, on_heard)
    lengths_s = np.array([max(piece.length_s, 0.1) for piece in heard.pieces], np.float32)
    people = find_people(Voices(heard.voices, lengths_s), count)
    for _ in range(_ROUNDS):
        labels = follow(words, _likeness(words, heard, people))
        people = _means(heard, labels, lengths_s, people)
        if count is None:
            said_s = np.bincount(labels, [word.end_s - word.start_s for word in words], len(people))
            people = people[somebody(people, np.asarray(said_s, np.float64))]
    labels = follow(words, _likeness(words, heard, people))
    numbers = {label: number for number, label in enumerate(dict.fromkeys(labels), 1)}
    spoken = tuple(numbers[label] for label in labels)
    turns = turns_of(words, spoken)
    voices = {number: people[label] for label, number in numbers.items()}
    people = np.stack([voices[number] for number in sorted(voices)])
    overlaps = overlaps_of(heard.times_s, heard.windows, people, STEP_S)
    speakers = tuple(_speaker(number, voices[number], turns, overlaps, listen) for number in sorted(voices))
    return Diarisation(speakers, turns, spoken, overlaps, overlap_notes(overlaps))


def _hear(listen: Listen, words: Sequence[Word], embedder: SpeakerEmbedder, on_heard: Callable[[float], None]) -> Heard:
    pieces = pieces_of(words)
    times_s: list[NDArray[np.float64]] = [np.zeros(0)]
    windows: list[NDArray[np.float32]] = [np.zeros((0, WIDTH), np.float32)]
    voices: list[NDArray[np.float32]] = []
    for region in _regions(pieces):
        start_s = max(region[0].start_s - _AROUND_S, 0.0)
        sound = listen(start_s, region[-1].end_s + _AROUND_S)
        slid = embedder.slide(sound, STEP_S)
        middles_s = np.asarray(start_s + WINDOW_S / 2 + STEP_S * np.arange(len(slid)), np.float64)
        times_s.append(middles_s)
        windows.append(slid)
        for piece in region:
            inside = np.abs(middles_s - (piece.start_s + piece.end_s) / 2) <= (
                (piece.length_s - WINDOW_S) / 2 + _SLACK_S
            )
            if inside.any():
                voices.append(unit(slid[inside].mean(axis=0)))
            else:
                first, last = (round((at - start_s) * SAMPLE_RATE_HZ) for at in (piece.start_s, piece.end_s))
                voices.append(embedder.embed(sound[first : max(last, first + 1)]))
        on_heard(region[-1].end_s)
    return Heard(np.concatenate(times_s), np.concatenate(windows), pieces, np.stack(voices))


def _regions(pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Pieces that are listened to at once."""
    region: list[Piece] = []
    for piece in pieces:
        if region and (
            piece.start_s - region[-1].end_s > _REGION_PAUSE_S or piece.end_s - region[0].start_s > _LONGEST_REGION_S
        ):
            yield region
            region = []
        region.append(piece)
    yield region


def _likeness(words: Sequence[Word], heard: Heard, people: NDArray[np.float32]) -> NDArray[np.float64]:
    """(words, people): half by the windows around each word, half by the piece that it belongs to."""
    by_piece = (heard.voices @ people.T).astype(np.float64)
    near = np.zeros((len(words), len(people)))
    for piece, alike in zip(heard.pieces, by_piece, strict=True):
        near[piece.first : piece.last + 1] = alike
    if not len(heard.times_s):
        return near
    by_window = heard.windows @ people.T
    middles_s = [(word.start_s + word.end_s) / 2 for word in words]
    at = np.stack([np.interp(middles_s, heard.times_s, column) for column in by_window.T], axis=1)
    return np.asarray((near + at) / 2)


def _means(
    heard: Heard, labels: Sequence[int], lengths_s: NDArray[np.float32], people: NDArray[np.float32]
) -> NDArray[np.float32]:
    """The mean voice of each person over the pieces that are wholly theirs; the former one where there is none."""
    means = people.copy()
    for person in range(len(people)):
        own = np.array([set(labels[piece.first : piece.last + 1]) == {person} for piece in heard.pieces])
        if own.any():
            means[person] = unit((heard.voices[own] * lengths_s[own, None]).sum(axis=0))
    return means


def _speaker(
    number: int, voice: NDArray[np.float32], turns: Sequence[Turn], overlaps: Sequence[Stretch], listen: Listen
) -> Speaker:
    own = [turn for turn in turns if turn.speaker == number]
    sounds: list[NDArray[np.float32]] = []
    for turn in sorted(own, key=lambda turn: turn.start_s - turn.end_s):
        sounds.append(listen(turn.start_s, min(turn.end_s, turn.start_s + _PITCH_S)))
        if sum(map(len, sounds)) > _PITCH_S * SAMPLE_RATE_HZ:
            break
    return Speaker(
        number=number,
        spoken_s=sum(turn.end_s - turn.start_s for turn in own),
        embedding=tuple(map(float, voice)),
        pitch_hz=median_pitch_hz(np.concatenate(sounds)),
        reference=reference_of(own, overlaps),
    )
