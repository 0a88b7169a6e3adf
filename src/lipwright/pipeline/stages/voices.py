"""A voice for each speaker of a dub: the one asked for, the nearest one, or a copy of the speaker's own."""

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from lipwright.contracts.dub import DubRequest, Line, TargetLine
from lipwright.contracts.progress import Progress
from lipwright.contracts.project import SpeakerVoice
from lipwright.errors import LanguageUnknown, UsageError
from lipwright.media.spool import AudioSpool
from lipwright.speech.cloning.base import Reference, VoiceCloner
from lipwright.speech.speakers.base import Speaker
from lipwright.speech.speakers.voices import choose_voices
from lipwright.speech.translate.spoken_length import pace_of
from lipwright.speech.tts.base import TextToSpeech
from lipwright.store.key import StageKey
from lipwright.store.stages import StageStore, memoise

AUTO, CLONE = "auto", "clone"
"""Names that are no voices."""
_COPY = "voice.json"


def check_voice(request: DubRequest, tts: TextToSpeech) -> None:
    """Make sure, before the long work, that somebody speaks the language of a dub.

    Raises: LanguageUnknown, VoiceUnknown.
    """
    if request.voice == CLONE:
        return
    if request.voice != AUTO:
        tts.find_voice(request.voice, request.target)
    elif not tts.supports(request.target):
        spoken = ", ".join(tts.capability.languages)
        raise LanguageUnknown(
            f"{request.target}: the engine {tts.capability.name} does not speak it. It speaks {spoken}. For other"
            " languages name an engine behind a server, such as --tts elevenlabs or --tts openai."
        )


def voices_for(
    request: DubRequest,
    lines: Sequence[Line | TargetLine],
    speakers: Sequence[Speaker],
    old_voice: AudioSpool,
    engine: Callable[[None], TextToSpeech],
    cloner: Callable[[], VoiceCloner],
    store: StageStore,
    progress: Progress,
) -> tuple[tuple[SpeakerVoice, ...], tuple[str, ...]]:
    """Choose.

    Args:
        speakers: as they were heard; a person may have added others to the lines.
        old_voice: the separated voice, from which a voice is copied.
        engine: gives the speech engine that the request or the settings name.
        cloner: builds the engine that copies voices.
        store: where it is kept which voice was copied from which sound: none is copied twice.
    Returns: one for each speaker of the lines, in order, and what the report says of it.
    """
    progress.stage("choose voices", None)
    wanted = _speaking(lines, speakers)
    if request.voice == CLONE:
        return _copied(wanted, old_voice, cloner(), store, progress)
    return _chosen(request, wanted, engine(None))


def paces_for(
    request: DubRequest, lines: Sequence[Line], speakers: Sequence[Speaker], engine: Callable[[None], TextToSpeech]
) -> dict[int, float]:
    """How slow the voice of each speaker will be, as `pace_of` tells; empty where nobody knows the voice yet."""
    if request.voice == CLONE:
        return {}
    voices, _ = _chosen(request, _speaking(lines, speakers), engine(None))
    return {voice.speaker: pace_of(voice.voice) for voice in voices}


def _speaking(lines: Sequence[Line | TargetLine], speakers: Sequence[Speaker]) -> list[Speaker]:
    heard = {speaker.number: speaker for speaker in speakers}
    numbers = sorted({line.speaker for line in lines})
    return [heard.get(number, Speaker(number, 0.0, (), None, None)) for number in numbers]


def _chosen(
    request: DubRequest, speakers: Sequence[Speaker], tts: TextToSpeech
) -> tuple[tuple[SpeakerVoice, ...], tuple[str, ...]]:
    if request.voice != AUTO:
        voice = tts.find_voice(request.voice, request.target)
        return tuple(SpeakerVoice(one.number, voice.id, tts.capability.name, "asked for") for one in speakers), ()
    chosen = choose_voices(speakers, tts.castable(request.target), request.target)
    reason = "similarity and pitch"
    found = (SpeakerVoice(one.number, chosen.voices[one.number], tts.capability.name, reason) for one in speakers)
    return tuple(found), chosen.notes


def _copied(
    speakers: Sequence[Speaker], old_voice: AudioSpool, cloner: VoiceCloner, store: StageStore, progress: Progress
) -> tuple[tuple[SpeakerVoice, ...], tuple[str, ...]]:
    able = cloner.capability
    voices = []
    for speaker in speakers:
        progress.check_cancelled()
        stretch = speaker.reference
        if stretch is None or stretch.end_s - stretch.start_s < able.shortest_s:
            raise UsageError(
                f"--voice clone: speaker {speaker.number} is not heard alone for {able.shortest_s:g} s, which"
                f" {able.name} needs. Name a voice instead, or use --voice auto."
            )
        rate = old_voice.sample_rate_hz
        length_s = min(stretch.end_s - stretch.start_s, able.longest_s)
        samples = old_voice.read(round(stretch.start_s * rate), round(length_s * rate))
        mono = samples if samples.ndim == 1 else samples.mean(axis=1, dtype=np.float32)
        voice = _copy(Reference(mono, rate), f"lipwright speaker {speaker.number}", cloner, store)
        voices.append(SpeakerVoice(speaker.number, voice, able.tts, f"copied by {able.name}"))
    return tuple(voices), (f"the voices are copies that {able.name} made, and are kept there",)


def _copy(reference: Reference, name: str, cloner: VoiceCloner, store: StageStore) -> str:
    """The id of a copied voice: the kept one, else made now."""
    key = StageKey(
        "copy-voice",
        1,
        provider=cloner.capability.name,
        inputs={"sound": hashlib.sha256(np.ascontiguousarray(reference.samples).tobytes()).hexdigest()},
        parameters={"sample_rate_hz": reference.sample_rate_hz, "name": name},
    )

    def make(folder: Path) -> None:
        (folder / _COPY).write_text(json.dumps(cloner.clone(reference, name).id), encoding="utf-8")

    return str(json.loads((memoise(store, key, make) / _COPY).read_text(encoding="utf-8")))
