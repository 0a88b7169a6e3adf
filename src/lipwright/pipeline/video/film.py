"""A script and a face become a film of scenes, stage by stage; whatever an earlier run finished is found again."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from lipwright.contracts.media import Cue
from lipwright.contracts.portrait import SubtitleKind
from lipwright.contracts.progress import Progress
from lipwright.contracts.story import Background, Story
from lipwright.errors import MediaNotFound, UsageError, did_you_mean
from lipwright.media.claim import claimed
from lipwright.media.output import check_writable, write_text
from lipwright.media.scene_cues import joined_cues
from lipwright.media.subtitles import write_subtitles
from lipwright.media.tracks import SubtitleTrack
from lipwright.media.writer import VideoFormat
from lipwright.pipeline.clock import StageClock
from lipwright.pipeline.stages.score import Bed, score
from lipwright.pipeline.stages.stitch import StitchedScene, stitch
from lipwright.pipeline.video.cast import Cast
from lipwright.pipeline.video.material import Material, gather
from lipwright.pipeline.video.request import VideoEngines, VideoReport, VideoRequest
from lipwright.pipeline.video.scene import DrawnScene, captions, draw_scene, shots_of
from lipwright.pipeline.video.voices import Voices
from lipwright.store.stages import StageStore
from lipwright.story.timing import frame_of

STORYBOARD = ".storyboard.json"
"""What is written beside a video ends in it: the story with every choice made, and its exact times."""
_BESIDE = (SubtitleKind.SRT, SubtitleKind.VTT)


def make_video(
    request: VideoRequest, cast: Cast, engines: VideoEngines, *, store: StageStore, progress: Progress
) -> VideoReport:
    """Make the video of a request.

    Returns: what was made; the video and the files beside it are complete.
    Raises: InputError, ProviderError, OutputError, Cancelled: nothing is left under the output's name, and finished
        scenes are kept.
    """
    beside = [request.output.with_suffix(STORYBOARD)]
    beside += [request.output.with_suffix(f".{kind}") for kind in _BESIDE if kind in request.subtitles]
    for path in (request.output, *beside):
        check_writable(path)
    with claimed(request.output, *beside):
        return Film(request, cast, engines, store, progress).make(beside)


@dataclass
class Film:
    """One run. Its methods are the stages, in order; each takes what those before it gave."""

    request: VideoRequest
    cast: Cast
    engines: VideoEngines
    store: StageStore
    progress: Progress
    clock: StageClock = field(default_factory=StageClock)

    @property
    def voices(self) -> Voices:
        return Voices(self.request, self.engines, self.store, self.progress)

    def make(self, beside: Sequence[Path]) -> VideoReport:
        """Do all of it."""
        with self.clock.stage("storyboard"):
            board = self.board()
        with self.clock.stage("speak"):
            story = self.voices.time(board)
        with self.clock.stage("backgrounds"):
            material = self.gather(story)
        with self.clock.stage("scenes"):
            drawn = [self.draw(story, material, number) for number in range(len(story.scenes))]
        with self.clock.stage("stitch"):
            frames = self.stitch(story, drawn)
        self._write_beside(story, beside)
        advice = dict.fromkeys(note for scene in drawn for note in scene.advice)
        return VideoReport(
            output=self.request.output,
            story=story,
            duration_s=float(frames / self.request.fps),
            frames=frames,
            made_scenes=sum(not scene.resumed for scene in drawn),
            notes=tuple(advice),
            stage_s=tuple(self.clock.seconds),
            sidecars=tuple(beside),
        )

    def board(self) -> Story:
        """The storyboard: every choice that the script left open is made.

        Raises: MediaNotFound, UsageError: the story names what there is not.
        """
        self.progress.stage("storyboard", None)
        board = self.engines.storyboarder().fill(opened(self.request.story, self.request.background))
        check_story(board, self.request, self.cast)
        return board

    def gather(self, story: Story) -> list[Material]:
        """Find or paint all pictures."""
        return gather(story, self.request, self.engines, self.store, self.progress)

    def draw(self, story: Story, material: Sequence[Material], number: int) -> DrawnScene:
        """Draw a scene, counted from 0."""
        shot = shots_of(story, material, self.request)[number]
        frames = frame_of(shot.stand.scene.duration_s, self.request.fps)
        with closing((track := self.voices.track(story, shot.stand.scene, frames)).sound):
            return draw_scene(shot, track, self.cast, self.request, self.engines.enhancer(), self.store, self.progress)

    def stitch(self, story: Story, drawn: Sequence[DrawnScene]) -> int:
        """Join the scenes under one sound; returns the number of frames."""
        request = self.request
        bed = Bed(request.files[story.music.file], story.music) if story.music else None
        embedded = SubtitleKind.EMBED in request.subtitles
        language = story.language or request.language or "und"
        last = story.scenes[-1]
        frames = frame_of(last.start_s, request.fps) + frame_of(last.duration_s, request.fps)
        with closing(score(self.voices.sounds(story), frames, request.fps, bed=bed, progress=self.progress)) as sound:
            return stitch(
                request.output,
                [StitchedScene(one.files, scene.title) for one, scene in zip(drawn, story.scenes, strict=True)],
                sound,
                VideoFormat(*request.size, request.fps),
                title=story.title,
                subtitles=SubtitleTrack(tuple(self.cues(story)), language) if embedded else None,
                store=self.store,
                progress=self.progress,
            )

    def cues(self, story: Story) -> list[Cue]:
        """Subtitles of the whole video."""
        scenes = []
        for scene in story.scenes:
            with closing((track := self.voices.track(story, scene)).sound):
                scenes.append((scene.start_s or 0.0, captions(track, self.request)))
        return joined_cues(scenes)

    def _write_beside(self, story: Story, beside: Sequence[Path]) -> None:
        cues = self.cues(story) if len(beside) > 1 else []
        for path in beside:
            if path.name.endswith(STORYBOARD):
                write_text(path, story.model_dump_json(indent=2) + "\n")
            else:
                write_subtitles(path, cues)


def opened(story: Story, background: Background | None) -> Story:
    """A story that begins before a background, where it names none."""
    first = story.scenes[0]
    if background is None or first.background is not None:
        return story
    return story.model_copy(update={"scenes": (first.model_copy(update={"background": background}), *story.scenes[1:])})


def check_story(story: Story, request: VideoRequest, cast: Cast) -> None:
    """Make sure, before any long work, that all is there which a story names.

    Raises: MediaNotFound, UsageError.
    """
    for name in sorted(story.files()):
        path = request.files.get(name)
        if path is None or not path.is_file():
            raise MediaNotFound(f"`{name}`: the script names it, and there is no such file. Put it beside the script.")
    for scene in story.scenes:
        if scene.pose is not None and scene.pose not in cast.poses():
            raise UsageError(
                f"scene `{scene.title}`: there is no pose `{scene.pose}`.{did_you_mean(scene.pose, cast.poses())} There"
                f" are: {', '.join(cast.poses())}."
            )
