"""How well and how fast a voice is taken out of its background.

python -m benchmarks.separation
python -m benchmarks.separation --engines deepfilter --snr 10 --seconds 30

Sentences of three voices, with pauses, lie over beds whose every sample is known: chords with bass, drums and room
noise, plucked strings, drums alone, and the noise of a room. Printed for each engine, bed and signal-to-noise ratio:
SI-SDR of voice and bed, which counts whatever is wrong; correlation of the bed with the true one; the leak that the
stage measures, which does not know the truth, beside the true one; time by time of sound. `demucs` and `mdx` need
the file of a model.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.machine import describe_machine
from benchmarks.recognise import PAUSE_S, TEXTS

if TYPE_CHECKING:
    from lipwright.speech.separate.base import Separator

RATE_HZ = 48_000
BEAT_S = 0.6
CHORDS_HZ = ((220, 277.2, 329.6), (196, 246.9, 293.7), (174.6, 220, 261.6), (196, 246.9, 293.7))
Sound = NDArray[np.float64]


class Taken(NamedTuple):
    """How well a voice was taken out of its background."""

    voice_sdr_db: float
    bed_sdr_db: float
    bed_correlation: float
    leak_db: float | None
    """As the stage measures it, which does not know the truth; None where it does not."""
    true_leak_db: float | None
    rtf: float

    def __str__(self) -> str:
        leak, true_leak = ("-" if value is None else f"{value:.1f}" for value in (self.leak_db, self.true_leak_db))
        return (
            f"{self.voice_sdr_db:12.1f}  {self.bed_sdr_db:10.1f}  {self.bed_correlation:9.3f}  {leak:>6s}  "
            f"{true_leak:>9s}  {self.rtf:5.3f}"
        )


def main() -> None:
    """Speak in a process of its own, mix, take apart, compare."""
    options = argparse.ArgumentParser()
    options.add_argument("--engines", nargs="+", default=["deepfilter", "ffmpeg", "none"])
    options.add_argument("--beds", nargs="+", default=["music", "strings", "drums", "room"])
    options.add_argument("--snr", nargs="+", type=float, default=[10.0, 5.0, 0.0])
    options.add_argument("--seconds", type=float, default=45.0)
    options.add_argument("--demucs-model", type=Path)
    options.add_argument("--mdx-model", type=Path)
    options.add_argument("--speak", type=Path, help="only write the speech")
    given = options.parse_args()
    if given.speak is not None:
        _speak(given.speak)
        return
    print(describe_machine())  # noqa: T201 a report
    print("engine      bed      SNR  voice SI-SDR  bed SI-SDR  bed corr.    leak  true leak    RTF")  # noqa: T201
    with tempfile.TemporaryDirectory(prefix="lipwright-bench-") as name:
        speech = spoken(Path(name), given.seconds)
        engines = _engines(given)
        for engine in given.engines:
            for bed in given.beds:
                for snr_db in given.snr:
                    taken = measure(engines[engine], speech, scaled(make_bed(bed, len(speech)), speech, snr_db))
                    print(f"{engine:11s} {bed:7s} {snr_db:4.0f}  {taken}", flush=True)  # noqa: T201
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{len(speech) / RATE_HZ:.0f} s of sound, peak memory {peak_mb:.0f} MB with the measuring")  # noqa: T201


def spoken(folder: Path, seconds: float) -> NDArray[np.float32]:
    """Speech of three voices, (samples,), made in a process of its own."""
    path = folder / "speech.npy"
    subprocess.run([sys.executable, "-m", "benchmarks.separation", "--speak", str(path)], check=True)
    speech: NDArray[np.float32] = np.load(path)[: round(seconds * RATE_HZ)]
    return speech


def _speak(path: Path) -> None:
    from lipwright.media.audio import resample
    from lipwright.speech.script import split_sentences
    from lipwright.speech.tts.kokoro import Kokoro

    voices = Kokoro()
    sound: list[NDArray[np.float32]] = []
    for voice, text in TEXTS.items():
        for sentence in split_sentences(text):
            speech = voices.speak(sentence, voice)
            sound += [*resample([speech.samples], speech.sample_rate_hz, RATE_HZ)]
            sound.append(np.zeros(round(PAUSE_S * RATE_HZ), np.float32))
    np.save(path, np.concatenate(sound))


def make_bed(name: str, samples: int) -> Sound:
    """`music`, `strings`, `drums` or `room`, (samples,), at any loudness."""
    rng = np.random.default_rng(1)
    if name == "music":
        parts = _chords(samples, rng) + _drums(samples, rng)
        return parts / parts.std() + 0.06 * _room(samples, rng)
    return {"strings": _strings, "drums": _drums, "room": _room}[name](samples, rng)


def _chords(samples: int, rng: np.random.Generator) -> Sound:
    sound = np.zeros(samples)
    time_s = np.arange(round(4 * BEAT_S * RATE_HZ)) / RATE_HZ
    swell = np.minimum(1, np.minimum(time_s, time_s[::-1]) / 0.02)
    for number, start in enumerate(range(0, samples, len(time_s))):
        chord = CHORDS_HZ[number % len(CHORDS_HZ)]
        tones = 1.2 * np.sin(np.pi * chord[0] * time_s)
        for pitch in chord:
            for part in range(1, 7):
                tones += np.sin(2 * np.pi * pitch * part * time_s + 6 * rng.random()) * 0.5 / part**1.3
        sound[start : start + len(time_s)] += (tones * swell)[: samples - start]
    return sound


def _drums(samples: int, rng: np.random.Generator) -> Sound:
    sound = np.zeros(samples)
    time_s = np.arange(round(0.25 * RATE_HZ)) / RATE_HZ
    for number, start in enumerate(range(0, samples, round(BEAT_S / 2 * RATE_HZ))):
        noise = rng.standard_normal(len(time_s))
        kick, snare = 3 * np.sin(2 * np.pi * 60 * time_s), 1.5 * noise
        hit = (kick, 0.3 * noise * np.exp(-60 * time_s), snare, 0.3 * noise * np.exp(-60 * time_s))[number % 4]
        sound[start : start + len(time_s)] += (hit * np.exp(-22 * time_s))[: samples - start]
    return sound


def _strings(samples: int, rng: np.random.Generator) -> Sound:
    sound = np.zeros(samples)
    time_s = np.arange(RATE_HZ) / RATE_HZ
    for start in range(0, samples, RATE_HZ // 5):
        pitch = 220 * 2 ** (rng.choice([0, 2, 4, 7, 9, 12, 14, 16, 19]) / 12)
        tone = sum(np.sin(2 * np.pi * pitch * n * time_s) * np.exp(-time_s * (2 + 1.5 * n)) / n for n in range(1, 10))
        sound[start : start + RATE_HZ] += tone[: samples - start]
    return sound


def _room(samples: int, rng: np.random.Generator) -> Sound:
    """Noise that falls with pitch, and the hum of the mains."""
    spectrum = np.fft.rfft(rng.standard_normal(samples))
    noise = np.fft.irfft(spectrum / np.maximum(np.arange(len(spectrum)), 20 * samples / RATE_HZ) ** 0.7, samples)
    time_s = np.arange(samples) / RATE_HZ
    return noise / noise.std() + 0.3 * np.sin(2 * np.pi * 50 * time_s) + 0.1 * np.sin(2 * np.pi * 150 * time_s)


def scaled(bed: Sound, speech: NDArray[np.float32], snr_db: float) -> NDArray[np.float32]:
    """A bed that is so much softer than the speech."""
    return np.asarray(bed * (speech.std() / bed.std() * 10 ** (-snr_db / 20)), np.float32)


def _engines(given: argparse.Namespace) -> "dict[str, Separator]":
    from lipwright.speech.separate.deepfilter import DeepFilter
    from lipwright.speech.separate.demucs import Demucs
    from lipwright.speech.separate.ffmpeg import FfmpegSeparator
    from lipwright.speech.separate.mdx import Mdx
    from lipwright.speech.separate.none import NoSeparation

    return {
        "deepfilter": DeepFilter(),
        "ffmpeg": FfmpegSeparator(),
        "none": NoSeparation(),
        "demucs": Demucs(demucs_model=given.demucs_model),
        "mdx": Mdx(mdx_model=given.mdx_model),
    }


def measure(engine: "Separator", speech: NDArray[np.float32], bed: NDArray[np.float32]) -> Taken:
    """Take the mix of a known speech and a known bed apart."""
    from lipwright.contracts.progress import SilentProgress
    from lipwright.media.spool import AudioSpool
    from lipwright.pipeline.stages.separate import separate
    from lipwright.store.stages import StageStore

    with tempfile.TemporaryDirectory(prefix="lipwright-bench-") as name, AudioSpool() as sound:
        sound.append(speech + bed)
        with StageStore(Path(name)) as store:
            begun = time.perf_counter()
            with separate(sound, engine, store, SilentProgress()) as separated:
                rtf = (time.perf_counter() - begun) / sound.duration_s
                found, left = (spool.read(0, len(spool)) for spool in (separated.voice, separated.bed))
                leak_db = separated.leak_db
    likeness = float(left @ bed / np.sqrt((left @ left) * (bed @ bed))) if left.any() else 0.0
    true_leak_db = _true_leak_db(left, speech, bed) if left.any() else None
    return Taken(_si_sdr_db(found, speech), _si_sdr_db(left, bed), likeness, leak_db, true_leak_db, rtf)


def _si_sdr_db(found: NDArray[np.float32], true: NDArray[np.float32]) -> float:
    """Scale-invariant signal-to-distortion ratio: Le Roux et al., SDR - half-baked or well done?, ICASSP 2019."""
    wanted = (found @ true) / (true @ true) * true
    wrong = found - wanted
    return 10 * float(np.log10((wanted @ wanted + 1e-12) / (wrong @ wrong + 1e-12)))


def _true_leak_db(left: NDArray[np.float32], speech: NDArray[np.float32], bed: NDArray[np.float32]) -> float:
    """How much of the speech is in what is left, against the speech.

    In patches of 85 ms by 94 Hz, what is left is fitted by the true speech and the true bed; leaked is what the
    speech explains.
    """
    spectra = [np.concatenate(list(_spectrum(sound))) for sound in (left, speech, bed)]
    leaked = whole = 0.0
    for top in range(0, len(spectra[0]) - 8, 8):
        for pitch in range(4, 512, 4):
            found, spoken, other = (part[top : top + 8, pitch : pitch + 4].ravel() for part in spectra)
            power = float(np.vdot(spoken, spoken).real)
            if power > 1e-9:
                basis = np.stack([spoken, other], axis=1)
                share = np.linalg.solve(basis.conj().T @ basis + 1e-9 * np.eye(2), basis.conj().T @ found)[0]
                leaked += float(abs(share) ** 2) * power
                whole += power
    return 10 * float(np.log10(max(leaked / whole, 1e-9)))


def _spectrum(sound: NDArray[np.float32]) -> Iterator[NDArray[np.complex128]]:
    window = np.hanning(2048)
    for start in range(0, len(sound) - 2048, 512):
        yield np.fft.rfft(sound[start : start + 2048] * window)[None]


if __name__ == "__main__":
    main()
