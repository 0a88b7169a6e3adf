"""Jobs of kind `dub`: a video in another language. Each stage is a run of the dub up to there, in a folder of its own.

What earlier stages computed is found in the stage store, where it is put out of their bundles.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from lipwright.contracts.dub import DubRequest, DubStage
from lipwright.contracts.job import DubSpec
from lipwright.contracts.portrait import SYNTHETIC
from lipwright.contracts.route import Divided, Route, StagePlan, StageWork
from lipwright.contracts.strict import Strict
from lipwright.pipeline.dub import dub
from lipwright.pipeline.engines import DubEngines
from lipwright.pipeline.service.attempt import VIDEO, PartProgress, checked, made, named, plainly, spec_of
from lipwright.pipeline.service.dub_files import PUBLISHED_LINES, REPORTS, collect, line_numbers, restore, want_takes
from lipwright.pipeline.service.parts import bring, carry, ended, share_of
from lipwright.pipeline.service.picture import FACES, FINDS_FACES, LEAST_WINDOWS, WINDOWS
from lipwright.pipeline.share import Partly, Share
from lipwright.pipeline.stages.voices import CLONE
from lipwright.store.stages import StageStore

APPROVABLE = frozenset({DubStage.TRANSCRIBE, DubStage.TRANSLATE, DubStage.SPEAK, DubStage.FINISH})
TOLD_BY = {DubStage.TRANSCRIBE.value: "recognise", FACES: FINDS_FACES, DubStage.FINISH.value: "join"}
"""What the work calls the part of a stage by which its progress is told, where that is not the stage's name."""
SHARED = {
    DubStage.TRANSCRIBE: ("sounds", 1),
    DubStage.SPEAK: ("lines", 10),
    DubStage.ANIMATE: (WINDOWS, LEAST_WINDOWS),
}
"""Stages whose work is shared out: what its pieces are called, and how many a part does at the least. A piece of sound
has about four minutes."""


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
        drawn = {DubStage.ANIMATE, DubStage.FINISH}
        plans = [StagePlan(one.value, "gpu" if one in drawn else "cpu", one in APPROVABLE) for one in DubStage]
        if checked(spec, DubSpec).lip_sync:
            plans.insert(list(DubStage).index(DubStage.ANIMATE), StagePlan(FACES, "cpu"))
        return tuple(plans)

    def assets(self, spec: Strict) -> frozenset[str]:
        """The video, and the glossary if there is one."""
        asked = checked(spec, DubSpec)
        return frozenset({asked.video} | ({asked.glossary} if asked.glossary else set()))

    def run(self, work: StageWork) -> Mapping[str, Path] | Divided:
        """Do a stage, or a part of one."""
        stage = DubStage.ANIMATE if work.stage == FACES else DubStage(work.stage)
        request = self._request(work, stage)
        what, share = _share(work, stage, request)
        with plainly(work), self.store() as store:
            brought = bring(work, store)
            restore(request.project, work.earlier)
            if stage is DubStage.SPEAK:
                want_takes(request.project, work.take, work.lines, work.line)
            try:
                dub(
                    request,
                    engines=self.engines(request),
                    store=store,
                    progress=PartProgress(work.progress, TOLD_BY.get(work.stage, work.stage)),
                    share=share,
                )
            except Partly:
                return ended(work, share, what, store, brought)
            if work.stage == FACES:
                return carry(work, store, brought)
            finished = stage is DubStage.FINISH
            files = collect(request.project, work.folder, spoken=stage is DubStage.SPEAK, finished=finished)
            return {**files, **(made(work) if finished else carry(work, store, brought))}

    def lines(self, stage: str, read: Callable[[str], bytes | None]) -> Collection[int] | None:
        """The lines that are spoken, once they are translated."""
        content = read(PUBLISHED_LINES) if stage == DubStage.SPEAK else None
        return None if content is None else line_numbers(content)

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


def _share(work: StageWork, stage: DubStage, request: DubRequest) -> tuple[str, Share | None]:
    """What the pieces of a stage are called, and which of them an attempt makes."""
    if work.stage == FACES:
        return WINDOWS, Share(range(0))
    if stage not in SHARED or (stage is DubStage.SPEAK and request.voice == CLONE):
        return "", None  # each machine would copy the voices anew
    what, least = SHARED[stage]
    return what, share_of(work, least)
