"""Measure how far the word starts of every English voice are from a forced alignment of the sound.

python training/evaluate_word_times.py [--voices af_heart heart ...] [--sentences tuning held-out]

The constants of lipwright.speech.timing were chosen on TUNING; HELD_OUT tests them. The aligner is pocketsphinx. It
takes its idea of silence from the first moments of the sound, and places first words up to 40 ms early when these are
too few: 300 ms of silence go in front and behind. Its times come in steps of 10 ms.

Measured so, mean on the held-out sentences (87 words a voice), in ms: bf_isabella 11.3, bf_emma and heart 12.0,
am_fenrir 12.1, am_puck 12.2, af_heart 12.3, bm_fable 13.9, af_bella 15.6, af_nicole 17.1, am_michael 18.1, bm_george
18.7. The signed mean of each voice is within 7 ms. Among the tuning sentences, a bias for each voice and moving word
starts to the nearest change of the spectrum gained less than a millisecond on average.
"""

import argparse
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pocketsphinx import Decoder  # type: ignore[import-not-found,import-untyped,unused-ignore]

from lipwright.contracts.speech import Speech
from lipwright.media.audio import resample
from lipwright.speech.tts.base import TextToSpeech
from lipwright.speech.tts.hibari import Hibari
from lipwright.speech.tts.kokoro import Kokoro

TUNING = (
    "The garden was quiet until the children came home from school.",
    "Our engineers tested seven different bridges before winter began.",
    "Can you tell me where the nearest train station is?",
    "Fresh bread, cold milk, and a good book make a perfect morning.",
    "The museum opens at nine and closes late on Friday evenings.",
    "My brother plays the guitar while my sister paints old boats.",
    "If the weather changes, we will move the meeting to Monday.",
    "Strong winds pushed the small ship toward the rocky coast.",
    "The new program translates training videos into many languages within a few minutes.",
    "Please send the report to the finance team before the end of Thursday.",
    "Peter bought six big maps from my mother.",
    "When the music stopped, everybody in the room began to laugh.",
    "A gentle rain fell over the valley during the night.",
    "Do you think the doctor could see me this afternoon?",
    "She keeps her keys in a wooden box beside the front door.",
    "Most people drink coffee, but I would rather have tea.",
)
HELD_OUT = (
    "The farmer carried a heavy basket of apples to the market.",
    "Nobody knew why the lights went out during dinner.",
    "Before you leave, please close the windows and lock the gate.",
    "Several people waited under the bridge until the storm passed.",
    "This recipe needs two eggs, some butter, and a pinch of salt.",
    "Have you ever seen the ocean from the top of a mountain?",
    "His daughter wants to become a pilot or a famous painter.",
    "We found a box of letters hidden behind the kitchen wall.",
)
_RATE_HZ = 16_000
_SILENCE = np.zeros(round(0.3 * _RATE_HZ), np.float32)


def aligned_starts_s(speech: Speech) -> list[float]:
    """Word starts that a speech recogniser finds when told the words; in seconds of the speech."""
    samples = np.concatenate([_SILENCE, *resample([speech.samples], speech.sample_rate_hz, _RATE_HZ), _SILENCE])
    decoder = Decoder(lm=None, loglevel="FATAL", samprate=_RATE_HZ)
    decoder.set_align_text(" ".join(re.findall(r"[a-z']+", speech.text.lower())))
    decoder.start_utt()
    decoder.process_raw((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes(), full_utt=True)
    decoder.end_utt()
    offset_s = len(_SILENCE) / _RATE_HZ
    return [segment.start_frame / 100 - offset_s for segment in decoder.seg() if segment.word[0] not in "<(["]


def word_start_errors_s(engine: TextToSpeech, voice: str, sentences: Sequence[str]) -> NDArray[np.float64]:
    """Told start minus aligned start of every word, (n,); a sentence that cannot be aligned is left out."""
    errors_s: list[float] = []
    for sentence in sentences:
        speech = engine.speak(sentence, voice)
        starts_s = aligned_starts_s(speech)
        if len(starts_s) == len(speech.words):
            errors_s += [word.start_s - start_s for word, start_s in zip(speech.words, starts_s, strict=True)]
    return np.array(errors_s)


def main() -> None:
    """Print one line for each voice and set of sentences."""
    engines: dict[str, TextToSpeech] = {
        voice.id: engine
        for engine in (Hibari(), Kokoro())
        for voice in engine.voices()
        if voice.language.startswith("en-")
    }
    sets = {"tuning": TUNING, "held-out": HELD_OUT}
    parser = argparse.ArgumentParser(description="Measure word starts against a forced alignment.")
    parser.add_argument("--voices", nargs="+", choices=tuple(engines), default=tuple(engines))
    parser.add_argument("--sentences", nargs="+", choices=tuple(sets), default=tuple(sets))
    options = parser.parse_args()
    print("voice         sentences  words  signed mean ms  mean ms  p90 ms")
    for name in options.sentences:
        for voice in options.voices:
            errors_ms = 1000 * word_start_errors_s(engines[voice], voice, sets[name])
            size_ms = np.abs(errors_ms)
            print(
                f"{voice:<13} {name:<9} {len(errors_ms):>6} {errors_ms.mean():>+15.1f} {size_ms.mean():>8.1f}"
                f" {np.percentile(size_ms, 90):>7.0f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
