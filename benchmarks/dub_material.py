"""A long talk, made when it is needed: somebody in a repeated clip says other words in every sentence.

No sentence comes twice, so that no line of its dub is found in the store.
"""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 48_000
VOICE = "am_michael"
PAUSES_S = (0.45, 1.1)
"""The shortest and the longest between two sentences."""
BED_SNR_DB = 20.0
WHEN = (
    "Last summer", "On Monday morning", "After the meeting", "Before breakfast", "In the evening", "Two days ago",
    "During the winter", "At the end of the year", "Yesterday afternoon", "In my opinion", "Every Sunday",
    "When I was young", "At the moment", "For many years", "On the first day", "Without any help", "In the old town",
    "After a long journey", "At the beginning", "Because of the rain", "To our surprise", "From time to time",
    "In the middle of the night",
)  # fmt: skip
WHAT = (
    "my mother bought a paper map", "we walked along the river", "the children played in the garden",
    "nobody knew the answer", "I drank a cup of strong coffee", "the train left without us",
    "our neighbours painted their house", "she wrote a letter to her brother", "the shop sold fresh bread and cheese",
    "they opened all the windows", "the doctor asked me some questions", "he promised to bring five more books",
    "we repaired the broken bridge", "the students finished their work", "my friends cooked a wonderful dinner",
    "the old man told us a story", "a bird built its nest above the door", "the farmers waited for better weather",
    "I lost the keys of my car", "the teacher explained the problem again", "our team won an important game",
    "the police closed the main street", "we visited a very small museum", "the baker gave me a piece of cake",
    "the engineers measured the pressure", "she learned to speak another language", "the ship reached a safe harbour",
    "my father planted three apple trees", "the company changed its name", "we watched the stars for an hour",
    "a young woman played the piano",
)  # fmt: skip


@dataclass(frozen=True)
class Talk:
    """A video whose words are known."""

    video: Path
    text: str


def sentences() -> Iterator[str]:
    """Different sentences, some 700 of them."""
    for number in range(len(WHEN) * len(WHAT)):
        yield f"{WHEN[number % len(WHEN)]}, {WHAT[number % len(WHAT)]}."


def make_talk(clip: Path, folder: Path, seconds: float) -> Talk:
    """The pictures of a clip, repeated to a length, with sentences over the noise of a room.

    What lies in the folder already is not made again.
    """
    from benchmarks.sync_speed import repeat_video
    from lipwright.contracts.progress import SilentProgress
    from lipwright.media.spool import AudioSpool
    from lipwright.pipeline.stages.mux import mux

    video, spoken = folder / f"talk-{seconds:g}s.mp4", folder / f"talk-{seconds:g}s.npz"
    if not spoken.exists():
        command = [sys.executable, "-m", "benchmarks.dub_material", str(spoken), str(seconds)]
        subprocess.run(command, check=True)
    with np.load(spoken) as file:
        sound, text = file["sound"], str(file["text"])
    if not video.exists():
        pictures = folder / "pictures.mp4"
        repeat_video(clip, pictures, seconds)
        with AudioSpool() as spool:
            spool.append(sound)
            mux(video, pictures, spool, target="en", source_language="en", progress=SilentProgress())
        pictures.unlink()
    return Talk(video, text)


def main() -> None:
    """Speak, in a process of its own: a voice takes memory that is not the program's."""
    path, seconds = Path(sys.argv[1]), float(sys.argv[2])
    sound, text = _speak(seconds)
    np.savez(path, sound=sound, text=np.array(text))


def _speak(seconds: float) -> tuple[NDArray[np.float32], str]:
    """Returns: sound, (samples,), and what is said in it."""
    from benchmarks.separation import make_bed, scaled
    from lipwright.media.audio import resample
    from lipwright.speech.tts.kokoro import Kokoro

    voices, rng = Kokoro(), np.random.default_rng(3)
    parts, said = [np.zeros(RATE_HZ, np.float32)], []
    left = round(seconds * RATE_HZ) - RATE_HZ
    for sentence in sentences():
        speech = voices.speak(sentence, VOICE)
        spoken = np.concatenate([*resample([speech.samples], speech.sample_rate_hz, RATE_HZ)])
        pause = np.zeros(round(rng.uniform(*PAUSES_S) * RATE_HZ), np.float32)
        if len(spoken) + len(pause) > left:
            break
        parts += [spoken, pause]
        said.append(sentence)
        left -= len(spoken) + len(pause)
    speech = np.concatenate([*parts, np.zeros(left, np.float32)])
    return speech + scaled(make_bed("room", len(speech)), speech, BED_SNR_DB), " ".join(said)


if __name__ == "__main__":
    main()
