"""A script and a face become a film of scenes, stage by stage; whatever an earlier run finished is found again."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field

from lipwright.contracts.progress import Progress
from lipwright.contracts.story import Background, Story
from lipwright.errors import MediaNotFound, UsageError, did_you_mean
from lipwright.media.claim import claimed
from lipwright.media.output import check_writable
from lipwright.pipeline.clock import StageClock
from lipwright.pipeline.video.cast import Cast
from lipwright.pipeline.video.final_cut import FinalCut, beside
from lipwright.pipeline.video.material import Material, check_makers, gather
from lipwright.pipeline.video.request import VideoEngines, VideoReport, VideoRequest
from lipwright.pipeline.video.scene import DrawnScene, draw_scene, shots_of
from lipwright.pipeline.video.voices import Speakers, Voices
from lipwright.store.stages import StageStore
from lipwright.story.timing import frame_of


def make_video(
    request: VideoRequest, cast: Cast, engines: VideoEngines, *, store: StageStore, progress: Progress
) -> VideoReport:
    """Make the video of a request.

    Returns: what was made; the video and the files beside it are complete.
    Raises: InputError, ProviderError, OutputError, Cancelled: nothing is left under the output's name, and finished
        scenes are kept.
    """
    written = (request.output, *beside(request))
    for path in written:
        check_writable(path)
    with claimed(*written):
        return Film(request, cast, engines, store, progress).make()


@dataclass
class Film:
    """One run. Its methods are the stages, in order; each takes what those before it gave."""

    request: VideoRequest
    cast: Cast
    engines: VideoEngines
    store: StageStore
    progress: Progress
    clock: StageClock = field(default_factory=StageClock)

    def make(self) -> VideoReport:
        """Do all of it."""
        voices = Speakers(self.request, self.engines, self.store, self.progress)
        cut = FinalCut(self.request, voices, self.store, self.progress)
        with self.clock.stage("storyboard"):
            board = self.board()
        with self.clock.stage("speak"):
            story = voices.time(board, self.request.fps)
        with self.clock.stage("backgrounds"):
            material = gather(story, self.request, self.engines, self.store, self.progress)
        with self.clock.stage("scenes"):
            drawn = [self.draw(story, voices, material, number) for number in range(len(story.scenes))]
        with self.clock.stage("stitch"):
            frames = cut.stitch(story, [scene.files for scene in drawn])
        cut.write_beside(story)
        advice = dict.fromkeys(note for scene in drawn for note in scene.advice)
        return VideoReport(
            output=self.request.output,
            story=story,
            duration_s=float(frames / self.request.fps),
            frames=frames,
            made_scenes=sum(not scene.resumed for scene in drawn),
            notes=tuple(advice),
            stage_s=tuple(self.clock.seconds),
            sidecars=tuple(beside(self.request)),
        )

    def board(self) -> Story:
        """The storyboard: every choice that the script left open is made.

        Raises: MediaNotFound, UsageError, ProviderUnavailable: the story names what there is not.
        """
        self.progress.stage("storyboard", None)
        return self.checked(self.engines.storyboarder().fill(opened(self.request.story, self.request.background)))

    def checked(self, board: Story) -> Story:
        """A storyboard of which all is there.

        Raises: MediaNotFound, UsageError, ProviderUnavailable: it names what there is not, or what nobody makes.
        """
        check_makers(board, self.engines)
        check_story(board, self.request, self.cast)
        return board

    def draw(self, story: Story, voices: Voices, material: Sequence[Material], number: int) -> DrawnScene:
        """Draw a scene, counted from 0."""
        shot = shots_of(story, material, self.request)[number]
        frames = frame_of(shot.stand.scene.duration_s, self.request.fps)
        with closing((track := voices.track(story, number, frames, self.request.fps)).sound):
            return draw_scene(shot, track, self.cast, self.request, self.engines.enhancer(), self.store, self.progress)


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
