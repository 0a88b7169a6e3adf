"""Measures the networks from sound to mouth, on speech that they never heard and on real mouths.

    nice python training/sound_to_mouth/evaluate.py build/sound_to_mouth --clips CLIP... [--streaming] [--network FILE]

That for recordings, or with --streaming the one that hears 80 ms ahead.

Synthetic speech: sentences of Hibari and voices of Kokoro, English and Portuguese, that are in no training data,
against the mouth track of their phones. Silence and noise: the widest opening. Real clips: the mouth that the face
tracker measures, where the sound is loud enough to be speech, at the sound's own time and at the best shift within
200 ms: many clips are out of step.
With --words FILE, a TOML of lines like `"clip.mp4" = "what is said in it"`, English ones are aligned and their
bilabials counted. `lipwright transcribe` tells the words.
"""

import argparse
import tomllib
from pathlib import Path
from sys import path as search_path

import numpy as np
from mix import noise_of
from numpy.typing import NDArray
from voices import RATE_HZ, Utterance, read

from lipwright.contracts.motion import MOUTH_CONTROLS, MouthTrack
from lipwright.contracts.speech import Phoneme
from lipwright.media.audio import read_audio
from lipwright.motion.mouth import mouth_track
from lipwright.motion.recording import RecordingToMouth
from lipwright.motion.sound import SOUND_FPS, MouthEngine, SoundToMouth, mouth_track_from_sound
from lipwright.motion.visemes import Viseme, is_bilabial, visemes_of

search_path.append(str(Path(__file__).parents[1]))
from evaluate_mouth_track import aligned
from fit_mouth_controls import Measured, measure

WIDTH = MOUTH_CONTROLS.index("width")
PAUSE_S = 0.6
"""Between the sentences of the synthetic test."""
SPEECH_RANGE_DB = 22.0
"""Below the loudest parts of a clip; what is quieter is no speech."""
BESIDE_S = 0.05
SHUT_IOD = 0.002
"""Lips this close look shut."""
NARROW = {Viseme.P, Viseme.F, Viseme.W, Viseme.OO}
"""Visemes at which almost shut lips are no mistake."""


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--clips", type=Path, nargs="*", default=[])
    parser.add_argument("--words", type=Path)
    parser.add_argument("--streaming", action="store_true")
    parser.add_argument("--network", type=Path, help="another ONNX file of the same form")
    options = parser.parse_args()
    network = options.network.read_bytes() if options.network else None
    engine = SoundToMouth(network=network) if options.streaming else RecordingToMouth(network=network)
    for name in ("hibari-kept-out", "kokoro-kept-out", "portuguese-kept-out"):
        stored = options.folder / f"{name}.npz"
        if stored.exists():
            on_synthetic(name, read(stored), engine)
    on_silence(engine)
    words = tomllib.loads(options.words.read_text("utf-8")) if options.words else {}
    rows = [on_clip(clip, words.get(clip.name, ""), engine) for clip in options.clips]
    if rows:
        at_best, as_is, width = (float(np.mean([row[i] for row in rows])) for i in range(3))
        closed, bilabials = (sum(int(row[i]) for row in rows) for i in (3, 4))
        print(f"mean of clips: gap r {at_best:.2f} (as it is {as_is:.2f}), width r {width:.2f}, {closed}/{bilabials}")


def heard(sound: NDArray[np.float32], engine: MouthEngine) -> MouthTrack:
    """A network's track at its own rate."""
    return mouth_track_from_sound([sound], RATE_HZ, SOUND_FPS, engine=engine)


