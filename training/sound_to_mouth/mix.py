"""Makes what the network learns from: streams of speech, pauses, rooms, noise and bad microphones, with their labels.

    nice python training/sound_to_mouth/mix.py build/sound_to_mouth --streams 480 --seed 1

Each stream of 24 s becomes features (2400, 41), curves (2400, 6), shares of the visemes (2400, 19) and sounds (2400,),
every 10 ms. Feature i hears sound up to (i + 1) / 100 s; label i is what the mouth does at i / 100 s.
"""

import argparse
import math
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sounds import SILENCE, sound_of
from voices import RATE_HZ, Utterance, read

from lipwright.contracts.speech import Phoneme
from lipwright.media.audio import resample
from lipwright.motion.clock import smooth_ramp
from lipwright.motion.emphasis import emphasis_in
from lipwright.motion.features import SoundFeatures
from lipwright.motion.mouth import mouth_curves
from lipwright.motion.sound_decoder import CURVE_UNITS
from lipwright.motion.timeline import PAUSE_RESTS_S, timeline_of
from lipwright.motion.visemes import Viseme

STREAM_S = 24
LABELS_HZ = 100
SHARES = {"hibari": 0.15, "kokoro": 0.1, "kokoro-blends": 0.25, "kokoro-romance": 0.25, "espeak": 0.25}
"""How often a sentence comes from each engine."""
SILENT_STREAMS = 0.12
"""The part of the streams in which nobody speaks."""
NOISES = {"white": 0.2, "pink": 0.35, "brown": 0.15, "hum": 0.1, "babble": 0.2}
NOISES_ALONE = {"white": 0.2, "pink": 0.2, "brown": 0.1, "hum": 0.45, "babble": 0.05}
"""How often each noise is heard behind speech, and where nobody speaks: a hum is most like a voice."""
SIGMA_S, SHARP_SIGMA_S = 0.03, 0.02
"""Blur of the visemes' shares; the sharp one is for lips that close."""
SHARP = (Viseme.P, Viseme.REST, Viseme.PAUSE)
GAUSSIAN_REACH = math.sqrt(28.0) / 2.0
"""Half width of the quintic step whose slope has a standard deviation of 1."""


@dataclass(frozen=True, slots=True)
class Stream:
    """24 s of somebody speaking somewhere."""

    sound: NDArray[np.float32]
    phonemes: list[Phoneme]
    emphasis: NDArray[np.float32]
    """How strongly each phone is spoken, heard before room and noise came to it."""


def main() -> None:
    """Mix and store."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--streams", type=int, default=480)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--output", default="train.npz")
    options = parser.parse_args()
    sources = spoken_in(options.folder)
    rng = np.random.default_rng(options.seed)
    features, curves, visemes, sounds = [], [], [], []
    for _ in range(options.streams):
        mixed = stream(sources, rng)
        count = STREAM_S * LABELS_HZ
        features.append(SoundFeatures().push(mixed.sound)[:count].astype(np.float16))
        curves.append(curve_labels(mixed.phonemes).astype(np.float16))
        visemes.append(viseme_labels(mixed.phonemes).astype(np.float16))
        sounds.append(sound_labels(mixed.phonemes))
    output = options.folder / options.output
    np.savez(
        output, features=np.stack(features), curves=np.stack(curves), visemes=np.stack(visemes), sounds=np.stack(sounds)
    )
    print(f"{options.streams} streams, {options.streams * STREAM_S / 60:.0f} min in {output}")


def spoken_in(folder: Path) -> dict[str, list[Utterance]]:
    """What `voices.py` made, by engine."""
    return {name: read(folder / f"{name}.npz") for name in SHARES if (folder / f"{name}.npz").exists()}


def curve_labels(phonemes: list[Phoneme], emphasis: NDArray[np.float32] | None = None) -> NDArray[np.float64]:
    """What the network's curves should be, in CURVE_UNITS, (2400, 6)."""
    c = mouth_curves(phonemes, STREAM_S, Fraction(LABELS_HZ), emphasis=emphasis)
    awake = c.awake
    gap = c.opening * (1.0 - c.shut) * awake
    return np.stack([c.opening * awake, c.width * awake, c.height * awake, gap, c.shut, awake], axis=1) / CURVE_UNITS


