"""The new words of a video: its sound as it will be heard, and what the mouth does to it."""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.motion import MouthTrack
from lipwright.contracts.progress import Progress
from lipwright.contracts.sidecar import Span, Timed, silences_between
from lipwright.contracts.speech import Phoneme, Transcript, Word
from lipwright.contracts.sync import SyncRequest
from lipwright.errors import (
    LanguageUnknown,
    MediaUnreadable,
    ProviderUnknown,
    ScriptUnsupported,
    TextEmpty,
    TranscriptMismatch,
)
from lipwright.media.audio import read_audio, resample, sound_channels
from lipwright.media.loudness import measure
from lipwright.media.spool import AudioSpool
from lipwright.motion.emphasis import emphasis_in
from lipwright.motion.mixed import mixed_track
from lipwright.motion.mouth import mouth_track
from lipwright.motion.sound import MouthEngine, mouth_track_from_sound, speech_spans
from lipwright.motion.spans import Interval, energy_spans
from lipwright.pipeline.stages.damage import damage_note
from lipwright.pipeline.stages.recite import recite
from lipwright.pipeline.stages.recognise import recognise
from lipwright.pipeline.stages.soundtrack import SAMPLE_RATE_HZ
from lipwright.speech.align import align
from lipwright.speech.lexicon import read_lexicon
from lipwright.speech.stt.base import SpeechToText
from lipwright.speech.stt.refined import ALIGNED
from lipwright.speech.tts.base import TextToSpeech
from lipwright.store.stages import StageStore

ENGINE_RATE_HZ = 16_000
"""What lip-sync engines listen to."""
MOST_NAMED = 5
"""Words of a transcript that a note names before it only counts them."""


@dataclass(frozen=True)
class Driver:
    """What is said, and how the mouth moves to it. Times are seconds of the result."""

    sound: AudioSpool
    """48 kHz, as loud as it was given; the caller closes it."""
    mono: AudioSpool
    """The same at 16 kHz in one channel; the caller closes it too."""
    mouth: MouthTrack
    loud: tuple[Interval, ...]
    """Where the sound is loud enough to be speech."""
    silences: tuple[Span, ...]
    heard: str
    """Where the mouth comes from: `phonemes`, `transcript`, `recognition` or `sound`."""
    text: str = ""
    """What was recognised."""
    phonemes: tuple[Phoneme, ...] = ()
    words: tuple[Word, ...] = ()
    language: str = "und"
    voice: str = ""
    engine: str = ""
    """Of the voice; empty for a recording."""
    notes: tuple[str, ...] = field(default=())

    def close(self) -> None:
        """Remove the sound from the disk."""
        self.sound.close()
        self.mono.close()


def hear(
    request: SyncRequest,
    tts: TextToSpeech | None,
    stt: Callable[[], SpeechToText] | None,
    fps: Fraction,
    *,
    listener: MouthEngine,
    store: StageStore,
    progress: Progress,
) -> Driver:
    """Speak the text of a request, or listen to its recording.

    Args:
        stt: builds the engine that recognises the words of a recording without a transcript; None leaves them unknown.
        listener: hears the mouth of a recording.
    Raises: MediaError, SpeechError, ProviderError.
    """
    if request.audio is not None:
        driver = _listen(request, request.audio, fps, listener, progress)
        with ExitStack() as on_error:
            on_error.callback(driver.close)
            if request.transcript is not None:
                driver = _follow_transcript(driver, request, request.transcript, fps, progress)
            elif stt is not None:
                driver = _follow_recognised(driver, request, stt(), fps, store, progress)
            on_error.pop_all()
        return driver
    if tts is None:
        raise ProviderUnknown("no speech engine is given for the text. Name one.")
    spoken = recite(request, tts, store, progress)
    mono = _mono(spoken.sound)
    return Driver(
        sound=spoken.sound,
        mono=mono,
        mouth=mouth_track(spoken.phonemes, spoken.sound.duration_s, fps, emphasis=spoken.emphasis),
        loud=energy_spans(mono.chunks(), ENGINE_RATE_HZ),
        silences=silences_between(spoken.phonemes, spoken.sound.duration_s),
        heard="phonemes",
        phonemes=spoken.phonemes,
        words=spoken.words,
        language=spoken.language,
        voice=spoken.voice,
        engine=spoken.engine,
    )


def _listen(request: SyncRequest, audio: Path, fps: Fraction, listener: MouthEngine, progress: Progress) -> Driver:
    progress.stage("listen", None)
    channels = sound_channels(audio)
    damaged: list[Fraction] = []
    with ExitStack() as on_error:
        sound = on_error.enter_context(AudioSpool(SAMPLE_RATE_HZ, channels, request.output.absolute().parent))
        for chunk in read_audio(audio, SAMPLE_RATE_HZ, channels, on_damage=damaged.append):
            progress.check_cancelled()
            sound.append(chunk)
        if not math.isfinite(measure(sound.chunks(), SAMPLE_RATE_HZ, channels).integrated_lufs):
            raise MediaUnreadable(f"`{audio}`: there is nothing to hear in it. Use a recording of speech.")
        mono = on_error.enter_context(_mono(sound))
        mouth = mouth_track_from_sound(mono.chunks(), ENGINE_RATE_HZ, fps, engine=listener)
        driver = Driver(
            sound=sound,
            mono=mono,
            mouth=mouth,
            loud=energy_spans(mono.chunks(), ENGINE_RATE_HZ),
            silences=silences_between(speech_spans(mouth), sound.duration_s),
            heard="sound",
            language=request.language or "und",
            notes=damage_note(audio, damaged),
        )
        on_error.pop_all()
    return driver