def on_synthetic(name: str, spoken: list[Utterance], engine: MouthEngine) -> None:
    """Against the phones of the same sound."""
    sounds, phonemes, position = [np.zeros(RATE_HZ // 2, np.float32)], list[Phoneme](), 0.5
    for item in spoken:
        phonemes += [Phoneme(p.symbol, p.start_s + position, p.end_s + position) for p in item.phonemes]
        sounds += [item.sound, np.zeros(round(PAUSE_S * RATE_HZ), np.float32)]
        position += len(item.sound) / RATE_HZ + PAUSE_S
    track = heard(np.concatenate(sounds), engine)
    truth = mouth_track(phonemes, len(track) / float(SOUND_FPS), SOUND_FPS)
    spoken_frames = truth.closed < 1
    for phone in phonemes:
        spoken_frames[round(phone.start_s * 50) : round(phone.end_s * 50)] = True
    gap_r = np.corrcoef(track.gap[spoken_frames], truth.gap[spoken_frames])[0, 1]
    width_r = np.corrcoef(track.controls[spoken_frames, WIDTH], truth.controls[spoken_frames, WIDTH])[0, 1]
    closed, bilabials, extra = closures(track, phonemes)
    extra_s = extra / (spoken_frames.sum() / 50)
    print(f"{name}: gap r {gap_r:.3f}, width r {width_r:.3f}, {closed}/{bilabials} closed, {extra_s:.2f} extra/s")


def closures(track: MouthTrack, phonemes: list[Phoneme]) -> tuple[int, int, int]:
    """How many bilabials close, how many there are, and how often the lips meet where nothing narrows them."""
    rate = float(track.fps)
    shut = track.gap < SHUT_IOD
    narrow = np.ones(len(track), bool)
    for phone in phonemes:
        narrow[round(phone.start_s * rate) : round(phone.end_s * rate)] = False
    for phone in phonemes:
        if NARROW & {viseme for shape in visemes_of(phone.symbol) for viseme in shape}:
            narrow[max(round((phone.start_s - 0.08) * rate), 0) : round((phone.end_s + 0.08) * rate)] = True
    spoken = [p for p in phonemes if is_bilabial(p.symbol)]
    closed = sum(
        bool(shut[max(round((p.start_s - BESIDE_S) * rate), 0) : round((p.end_s + BESIDE_S) * rate) + 1].any())
        for p in spoken
    )
    wrong = shut & ~narrow
    return closed, len(spoken), int((wrong[1:] & ~wrong[:-1]).sum())


def on_silence(engine: MouthEngine) -> None:
    """5 s of nothing and of noise."""
    rng = np.random.default_rng(5)
    print(f"digital silence: widest gap {heard(np.zeros(5 * RATE_HZ, np.float32), engine).gap.max():.4f} IOD")
    for kind in ("white", "pink", "brown", "hum"):
        widest = [
            heard((noise_of(kind, 5 * RATE_HZ, rng) * 10 ** (level / 20)).astype(np.float32), engine).gap.max()
            for level in (-60, -45, -35, -25)
        ]
        print(f"{kind} at -60, -45, -35, -25 dBFS: widest gap {', '.join(f'{gap:.4f}' for gap in widest)}")


def on_clip(path: Path, words: str, engine: MouthEngine) -> tuple[float, float, float, int, int]:
    """Against a real mouth: gap r at the best shift and at none, width r, bilabials closed, bilabials."""
    sound = np.concatenate([chunk.reshape(-1) for chunk in read_audio(path, RATE_HZ)])
    track = heard(sound, engine)
    clip = measure(path)
    rows = {shift_ms: correlate(clip, track, sound, shift_ms) for shift_ms in range(-200, 201, 10)}
    best_ms = max(rows, key=lambda shift_ms: rows[shift_ms][0])
    phonemes = aligned(sound, words) if words else []
    closed, bilabials, extra = closures(track, phonemes)
    per_s = extra / max(sum(p.end_s - p.start_s for p in phonemes), 1e-9)
    print(
        f"{path.name}: gap r {rows[best_ms][0]:.2f} at {best_ms:+d} ms ({rows[0][0]:.2f} at 0),"
        f" width r {rows[best_ms][1]:.2f}, {closed}/{bilabials} bilabials closed, {per_s:.2f} extra/s"
    )
    return rows[best_ms][0], rows[0][0], rows[best_ms][1], closed, bilabials


def correlate(clip: Measured, track: MouthTrack, sound: NDArray[np.float32], shift_ms: int) -> tuple[float, float]:
    """Gap and width r where the sound is speech, if the picture is late by a shift."""
    times = clip.times - shift_ms / 1000
    hops = sound[: len(sound) // 160 * 160].reshape(-1, 160)
    level_db = 10 * np.log10(np.convolve((hops**2).mean(axis=1), np.hanning(25) / np.hanning(25).sum(), "same") + 1e-9)
    loud = (level_db > np.quantile(level_db, 0.95) - SPEECH_RANGE_DB).astype(float)
    spoken = (np.interp(times, np.arange(len(loud)) / 100, loud) > 0.5) & (times > 0.3)
    moments = np.arange(len(track)) / float(track.fps)
    gap = np.interp(times, moments, track.gap)[spoken]
    width = np.interp(times, moments, track.controls[:, WIDTH])[spoken]
    gap_r = np.corrcoef(gap, clip.gap[spoken])[0, 1]
    width_r = np.corrcoef(width, clip.controls[spoken, WIDTH])[0, 1]
    return float(gap_r), float(width_r)


if __name__ == "__main__":
    main()