def viseme_labels(phonemes: list[Phoneme]) -> NDArray[np.float64]:
    """How much of each moment belongs to each viseme, (2400, 19); rows add up to 1."""
    order = list(Viseme)
    times = np.arange(STREAM_S * LABELS_HZ) / LABELS_HZ
    shares = np.zeros((len(times), len(order)))
    for aimed in timeline_of(phonemes, [0.5] * len(phonemes), pause_s=PAUSE_RESTS_S).spans:
        span = aimed.span
        reach_s = GAUSSIAN_REACH * (SHARP_SIGMA_S if span.viseme in SHARP else SIGMA_S)
        low, high = np.searchsorted(times, (span.start_s - reach_s, span.end_s + reach_s))
        t = times[low:high]
        inside = smooth_ramp((t - span.start_s) / reach_s, -1.0, 1.0) - smooth_ramp(
            (t - span.end_s) / reach_s, -1.0, 1.0
        )
        shares[low:high, order.index(span.viseme)] += span.share * inside
    return shares / shares.sum(axis=1, keepdims=True)


def sound_labels(phonemes: list[Phoneme]) -> NDArray[np.int8]:
    """Which single sound is heard, (2400,)."""
    labels = np.full(STREAM_S * LABELS_HZ, SILENCE, np.int8)
    for phone in phonemes:
        labels[round(phone.start_s * LABELS_HZ) : round(phone.end_s * LABELS_HZ)] = sound_of(phone.symbol)
    return labels


def stream(
    sources: dict[str, list[Utterance]], rng: np.random.Generator, silent_part: float = SILENT_STREAMS
) -> Stream:
    """Draw sentences, and a place in which they are said; or, so often, only a place."""
    length = STREAM_S * RATE_HZ
    if rng.random() < silent_part:
        return Stream(_nobody(length, sources, rng), [], np.zeros(0, np.float32))
    parts: list[NDArray[np.float32]] = []
    phonemes: list[Phoneme] = []
    position = 0
    speed, engine = 1.0, "hibari"
    pause_s = rng.uniform(0.1, 1.2)
    while True:
        parts.append(np.zeros(round(pause_s * RATE_HZ), np.float32))
        position += len(parts[-1])
        if position >= length:
            break
        if len(parts) == 1 or rng.random() < 0.5:
            engine = str(rng.choice(list(sources), p=_shares(sources)))
            speed = float(np.exp(rng.uniform(np.log(0.82), np.log(1.22)))) if rng.random() < 0.7 else 1.0
        utterance = sources[engine][rng.integers(len(sources[engine]))]
        sound = np.concatenate(list(resample([utterance.sound], RATE_HZ, round(RATE_HZ / speed))))
        loudness = 10 ** (rng.uniform(-4, 4) / 20) * 0.07 / max(float(np.sqrt(np.mean(sound**2))), 1e-4)
        start_s, stretch = position / RATE_HZ, len(sound) / len(utterance.sound)
        phonemes += [
            Phoneme(p.symbol, start_s + p.start_s * stretch, start_s + p.end_s * stretch) for p in utterance.phonemes
        ]
        parts.append(sound * np.float32(loudness))
        position += len(sound)
        pause_s = rng.uniform(0.02, 0.3) if rng.random() < 0.4 else rng.uniform(0.3, 2.2)
    sound = np.concatenate(parts)[:length]
    said = [phone for phone in phonemes if phone.start_s < STREAM_S + 1]
    return Stream(_finish(sound, sources, rng), said, emphasis_in([sound], RATE_HZ, said))


def _nobody(count: int, sources: dict[str, list[Utterance]], rng: np.random.Generator) -> NDArray[np.float32]:
    """Noise alone, -70 to -20 dBFS; mostly it sets in and breaks off, as speech does."""
    noise = _finish(np.zeros(count, np.float32), sources, rng)
    noise *= 10 ** (rng.uniform(-70, -20) / 20) / max(float(np.sqrt(np.mean(noise**2))), 1e-6)
    if rng.random() < 0.7:
        position = 0
        while position < count:
            begins = position + round(rng.uniform(0.2, 4) * RATE_HZ)
            noise[position:begins] = 0.0
            position = begins + round(rng.uniform(0.1, 7) * RATE_HZ)
    return np.clip(noise, -1, 1)


def _shares(sources: dict[str, list[Utterance]]) -> NDArray[np.float64]:
    shares = np.array([SHARES[name] for name in sources])
    return np.asarray(shares / shares.sum())


