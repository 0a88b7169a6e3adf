"""Lets Whisper's ear hear the streams: what the network for recordings learns from.

    nice python training/sound_to_mouth/listen.py build/sound_to_mouth --streams 300 --seed 2 --output heard-2

Each stream of 24 s is heard in three pieces of 12 s that begin anywhere, some before it. A piece becomes states
(600, 512) in OUTPUT.states.npy and, in OUTPUT.npz, curves (600, 6), shares of the visemes (600, 19) and sounds (600,),
every 20 ms. Strong vowels open the mouth more in these labels, as they do where words are known.
"""

import argparse
from pathlib import Path

import numpy as np
from mix import LABELS_HZ, SILENT_STREAMS, STREAM_S, curve_labels, sound_labels, spoken_in, stream, viseme_labels
from numpy.typing import NDArray
from sounds import SILENCE
from voices import RATE_HZ

from lipwright.motion.sound_decoder import CURVE_UNITS
from lipwright.motion.visemes import Viseme
from lipwright.speech.ear import STATE_SIZE, Ear

PIECE_S, PIECES = 12, 3
FRAMES = PIECE_S * 50
HOPS = PIECE_S * LABELS_HZ
STEP = LABELS_HZ // 50


def main() -> None:
    """Mix, hear and store."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--streams", type=int, default=300)
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--output", default="heard")
    parser.add_argument("--silent", type=float, default=SILENT_STREAMS, help="part of the streams, nothing but noise")
    options = parser.parse_args()
    sources = spoken_in(options.folder)
    rng = np.random.default_rng(options.seed)
    ear = Ear()
    count = options.streams * PIECES
    states = np.lib.format.open_memmap(
        options.folder / f"{options.output}.states.npy", "w+", np.float16, (count, FRAMES, STATE_SIZE)
    )
    curves = np.zeros((count, FRAMES, len(CURVE_UNITS)), np.float16)
    visemes = np.zeros((count, FRAMES, len(Viseme)), np.float16)
    sounds = np.full((count, FRAMES), SILENCE, np.int8)
    visemes[:, :, list(Viseme).index(Viseme.REST)] = 1.0
    for number in range(options.streams):
        mixed = stream(sources, rng, options.silent)
        labels = (
            curve_labels(mixed.phonemes, mixed.emphasis), viseme_labels(mixed.phonemes), sound_labels(mixed.phonemes)
        )  # fmt: skip
        for index, start in enumerate(starts(rng), start=number * PIECES):
            states[index] = ear.hear(piece_of(mixed.sound, start))
            times = np.arange(start, start + HOPS, STEP)
            inside = (times >= 0) & (times < STREAM_S * LABELS_HZ)
            for stored, label in zip((curves, visemes, sounds), labels, strict=True):
                stored[index, inside] = label[times[inside]]
    states.flush()
    np.savez(options.folder / f"{options.output}.npz", curves=curves, visemes=visemes, sounds=sounds)
    print(f"{count} pieces, {count * PIECE_S / 60:.0f} min in {options.output}")


def starts(rng: np.random.Generator) -> tuple[int, int, int]:
    """Where the pieces of one stream begin, in hundredths of a second: near its start, in its middle, over its end."""
    middle, late = int(rng.integers(250, 400)), int(rng.integers(700, 1200))
    early = -100 * int(rng.integers(0, 3)) if rng.random() < 0.6 else int(rng.integers(0, 250))
    return early, middle, late


def piece_of(sound: NDArray[np.float32], start: int) -> NDArray[np.float32]:
    """12 s from a moment on; what lies outside of the stream is digital silence."""
    hop = RATE_HZ // LABELS_HZ
    piece = np.zeros(HOPS * hop, np.float32)
    low, high = max(start, 0), min(start + HOPS, STREAM_S * LABELS_HZ)
    piece[(low - start) * hop : (high - start) * hop] = sound[low * hop : high * hop]
    return piece


if __name__ == "__main__":
    main()
