"""Jobs of kind `dub`: a video in another language. Each stage is a run of the dub up to there, in a folder of its own.

What earlier stages computed is found in the stage store of the machine; on another machine it is computed again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from lipwright.contracts.dub import DubRequest, DubStage
from lipwright.contracts.job import DubSpec
from lipwright.contracts.portrait import SYNTHETIC
from lipwright.contracts.route import Route, StagePlan, StageWork
from lipwright.contracts.strict import Strict
from lipwright.pipeline.dub import dub
from lipwright.pipeline.engines import DubEngines
from lipwright.pipeline.service.attempt import VIDEO, PartProgress, checked, made, named, plainly, spec_of
from lipwright.pipeline.service.dub_files import REPORTS, collect, restore, want_takes
from lipwright.store.stages import StageStore

APPROVABLE = frozenset({DubStage.TRANSCRIBE, DubStage.TRANSLATE, DubStage.SPEAK, DubStage.FINISH})
PARTS = {DubStage.TRANSCRIBE: "recognise", DubStage.FINISH: "join"}
"""What the work calls the part of a stage by which its progress is told, where that is not the stage's name."""


@dataclass(frozen=True)
class DubRoute(Route):
    """What `lipwright dub` does, in stages."""

    engines: Callable[[DubRequest], DubEngines]
    store: Callable[[], StageStore]
    engine: str | None = None
    """The lip-sync engine; None for the preset's."""
    kind = "dub"

    def stages(self, spec: Strict) -> tuple[StagePlan, ...]:
        """The stages of a dub; what draws comes last, on workers that do one thing at a time."""
        checked(spec, DubSpec)
        drawn = {DubStage.ANIMATE, DubStage.FINISH}
        return tuple(StagePlan(one.value, "gpu" if one in drawn else "cpu", one in APPROVABLE) for one in DubStage)

    def assets(self, spec: Strict) -> frozenset[str]:
        """The video, and the glossary if there is one."""
        asked = checked(spec, DubSpec)
        return frozenset({asked.video} | ({asked.glossary} if asked.glossary else set()))

    def run(self, work: StageWork) -> Mapping[str, Path]:
        """Do a stage."""
        stage = DubStage(work.stage)
        request = self._request(work, stage)
        with plainly(work), self.store() as store:
            restore(request.project, work.earlier)
            if stage is DubStage.SPEAK:
                want_takes(request.project, work.take, work.lines, work.line)
            dub(
                request,
                engines=self.engines(request),
                store=store,
                progress=PartProgress(work.progress, PARTS.get(stage, stage.value)),
            )
            finished = stage is DubStage.FINISH
            files = collect(request.project, work.folder, spoken=stage is DubStage.SPEAK, finished=finished)
        return {**made(work), **files} if finished else files

    def outputs(self, made: Mapping[str, str]) -> Mapping[str, str]:
        """The video, subtitles and whatever else lies beside it, and the report."""
        return {name: digest for name, digest in made.items() if name.startswith("video.") or name in REPORTS}

    def _request(self, work: StageWork, stage: DubStage) -> DubRequest:
        asked = spec_of(work, DubSpec)
        return DubRequest(
            video=named(work, asked.video, "video"),
            output=work.folder / VIDEO,
            target=asked.target,
            project=work.folder / "project",
            source_language=asked.source_language,
            subtitles=asked.subtitles,
            voice=asked.voice,
            glossary=named(work, asked.glossary, "glossary") if asked.glossary else None,
            stop_after=None if stage is DubStage.FINISH else stage,
            lip_sync=asked.lip_sync,
            preset=asked.preset,
            engine=self.engine,
            keep_original=asked.keep_original,
            bed_gain_db=asked.bed_gain_db,
            allow_failed=asked.allow_failed,
            label=SYNTHETIC if asked.label else None,
            seed=asked.seed,
        )
