"""Speaks the corpus: sound at 16 kHz and the times of its phones, from packaged voices and, if installed, espeak-ng.

    nice python training/sound_to_mouth/voices.py hibari --minutes 60 --seed 1 --output build/sound_to_mouth/hibari.npz

Everything is seeded. espeak-ng (GPL-3) is called only here; nothing of it is in the product.
"""

import argparse
import io
import itertools
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from corpus import kept_out_sentences, sentences
from espeak import Espeak
from numpy.typing import NDArray

from lipwright.assets.packaged import read_asset
from lipwright.contracts.speech import Phoneme, Speech
from lipwright.errors import LipwrightError
from lipwright.media.audio import resample
from lipwright.speech.tts.base import Voice
from lipwright.speech.tts.hibari import Hibari
from lipwright.speech.tts.kokoro import Kokoro
from lipwright.speech.tts.voices import KOKORO_VOICES

RATE_HZ = 16_000
ENGINES = (
    "hibari", "kokoro", "kokoro-blends", "kokoro-romance", "kokoro-kept-out", "portuguese-kept-out", "espeak",
)  # fmt: skip
KEPT_OUT = ("am_puck", "bf_isabella")
"""Kokoro's voices that are never trained on: the evaluation hears them first."""
PORTUGUESE_KEPT_OUT = ("pf_dora", "pf_dora+bf_isabella")
"""What the evaluation hears of Portuguese: a voice that is not trained on, with its own sound and a kept-out one."""
ROMANCE = {"pt-BR": 5, "es": 2, "it": 2, "fr": 2}
"""How often `kokoro-romance` speaks each language. Its speakers lend their sound to all of these."""
SOUND_NUMBERS = 128
"""So many numbers of a style decide the sound of a voice, the rest its melody."""
BLENDS, OWN_PART = 64, (0.3, 0.9)
"""How many speakers are made of two voices each, and how much of the first one is in them."""
ESPEAK_VOICES = {
    "en-US": ("en-us", "en", "en-gb-x-rp", "en-gb-scotland"), "es": ("es", "es-419"), "it": ("it",),
    "pt-BR": ("pt-br", "pt"), "fr": ("fr",), "de": ("de",), "ru": ("ru",), "pl": ("pl",),
}  # fmt: skip
ESPEAK_OFTEN = {"pt-BR": 4, "ru": 4, "es": 2, "fr": 2}
"""The other languages are spoken once for so many times of these."""
ESPEAK_VARIANTS = (
    "", "+f1", "+f2", "+f3", "+f4", "+f5", "+m1", "+m2", "+m3", "+m4", "+m5", "+m6", "+m7", "+m8",
    "+Alicia", "+Andrea", "+Andy", "+Annie", "+Denis", "+Diogo", "+Gene", "+Lee", "+linda", "+Mario", "+Michael",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Utterance:
    """One spoken sentence."""

    sound: NDArray[np.float32]
    """(n,) at 16 kHz."""
    phonemes: tuple[Phoneme, ...]


class PitchedHibari(Hibari):
    """Hibari with another pitch, so that one voice covers deep and high speakers."""

    pitch = 1.0

    def _synthesise(self, symbols: str, voice: Voice, speed: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        if self._session is None:
            super()._synthesise(symbols, voice, speed)
        session = self._session
        self._session = _Pitch(session, self.pitch)
        try:
            return super()._synthesise(symbols, voice, speed)
        finally:
            self._session = session


class _Pitch:
    """A session of Hibari's network whose sixth output, the fundamental frequency, is scaled."""

    def __init__(self, session: Any, pitch: float) -> None:
        self._session, self._pitch = session, pitch

    def run(self, names: None, inputs: dict[str, NDArray[np.generic]]) -> list[NDArray[np.float32]]:
        outputs: list[NDArray[np.float32]] = self._session.run(names, inputs)
        outputs[5] = outputs[5] * np.float32(self._pitch)
        return outputs


def main() -> None:
    """Speak until there are enough minutes."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("engine", choices=ENGINES)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    options.output.parent.mkdir(parents=True, exist_ok=True)
    spoken: list[Utterance] = []
    total_s = 0.0
    for utterance in speak(options.engine, options.seed, options.output.parent / "blends"):
        spoken.append(utterance)
        total_s += len(utterance.sound) / RATE_HZ
        if total_s >= options.minutes * 60:
            break
        if len(spoken) % 50 == 0:
            print(f"{options.engine}: {total_s / 60:.1f} min", flush=True)
            write(options.output, spoken)
    write(options.output, spoken)
    print(f"{options.engine}: {len(spoken)} sentences, {total_s / 60:.1f} min in {options.output}")


def speak(engine: str, seed: int, blends: Path) -> Iterator[Utterance]:
    """Endless utterances of an engine; blended voices are written to a folder."""
    spoken = {
        "hibari": lambda: _hibari(seed),
        "kokoro": lambda: _kokoro(seed, _trained_on()),
        "kokoro-blends": lambda: _kokoro_blends(seed, blends),
        "kokoro-romance": lambda: _kokoro_romance(seed, blends),
        "kokoro-kept-out": lambda: _kokoro(seed, [voice for voice in KOKORO_VOICES if voice.id in KEPT_OUT]),
        "portuguese-kept-out": _portuguese_kept_out,
        "espeak": lambda: _espeak(seed),
    }
    return spoken[engine]()


def write(path: Path, spoken: list[Utterance]) -> None:
    """Store utterances as 16-bit samples, their ends, and their phones as JSON."""
    phones = [[(p.symbol, round(p.start_s, 4), round(p.end_s, 4)) for p in item.phonemes] for item in spoken]
    temporary = path.with_suffix(".part.npz")
    np.savez(
        temporary,
        samples=np.concatenate([np.clip(item.sound * 32767, -32767, 32767).astype(np.int16) for item in spoken]),
        ends=np.cumsum([len(item.sound) for item in spoken]),
        phones=np.array(json.dumps(phones)),
    )
    temporary.replace(path)


def read(path: Path) -> list[Utterance]:
    """What `write` stored."""
    with np.load(path) as stored:
        sounds = np.split(stored["samples"].astype(np.float32) / 32767, stored["ends"][:-1])
        phones = json.loads(str(stored["phones"]))
    return [
        Utterance(sound, tuple(Phoneme(*phone) for phone in spoken))
        for sound, spoken in zip(sounds, phones, strict=True)
    ]


def _utterance(speech: Speech) -> Utterance:
    sound = np.concatenate(list(resample([speech.samples], speech.sample_rate_hz, RATE_HZ)))
    return Utterance(sound, speech.phonemes)


def _hibari(seed: int) -> Iterator[Utterance]:
    rng = random.Random(seed)  # noqa: S311 - nothing secret
    engine = PitchedHibari(seed=seed)
    for text in sentences("en-US", seed):
        engine.pitch = 2 ** rng.uniform(-1.0, 0.35)
        try:
            yield _utterance(engine.speak(text, "heart", speed=rng.uniform(0.8, 1.3)))
        except LipwrightError as exc:
            print(f"left out: {exc}")


def _kokoro(seed: int, voices: list[Voice]) -> Iterator[Utterance]:
    rng = random.Random(seed)  # noqa: S311 - nothing secret
    engine = Kokoro(threads=1)
    texts = {voice.language: sentences(voice.language, seed + 1) for voice in voices}
    while True:
        for voice in rng.sample(voices, len(voices)):
            speech = engine.speak(next(texts[voice.language]), voice.id, speed=rng.uniform(0.85, 1.25))
            yield _utterance(speech)


def _kokoro_blends(seed: int, folder: Path) -> Iterator[Utterance]:
    """Speakers that nobody is: two styles mixed, one sentence each in turn."""
    rng = random.Random(seed)  # noqa: S311 - nothing secret
    engine = Kokoro(threads=1)
    known = _trained_on()
    texts = {voice.language: sentences(voice.language, seed + 3) for voice in known}
    folder.mkdir(parents=True, exist_ok=True)
    speakers: list[tuple[Path, str]] = []
    for number in range(BLENDS):
        own, other = rng.sample(known, 2)
        part = rng.uniform(*OWN_PART)
        path = folder / f"{own.id[:2]}_blend{number}.bin"
        (part * _style(own) + (1 - part) * _style(other)).astype("<f4").tofile(path)
        speakers.append((path, own.language))
    while True:
        for path, language in rng.sample(speakers, len(speakers)):
            speed = rng.uniform(0.85, 1.25)
            try:
                yield _utterance(engine.speak(next(texts[language]), str(path), language=language, speed=speed))
            except LipwrightError as exc:
                print(f"left out: {exc}")


def _kokoro_romance(seed: int, folder: Path) -> Iterator[Utterance]:
    """A new speaker for each sentence: one voice's melody, and the sound of two, whose languages may be others."""
    rng = random.Random(seed)  # noqa: S311 - nothing secret
    engine = Kokoro(threads=1)
    sounds = _trained_on()
    melodies = [voice for voice in sounds if voice.language in ROMANCE]
    texts = {language: sentences(language, seed + 4) for language in ROMANCE}
    folder.mkdir(parents=True, exist_ok=True)
    for number in itertools.count():
        language = rng.choices(list(ROMANCE), list(ROMANCE.values()))[0]
        native = [voice for voice in melodies if voice.language == language]
        melody = rng.choice(native if rng.random() < 0.6 else melodies)
        own, other = (_style(voice) for voice in rng.sample(sounds, 2))
        part = rng.uniform(*OWN_PART)
        style = _style(melody)
        style[..., :SOUND_NUMBERS] = part * own[..., :SOUND_NUMBERS] + (1 - part) * other[..., :SOUND_NUMBERS]
        path = folder / f"{melody.id[:2]}_romance{seed}_{number}.bin"
        style.astype("<f4").tofile(path)
        try:
            yield _utterance(
                engine.speak(next(texts[language]), str(path), language=language, speed=rng.uniform(0.85, 1.4))
            )
        except LipwrightError as exc:
            print(f"left out: {exc}")
        path.unlink()


def _portuguese_kept_out() -> Iterator[Utterance]:
    engine = Kokoro(threads=1)
    for text, voice, speed in zip(
        kept_out_sentences(), itertools.cycle(PORTUGUESE_KEPT_OUT), itertools.cycle((1.0, 1.15, 1.3)), strict=False
    ):
        yield _utterance(engine.speak(text, voice, speed=speed))


def _trained_on() -> list[Voice]:
    return [voice for voice in KOKORO_VOICES if voice.id not in (*KEPT_OUT, *PORTUGUESE_KEPT_OUT)]


def _style(voice: Voice) -> NDArray[np.float32]:
    return np.load(io.BytesIO(read_asset(f"voices/{voice.id}.npy"))).astype(np.float32)


def _espeak(seed: int) -> Iterator[Utterance]:
    rng = random.Random(seed)  # noqa: S311 - nothing secret
    engine = Espeak()
    languages = sorted(ESPEAK_VOICES)
    texts = {language: sentences(language, seed + 2) for language in languages}
    while True:
        language = rng.choices(languages, [ESPEAK_OFTEN.get(language, 1) for language in languages])[0]
        spoken = engine.speak(
            next(texts[language]),
            rng.choice(ESPEAK_VOICES[language]) + rng.choice(ESPEAK_VARIANTS),
            words_per_minute=rng.randint(130, 260),
            pitch=rng.randint(20, 75),
            pitch_range=rng.randint(30, 80),
        )
        if spoken.phonemes:
            sound = np.concatenate(list(resample([spoken.samples], engine.sample_rate_hz, RATE_HZ)))
            yield Utterance(sound, spoken.phonemes)


if __name__ == "__main__":
    main()
