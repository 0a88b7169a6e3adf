"""Jobs of kind `speak` whose video a vendor makes; all others are left to the route of this service's own engines."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from lipwright.contracts.job import SpeakSpec
from lipwright.contracts.route import Divided, Route, StagePlan, StageWork
from lipwright.contracts.strict import Strict
from lipwright.errors import UsageError, did_you_mean
from lipwright.media.image import is_clip
from lipwright.pipeline.remote_video import Offer, RemoteRequest, make_remote_video
from lipwright.pipeline.service import voice
from lipwright.pipeline.service.attempt import VIDEO, PartProgress, checked, has_script, made, named, plainly, words_of
from lipwright.render.remote.orders import OrderDesk
from lipwright.speech.tts.base import TextToSpeech
from lipwright.store.stages import StageStore

ORDER = "order"


@dataclass(frozen=True)
class RemoteSpeakRoute(Route):
    """What `lipwright speak --renderer` does, in stages."""

    here: Route
    """Speaks the script, and does the jobs that name no renderer."""
    tts: Callable[[str], TextToSpeech]
    """From the name of a voice; empty for any."""
    store: Callable[[], StageStore]
    offers: Callable[[str], Sequence[Offer]]
    """From the name of a renderer."""
    desk: Callable[[], AbstractContextManager[OrderDesk]]
    renderers: tuple[str, ...]
    """Names that a job may have."""
    kind = "speak"

    def stages(self, spec: Strict) -> tuple[StagePlan, ...]:
        """`speak` where there is a script, then `order`; without a renderer, those of this service's own engines.

        Raises: UsageError: no such renderer, or something that it cannot do.
        """
        asked = checked(spec, SpeakSpec)
        if not asked.renderer:
            return self.here.stages(spec)
        if asked.renderer not in self.renderers:
            there = ", ".join(self.renderers) or "none, since none is configured"
            raise UsageError(
                f"spec: no such renderer `{asked.renderer}`.{did_you_mean(asked.renderer, self.renderers)}"
                f" There are: {there}."
            )
        if asked.label or asked.seed:
            raise UsageError("spec: a renderer knows neither `label` nor `seed`. Leave them out.")
        spoken = (StagePlan(voice.STAGE, "cpu", approvable=True),) if has_script(asked.text, asked.audio) else ()
        return (*spoken, StagePlan(ORDER, "io", approvable=True))

    def assets(self, spec: Strict) -> frozenset[str]:
        """The face, and the recording if there is one."""
        return self.here.assets(spec)

    def run(self, work: StageWork) -> Mapping[str, Path] | Divided:
        """Do a stage. One that was interrupted goes on waiting for what it has ordered."""
        asked = checked(work.spec, SpeakSpec)
        if work.stage != ORDER:
            return self.here.run(work)
        request = RemoteRequest(
            output=work.folder / VIDEO,
            face=named(work, asked.face, "face"),
            text=words_of(work, asked.text),
            audio=named(work, asked.audio, "audio") if asked.audio else None,
            voice=asked.voice,
            language=asked.language,
            speed=asked.speed,
            take=work.take,
        )
        tts = self.tts(asked.voice) if request.text is not None else None
        with plainly(work), self.store() as store, self.desk() as desk:
            if is_clip(work.assets[asked.face]):
                raise UsageError("`face`: a remote renderer takes a photo, and this is a video. Give a photo.")
            make_remote_video(
                request,
                self.offers(asked.renderer),
                desk=desk,
                tts=tts,
                store=store,
                progress=PartProgress(work.progress, "render"),
            )
        return made(work)

    def outputs(self, made: Mapping[str, str]) -> Mapping[str, str]:
        """The video."""
        return self.here.outputs(made)
