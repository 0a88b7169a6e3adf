"""English words get the times of the aligner, which are nearer than a recogniser's, wherever the two agree."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.speech import Transcript, Utterance, Word
from lipwright.errors import ScriptUnsupported, TextEmpty, TranscriptMismatch
from lipwright.speech.align import align

ALIGNED: Final = "en"
"""The language that can be aligned."""
_AGREES_S: Final = 0.5
"""A word that the aligner finds farther away is another one."""


def refined(transcript: Transcript, chunks: Iterable[NDArray[np.float32]], sample_rate_hz: int) -> Transcript:
    """Bring the English words of a transcript to the sound again.

    Args:
        chunks: the recording, mono, (n,) each.
    Returns: the same words in the same order; those that the aligner does not find where the recogniser heard them
        keep their times, and so does every other language.
    Raises: ProviderUnavailable: the aligner is missing.
    """
    text = " ".join(part.text for part in transcript.said_in(ALIGNED))
    if not text:
        return transcript
    try:
        found = align(chunks, sample_rate_hz, text, "en-US").words
    except (ScriptUnsupported, TextEmpty, TranscriptMismatch):
        return transcript  # words that are no English ones after all
    return brought_together(transcript, found)


def brought_together(transcript: Transcript, found: Sequence[Word]) -> Transcript:
    """The transcript with the times of those words that were found near their own; order and texts stay.

    Args:
        found: in order, a part of the words.
    """
    utterances: list[Utterance] = []
    floor_s, following = 0.0, 0
    for part in transcript.utterances:
        words: list[Word] = []
        for word in part.words:
            match = _near(word, found, following) if part.language == ALIGNED else None
            if match is not None:
                following = match + 1
                word = found[match]  # noqa: PLW2901 the same word with better times
            start_s = max(word.start_s, floor_s)
            words.append(Word(word.text, start_s, max(word.end_s, start_s)))
            floor_s = words[-1].end_s
        utterances.append(replace(part, start_s=words[0].start_s, end_s=words[-1].end_s, words=tuple(words)))
    return replace(transcript, utterances=tuple(utterances))


def _near(word: Word, found: Sequence[Word], following: int) -> int | None:
    """Index of the first word behind those already taken that is the same and close."""
    for index in range(following, len(found)):
        if found[index].start_s > word.start_s + _AGREES_S:
            return None
        if found[index].text == word.text and abs(found[index].start_s - word.start_s) <= _AGREES_S:
            return index
    return None
