"""Measures who is heard when, on conversations whose speakers are known. Prints one JSON document.

python -m benchmarks.speakers --talks 8 --minutes 60

The English voices of Kokoro talk, one to four of them, in turns of one to three sentences or of one short one, with
pauses of 0 to .9 s, some over chords 10 dB below them. Times of words are moved by 40 ms at random, and one sentence in
five has no mark at its end, as recognised words are. The diarisation error is the share of word time that is given to
the wrong person, for the best pairing of people. At last one conversation of three is repeated to so many minutes, for
speed and memory.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 16_000
JITTER_S = 0.04
MUSIC_DB = -10.0
TALK_S = 60.0
WOMEN = ("af_heart", "af_bella", "af_nicole", "bf_emma", "bf_isabella")
MEN = ("am_michael", "am_fenrir", "am_puck", "bm_george", "bm_fable")
SHORT = ("Yes, I think so.", "What do you mean by that?", "Okay, thanks a lot.", "She called me twice this morning.")
LONG = (
    "The farmer carried a heavy basket of apples to the market.",
    "Before you leave, please close the windows and lock the gate.",
    "If the weather changes, we will move the meeting to Monday and tell everybody by mail.",
    "Her first book sold only a few hundred copies, which did not stop her from writing another.",
)


@dataclass(frozen=True)
class Kind:
    """One kind of conversation."""

    name: str
    women: int
    men: int
    short: bool = False
    music: bool = False


KINDS = (
    Kind("one", 1, 0),
    Kind("one_music", 0, 1, music=True),
    Kind("two_women", 2, 0),
    Kind("two_men", 0, 2),
    Kind("mixed", 1, 1),
    Kind("short_turns", 2, 0, short=True),
    Kind("two_women_music", 2, 0, music=True),
    Kind("three", 2, 1),
    Kind("four_music", 2, 2, music=True),
)


def main() -> None:
    """Speak in a process of its own, listen, compare."""
    options = argparse.ArgumentParser()
    options.add_argument("--talks", type=int, default=4, help="of each kind")
    options.add_argument("--minutes", type=float, default=60.0)
    options.add_argument("--speak", type=Path, help="only write the speech")
    given = options.parse_args()
    if given.speak is not None:
        _speak(given.speak)
        return
    with tempfile.TemporaryDirectory(prefix="lipwright-bench-") as name:
        spoken = Path(name) / "spoken.npz"
        subprocess.run([sys.executable, "-m", "benchmarks.speakers", "--speak", str(spoken)], check=True)
        with np.load(spoken) as file:
            sentences = {key: file[key] for key in file.files}
    print(json.dumps(_measure(sentences, given.talks, given.minutes)))  # noqa: T201 the result


def _speak(path: Path) -> None:
    from lipwright.media.audio import resample
    from lipwright.speech.tts.kokoro import Kokoro

    engine, found = Kokoro(), {}
    for voice in (*WOMEN, *MEN):
        for number, sentence in enumerate((*SHORT, *LONG)):
            speech = engine.speak(sentence, voice)
            found[f"{voice} {number}"] = np.concatenate([*resample([speech.samples], speech.sample_rate_hz, RATE_HZ)])
            found[f"{voice} {number} s"] = np.array([(word.start_s, word.end_s) for word in speech.words])
    np.savez(path, **found)


def _measure(sentences: dict[str, NDArray[Any]], talks: int, minutes: float) -> dict[str, object]:
    from lipwright.speech.speakers.embed import SpeakerEmbedder

    embedder = SpeakerEmbedder()
    errors: list[float] = []
    counts: list[int] = []
    by_kind: dict[str, list[float]] = {}
    for kind in KINDS:
        for talk in range(talks):
            sound, words, voices = _talk(sentences, kind, np.random.default_rng([talk, KINDS.index(kind)]))
            who = _listen(sound, words, embedder)
            error = diarisation_error([end - start for _, start, end in words], voices, who)
            by_kind.setdefault(kind.name, []).append(round(error, 4))
            errors.append(error)
            counts.append(len(set(who)) - len(set(voices)))
    sound, words, _ = _talk(sentences, KINDS[-2], np.random.default_rng(1))
    times = max(round(minutes * 60 / (len(sound) / RATE_HZ)), 1)
    length_s = len(sound) / RATE_HZ
    long = [(text, at * length_s + start, at * length_s + end) for at in range(times) for text, start, end in words]
    begun = time.perf_counter()
    found = _listen(sound, long, embedder)
    taken_s = time.perf_counter() - begun
    samples = {
        "diarisation_error": [float(np.mean(errors))],
        "count_right": [float(np.mean([count == 0 for count in counts]))],
        "merged": [sum(count < 0 for count in counts)],
        "split": [sum(count > 0 for count in counts)],
        "rtf": [taken_s / (times * length_s)],
        "peak_mb": [resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024],
    }
    notes = {"talks": len(errors), "by_kind": by_kind, "long_s": round(times * length_s), "speakers": len(set(found))}
    return {"samples": samples, "notes": notes}


def _talk(
    sentences: dict[str, NDArray[Any]], kind: Kind, rng: np.random.Generator
) -> tuple[NDArray[np.float32], list[tuple[str, float, float]], list[str]]:
    """Sound, words with times, and the voice of each word."""
    people = [*rng.permutation(WOMEN)[: kind.women].tolist(), *rng.permutation(MEN)[: kind.men].tolist()]
    sounds, words, voices = [np.zeros(RATE_HZ // 2, np.float32)], [], []
    clock_s, before = 0.5, ""
    while clock_s < TALK_S:
        voice = str(rng.choice([one for one in people if one != before] or people))
        before = voice
        for _ in range(1 if kind.short else int(rng.integers(1, 4))):
            number = int(rng.integers(0, len(SHORT) if kind.short else len(SHORT) + len(LONG)))
            texts = (*SHORT, *LONG)[number].split()
            times_s = sentences[f"{voice} {number} s"] + clock_s + rng.normal(0, JITTER_S, (len(texts), 2))
            if rng.random() < 0.2:
                texts[-1] = texts[-1].rstrip(".?")
            for text, (start_s, end_s) in zip(texts, times_s.tolist(), strict=True):
                start_s = max(start_s, words[-1][2] if words else 0.0)  # noqa: PLW2901 words do not overlap
                words.append((text, start_s, max(end_s, start_s + 0.02)))
                voices.append(voice)
            pause = np.zeros(round(float(rng.choice([0.0, 0.05, 0.2, 0.4, 0.9])) * RATE_HZ), np.float32)
            sounds += [sentences[f"{voice} {number}"] * np.float32(10 ** (rng.uniform(-3, 3) / 20)), pause]
            clock_s = sum(map(len, sounds)) / RATE_HZ
    sound = np.concatenate(sounds)
    return (_over_chords(sound, rng) if kind.music else sound), words, voices


def _over_chords(sound: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    time_s = np.arange(RATE_HZ // 2) / RATE_HZ
    music = np.zeros(len(sound) + RATE_HZ)
    for start in range(0, len(sound), RATE_HZ // 3):
        for pitch_hz in 110 * 2 ** (rng.integers(0, 36, 3) / 12):
            tone = sum(np.sin(2 * np.pi * pitch_hz * part * time_s) / part for part in range(1, 6))
            music[start : start + len(time_s)] += tone * np.exp(-3 * time_s)
    music = music[: len(sound)]
    gain = np.sqrt(np.mean(np.square(sound)) / np.mean(np.square(music))) * 10 ** (MUSIC_DB / 20)
    return np.asarray(sound + gain * music, np.float32)


def _listen(sound: NDArray[np.float32], words: Sequence[tuple[str, float, float]], embedder: Any) -> tuple[int, ...]:
    """The speaker of each word; a sound shorter than its words is repeated."""
    from lipwright.contracts.speech import Transcript, Utterance, Word
    from lipwright.speech.speakers.diarise import diarise

    timed = tuple(Word(*word) for word in words)
    said = Utterance("", timed[0].start_s, timed[-1].end_s, "en", timed, 1.0)

    def listen(start_s: float, end_s: float) -> NDArray[np.float32]:
        return sound[np.arange(round(start_s * RATE_HZ), round(end_s * RATE_HZ)) % len(sound)]

    return diarise(listen, Transcript("en", 1.0, timed[-1].end_s, (said,)), embedder).words


def diarisation_error(lengths_s: Sequence[float], told: Sequence[str], found: Sequence[int]) -> float:
    """The share of word time that is given to the wrong person, for the best pairing of people."""
    names, numbers = list(dict.fromkeys(told)), list(dict.fromkeys(found))
    shared = np.zeros((len(names), len(numbers)))
    for length_s, name, number in zip(lengths_s, told, found, strict=True):
        shared[names.index(name), numbers.index(number)] += length_s
    table = shared if len(names) <= len(numbers) else shared.T
    best = max(
        sum(table[row, column] for row, column in enumerate(order))
        for order in permutations(range(table.shape[1]), len(table))
    )
    return 1 - float(best) / float(shared.sum())


if __name__ == "__main__":
    main()
