"""Jobs of kind `video`: a script of scenes becomes a video. What one stage needs of another travels as files, so that
any machine may do any stage, and any scene."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Protocol

from pydantic import ValidationError

from lipwright.contracts.job import VideoSpec
from lipwright.contracts.portrait import SYNTHETIC
from lipwright.contracts.progress import Progress
from lipwright.contracts.route import Divided, Route, StagePlan, StageWork
from lipwright.contracts.story import Story
from lipwright.contracts.strict import Strict
from lipwright.errors import UsageError
from lipwright.pipeline.avatar.figure import Figure
from lipwright.pipeline.service.attempt import VIDEO, PartProgress, checked, made, named, spec_of
from lipwright.pipeline.service.avatar_lent import needed
from lipwright.pipeline.service.avatar_words import told
from lipwright.pipeline.service.video_figure import check_agreed, figure_of, languages_of
from lipwright.pipeline.service.video_pictures import kept_material, publish_pictures
from lipwright.pipeline.service.video_scenes import kept_scenes, publish_scene, publish_scenes
from lipwright.pipeline.service.video_speech import KeptVoices, publish_sound, publish_speech, takes_of
from lipwright.pipeline.service.video_story import (
    BOARD,
    SCRIPT,
    TIMED,
    check_given,
    given_story,
    is_open,
    kept_story,
    publish_sheet,
    publish_story,
    story_of,
    write_script,
)
from lipwright.pipeline.video.cast import Cast
from lipwright.pipeline.video.film import Film
from lipwright.pipeline.video.final_cut import FinalCut
from lipwright.pipeline.video.material import gather
from lipwright.pipeline.video.request import VideoEngines, VideoRequest
from lipwright.pipeline.video.voices import Speakers
from lipwright.store.stages import StageStore
from lipwright.story.base import ScriptWriter
from lipwright.story.timing import estimated

WRITE, PLAN, SPEAK, PAINT, DRAW, STITCH = "script", "storyboard", "speech", "backgrounds", "scenes", "stitch"
APPROVABLE = frozenset({WRITE, PLAN, PAINT, STITCH})
SLOWEST_FPS, FASTEST_FPS = 10, 60


class Casting(Protocol):
    """Finds out how somebody is set into scenes."""

    def __call__(self, figure: Figure, *, store: StageStore, progress: Progress, seed: int) -> Cast:
        """Build the cast."""


class Engines(Protocol):
    """Builds engines."""

    def __call__(self, *, tts: str | None, enhance: str | None) -> VideoEngines:
        """Build those of a job: None for the settings' own."""


@dataclass(frozen=True)
class VideoRoute(Route):
    """What `lipwright speak` does with scenes, in stages; scenes are drawn by as many workers as there are."""

    writer: Callable[[], ScriptWriter]
    engines: Engines
    cast: Casting
    store: Callable[[], StageStore]
    kind = "video"

    def stages(self, spec: Strict) -> tuple[StagePlan, ...]:
        """The stages of a video; there is no script where a story is given.

        Raises: ScriptInvalid, PathEscapes, UsageError: the job cannot be done. ConsentMissing: nobody agreed to it.
        """
        asked = checked(spec, VideoSpec)
        _rate(asked)
        with told(None):
            check_agreed(asked)
        if (story := given_story(asked)) is not None:
            check_given(story, asked)
        written = (WRITE,) if asked.story is None else ()
        return tuple(
            StagePlan(name, "gpu" if name == DRAW else "cpu", name in APPROVABLE)
            for name in (*written, PLAN, SPEAK, PAINT, DRAW, STITCH)
        )

    def assets(self, spec: Strict) -> frozenset[str]:
        """The files of the script, and those of the face or of the avatar."""
        asked = checked(spec, VideoSpec)
        person = needed(asked.identity) if asked.identity is not None else frozenset()
        return frozenset(asked.files.values()) | person | ({asked.face} if asked.face is not None else set())

    def run(self, work: StageWork) -> Mapping[str, Path] | Divided:
        """Do a stage, or draw a scene."""
        asked = spec_of(work, VideoSpec)
        files = {name: named(work, digest, f"file-{n}") for n, (name, digest) in enumerate(sorted(asked.files.items()))}
        with told(work, {path: name for name, path in files.items()}), self.store() as store:
            check_agreed(asked)
            if work.stage == WRITE:
                return {SCRIPT: write_script(work, asked, self.writer())}
            stages = {PLAN: _plan, SPEAK: _speak, PAINT: _paint, DRAW: _draw, STITCH: _stitch}
            return stages[work.stage](_Job(self, work, asked, files, store))

    def lines(self, stage: str, read: Callable[[str], bytes | None]) -> Collection[int] | None:
        """The scenes of the storyboard, once there is one."""
        content = read(BOARD) if stage in (SPEAK, PAINT, DRAW) else None
        if content is None:
            return None
        try:
            return range(1, len(Story.model_validate_json(content).scenes) + 1)
        except ValidationError:  # a person edited it: the stage says what is wrong
            return None

    def outputs(self, made: Mapping[str, str]) -> Mapping[str, str]:
        """The video and what lies beside it."""
        return {name: digest for name, digest in made.items() if name.startswith("video.")}


