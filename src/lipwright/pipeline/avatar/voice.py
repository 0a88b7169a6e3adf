"""How an avatar speaks: a voice that was chosen, or a copy of the person's own."""

import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.avatar import VOICE_SAMPLE, Use, VoiceProfile
from lipwright.contracts.progress import Progress
from lipwright.errors import ConsentMissing, UsageError
from lipwright.media.audio import read_audio
from lipwright.pipeline.avatar.request import AvatarRequest
from lipwright.speech.cloning.base import Reference, VoiceCloner
from lipwright.speech.tts.base import MANY, Gender, TextToSpeech, Voice
from lipwright.store.digest import file_digest

PROFILE = "voice.json"
"""The profile, between stages; an identity holds it itself."""
RATE_HZ = 48_000


def check_voice(request: AvatarRequest) -> None:
    """Make sure, before the long work, that the voice of a request may be made.

    Raises: UsageError: it names a voice as well as a sample. ConsentMissing: the voice may not be copied.
    """
    if request.voice_sample is None:
        return
    if request.voice or request.tts:
        raise UsageError("--voice-sample: the voice is a copy of the sample's. Leave --voice and --tts out.")
    if Use.CLONE_VOICE not in request.consent.uses:
        raise ConsentMissing(
            f"--voice-sample: the consent of {request.consent.person} does not cover the use `{Use.CLONE_VOICE}`."
            f" Ask for a record of consent whose `uses` name it, or choose a voice with --voice."
        )


def choose_voice(
    request: AvatarRequest,
    folder: Path,
    *,
    tts: Callable[[], TextToSpeech],
    cloner: Callable[[], VoiceCloner],
    progress: Progress,
) -> dict[str, Path]:
    """Find the voice of a request, or copy it.

    Args:
        tts: builds the engine that has the voice.
        cloner: builds the engine that copies voices.
    Returns: the profile, and the sample that was copied; nothing for the default voice of each language.
    Raises: ConsentMissing, UsageError, MediaError, SpeechError, ProviderError.
    """
    progress.stage("voice", None)
    check_voice(request)
    if request.voice_sample is not None:
        return _copied(request, request.voice_sample, folder, cloner())
    if not request.voice and request.tts is None:
        return {}
    engine = tts()
    voice = engine.find_voice(request.voice) if request.voice else engine.voices()[0]
    return {PROFILE: _write(folder, profile_of(voice, engine.capability.name, None))}


def read_profile(path: Path) -> VoiceProfile:
    """Read what `choose_voice` wrote."""
    return VoiceProfile.model_validate_json(path.read_bytes())


def profile_of(voice: Voice, engine: str, cloned_from: str | None) -> VoiceProfile:
    """A voice as an identity keeps it."""
    language = None if voice.language == MANY else voice.language
    return VoiceProfile(engine=engine, voice=voice.id, language=language, cloned_from=cloned_from)


def copied_voice(profile: VoiceProfile) -> Voice:
    """The copy that a profile names, for the engine that made it."""
    return Voice(profile.voice, profile.language or MANY, Gender.NEUTRAL, profile.engine, "a copy")


def _copied(request: AvatarRequest, sample: Path, folder: Path, cloner: VoiceCloner) -> dict[str, Path]:
    able = cloner.capability
    longest = round(able.longest_s * RATE_HZ)
    kept: list[NDArray[np.float32]] = []
    for chunk in read_audio(sample, RATE_HZ):
        kept.append(chunk)
        if sum(len(part) for part in kept) >= longest:
            break
    reference = Reference(np.concatenate(kept)[:longest] if kept else np.empty(0, np.float32), RATE_HZ)
    cloner.check_reference(reference)
    path = folder / VOICE_SAMPLE
    _write_wav(path, reference.samples)
    voice = cloner.clone(reference, f"lipwright avatar {request.name}")
    profile = profile_of(voice, able.tts, file_digest(path))
    return {VOICE_SAMPLE: path, PROFILE: _write(folder, profile)}


def _write(folder: Path, profile: VoiceProfile) -> Path:
    path = folder / PROFILE
    path.write_text(profile.model_dump_json(), encoding="utf-8")
    return path


def _write_wav(path: Path, samples: NDArray[np.float32]) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