def _follow_transcript(
    driver: Driver, request: SyncRequest, transcript: str, fps: Fraction, progress: Progress
) -> Driver:
    followed, missed = _follow(driver, request, transcript, fps, progress)
    if not missed:
        return followed
    return _noting(followed, f"words of the transcript that are not heard in the recording: {_named(missed)}")


def _follow_recognised(
    driver: Driver, request: SyncRequest, stt: SpeechToText, fps: Fraction, store: StageStore, progress: Progress
) -> Driver:
    """Recognise the words, and let the mouth follow those that can be aligned; a note says what became of them."""
    try:
        heard = recognise(driver.mono, stt, request.language, store, progress)
    except LanguageUnknown:
        if request.recognise:
            raise
        unknown = f"{stt.capability.name} does not recognise the language {request.language}"
        return _noting(driver, f"{unknown}: the mouth follows the sound")
    if not heard.words:
        return _noting(driver, "no words are recognised in the recording: the mouth follows its sound")
    driver = replace(driver, text=heard.text, language=request.language or heard.language)
    known = _words_of(heard)
    alignable = " ".join(part.text for part in heard.said_in(ALIGNED))
    if not alignable:
        return _noting(driver, f"{known}: only English can be aligned, so the mouth follows the sound")
    try:
        followed, missed = _follow(driver, request, alignable, fps, progress)
    except (ScriptUnsupported, TextEmpty, TranscriptMismatch):
        return _noting(driver, f"{known}, but not found again when they were aligned: the mouth follows the sound")
    rest = f"; it follows the sound at those that are not found again: {_named(missed)}" if missed else ""
    others = "" if heard.language == ALIGNED and alignable == heard.text else " where they are English"
    language = followed.language if heard.language == ALIGNED else driver.language
    note = f"{known}: the mouth follows them{others}{rest}"
    return replace(_noting(followed, note), heard="recognition", language=language)


def _words_of(heard: Transcript) -> str:
    sure = f"language {heard.language}, {heard.probability:.0%} sure"
    return f"{len(heard.words)} words are recognised in the recording ({sure})"


def _follow(
    driver: Driver, request: SyncRequest, transcript: str, fps: Fraction, progress: Progress
) -> tuple[Driver, list[str]]:
    """Let the mouth follow the phones of a transcript wherever its words are heard, and the sound elsewhere.

    Returns: also the words that are not heard.
    """
    progress.stage("align", None)
    lexicon = read_lexicon(request.lexicon) if request.lexicon else None
    language = request.language or "en-US"
    try:
        found = align(driver.mono.chunks(), ENGINE_RATE_HZ, transcript, language, lexicon=lexicon)
    except ScriptUnsupported as exc:
        raise ScriptUnsupported(
            "--transcript: it has letters that English does not have. Only English is found in a recording: leave the "
            "option out, and the mouth follows the sound itself."
        ) from exc
    emphasis = emphasis_in(driver.mono.chunks(), ENGINE_RATE_HZ, found.phonemes)
    known = mouth_track(found.phonemes, driver.sound.duration_s, fps, emphasis=emphasis)
    followed = replace(
        driver,
        mouth=mixed_track(fitted(known, len(driver.mouth)), driver.mouth, found.unexplained),
        silences=silences_between(_merged([*found.phonemes, *found.unexplained]), driver.sound.duration_s),
        heard="transcript",
        phonemes=found.phonemes,
        words=found.words,
        language=language,
    )
    return followed, [word for part in found.unfound for word in part.text.split()]


def _named(missed: Sequence[str]) -> str:
    named = ", ".join(f"`{word}`" for word in missed[:MOST_NAMED]) + (" ..." if len(missed) > MOST_NAMED else "")
    return f"{len(missed)} ({named})"


def _noting(driver: Driver, note: str) -> Driver:
    return replace(driver, notes=(*driver.notes, note))


def fitted(track: MouthTrack, frames: int) -> MouthTrack:
    """The track with that many frames: cut, or with the mouth at rest behind its end."""
    more = max(0, frames - len(track))
    return MouthTrack(
        track.fps,
        np.concatenate([track.controls[:frames], np.zeros((more, track.controls.shape[1]), np.float32)]),
        np.concatenate([track.gap[:frames], np.zeros(more, np.float32)]),
        np.concatenate([track.closed[:frames], np.ones(more, np.float32)]),
    )


def _merged(parts: Sequence[Timed]) -> list[Span]:
    """Stretches in order, joined where they overlap."""
    merged: list[Span] = []
    for start, end in sorted((part.start_s, part.end_s) for part in parts):
        if merged and start <= merged[-1].end_s:
            merged[-1] = Span(start_s=merged[-1].start_s, end_s=max(end, merged[-1].end_s))
        else:
            merged.append(Span(start_s=start, end_s=end))
    return merged


def _mono(sound: AudioSpool) -> AudioSpool:
    mono = AudioSpool(ENGINE_RATE_HZ)
    for chunk in resample(_downmix(sound.chunks()), sound.sample_rate_hz, ENGINE_RATE_HZ):
        mono.append(chunk)
    return mono


def _downmix(chunks: Iterator[NDArray[np.float32]]) -> Iterator[NDArray[np.float32]]:
    for chunk in chunks:
        yield chunk if chunk.ndim == 1 else chunk.mean(axis=1, dtype=np.float32)
