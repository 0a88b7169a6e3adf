"""Measures recognised words on voices whose text is known, and where nobody speaks. Prints one JSON document.

python -m benchmarks.recognise --seconds 60

Sentences of several voices, one after the other with pauses, are repeated to that length. Word errors are insertions,
deletions and other words by words of the text; word starts are compared with those that the voice tells, after they are
refined as `lipwright transcribe` does. Peak memory is that of the recognising process alone.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import chain, repeat
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 16_000
PAUSE_S = 0.5
NEAR_S = 1.0
"""Words that start farther apart are not the same."""
UNSPOKEN_S = 60
TEXTS = {
    "af_heart": (
        "Peter bought six big maps from my mother. Please send the report to the finance team before Thursday. "
        "Several people waited under the bridge until the storm passed."
    ),
    "am_michael": (
        "We should have measured the pressure twice before opening the valve. Her brother moved to a small village by "
        "the sea last summer. The museum is closed on Mondays, but the garden stays open."
    ),
    "bf_emma": (
        "The committee will publish its findings early next week. He poured the milk into a bowl and stirred it "
        "slowly. Could you tell me where the nearest station is, please?"
    ),
}


def main() -> None:
    """Speak in a process of its own, recognise, compare."""
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=float, required=True)
    options.add_argument("--speak", type=Path, help="only write the speech")
    given = options.parse_args()
    if given.speak is not None:
        _speak(given.speak)
        return
    with tempfile.TemporaryDirectory(prefix="lipwright-bench-") as name:
        spoken = Path(name) / "spoken.npz"
        command = [sys.executable, "-m", "benchmarks.recognise", "--seconds", "0", "--speak", str(spoken)]
        subprocess.run(command, check=True)
        with np.load(spoken) as file:
            sound, starts_s, words = file["sound"], file["starts_s"], file["words"].tolist()
        print(json.dumps(_measure(sound, starts_s, words, given.seconds, Path(name))))  # noqa: T201 the result


def _speak(path: Path) -> None:
    from lipwright.media.audio import resample
    from lipwright.speech.script import split_sentences
    from lipwright.speech.tts.kokoro import Kokoro

    voices = Kokoro()
    sound: list[NDArray[np.float32]] = []
    starts_s: list[float] = []
    words: list[str] = []
    clock_s = 0.0
    for voice, text in TEXTS.items():
        for sentence in split_sentences(text):
            speech = voices.speak(sentence, voice)
            words += [word.text for word in speech.words]
            starts_s += [clock_s + word.start_s for word in speech.words]
            sound += [*resample([speech.samples], speech.sample_rate_hz, RATE_HZ)]
            sound.append(np.zeros(round(PAUSE_S * RATE_HZ), np.float32))
            clock_s = sum(map(len, sound)) / RATE_HZ
    np.savez(path, sound=np.concatenate(sound), starts_s=np.array(starts_s), words=np.array(words))


def _measure(
    sound: NDArray[np.float32], starts_s: NDArray[np.float64], words: list[str], seconds: float, cache: Path
) -> dict[str, object]:
    from lipwright.speech.stt.refined import refined
    from lipwright.speech.stt.whisper import Whisper

    engine = Whisper(cache=cache)
    once = refined(engine.transcribe([sound], RATE_HZ), [sound], RATE_HZ)
    heard = [_plain(word.text) for word in once.words]
    errors = _distance([_plain(word) for word in words], heard) / len(words)
    late_s = [
        min(abs(found.start_s - start_s) for found in once.words if _plain(found.text) == _plain(word))
        for word, start_s in zip(words, starts_s.tolist(), strict=True)
        if _plain(word) in heard
    ]
    invented = sum(len(engine.transcribe([unspoken], RATE_HZ).words) for unspoken in _unspoken())
    begun = time.perf_counter()
    whole = engine.transcribe(_repeated(sound, seconds), RATE_HZ)
    taken_s = time.perf_counter() - begun
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    samples = {
        "word_errors": [errors],
        "start_error_ms": [1000 * float(np.mean([late for late in late_s if late < NEAR_S]))],
        "rtf": [taken_s / whole.duration_s],
        "invented_words": [invented],
        "peak_mb": [peak_mb],
    }
    return {"samples": samples, "notes": {"seconds": round(whole.duration_s), "words": len(whole.words)}}


def _repeated(sound: NDArray[np.float32], seconds: float) -> Iterator[NDArray[np.float32]]:
    left = round(seconds * RATE_HZ)
    for piece in chain.from_iterable(repeat(np.array_split(sound, 32))):
        if left <= 0:
            return
        yield piece[:left]
        left -= len(piece)


def _unspoken() -> Iterator[NDArray[np.float32]]:
    """Silence, white noise, and chords with a beat, a minute each."""
    rng = np.random.default_rng(7)
    samples = UNSPOKEN_S * RATE_HZ
    yield np.zeros(samples, np.float32)
    yield (0.1 * rng.standard_normal(samples)).astype(np.float32)
    music = np.zeros(samples)
    time_s = np.arange(RATE_HZ) / RATE_HZ
    for start in range(0, samples - RATE_HZ, RATE_HZ // 2):
        pitch_hz = 110 * 2 ** (rng.integers(0, 24, 3) / 12)
        tones = sum(np.sin(2 * np.pi * pitch * part * time_s) / part for pitch in pitch_hz for part in range(1, 6))
        music[start : start + RATE_HZ] += 0.05 * tones * np.exp(-3 * time_s)
        music[start : start + 2000] += 0.2 * rng.standard_normal(2000) * np.exp(-np.arange(2000) / 400)
    yield music.astype(np.float32)


def _plain(word: str) -> str:
    return "".join(letter for letter in word.lower() if letter.isalnum())


def _distance(told: list[str], heard: list[str]) -> int:
    """How many words have to be put in, left out or changed (Levenshtein)."""
    row = list(range(len(heard) + 1))
    for number, word in enumerate(told, 1):
        before, row[0] = row[0], number
        for at, other in enumerate(heard, 1):
            before, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, before + (word != other))
    return row[-1]


if __name__ == "__main__":
    main()
