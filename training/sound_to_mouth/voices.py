"""Speaks the corpus: sound at 16 kHz and the times of its phones, from packaged voices and, if installed, espeak-ng.

    nice python training/sound_to_mouth/voices.py hibari --minutes 60 --seed 1 --output build/sound_to_mouth/hibari.npz

Everything is seeded. espeak-ng (GPL-3) is called only here; nothing of it is in the product.
"""

import argparse
import io
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from corpus import sentences
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
KEPT_OUT = ("am_puck", "bf_isabella")
"""Kokoro's voices that are never trained on: the evaluation hears them first."""
BLENDS, OWN_PART = 64, (0.3, 0.9)
"""How many speakers are made of two voices each, and how much of the first one is in them."""
ESPEAK_VOICES = {
    "en-US": ("en-us", "en", "en-gb-x-rp", "en-gb-scotland"), "es": ("es", "es-419"), "it": ("it",),
    "pt-BR": ("pt-br", "pt"), "fr": ("fr",), "de": ("de",), "ru": ("ru",), "pl": ("pl",),
}  # fmt: skip
ESPEAK_VARIANTS = ("", "+f1", "+f2", "+f3", "+f4", "+f5", "+m1", "+m2", "+m3", "+m4", "+m5", "+m6", "+m7", "+m8")


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
    parser.add_argument("engine", choices=("hibari", "kokoro", "kokoro-blends", "kokoro-kept-out", "espeak"))
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
    if engine == "hibari":
        return _hibari(seed)
    if engine == "espeak":
        return _espeak(seed)
    if engine == "kokoro-blends":
        return _kokoro_blends(seed, blends)
    kept_out = engine == "kokoro-kept-out"
    return _kokoro(seed, [voice for voice in KOKORO_VOICES if (voice.id in KEPT_OUT) == kept_out])


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
    known = [voice for voice in KOKORO_VOICES if voice.id not in KEPT_OUT]
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


def _style(voice: Voice) -> NDArray[np.float32]:
    return np.load(io.BytesIO(read_asset(f"voices/{voice.id}.npy"))).astype(np.float32)


def _espeak(seed: int) -> Iterator[Utterance]:
    rng = random.Random(seed)  # noqa: S311 - nothing secret
    engine = Espeak()
    texts = {language: sentences(language, seed + 2) for language in ESPEAK_VOICES}
    while True:
        language = rng.choice(sorted(ESPEAK_VOICES))
        spoken = engine.speak(
            next(texts[language]),
            rng.choice(ESPEAK_VOICES[language]) + rng.choice(ESPEAK_VARIANTS),
            words_per_minute=rng.randint(130, 220),
            pitch=rng.randint(20, 75),
            pitch_range=rng.randint(30, 80),
        )
        if spoken.phonemes:
            sound = np.concatenate(list(resample([spoken.samples], engine.sample_rate_hz, RATE_HZ)))
            yield Utterance(sound, spoken.phonemes)


if __name__ == "__main__":
    main()
