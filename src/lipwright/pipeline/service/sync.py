"""Jobs of kind `sync`: a talking video says something else."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from lipwright.contracts.job import SyncSpec
from lipwright.contracts.portrait import SYNTHETIC
from lipwright.contracts.route import Divided, Route, StagePlan, StageWork
from lipwright.contracts.strict import Strict
from lipwright.contracts.sync import SyncRequest
from lipwright.motion.sound import MouthEngine
from lipwright.pipeline.service import voice
from lipwright.pipeline.service.attempt import (
    VIDEO,
    checked,
    has_script,
    named,
    spec_of,
    words_of,
)
from lipwright.pipeline.service.parts import carry
from lipwright.pipeline.service.picture import FACES, picture
from lipwright.render.lipsync.base import LipSyncer
from lipwright.render.lipsync.presets import Knobs
from lipwright.speech.stt.base import SpeechToText
from lipwright.speech.tts.base import TextToSpeech
from lipwright.store.stages import StageStore

ANIMATE = "animate"


@dataclass(frozen=True)
class SyncRoute(Route):
    """What `lipwright sync` does, in stages."""

    tts: Callable[[str], TextToSpeech]
    """From the name of a voice; empty for any."""
    stt: Callable[[], SpeechToText]
    listener: Callable[[], MouthEngine]
    """Hears the mouth of a recording."""
    lipsync: Callable[[str, Knobs], LipSyncer]
    store: Callable[[], StageStore]
    engine: str | None = None
    """The lip-sync engine; None for the preset's."""
    kind = "sync"

    def stages(self, spec: Strict) -> tuple[StagePlan, ...]:
        """`speak` where there is a script, then `faces` and `animate`.

        Raises: UsageError: both words and a recording are asked for, or neither.
        """
        animate = StagePlan(ANIMATE, "gpu", approvable=True)
        asked = checked(spec, SyncSpec)
        spoken = (StagePlan(voice.STAGE, "cpu", approvable=True),) if has_script(asked.text, asked.audio) else ()
        return (*spoken, StagePlan(FACES, "cpu"), animate)

    def assets(self, spec: Strict) -> frozenset[str]:
        """The video, and the recording if there is one."""
        asked = checked(spec, SyncSpec)
        return frozenset({asked.video} | ({asked.audio} if asked.audio else set()))

    def run(self, work: StageWork) -> Mapping[str, Path] | Divided:
        """Do a stage, or draw a part of the windows."""
        asked = spec_of(work, SyncSpec)
        request = SyncRequest(
            video=named(work, asked.video, "video"),
            output=work.folder / VIDEO,
            audio=named(work, asked.audio, "audio") if asked.audio else None,
            text=words_of(work, asked.text),
            transcript=asked.transcript,
            voice=asked.voice,
            language=asked.language,
            speaker=asked.speaker,
            length=asked.length,
            preset=asked.preset,
            engine=self.engine,
            label=SYNTHETIC if asked.label else None,
            seed=asked.seed,
        )
        tts = self.tts(asked.voice) if request.text is not None else None
        with self.store() as store:
            if work.stage == voice.STAGE and tts is not None:
                return {**voice.voiced(work, request, tts, store), **carry(work, store)}
            return picture(
                work,
                request,
                tts=tts,
                stt=self.stt,
                listener=self.listener(),
                lipsync=self.lipsync,
                store=store,
            )

    def outputs(self, made: Mapping[str, str]) -> Mapping[str, str]:
        """The video and what lies beside it."""
        return {name: digest for name, digest in made.items() if name.startswith("video.")}
