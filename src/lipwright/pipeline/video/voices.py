"""The words of all scenes are spoken, once; what is spoken gives the exact times of everything."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from lipwright.contracts.progress import Progress
from lipwright.contracts.story import Scene, Story
from lipwright.media.spool import AudioSpool
from lipwright.pipeline.stages.recite import recite
from lipwright.pipeline.stages.score import SceneSound
from lipwright.pipeline.stages.soundtrack import SAMPLE_RATE_HZ, Soundtrack
from lipwright.pipeline.video.request import VideoEngines, VideoRequest
from lipwright.store.stages import StageStore
from lipwright.story.spoken_times import SceneSpeech
from lipwright.story.timing import frame_of, spoken


@dataclass(frozen=True, slots=True)
class _Script:
    """What one scene says."""

    text: str
    voice: str
    language: str | None
    speed: float
    lexicon: Path | None


@dataclass(frozen=True)
class Voices:
    """What is heard of the scenes. Everything that was spoken lies in the store."""

    request: VideoRequest
    engines: VideoEngines
    store: StageStore
    progress: Progress

    def time(self, story: Story) -> Story:
        """Speak what has not been spoken yet; the story with its exact times."""
        speeches = []
        for scene in story.scenes:
            track = self.track(story, scene)
            with closing(track.sound):
                speeches.append(SceneSpeech(track.words, len(track.sound) / SAMPLE_RATE_HZ))
        return spoken(story, speeches, self.request.fps)

    def track(self, story: Story, scene: Scene, frames: int | None = None) -> Soundtrack:
        """The sound of a scene, from its own beginning; the caller closes it.

        Args:
            frames: the sound ends with silence so that it is as long; None for what is spoken alone.
        """
        if not scene.text.strip():
            said = Soundtrack(AudioSpool(SAMPLE_RATE_HZ), language=story.language or self.request.language or "und")
        else:
            voice = scene.voice or story.voice or self.request.voice
            script = _Script(
                scene.text,
                voice,
                story.language or self.request.language,
                self.request.speed,
                self.request.lexicon,
            )
            said = recite(script, self.engines.tts(voice), self.store, self.progress)
        return said if frames is None else _lengthened(said, frames, self.request.fps)

    def sounds(self, story: Story) -> Iterator[SceneSound]:
        """The sounds of all scenes, one at a time: each is closed when the next is asked for."""
        for scene in story.scenes:
            with closing(self.track(story, scene).sound) as sound:
                start, frames = (
                    frame_of(value or 0.0, self.request.fps) for value in (scene.start_s, scene.duration_s)
                )
                yield SceneSound(sound if len(sound) else None, start, frames)


def _lengthened(said: Soundtrack, frames: int, fps: Fraction) -> Soundtrack:
    missing = int(frames * SAMPLE_RATE_HZ / fps) - len(said.sound)
    if missing > 0:
        said.sound.append(np.zeros(missing, np.float32))
    return said
