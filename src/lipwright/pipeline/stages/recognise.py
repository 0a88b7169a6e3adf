"""The words of a recording, recognised in parts that are kept: an interrupted run goes on behind the last one."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.progress import Progress
from lipwright.contracts.speech import Transcript, Utterance, Word
from lipwright.media.spool import AudioSpool
from lipwright.pipeline.share import Share
from lipwright.remote.waiting import cancellable, check, watched
from lipwright.speech.pauses import Feed, Window
from lipwright.speech.stt.base import SpeechToText
from lipwright.speech.stt.tongue import main_language
from lipwright.store.key import StageKey
from lipwright.store.stages import StageStore, memoise

PART_S = (180.0, 240.0)
"""Shortest and longest part; each ends at the quietest moment between."""
CHUNK_S = 2.0
TRANSCRIPT = "transcript.json"


def recognise(
    sound: AudioSpool,
    stt: SpeechToText,
    language: str | None,
    store: StageStore,
    progress: Progress,
    share: Share | None = None,
) -> Transcript:
    """Write down what is said in a recording, unless an earlier run has done it.

    Args:
        sound: mono.
        language: BCP 47; None when it is to be recognised.
        share: which parts of it this run hears; None for all.
    Raises: LanguageUnknown, ProviderError. Partly: others hear the rest.
    """
    share = share or Share()
    lengths_s = [window.end_s - window.start_s for window in _windows(sound)]
    mine = share.of(len(lengths_s))
    progress.stage("recognise", max(round(sum(lengths_s[place] for place in mine)), 1))
    told = stt.find_language(language) if language is not None else None
    parts: list[Transcript] = []
    for place, window in enumerate(_windows(sound)):
        if place in mine:
            part = _recognise_part(window.sound, sound.sample_rate_hz, stt, told, store, progress)
            parts.append(_later(part, window.start_s))
    share.end()
    said = [(utterance, part.probability) for part in parts for utterance in part.utterances]
    spoken, probability = main_language(said)
    return Transcript(spoken, probability, sound.duration_s, tuple(utterance for utterance, _ in said))


def _windows(sound: AudioSpool) -> Iterator[Window]:
    feed = Feed(sound.chunks(), sound.sample_rate_hz, sound.sample_rate_hz)
    while (window := feed.window(*PART_S)) is not None:
        yield window
        feed.go_on(window.end_s)


def _recognise_part(
    samples: NDArray[np.float32],
    sample_rate_hz: int,
    stt: SpeechToText,
    language: str | None,
    store: StageStore,
    progress: Progress,
) -> Transcript:
    key = StageKey(
        "recognise",
        1,
        provider=stt.identity(),
        inputs={"sound": hashlib.sha256(samples.tobytes()).hexdigest()},
        parameters={"sample_rate_hz": sample_rate_hz, "language": language},
    )
    told_s = 0

    def fed() -> Iterator[NDArray[np.float32]]:
        nonlocal told_s
        step = round(CHUNK_S * sample_rate_hz)
        for start in range(0, len(samples), step):
            check()
            yield samples[start : start + step]
            progress.advance(start // sample_rate_hz - told_s)
            told_s = start // sample_rate_hz

    def make(folder: Path) -> None:
        with cancellable(progress.check_cancelled):
            heard = watched(lambda: stt.transcribe(fed(), sample_rate_hz, language))
        (folder / TRANSCRIPT).write_text(json.dumps(asdict(heard)), encoding="utf-8")

    kept = read_transcript(memoise(store, key, make) / TRANSCRIPT)
    progress.advance(round(len(samples) / sample_rate_hz) - told_s)
    return kept


def read_transcript(path: Path) -> Transcript:
    """A transcript as a stage kept it."""
    kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    utterances = tuple(
        Utterance(**{**said, "words": tuple(Word(**word) for word in said["words"])}) for said in kept["utterances"]
    )
    return Transcript(**{**kept, "utterances": utterances})


def _later(part: Transcript, by_s: float) -> Transcript:
    """The same with times that count from the start of the recording."""
    return replace(
        part,
        utterances=tuple(
            replace(
                said,
                start_s=said.start_s + by_s,
                end_s=said.end_s + by_s,
                words=tuple(Word(word.text, word.start_s + by_s, word.end_s + by_s) for word in said.words),
            )
            for said in part.utterances
        ),
    )
