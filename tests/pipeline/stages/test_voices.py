"""A voice is copied once from the same sound, however many stages of a dub want it."""

from pathlib import Path

import numpy as np

from lipwright.contracts.dub import DubRequest, TargetLine
from lipwright.contracts.progress import SilentProgress
from lipwright.contracts.project import SpeakerVoice
from lipwright.media.spool import AudioSpool
from lipwright.pipeline.stages.voices import CLONE, voices_for
from lipwright.speech.cloning.fake import FakeCloner
from lipwright.speech.pauses import Stretch
from lipwright.speech.speakers.base import Speaker
from lipwright.speech.tts.fake import FakeTts
from lipwright.store.stages import StageStore

RATE_HZ = 48_000


def copied(cloner: FakeCloner, store: StageStore, sound: AudioSpool) -> tuple[SpeakerVoice, ...]:
    request = DubRequest(video=Path("a.mp4"), output=Path("b.mp4"), target="de", project=Path("p"), voice=CLONE)
    line = TargetLine(number=1, start_s=0, end_s=2, speaker=1, source="Hello.", text="Hallo.")
    speaker = Speaker(1, 2.0, (), None, Stretch(0.0, 2.0))
    voices, _ = voices_for(
        request, [line], [speaker], sound, lambda _: FakeTts(), lambda: cloner, store, SilentProgress()
    )
    return voices


def test_a_voice_is_copied_once_from_the_same_sound(tmp_path: Path) -> None:
    cloner = FakeCloner()
    with AudioSpool(RATE_HZ) as sound, AudioSpool(RATE_HZ) as other, StageStore(tmp_path) as store:
        sound.append(np.sin(np.arange(2 * RATE_HZ) / 50).astype(np.float32))
        other.append(np.sin(np.arange(2 * RATE_HZ) / 70).astype(np.float32))

        first = copied(cloner, store, sound)

        assert copied(cloner, store, sound) == first
        assert len(cloner.cloned) == 1
        copied(cloner, store, other)
        assert len(cloner.cloned) == 2
