"""A script is spoken once: the sound and the times of its phones are kept, and found again by an interrupted run."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np

from lipwright.contracts.progress import Progress
from lipwright.contracts.speech import Phoneme, Word
from lipwright.media.spool import AudioSpool
from lipwright.pipeline.stages.narrate import Script, narrate
from lipwright.pipeline.stages.soundtrack import SAMPLE_RATE_HZ, Soundtrack
from lipwright.speech.tts.base import TextToSpeech
from lipwright.store.digest import file_digest
from lipwright.store.key import StageKey
from lipwright.store.stages import StageStore, memoise

SOUND, FACTS = "sound.f32", "speech.json"
BYTES_PER_SAMPLE = 4
CHUNK_SAMPLES = 65_536


def recite(script: Script, tts: TextToSpeech, store: StageStore, progress: Progress) -> Soundtrack:
    """Speak a script as `narrate` does, unless an earlier run has done it.

    Raises: SpeechError: the text or the voice cannot be spoken.
    """
    key = StageKey(
        "narrate",
        1,
        provider=tts.identity(),
        inputs={"lexicon": file_digest(script.lexicon) if script.lexicon else ""},
        parameters={
            "text": script.text,
            "voice": script.voice,
            "language": script.language,
            "speed": script.speed,
        },
    )

    def make(folder: Path) -> None:
        spoken = narrate(script, tts, progress)
        with spoken.sound as sound, (folder / SOUND).open("wb") as file:
            for chunk in sound.chunks():
                file.write(chunk.tobytes())
        emphasis = [] if spoken.emphasis is None else spoken.emphasis.tolist()
        facts = {
            "phonemes": [asdict(phoneme) for phoneme in spoken.phonemes],
            "words": [asdict(word) for word in spoken.words],
            "emphasis": emphasis,
            "language": spoken.language,
            "voice": spoken.voice,
            "engine": spoken.engine,
        }
        (folder / FACTS).write_text(json.dumps(facts), encoding="utf-8")

    return _load(memoise(store, key, make))


def _load(folder: Path) -> Soundtrack:
    facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    sound = AudioSpool(SAMPLE_RATE_HZ)
    with (folder / SOUND).open("rb") as file:
        while data := file.read(CHUNK_SAMPLES * BYTES_PER_SAMPLE):
            sound.append(np.frombuffer(data, np.float32))
    return Soundtrack(
        sound,
        phonemes=tuple(Phoneme(**phoneme) for phoneme in facts["phonemes"]),
        words=tuple(Word(**word) for word in facts["words"]),
        emphasis=np.array(facts["emphasis"], np.float32),
        language=facts["language"],
        voice=facts["voice"],
        engine=facts["engine"],
    )
