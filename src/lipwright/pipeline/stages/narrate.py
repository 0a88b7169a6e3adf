"""A script becomes sound on disk, and the times of its phones and words."""

import queue
import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.progress import Progress
from lipwright.contracts.speech import Phoneme, Speech, Word
from lipwright.errors import TextEmpty
from lipwright.media.audio import resample
from lipwright.media.loudness import normalise
from lipwright.media.spool import AudioSpool
from lipwright.motion.emphasis import phone_emphasis
from lipwright.pipeline.stages.soundtrack import SAMPLE_RATE_HZ, Soundtrack
from lipwright.speech.lexicon import read_lexicon
from lipwright.speech.narrate import narrate as narrate_script
from lipwright.speech.tts.base import TextToSpeech

LEAD_S = 0.20
"""Silence before the first word: the viewer sees the face before it speaks."""
POLL_S = 0.05
"""How soon a cancelled narration ends, although an engine may think about one sentence for ten seconds."""
TAIL_S = 0.40
"""Silence after the last word: the mouth comes to rest."""


class Script(Protocol):
    """The part of a request that says what is spoken, and how."""

    @property
    def text(self) -> str | None: ...

    @property
    def voice(self) -> str: ...

    @property
    def language(self) -> str | None: ...

    @property
    def speed(self) -> float: ...

    @property
    def lexicon(self) -> Path | None: ...


def narrate(request: Script, tts: TextToSpeech, progress: Progress) -> Soundtrack:
    """Speak a request's script, sentence by sentence; only one sentence is in memory at a time.

    Raises: SpeechError: the text or the voice cannot be spoken.
    """
    if request.text is None or not request.text.strip():
        raise TextEmpty("there is nothing to say: the text is empty. Give some words.")
    voice = tts.find_voice(request.voice, request.language) if request.voice else None
    chosen = voice or tts.default_voice(request.language or "en-US")
    lexicon = read_lexicon(request.lexicon) if request.lexicon else None
    narration = narrate_script(
        request.text, tts, chosen.id, language=request.language, speed=request.speed, lexicon=lexicon
    )
    rate = tts.capability.sample_rate_hz
    phonemes: list[Phoneme] = []
    emphasis: list[NDArray[np.float32]] = [np.zeros(0, np.float32)]
    words: list[Word] = []
    progress.stage("speak", len(narration))

    def sound() -> Iterator[NDArray[np.float32]]:
        done = round(LEAD_S * rate)
        yield np.zeros(done, np.float32)
        for speech in _watched(narration, progress):
            at = done / rate
            phonemes.extend(replace(p, start_s=p.start_s + at, end_s=p.end_s + at) for p in speech.phonemes)
            emphasis.append(phone_emphasis(speech))
            words.extend(replace(w, start_s=w.start_s + at, end_s=w.end_s + at) for w in speech.words)
            done += len(speech.samples)
            yield speech.samples
            progress.advance(1)
        yield np.zeros(round(TAIL_S * rate), np.float32)

    with AudioSpool(SAMPLE_RATE_HZ) as raw:
        for chunk in resample(sound(), rate, SAMPLE_RATE_HZ):
            raw.append(chunk)
        levelled = normalise(raw)
    return Soundtrack(
        sound=levelled,
        phonemes=tuple(phonemes),
        emphasis=np.concatenate(emphasis),
        words=tuple(words),
        language=request.language or chosen.language,
        voice=chosen.id,
        engine=tts.capability.name,
    )


def _watched(sentences: Iterable[Speech], progress: Progress) -> Iterator[Speech]:
    """Speak in a thread of its own, one sentence ahead, so that cancelling never waits for an engine.

    An engine that is amid a sentence when the work is cancelled finishes that sentence unheard.
    """
    spoken: queue.Queue[Speech | BaseException | None] = queue.Queue(maxsize=1)
    unwanted = threading.Event()

    def offer(item: Speech | BaseException | None) -> None:
        while not unwanted.is_set():
            try:
                return spoken.put(item, timeout=POLL_S)
            except queue.Full:
                continue

    def work() -> None:
        try:
            for speech in sentences:
                offer(speech)
                if unwanted.is_set():
                    return
            offer(None)
        except BaseException as exc:  # handed to the caller's thread, which raises it
            offer(exc)

    threading.Thread(target=work, name="narrate", daemon=True).start()
    try:
        while True:
            progress.check_cancelled()
            try:
                item = spoken.get(timeout=POLL_S)
            except queue.Empty:
                continue
            if item is None:
                return
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        unwanted.set()
