"""A small talking video that is quick to dub, engines that count what they are asked, and the program dubbing it."""

import contextlib
import io
import json
import os
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar
from unittest import mock

import numpy as np
from numpy.typing import NDArray

from lipwright.cli import main
from lipwright.cli.interrupts import Interrupts
from lipwright.contracts.speech import Speech, Transcript, Utterance, Word
from lipwright.media.writer import VideoFormat, VideoWriter
from lipwright.speech.lexicon import Lexicon
from lipwright.speech.separate.fake import FakeSeparator
from lipwright.speech.stt.fake import FakeStt
from lipwright.speech.translate.base import Passage
from lipwright.speech.translate.fake import FakeTranslator
from lipwright.speech.tts.fake import FakeTts
from lipwright.speech.tts.hibari import Hibari
from lipwright.wiring import capabilities
from support.clips import in_chunks

RATE_HZ = 48_000
FPS = 6
SECONDS = 8.0
SAID = (
    (0.5, 2.0, "Good evening to you."),
    (3.0, 4.8, "This is the first thing."),
    (6.0, 7.5, "And the second."),
)
"""Start, end and words of what is said in the video."""
FAKES = ("--stt", "fake", "--translate", "fake", "--tts", "fake", "--separate", "fake", "--engine", "fake")
QUICK = (*FAKES, "--preset", "fast", "--quiet")
NAMES = {
    "EMBEDDED_STT": "support.dubbed:Ears",
    "EMBEDDED_TRANSLATE": "support.dubbed:Scribe",
    "EMBEDDED_TTS": "support.dubbed:Tones",
}


class Ears(FakeStt):
    """Hears `SAID`, whatever sounds."""

    calls_of_all: ClassVar[list[str | None]] = []

    def transcribe(
        self, chunks: Iterable[NDArray[np.float32]], sample_rate_hz: int, language: str | None = None
    ) -> Transcript:
        heard = super().transcribe(chunks, sample_rate_hz, language)
        self.calls_of_all.append(language)
        said = []
        for start_s, end_s, text in SAID:
            edges_s = np.linspace(start_s, end_s, len(text.split()) + 1).tolist()
            words = tuple(Word(*word) for word in zip(text.split(), edges_s[:-1], edges_s[1:], strict=True))
            said.append(Utterance(text, start_s, end_s, heard.language, words, 1.0))
        return Transcript(heard.language, 1.0, heard.duration_s, tuple(said))


class Scribe(FakeTranslator):
    """Marks what it is given, and remembers it beyond its own life."""

    asked_of_all: ClassVar[list[str]] = []

    def translate(self, passages: Sequence[Passage], source: str, target: str, count: int = 1) -> list[tuple[str, ...]]:
        self.asked_of_all += [passage.text for passage in passages]
        return super().translate(passages, source, target, count)


class Tones(FakeTts):
    """Says tones, and remembers what beyond its own life."""

    spoken_of_all: ClassVar[list[str]] = []

    def speak(
        self, text: str, voice: str, *, language: str | None = None, speed: float = 1.0, lexicon: Lexicon | None = None
    ) -> Speech:
        self.spoken_of_all.append(text)
        return super().speak(text, voice, language=language, speed=speed, lexicon=lexicon)


class Hush(FakeSeparator):
    """Finds hardly any voice."""

    def __init__(self) -> None:
        super().__init__(share=0.1)


@dataclass(frozen=True)
class Asked:
    """What engines were asked for, and which results of stages were made, since the last look."""

    heard: int
    translated: list[str]
    spoken: list[str]
    made: dict[str, int]
    """How many new results there are, by the name of their stage."""


class Dubbing:
    """`dubbing("talk.mp4", "--to", "pt-BR")` runs `lipwright dub` in this process, with engines that count."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.results: set[Path] = set()
        self.asked()

    def __call__(self, *arguments: str, command: Sequence[str] = ("dub",)) -> "subprocess.CompletedProcess[str]":
        out, err = io.StringIO(), io.StringIO()
        environment = {"LIPWRIGHT_CACHE_DIR": str(self.folder / "cache")}
        with (
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
            mock.patch.dict(os.environ, environment),
            counting_engines(),
        ):
            code = main.run([*command, *arguments], Interrupts())
        return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())

    def document(self, *arguments: str, command: Sequence[str] = ("dub",)) -> Any:
        """What it tells a program, when it works."""
        done = self(*arguments, "--json", command=command)
        assert done.returncode == 0, done.stderr + done.stdout
        return json.loads(done.stdout)

    def asked(self) -> Asked:
        """Since the last look."""
        found = {path.parent for path in (self.folder / "cache/stages/results").glob("*/*/manifest.json")}
        made: dict[str, int] = {}
        for path in found - self.results:
            name = json.loads(json.loads((path / "manifest.json").read_text())["key"])["stage"]
            made[name] = made.get(name, 0) + 1
        self.results = found
        asked = Asked(len(Ears.calls_of_all), Scribe.asked_of_all[:], Tones.spoken_of_all[:], made)
        Ears.calls_of_all.clear()
        Scribe.asked_of_all.clear()
        Tones.spoken_of_all.clear()
        return asked


@contextlib.contextmanager
def counting_engines() -> Iterator[None]:
    """Put the engines of this module in the place of the fakes."""
    with contextlib.ExitStack() as stack:
        for registry, name in NAMES.items():
            stack.enter_context(mock.patch.dict(getattr(capabilities, registry), {"fake": name}))
        yield


def chatter(seconds: float = SECONDS) -> NDArray[np.float32]:
    """Hibari says `SAID`; silence between."""
    engine = Hibari()
    out = np.zeros(round(seconds * RATE_HZ), np.float32)
    for start_s, end_s, text in SAID:
        speech = engine.speak(text, engine.voices()[0].id)
        told = np.repeat(speech.samples, RATE_HZ // speech.sample_rate_hz)[: round((end_s - start_s) * RATE_HZ)]
        first = round(start_s * RATE_HZ)
        out[first : first + len(told)] = told
    return out


def chords(seconds: float, beat: bool = True, level: float = 0.05) -> NDArray[np.float32]:
    """Music: four chords, one a second, over a bass that beats twice a second when it is wanted."""
    times_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    out = np.zeros(len(times_s))
    for bar, root_hz in enumerate((220.0, 174.6, 261.6, 196.0) * (int(seconds) // 4 + 1)):
        part = (times_s >= bar) & (times_s < bar + 1)
        local_s = times_s[part] - bar
        fade = np.minimum(1, np.minimum(local_s, 1 - local_s) * 50)
        for ratio in (1, 1.25, 1.5, 2.0):
            out[part] += fade * sum(np.sin(2 * np.pi * root_hz * ratio * k * local_s) / k for k in (1, 2, 3))
    if beat:
        since_s = times_s % 0.5
        out += 6 * np.exp(-since_s * 18) * np.sin(2 * np.pi * 60 * since_s)
    return np.asarray(level * out / np.abs(out).max(), np.float32)


def write_talk(
    path: Path, faces: Sequence[NDArray[np.uint8]], sound: NDArray[np.float32] | None, seconds: float = SECONDS
) -> Path:
    """A video of these pictures, forth and back again, with this sound."""
    there_and_back = [*faces, *reversed(faces)]
    height, width, _ = faces[0].shape
    audio = None if sound is None else in_chunks(sound)
    with VideoWriter(path, VideoFormat(width, height, Fraction(FPS)), audio=audio) as writer:
        for number in range(round(seconds * FPS)):
            writer.write(there_and_back[number % len(there_and_back)])
    return path
