"""The stage in which a script is spoken: a person may hear it, and correct the words, before a picture is made."""

import wave
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import numpy as np

from lipwright.contracts.route import StageWork
from lipwright.media.output import output_error, write_text
from lipwright.pipeline.service.attempt import SCRIPT, PartProgress, plainly
from lipwright.pipeline.stages.narrate import Script
from lipwright.pipeline.stages.recite import recite
from lipwright.pipeline.stages.soundtrack import Soundtrack
from lipwright.speech.tts.base import TextToSpeech
from lipwright.store.stages import StageStore

STAGE = "speak"
SOUND = "speech.wav"


def voiced(work: StageWork, script: Script, tts: TextToSpeech, store: StageStore) -> Mapping[str, Path]:
    """Speak the script of a job.

    Returns: `script.txt` and `speech.wav`.
    Raises: SpeechError, ProviderError, OutputError, Cancelled.
    """
    words, sound = work.folder / SCRIPT, work.folder / SOUND
    with plainly(work):
        spoken = recite(script, tts, store, PartProgress(work.progress, STAGE))
        with closing(spoken.sound):
            write_text(words, script.text or "")
            _write(sound, spoken)
    return {SCRIPT: words, SOUND: sound}


def _write(path: Path, spoken: Soundtrack) -> None:
    try:
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(spoken.sound.sample_rate_hz)
            for chunk in spoken.sound.chunks():
                file.writeframes(np.clip(np.rint(chunk * 32767), -32768, 32767).astype("<i2").tobytes())
    except OSError as exc:
        raise output_error(path, exc) from exc
