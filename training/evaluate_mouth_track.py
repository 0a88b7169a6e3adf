"""Compares the mouth track of a known English text with the mouth of the real speaker who says it.

    python training/evaluate_mouth_track.py CLIP --part 1.15 2.10 "good morning" --part 2.3 3.9 "my name is ..."

Each part is a stretch of the clip, in seconds, and the words that are heard in it. They are aligned to the sound with
pocketsphinx; the mouth is measured with the face tracker, pauses over 0.2 s left out. Prints the correlation of gap and
width, at the sound's own time and at the best shift within 200 ms (real clips are often out of step), and how many
bilabials close in the clip and in the track.

Measured so, at the best shift: gap r .63, .74, .79 and .66 (mean .70), width r .61, .63, .69 and .68 (mean .65) over
three clips of English and one of Russian (phones from espeak-ng). All 31 bilabials close in the track, 30 in the clips.
"""

import argparse
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
from fit_mouth_controls import Measured, measure
from numpy.typing import NDArray
from pocketsphinx import Decoder  # type: ignore[import-not-found,import-untyped,unused-ignore]

from lipwright.contracts.motion import MOUTH_CONTROLS, MouthTrack
from lipwright.contracts.speech import Phoneme
from lipwright.media.audio import read_audio
from lipwright.motion.mouth import mouth_track
from lipwright.motion.visemes import is_bilabial

RATE_HZ = 16_000
TRACK_FPS = Fraction(200)
PAUSE_S = 0.2
DITHER = 3.0
"""In steps of 16 bits."""
WIDEST_SHIFT_MS = 200
IPA = {
    "AA": "ɑ", "AE": "æ", "AH": "ʌ", "AO": "ɔ", "AW": "aʊ", "AY": "aɪ", "B": "b", "CH": "tʃ", "D": "d", "DH": "ð",
    "EH": "ɛ", "ER": "ɚ", "EY": "eɪ", "F": "f", "G": "ɡ", "HH": "h", "IH": "ɪ", "IY": "i", "JH": "dʒ", "K": "k",
    "L": "l", "M": "m", "N": "n", "NG": "ŋ", "OW": "oʊ", "OY": "ɔɪ", "P": "p", "R": "ɹ", "S": "s", "SH": "ʃ",
    "T": "t", "TH": "θ", "UH": "ʊ", "UW": "u", "V": "v", "W": "w", "Y": "j", "Z": "z", "ZH": "ʒ",
}  # fmt: skip


def main() -> None:
    """Align, track, compare."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("clip", type=Path)
    parser.add_argument("--part", nargs=3, action="append", required=True, metavar=("START", "END", "WORDS"))
    options = parser.parse_args()
    sound = np.concatenate([chunk.reshape(-1) for chunk in read_audio(options.clip, RATE_HZ)])
    phonemes = [
        phone
        for start, end, words in options.part
        for phone in align(sound[round(float(start) * RATE_HZ) : round(float(end) * RATE_HZ)], float(start), words)
    ]
    clip = measure(options.clip)
    track = mouth_track(phonemes, len(sound) / RATE_HZ + 1.0, TRACK_FPS)
    shifts = {shift_ms: compare(clip, track, phonemes, shift_ms) for shift_ms in range(-200, WIDEST_SHIFT_MS + 1, 10)}
    best_ms = max(shifts, key=lambda shift_ms: shifts[shift_ms][0])
    for name, shift_ms in (("as it is", 0), ("best", best_ms)):
        gap_r, width_r, closed = shifts[shift_ms]
        found = f"gap r {gap_r:.2f}, width r {width_r:.2f}, {closed} bilabials close in the clip"
        print(f"{name:10} {shift_ms:+4d} ms: {found}")
    bilabials = [phone for phone in phonemes if is_bilabial(phone.symbol)]
    shut = sum(bool(track.gap[frames(phone)].min() == 0) for phone in bilabials)
    print(f"{shut} of {len(bilabials)} bilabials close in the track")


def align(sound: NDArray[np.float32], start_s: float, words: str) -> list[Phoneme]:
    """The phones of some words in their sound; times count from the start of the clip."""
    decoder = Decoder(lm=None, loglevel="FATAL", samprate=RATE_HZ, beam=1e-100, wbeam=1e-80, pbeam=1e-100)
    unknown = [word for word in words.lower().split() if decoder.lookup_word(word) is None]
    if unknown:
        raise SystemExit(f"not in the aligner's dictionary: {', '.join(unknown)}. Leave the part out, or respell it.")
    decoder.set_align_text(words.lower())
    # Digital silence stops the aligner: a little noise keeps it going.
    dither = np.random.default_rng(0).normal(0, DITHER, len(sound))
    samples = (np.clip(sound, -1, 1) * 32760 + dither).astype("<i2").tobytes()
    for phones in (False, True):
        if phones:
            decoder.set_alignment()
        decoder.start_utt()
        decoder.process_raw(samples, full_utt=True)
        decoder.end_utt()
    return [
        Phoneme(IPA[phone.name], start_s + phone.start / 100, start_s + (phone.start + phone.duration) / 100)
        for word in decoder.get_alignment()
        for phone in word
        if phone.name in IPA
    ]


def frames(phone: Phoneme) -> slice:
    """The frames of the track in which a phone sounds."""
    return slice(round(phone.start_s * TRACK_FPS), round(phone.end_s * TRACK_FPS) + 1)


def compare(clip: Measured, track: MouthTrack, phonemes: list[Phoneme], shift_ms: int) -> tuple[float, float, int]:
    """Correlation of gap and of width in speech, and how many bilabials close, if the picture is late by a shift."""
    times = clip.times - shift_ms / 1000
    spoken = (times > phonemes[0].start_s) & (times < phonemes[-1].end_s)
    for before, after in pairwise(phonemes):
        if after.start_s - before.end_s > PAUSE_S:
            spoken &= ~((times > before.end_s + 0.04) & (times < after.start_s - 0.04))
    track_times = np.arange(len(track)) / float(TRACK_FPS)
    width = MOUTH_CONTROLS.index("width")
    gap_r = np.corrcoef(np.interp(times, track_times, track.gap)[spoken], clip.gap[spoken])[0, 1]
    width_r = np.corrcoef(
        np.interp(times, track_times, track.controls[:, width])[spoken], clip.controls[spoken, width]
    )[0, 1]
    least = 0.15 * np.quantile(clip.gap, 0.95)
    closed = 0
    for phone in phonemes:
        beside = (times >= phone.start_s - 0.05) & (times <= phone.end_s + 0.05)
        closed += is_bilabial(phone.symbol) and bool(beside.any() and clip.gap[beside].min() < least)
    return float(gap_r), float(width_r), closed


if __name__ == "__main__":
    main()
