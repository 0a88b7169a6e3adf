"""What `doctor` looks at. Each check returns findings and raises nothing: a broken part is a finding with advice."""

import importlib.metadata
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from pathlib import Path

from lipwright import __version__
from lipwright.assets.packaged import asset_names, read_asset
from lipwright.errors import LipwrightError, ProviderUnavailable
from lipwright.inference import load_onnxruntime
from lipwright.settings import Settings
from lipwright.wiring.capabilities import LIPSYNC, STT, TRANSLATE, TTS
from lipwright.wiring.engines import FREE

SILENCE_HZ = 16_000
NEEDED_DISK_BYTES = 1_000_000_000
NEEDED_MEMORY_BYTES = 1_500_000_000
RUNTIMES = {
    "av": "reads and writes media",
    "cv2": "warps and blends pictures",
    "numba": "compiles the renderer's inner loops",
    "onnxruntime": "runs the models",
    "PIL": "opens photos",
    "pysubs2": "writes subtitles",
}
"""Module and task of each essential package. Each is imported: a missing system library shows only then."""


class State(StrEnum):
    OK = "ok"
    WARNING = "warning"
    """Works, but not in every case."""
    BROKEN = "broken"
    """Something needed does not work."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    topic: str
    subject: str
    state: State
    value: str
    advice: str = ""
    """What to do about it; empty when all is well."""


MOST_PAIRS = 8
"""Pairs of languages that a line names before it only counts them."""
Check = Callable[[Settings], Iterator[Finding]]


def check_machine(_settings: Settings) -> Iterator[Finding]:
    """Interpreter, processor, memory."""
    yield Finding("machine", "lipwright", State.OK, __version__)
    yield Finding("machine", "python", State.OK, f"{platform.python_version()} ({sys.executable})")
    yield Finding("machine", "system", State.OK, f"{platform.system()} {platform.release()} {platform.machine()}")
    yield Finding("machine", "cores", State.OK, str(usable_cores()))
    available = available_memory_bytes()
    if available is None:
        yield Finding("machine", "memory", State.OK, "not known on this system")
    elif available < NEEDED_MEMORY_BYTES:
        yield Finding(
            "machine",
            "memory",
            State.WARNING,
            f"{gigabytes(available)} free",
            f"A portrait takes up to {gigabytes(NEEDED_MEMORY_BYTES)}. Close other programs, or make smaller videos.",
        )
    else:
        yield Finding("machine", "memory", State.OK, f"{gigabytes(available)} free")


def check_folders(settings: Settings) -> Iterator[Finding]:
    """Room on disk, and whether what is cached can be written."""
    for subject, folder in (("working folder", Path.cwd()), ("cache folder", settings.cache_dir)):
        standing = next(part for part in (folder, *folder.parents) if part.exists())
        free = shutil.disk_usage(standing).free
        value = f"{folder}, {gigabytes(free)} free"
        if not standing.is_dir() or not os.access(standing, os.W_OK):
            state = State.BROKEN if folder == settings.cache_dir else State.WARNING
            advice = (
                "It cannot be written. Set LIPWRIGHT_CACHE_DIR to a folder that can."
                if folder == settings.cache_dir
                else "It cannot be written. Give --output a path in a folder that can."
            )
            yield Finding("disk", subject, state, value, advice)
        elif free < NEEDED_DISK_BYTES:
            yield Finding("disk", subject, State.WARNING, value, "Make room: under 1 GB is left.")
        else:
            yield Finding("disk", subject, State.OK, value)


def check_packages(_settings: Settings) -> Iterator[Finding]:
    """Every package that Lipwright names is installed, and the compiled ones load."""
    for requirement in importlib.metadata.requires("lipwright") or []:
        if "extra ==" in requirement:
            continue
        name = re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0]
        try:
            yield Finding("packages", name, State.OK, importlib.metadata.version(name))
        except importlib.metadata.PackageNotFoundError:
            yield Finding("packages", name, State.BROKEN, "not installed", f'Run: pip install "{requirement}"')
    for module, task in RUNTIMES.items():
        try:
            load_onnxruntime() if module == "onnxruntime" else import_module(module)
        except (ImportError, OSError) as exc:
            advice = "Install the package again, or the system library that the message names."
            yield Finding("runtimes", module, State.BROKEN, f"does not load: {exc}", advice)
        else:
            yield Finding("runtimes", module, State.OK, task)


def check_ffmpeg(_settings: Settings) -> Iterator[Finding]:
    """The static FFmpeg, and what of it is used."""
    try:
        imageio_ffmpeg = import_module("imageio_ffmpeg")
        executable = imageio_ffmpeg.get_ffmpeg_exe()
    except (ImportError, RuntimeError) as exc:
        yield Finding("media", "ffmpeg", State.BROKEN, str(exc), "Run: pip install --force-reinstall imageio-ffmpeg")
        return
    try:
        version = _output_of([executable, "-hide_banner", "-version"]).splitlines()[0]
        filters = _output_of([executable, "-hide_banner", "-filters"])
    except (OSError, subprocess.SubprocessError, IndexError) as exc:
        advice = "Unset IMAGEIO_FFMPEG_EXE, or install imageio-ffmpeg again."
        yield Finding("media", "ffmpeg", State.BROKEN, f"{executable} does not run: {exc}", advice)
        return
    yield Finding("media", "ffmpeg", State.OK, f"{version.split(' Copyright')[0]} ({executable})")
    if re.search(r"^ *\S+ ass ", filters, re.MULTILINE):
        yield Finding("media", "filter ass", State.OK, "subtitles in the picture")
    else:
        advice = "Unset IMAGEIO_FFMPEG_EXE: the packaged FFmpeg has this filter."
        yield Finding("media", "filter ass", State.BROKEN, "missing: no subtitles in the picture", advice)


def check_encoders(_settings: Settings) -> Iterator[Finding]:
    """The encoders that MP4 files need, in process."""
    try:
        codec = import_module("av.codec")
    except ImportError:
        return  # named by check_packages
    for name, task in (("libx264", "H.264 pictures"), ("aac", "AAC sound")):
        if name in codec.codecs_available:
            yield Finding("media", f"encoder {name}", State.OK, task)
        else:
            advice = "Install the av package from a wheel: pip install --only-binary :all: --force-reinstall av"
            yield Finding("media", f"encoder {name}", State.BROKEN, f"missing: no {task}", advice)


def check_devices(settings: Settings) -> Iterator[Finding]:
    """What the models run on."""
    try:
        runtime = load_onnxruntime()
    except (ImportError, OSError):
        return  # named by check_packages
    threads = settings.threads or usable_cores()
    yield Finding("devices", "models", State.OK, f"CPU, {threads} threads")
    told = os.environ.get("ORT_DISABLE_TELEMETRY")
    if told == "1":
        yield Finding("devices", "telemetry", State.OK, "off: nothing is told to the makers of ONNX Runtime")
    else:
        advice = "Unset ORT_DISABLE_TELEMETRY, or set it to 1, if ONNX Runtime should report nothing to its makers."
        yield Finding("devices", "telemetry", State.WARNING, f"ORT_DISABLE_TELEMETRY={told}", advice)
    yield Finding("devices", "onnxruntime offers", State.OK, ", ".join(runtime.get_available_providers()))


def check_assets(_settings: Settings) -> Iterator[Finding]:
    """Packaged models, voices and fonts, each against its recorded digest."""
    reinstall = "Install Lipwright again: its package is damaged."
    names = asset_names()
    if not names:
        yield Finding("assets", "packaged files", State.BROKEN, "none found", reinstall)
    sound: Counter[str] = Counter()
    for name in names:
        try:
            read_asset(name)
        except ProviderUnavailable as exc:
            yield Finding("assets", name, State.BROKEN, str(exc), reinstall)
        else:
            sound[name.partition("/")[0]] += 1
    for folder, count in sound.items():
        yield Finding("assets", folder, State.OK, f"{count} files, SHA-256 as recorded")


def check_engines(settings: Settings) -> Iterator[Finding]:
    """Each speech engine says a word, unless that would cost something."""
    if settings.tts not in TTS.registry():
        advice = f"Set LIPWRIGHT_TTS to one of: {', '.join(TTS.listed())}."
        yield Finding("engines", settings.tts, State.BROKEN, "no such speech engine", advice)
    if settings.lipsync and settings.lipsync not in LIPSYNC.registry():
        advice = f"Unset LIPWRIGHT_LIPSYNC, or set it to one of: {', '.join(LIPSYNC.listed())}."
        yield Finding("engines", settings.lipsync, State.BROKEN, "no such lip-sync engine", advice)
    for name in TTS.listed():
        chosen = name == settings.tts
        try:
            engine = TTS.build(name, settings)
            able = engine.capability
            if able.cost_unit != FREE:
                yield Finding("engines", name, State.OK, f"not tried: use costs {able.cost_unit}")
                continue
            voice = engine.voices()[0]
            about = f"{able.voice_count} voices in {', '.join(able.languages)}"
            engine.speak("Hello.", voice.id)
            begun = time.perf_counter()
            speech = engine.speak("Hello, world.", voice.id)
            factor = (time.perf_counter() - begun) / speech.duration_s
        except LipwrightError as exc:
            advice = f"Install what is named, or set LIPWRIGHT_TTS to an engine that works instead of {name}."
            yield Finding("engines", name, State.BROKEN if chosen else State.WARNING, str(exc), advice)
        else:
            licence = f"code {able.code_licence}, weights {able.weights_licence}"
            value = f"{about}; CPU, real-time factor {factor:.2f}; {licence}"
            yield Finding("engines", f"{name} (the default)" if chosen else name, State.OK, value)


def check_recognisers(settings: Settings) -> Iterator[Finding]:
    """Each recognition engine listens to a second of silence, unless that would cost something."""
    import numpy as np

    if settings.stt not in STT.registry():
        advice = f"Set LIPWRIGHT_STT to one of: {', '.join(STT.listed())}."
        yield Finding("engines", settings.stt, State.BROKEN, "no such recognition engine", advice)
    for name in STT.listed():
        chosen = name == settings.stt
        try:
            engine = STT.build(name, settings)
            able = engine.capability
            about = f"recognises words in {len(able.languages)} languages"
            if able.cost_unit != FREE:
                yield Finding("engines", name, State.OK, f"{about}; not tried: use costs {able.cost_unit}")
                continue
            engine.transcribe([np.zeros(SILENCE_HZ, np.float32)], SILENCE_HZ)
        except LipwrightError as exc:
            advice = f"Install what is named, or set LIPWRIGHT_STT to an engine that works instead of {name}."
            yield Finding("engines", name, State.BROKEN if chosen else State.WARNING, str(exc), advice)
        else:
            value = f"{about}; CPU; code {able.code_licence}, weights {able.weights_licence}"
            yield Finding("engines", f"{name} (the default)" if chosen else name, State.OK, value)


def check_translators(settings: Settings) -> Iterator[Finding]:
    """What each translation engine translates here."""
    if settings.translate and settings.translate not in TRANSLATE.registry():
        advice = f"Unset LIPWRIGHT_TRANSLATE, or set it to one of: {', '.join(TRANSLATE.listed())}."
        yield Finding("engines", settings.translate, State.BROKEN, "no such translation engine", advice)
    for name in TRANSLATE.listed():
        try:
            engine = TRANSLATE.build(name, settings)
        except LipwrightError as exc:
            yield Finding("engines", name, State.WARNING, str(exc), "Install what is named.")
            continue
        pairs = engine.pairs()
        if pairs is None:
            value = f"translates anything; not tried: use costs {engine.capability.cost_unit}"
        else:
            listed = [f"{source} to {target} ({quality})" for (source, target), quality in sorted(pairs.items())]
            more = f" and {len(listed) - MOST_PAIRS} more" if len(listed) > MOST_PAIRS else ""
            value = f"translates {', '.join(listed[:MOST_PAIRS])}{more}" if listed else "translates nothing here"
        yield Finding("engines", name, State.OK, value)


def usable_cores() -> int:
    """Cores that this process may run on, fewer than the machine's inside a limited container."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def available_memory_bytes() -> int | None:
    """Memory that can be had without swapping, or None where the system does not tell."""
    try:
        table = Path("/proc/meminfo").read_text(encoding="ascii")
    except OSError:
        return None
    found = re.search(r"^MemAvailable: +(\d+) kB$", table, re.MULTILINE)
    return int(found[1]) * 1024 if found else None


def gigabytes(count: int) -> str:
    """`1_500_000_000` as `1.5 GB`."""
    return f"{count / 1e9:.1f} GB"


def _output_of(command: list[str]) -> str:
    return subprocess.run(
        command, capture_output=True, check=True, text=True, timeout=20
    ).stdout  # the ffmpeg just found
