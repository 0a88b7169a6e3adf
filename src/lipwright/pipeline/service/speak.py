"""Jobs of kind `speak`: a photo or a clip, and words or a recording, become a talking video."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from lipwright.contracts.job import SpeakSpec
from lipwright.contracts.portrait import SYNTHETIC, PortraitRequest
from lipwright.contracts.route import Divided, Route, StagePlan, StageWork
from lipwright.contracts.strict import Strict
from lipwright.contracts.sync import Length, SyncRequest
from lipwright.media.image import is_clip
from lipwright.motion.sound import MouthEngine
from lipwright.pipeline.service import voice
from lipwright.pipeline.service.attempt import (
    VIDEO,
    PartProgress,
    checked,
    has_script,
    made,
    named,
    plainly,
    spec_of,
    words_of,
)
from lipwright.pipeline.service.parts import bring, carry
from lipwright.pipeline.service.picture import FACES, picture
from lipwright.pipeline.speak import speak
from lipwright.pipeline.stages.prepare import prepare
from lipwright.render.lipsync.base import LipSyncer
from lipwright.render.lipsync.presets import Knobs
from lipwright.speech.stt.base import SpeechToText
from lipwright.speech.tts.base import TextToSpeech
from lipwright.store.stages import StageStore

RENDER = "render"


@dataclass(frozen=True)
class SpeakRoute(Route):
    """What `lipwright speak` does, in stages."""

    tts: Callable[[str], TextToSpeech]
    """From the name of a voice; empty for any."""
    stt: Callable[[], SpeechToText]
    listener: Callable[[], MouthEngine]
    """Hears the mouth of a recording."""
    lipsync: Callable[[str, Knobs], LipSyncer]
    store: Callable[[], StageStore]
    engine: str | None = None
    """The lip-sync engine for clips; None for the preset's."""
    kind = "speak"

    def stages(self, spec: Strict) -> tuple[StagePlan, ...]:
        """`speak` where there is a script, then `faces` and `render`.

        Raises: UsageError: both words and a recording are asked for, or neither.
        """
        render = StagePlan(RENDER, "gpu", approvable=True)
        asked = checked(spec, SpeakSpec)
        spoken = (StagePlan(voice.STAGE, "cpu", approvable=True),) if has_script(asked.text, asked.audio) else ()
        return (*spoken, StagePlan(FACES, "cpu"), render)

    def assets(self, spec: Strict) -> frozenset[str]:
        """The face, and the recording if there is one."""
        asked = checked(spec, SpeakSpec)
        return frozenset({asked.face} | ({asked.audio} if asked.audio else set()))

    def run(self, work: StageWork) -> Mapping[str, Path] | Divided:
        """Do a stage, or draw a part of the windows of a clip."""
        asked = spec_of(work, SpeakSpec)
        request = self._request(work, asked)
        tts = self.tts(asked.voice) if request.text is not None else None
        with self.store() as store:
            if work.stage == voice.STAGE and tts is not None:
                return {**voice.voiced(work, request, tts, store), **carry(work, store)}
            with plainly(work):
                if is_clip(request.face):
                    clip = _of_clip(request, self.engine)
                    return picture(
                        work,
                        clip,
                        tts=tts,
                        stt=self.stt,
                        listener=self.listener(),
                        lipsync=self.lipsync,
                        store=store,
                    )
                if work.stage == FACES:
                    prepare(request)  # one that cannot be used is told before a worker that draws is wanted
                    return {}
                bring(work, store)
                progress = PartProgress(work.progress, RENDER)
                speak(request, tts=tts, listener=self.listener(), store=store, progress=progress)
        return made(work)

    def outputs(self, made: Mapping[str, str]) -> Mapping[str, str]:
        """The video and what lies beside it."""
        return {name: digest for name, digest in made.items() if name.startswith("video.")}

    def _request(self, work: StageWork, asked: SpeakSpec) -> PortraitRequest:
        return PortraitRequest(
            face=named(work, asked.face, "face"),
            text=words_of(work, asked.text),
            audio=named(work, asked.audio, "audio") if asked.audio else None,
            voice=asked.voice,
            language=asked.language,
            output=work.folder / VIDEO,
            seed=asked.seed,
            label=SYNTHETIC if asked.label else None,
            speed=asked.speed,
        )


def _of_clip(request: PortraitRequest, engine: str | None) -> SyncRequest:
    return SyncRequest(
        video=request.face,
        output=request.output,
        audio=request.audio,
        text=request.text,
        voice=request.voice,
        language=request.language,
        speed=request.speed,
        length=Length.SOUND,
        engine=engine,
        label=request.label,
        seed=request.seed,
    )