@dataclass(frozen=True)
class _Job:
    """What a stage works with."""

    route: VideoRoute
    work: StageWork
    asked: VideoSpec
    files: Mapping[str, Path]
    store: StageStore

    @property
    def figure(self) -> Figure:
        return figure_of(self.work, self.asked)

    @property
    def engines(self) -> VideoEngines:
        voice = self.asked.identity.voice if self.asked.identity else None
        own = voice.engine if voice is not None and not self.asked.voice else None
        return self.route.engines(tts=own, enhance=self.asked.enhance or None)

    def request(self, story: Story) -> VideoRequest:
        asked = self.asked
        voice = asked.identity.voice if asked.identity else None
        return VideoRequest(
            story=story,
            files=self.files,
            output=self.work.folder / VIDEO,
            voice=asked.voice or (voice.voice if voice else ""),
            language=asked.language or (voice.language if voice else None),
            speed=asked.speed,
            size=(asked.width_px, asked.height_px),
            fps=_rate(asked),
            subtitles=asked.subtitles,
            label=SYNTHETIC if asked.label else None,
            seed=asked.seed,
        )

    def film(self, request: VideoRequest, progress: Progress) -> Film:
        cast = self.route.cast(self.figure, store=self.store, progress=progress, seed=request.seed)
        return Film(request, cast, self.engines, self.store, progress)

    def check(self, story: Story, request: VideoRequest) -> None:
        """Make sure that the job has all that a story names, and may be said. Raises: InputError."""
        check_given(story, self.asked)
        check_agreed(self.asked, languages_of(story, request, self.engines))

    def check_line(self, scenes: int) -> None:
        """Raises: UsageError: a scene is wanted differently that there is not."""
        if self.work.line is not None and self.work.line > scenes:
            raise UsageError(f"line {self.work.line}: the storyboard has {scenes} scenes. Name one of them.")


def _plan(job: _Job) -> Mapping[str, Path]:
    request = job.request(story_of(job.work, job.asked))
    job.check(request.story, request)
    film = job.film(request, job.work.progress)
    film.engines.enhancer()  # one that there is not is told now, and not when scenes are drawn
    board = estimated(film.board())
    sheet = publish_sheet(job.work, board, film.cast, request)
    return {BOARD: publish_story(job.work, BOARD, board), **sheet}


def _speak(job: _Job) -> Mapping[str, Path]:
    board = kept_story(job.work, BOARD)
    request = job.request(board)
    job.check(board, request)
    job.check_line(len(board.scenes))
    quiet = PartProgress(job.work.progress, SPEAK)
    film = job.film(request, quiet)
    board = film.board() if is_open(board) else film.checked(board)
    speakers = Speakers(request, film.engines, job.store, quiet, takes_of(job.work, len(board.scenes)))
    files = publish_speech(job.work, speakers, board)
    kept = KeptVoices(files)
    story = kept.time(board, request.fps)
    return {**files, **publish_sound(job.work, kept, story, request), TIMED: publish_story(job.work, TIMED, story)}


def _paint(job: _Job) -> Mapping[str, Path]:
    story = kept_story(job.work, TIMED)
    job.check_line(len(story.scenes))
    request = job.request(story)
    takes = takes_of(job.work, len(story.scenes))
    material = gather(story, request, job.engines, job.store, job.work.progress, takes)
    return publish_pictures(job.work, story, material, request)


def _draw(job: _Job) -> Mapping[str, Path] | Divided:
    work, story = job.work, kept_story(job.work, TIMED)
    job.check_line(len(story.scenes))
    if work.parts is not None:
        return publish_scenes(work, work.parts)
    if work.part is None:
        return Divided(tuple(str(number) for number in range(len(story.scenes))))
    number = int(work.part)
    request = job.request(story)
    material = kept_material(story, request, work.earlier)
    again = replace(request, seed=(request.seed + takes_of(work, len(story.scenes))[number]) % 2**32)
    film = job.film(again, PartProgress(work.progress, "draw"))
    return publish_scene(work, film.draw(story, KeptVoices(work.earlier), material, number))


def _stitch(job: _Job) -> Mapping[str, Path]:
    story = kept_story(job.work, TIMED)
    cut = FinalCut(job.request(story), KeptVoices(job.work.earlier), job.store, job.work.progress)
    cut.stitch(story, kept_scenes(job.work, len(story.scenes)))
    cut.write_beside(story)
    return made(job.work)


def _rate(asked: VideoSpec) -> Fraction:
    """Frames in a second.

    Raises: UsageError: no rate of a video.
    """
    over, _, under = asked.fps.partition("/")
    if int(under or "1") == 0 or not SLOWEST_FPS <= (rate := Fraction(int(over), int(under or "1"))) <= FASTEST_FPS:
        raise UsageError(f"fps `{asked.fps}`: must be {SLOWEST_FPS} to {FASTEST_FPS}, such as 25 or 30000/1001.")
    return rate
