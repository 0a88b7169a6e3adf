"""The end of a film: drawn scenes are joined under one sound, and what is known of them is written beside."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from lipwright.contracts.media import Cue
from lipwright.contracts.portrait import SubtitleKind
from lipwright.contracts.progress import Progress
from lipwright.contracts.story import STORYBOARD, Story
from lipwright.media.output import write_text
from lipwright.media.scene_cues import joined_cues
from lipwright.media.scenes import SceneFiles
from lipwright.media.subtitles import write_subtitles
from lipwright.media.tracks import SubtitleTrack
from lipwright.media.writer import VideoFormat
from lipwright.pipeline.stages.score import Bed, score
from lipwright.pipeline.stages.stitch import StitchedScene, stitch
from lipwright.pipeline.video.request import VideoRequest
from lipwright.pipeline.video.scene import captions
from lipwright.pipeline.video.voices import Voices
from lipwright.store.stages import StageStore
from lipwright.story.timing import frame_of

_BESIDE = (SubtitleKind.SRT, SubtitleKind.VTT)


@dataclass(frozen=True)
class FinalCut:
    """Joins the scenes of one film."""

    request: VideoRequest
    voices: Voices
    store: StageStore
    progress: Progress

    def stitch(self, story: Story, drawn: Sequence[SceneFiles]) -> int:
        """Join the scenes under one sound; returns the number of frames.

        Raises: MediaError, OutputError, Cancelled.
        """
        request = self.request
        bed = Bed(request.files[story.music.file], story.music) if story.music else None
        embedded = SubtitleKind.EMBED in request.subtitles
        language = story.language or request.language or "und"
        sounds = self.voices.sounds(story, request.fps)
        with closing(score(sounds, frames_of(story, request), request.fps, bed=bed, progress=self.progress)) as sound:
            return stitch(
                request.output,
                [StitchedScene(files, scene.title) for files, scene in zip(drawn, story.scenes, strict=True)],
                sound,
                VideoFormat(*request.size, request.fps),
                title=story.title,
                subtitles=SubtitleTrack(tuple(self._cues(story)), language) if embedded else None,
                store=self.store,
                progress=self.progress,
            )

    def write_beside(self, story: Story) -> None:
        """Write the storyboard and the subtitles that are wanted."""
        paths = beside(self.request)
        cues = self._cues(story) if len(paths) > 1 else []
        for path in paths:
            if path.name.endswith(STORYBOARD):
                write_text(path, story.model_dump_json(indent=2) + "\n")
            else:
                write_subtitles(path, cues)

    def _cues(self, story: Story) -> list[Cue]:
        """Subtitles of the whole video."""
        scenes = []
        for number, scene in enumerate(story.scenes):
            with closing((track := self.voices.said(story, number)).sound):
                scenes.append((scene.start_s or 0.0, captions(track, self.request)))
        return joined_cues(scenes)


def beside(request: VideoRequest) -> list[Path]:
    """The files that are written beside the video."""
    kinds = [kind for kind in _BESIDE if kind in request.subtitles]
    return [request.output.with_suffix(STORYBOARD), *(request.output.with_suffix(f".{kind}") for kind in kinds)]


def frames_of(story: Story, request: VideoRequest) -> int:
    """How many frames a story with exact times has."""
    last = story.scenes[-1]
    return frame_of(last.start_s, request.fps) + frame_of(last.duration_s, request.fps)
