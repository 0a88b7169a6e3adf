"""The words of all scenes are spoken, once; what is spoken gives the exact times of everything."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import numpy as np

from lipwright.contracts.progress import Progress
from lipwright.contracts.story import Story
from lipwright.media.spool import AudioSpool
from lipwright.pipeline.stages.recite import recite
from lipwright.pipeline.stages.score import SceneSound
from lipwright.pipeline.stages.soundtrack import SAMPLE_RATE_HZ, Soundtrack
from lipwright.pipeline.stages.speak_lines import pace_of_take
from lipwright.pipeline.video.request import VideoEngines, VideoRequest
from lipwright.store.stages import StageStore
from lipwright.story.spoken_times import SceneSpeech
from lipwright.story.timing import frame_of, spoken


class Voices(ABC):
    """What is heard of the scenes."""

    @abstractmethod
    def said(self, story: Story, number: int) -> Soundtrack:
        """What is said in a scene, counted from 0; of no length where nobody speaks. The caller closes it."""

    def time(self, story: Story, fps: Fraction) -> Story:
        """The story with the exact times of what is said."""
        speeches = []
        for number in range(len(story.scenes)):
            said = self.said(story, number)
            with closing(said.sound):
                speeches.append(SceneSpeech(said.words, len(said.sound) / SAMPLE_RATE_HZ))
        return spoken(story, speeches, fps)

    def track(self, story: Story, number: int, frames: int, fps: Fraction) -> Soundtrack:
        """The sound of a scene from its own beginning, ending with silence so that it is as long as its frames."""
        said = self.said(story, number)
        missing = int(frames * SAMPLE_RATE_HZ / fps) - len(said.sound)
        if missing > 0:
            said.sound.append(np.zeros(missing, np.float32))
        return said

    def sounds(self, story: Story, fps: Fraction) -> Iterator[SceneSound]:
        """The sounds of all scenes, one at a time: each is closed when the next is asked for."""
        for number, scene in enumerate(story.scenes):
            with closing(self.said(story, number).sound) as sound:
                start, frames = (frame_of(value, fps) for value in (scene.start_s, scene.duration_s))
                yield SceneSound(sound if len(sound) else None, start, frames)


@dataclass(frozen=True, slots=True)
class _Script:
    """What one scene says."""

    text: str
    voice: str
    language: str | None
    speed: float
    lexicon: Path | None


@dataclass(frozen=True)
class Speakers(Voices):
    """The engines speak. Everything that was spoken lies in the store."""

    request: VideoRequest
    engines: VideoEngines
    store: StageStore
    progress: Progress
    takes: Mapping[int, int] = field(default_factory=dict)
    """Of scenes that are to be spoken differently, by their numbers from 0: by a variant of the voice where its engine
    has one, else at another pace."""

    def said(self, story: Story, number: int) -> Soundtrack:
        """Speak a scene, or find what was spoken."""
        scene = story.scenes[number]
        language = story.language or self.request.language
        if not scene.text.strip():
            return silent(language)
        voice, speed = scene.voice or story.voice or self.request.voice, self.request.speed
        tts = self.engines.tts(voice)
        if take := self.takes.get(number, 0):
            variant = tts.variant(voice, take) if voice else voice
            speed = pace_of_take(speed, take, tts.capability.speeds) if variant == voice else speed
            voice = variant
        return recite(_Script(scene.text, voice, language, speed, self.request.lexicon), tts, self.store, self.progress)


def silent(language: str | None) -> Soundtrack:
    """What is heard where nobody speaks."""
    return Soundtrack(AudioSpool(SAMPLE_RATE_HZ), language=language or "und")
