"""The route of `lipwright transcribe`: what is said in a recording or a video becomes subtitles or a document."""

import json
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path

import numpy as np

from lipwright import __version__
from lipwright.contracts.progress import Progress
from lipwright.contracts.speech import Transcript
from lipwright.contracts.transcription import TranscriptionReport, TranscriptionRequest
from lipwright.errors import SpeechNotHeard, UsageError
from lipwright.media.audio import read_audio
from lipwright.media.claim import claimed
from lipwright.media.cues import CueRules, cues_from_words
from lipwright.media.output import check_writable, write_text
from lipwright.media.probe import probe
from lipwright.media.spool import AudioSpool
from lipwright.media.subtitles import SUFFIXES, write_subtitles
from lipwright.pipeline.clock import StageClock
from lipwright.pipeline.stages.align_words import align_words
from lipwright.pipeline.stages.damage import damage_note
from lipwright.pipeline.stages.recognise import recognise
from lipwright.remote.waiting import cancellable
from lipwright.speech.stt.base import SpeechToText
from lipwright.store.stages import StageStore

DOCUMENT = ".json"
SUFFIXES_WRITTEN = (*SUFFIXES, DOCUMENT)
SAMPLE_RATE_HZ = 16_000
SILENT = 1e-4
"""No sample of a silent recording is larger."""
SUBTITLED_FPS = (Fraction(10), Fraction(120))
"""Cues keep their distance in frames of a video with such a rate."""


def transcribe(
    request: TranscriptionRequest, *, stt: SpeechToText, store: StageStore, progress: Progress
) -> TranscriptionReport:
    """Write down what is said.

    Args:
        stt: recognises the words.
        store: where the words of finished parts are kept.
    Returns: what was written; the file is complete.
    Raises: UsageError: the output's suffix. SpeechNotHeard: no words. MediaError, LanguageUnknown, ProviderError,
        OutputError, Cancelled: nothing is left under the output's name.
    """
    if request.output.suffix.lower() not in SUFFIXES_WRITTEN:
        raise UsageError(f"`{request.output}`: no format of that name. Use {', '.join(SUFFIXES_WRITTEN)}.")
    if request.language is not None:
        stt.find_language(request.language)
    check_writable(request.output)
    with cancellable(progress.check_cancelled), claimed(request.output):
        return _transcribe(request, stt, store, progress)


def _transcribe(
    request: TranscriptionRequest, stt: SpeechToText, store: StageStore, progress: Progress
) -> TranscriptionReport:
    clock = StageClock()
    damaged: list[Fraction] = []
    with AudioSpool(SAMPLE_RATE_HZ, folder=request.output.absolute().parent) as sound:
        with clock.stage("listen"):
            progress.stage("listen", None)
            loudest = _read(request, sound, damaged, progress)
        if loudest <= SILENT:
            raise SpeechNotHeard(f"`{request.source}`: there is nothing to hear in it. Use a recording of speech.")
        with clock.stage("recognise"):
            heard = recognise(sound, stt, request.language, store, progress)
        if not heard.words:
            raise SpeechNotHeard(
                f"`{request.source}`: no words are recognised in it. Use a recording in which somebody speaks, or name"
                " their language with --language."
            )
        with clock.stage("align"):
            heard = align_words(heard, sound, store, progress)
    with clock.stage("write"):
        cues = _write(request, heard, stt.capability.name)
    return TranscriptionReport(
        output=request.output,
        language=heard.language,
        probability=heard.probability,
        duration_s=heard.duration_s,
        words=len(heard.words),
        cues=cues,
        notes=(*damage_note(request.source, damaged), *_languages_note(heard)),
        stage_s=tuple(clock.seconds),
    )


def _read(request: TranscriptionRequest, sound: AudioSpool, damaged: list[Fraction], progress: Progress) -> float:
    """Decode the sound; gives its largest sample."""
    loudest = 0.0
    for chunk in read_audio(request.source, SAMPLE_RATE_HZ, track=request.audio_track, on_damage=damaged.append):
        progress.check_cancelled()
        loudest = max(loudest, float(np.abs(chunk).max()))
        sound.append(chunk)
    return loudest


def _write(request: TranscriptionRequest, heard: Transcript, engine: str) -> int:
    """Gives the number of cues, or of utterances."""
    if request.output.suffix.lower() == DOCUMENT:
        document = {"lipwright": __version__, "source": request.source.name, "engine": engine, **asdict(heard)}
        write_text(request.output, json.dumps(document, indent=2, ensure_ascii=False) + "\n")
        return len(heard.utterances)
    cues = cues_from_words(heard.words, heard.duration_s, CueRules(fps=_rate(request.source)))
    write_subtitles(request.output, cues)
    return len(cues)


def _rate(source: Path) -> Fraction:
    """The frame rate of a video, if subtitles can be timed by it."""
    video = probe(source).video
    slowest, fastest = SUBTITLED_FPS
    return video.fps if video is not None and slowest <= video.fps <= fastest else CueRules().fps


def _languages_note(heard: Transcript) -> tuple[str, ...]:
    spoken = list(dict.fromkeys(said.language for said in heard.utterances))
    return (f"several languages are spoken: {', '.join(spoken)}",) if len(spoken) > 1 else ()