def _finish(
    sound: NDArray[np.float32], sources: dict[str, list[Utterance]], rng: np.random.Generator
) -> NDArray[np.float32]:
    """Room, noise, microphone, line and gain, each by chance."""
    if rng.random() < 0.5:
        sound = _room(sound, rng)
    level = 0.07
    noises = NOISES if sound.any() else NOISES_ALONE
    kind = rng.choice(list(noises), p=list(noises.values()))
    noise = _babble(len(sound), sources, rng) if kind == "babble" else noise_of(str(kind), len(sound), rng)
    snr_db = rng.uniform(14 if kind == "babble" else 8, 50)
    sound = sound + noise * level * 10 ** (-snr_db / 20)
    if rng.random() < 0.15:
        for at in rng.integers(0, len(sound) - 1600, rng.integers(2, 20)):
            decay = np.exp(-np.arange(1600) / rng.uniform(40, 300))
            sound[at : at + 1600] += rng.uniform(0.05, 0.6) * decay * rng.standard_normal(1600)
    sound = _equalise(sound, rng)
    sound = sound * 10 ** (rng.uniform(-22, 8) / 20)
    if rng.random() < 0.1:
        quiet = np.clip(sound, -1, 1)
        coded = np.round(np.sign(quiet) * np.log1p(255 * np.abs(quiet)) / np.log(256) * 127) / 127
        sound = np.sign(coded) * (256 ** np.abs(coded) - 1) / 255
    return np.clip(sound, -1, 1).astype(np.float32)


def _room(sound: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    seconds = rng.uniform(0.1, 0.7)
    count = round(seconds * RATE_HZ)
    tail = rng.standard_normal(count) * 10 ** (-3.0 * np.arange(count) / count)
    tail[: round(rng.uniform(0.002, 0.02) * RATE_HZ)] = 0.0
    tail *= 10 ** (rng.uniform(-18, -2) / 20) / np.sqrt(np.sum(tail**2))
    tail[0] = 1.0
    size = 1 << (len(sound) + count).bit_length()
    wet = np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(tail, size), size)[: len(sound)]
    return np.asarray(wet, np.float32)


def noise_of(kind: str, count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Noise of RMS 1."""
    if kind == "hum":
        t = np.arange(count) / RATE_HZ
        noise = np.sign(np.sin(2 * np.pi * rng.choice((50, 60, 100, 120)) * t)) + 0.3 * rng.standard_normal(count)
    else:
        slope = {"white": 0.0, "pink": 0.5, "brown": 1.0}[kind]
        spectrum = np.fft.rfft(rng.standard_normal(count))
        noise = np.fft.irfft(spectrum / np.maximum(np.arange(len(spectrum)), 40.0) ** slope, count)
    if rng.random() < 0.3:  # noise that comes and goes
        steps = np.repeat(rng.uniform(0.2, 1.5, count // 4000 + 1), 4000)[:count]
        noise = noise * np.convolve(steps, np.ones(800) / 800, "same")
    return np.asarray(noise / np.sqrt(np.mean(noise**2)))


def _babble(count: int, sources: dict[str, list[Utterance]], rng: np.random.Generator) -> NDArray[np.float64]:
    """Six people at once, RMS 1."""
    noise = np.zeros(count)
    everybody = [utterance for spoken in sources.values() for utterance in spoken[:200]]
    for _ in range(6):
        position = -int(rng.integers(0, 2 * RATE_HZ))
        while position < count:
            sound = everybody[rng.integers(len(everybody))].sound
            low, high = max(position, 0), min(position + len(sound), count)
            if high > low:
                noise[low:high] += sound[low - position : high - position]
            position += len(sound)
    return np.asarray(noise / np.sqrt(np.mean(noise**2)))


def _equalise(sound: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """A tilt for everybody, a narrow band for some."""
    spectrum = np.fft.rfft(sound)
    hz = np.linspace(0, RATE_HZ / 2, len(spectrum))
    gain_db = rng.normal(0, 2.5) * np.log2(np.maximum(hz, 100) / 1000)
    if rng.random() < 0.3:
        low, high = rng.uniform(60, 400), rng.uniform(3000, 7500)
        gain_db -= 18 * np.maximum(np.log2(low / np.maximum(hz, 20)), 0)
        gain_db -= 36 * np.maximum(np.log2(np.maximum(hz, 20) / high), 0)
    return np.asarray(np.fft.irfft(spectrum * 10 ** (np.clip(gain_db, -60, 15) / 20), len(sound)))


if __name__ == "__main__":
    main()
