"""The speech of a job's scenes, as files that travel from stage to stage and from machine to machine."""

import wave
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import numpy as np

from lipwright.contracts.route import StageWork
from lipwright.contracts.story import Story
from lipwright.media.output import output_error
from lipwright.pipeline.stages.recite import read_spoken, write_spoken
from lipwright.pipeline.stages.score import score
from lipwright.pipeline.stages.soundtrack import SAMPLE_RATE_HZ, Soundtrack
from lipwright.pipeline.video.final_cut import frames_of
from lipwright.pipeline.video.request import VideoRequest
from lipwright.pipeline.video.voices import Voices, silent

SOUND = "speech.wav"
"""All of it, for listening."""


class KeptVoices(Voices):
    """What was spoken in an earlier stage, to the last bit."""

    def __init__(self, files: Mapping[str, Path]) -> None:
        """
        Args:
            files: what `publish_speech` gave, by name; others are left alone.
        """
        self._files = files

    def said(self, story: Story, number: int) -> Soundtrack:
        """Read what was said in a scene."""
        sound, facts = _names(number)
        if sound not in self._files:
            return silent(story.language)
        return read_spoken(self._files[sound], self._files[facts])


def publish_speech(work: StageWork, voices: Voices, story: Story) -> dict[str, Path]:
    """Speak all scenes and write down what was said in each.

    Raises: SpeechError, ProviderError, OutputError, Cancelled.
    """
    work.progress.stage("speak", len(story.scenes))
    made: dict[str, Path] = {}
    for number in range(len(story.scenes)):
        work.progress.check_cancelled()
        with closing((said := voices.said(story, number)).sound):
            if len(said.sound):
                sound, facts = (work.folder / name for name in _names(number))
                try:
                    write_spoken(said, sound, facts)
                except OSError as exc:
                    raise output_error(sound, exc) from exc
                made |= {path.name: path for path in (sound, facts)}
        work.progress.advance(1)
    return made


def publish_sound(work: StageWork, voices: Voices, story: Story, request: VideoRequest) -> dict[str, Path]:
    """Write down, in one file, what will be heard without the music.

    Args:
        story: with its exact times.
    Raises: OutputError, Cancelled.
    """
    path = work.folder / SOUND
    sounds = voices.sounds(story, request.fps)
    with closing(score(sounds, frames_of(story, request), request.fps, progress=work.progress)) as heard:
        try:
            with wave.open(str(path), "wb") as file:
                file.setnchannels(heard.channels)
                file.setsampwidth(2)
                file.setframerate(SAMPLE_RATE_HZ)
                for chunk in heard.chunks():
                    file.writeframes(np.clip(np.rint(chunk * 32767), -32768, 32767).astype("<i2").tobytes())
        except OSError as exc:
            raise output_error(path, exc) from exc
    return {SOUND: path}


def takes_of(work: StageWork, scenes: int) -> Mapping[int, int]:
    """Which take is wanted of each scene, by its number from 0."""
    return {number: work.lines.get(number + 1, work.take) for number in range(scenes)}


def _names(number: int) -> tuple[str, str]:
    return f"speech-{number + 1:02}.f32", f"speech-{number + 1:02}.json"
