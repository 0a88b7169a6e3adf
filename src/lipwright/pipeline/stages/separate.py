"""A sound taken apart into voice and bed, in parts that are kept: an interrupted run goes on behind the last one."""

import hashlib
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.progress import Progress
from lipwright.errors import ProviderError, SeparationFailed
from lipwright.media.spool import AudioSpool
from lipwright.pipeline.stages.kept_sound import keep_sound, kept_sound
from lipwright.speech.separate.base import SAMPLE_RATE_HZ, Separator, Stems
from lipwright.store.key import StageKey
from lipwright.store.stages import StageStore, memoise

PART_S: Final = 120
CHUNK_SAMPLES: Final = SAMPLE_RATE_HZ
_FIGURES: Final = "figures.json"
_LOUDEST: Final = 100.0
"""What is louder, 40 dB above full scale, is no sound."""
_HOP: Final = 480
_SPOKEN_DB: Final = -35.0
"""Against the loudest 10 ms of a part's voice: there somebody speaks."""
_SILENT_DB: Final = -60.0
"""Of full scale: softer voice is not counted."""
_NO_BED_DB: Final = -35.0
"""A bed that is softer than the voice by this is what an engine leaves of a sound that is only voice."""
_MUCH_LEAK_DB: Final = -25.0
_HEARD_LEAK_DB: Final = -20.0


@dataclass(frozen=True, slots=True)
class Separated:
    """A voice and its bed; closing it removes both from the disk. A context manager."""

    voice: AudioSpool
    """48 kHz, with the sound's channels, as long as the sound."""
    bed: AudioSpool
    """The same; the sum of both is the sound."""
    leak_db: float | None
    """How loud the old voice is in the bed where somebody speaks, against the voice: what the engine finds in the bed
    when it is asked again. None where there is no bed or no voice."""
    has_bed: bool
    """Whether there is anything but the voice."""
    notes: tuple[str, ...]
    """What a person should know."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Remove both from the disk."""
        self.voice.close()
        self.bed.close()


@dataclass(frozen=True, slots=True)
class _Figures:
    """Sums of squares over a part, or over all of them."""

    voice: float = 0.0
    bed: float = 0.0
    spoken: float = 0.0
    """Of the voice where somebody speaks."""
    leaked: float = 0.0
    """Of what is found in the bed there."""

    def __add__(self, other: "_Figures") -> "_Figures":
        return _Figures(*(getattr(self, name) + getattr(other, name) for name in asdict(self)))


@dataclass(frozen=True, slots=True)
class _Part:
    """Some of the sound, with what an engine needs to hear around it."""

    number: int
    samples: NDArray[np.float32]
    """(n, channels)."""
    lead: int
    """Samples before the part itself."""
    length: int
    """Samples of the part itself."""

    def own(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        return samples[self.lead : self.lead + self.length]


def separate(sound: AudioSpool, separator: Separator, store: StageStore, progress: Progress) -> Separated:
    """Take a sound apart, unless an earlier run has done it. The caller closes the result.

    Samples that are no finite numbers are silence in both stems; a note says how many there are.

    Args:
        sound: 48 kHz, 1 or 2 channels.
    Raises: SeparationFailed, from what the engine raised; ProviderUnavailable; OutputNotWritable, DiskFull; Cancelled.
    """
    if sound.sample_rate_hz != SAMPLE_RATE_HZ:
        raise ValueError(f"sound at {sound.sample_rate_hz} Hz: give {SAMPLE_RATE_HZ} Hz.")
    progress.stage("separate", max(round(sound.duration_s), 1))
    version = separator.version
    voice = AudioSpool(SAMPLE_RATE_HZ, sound.channels, sound.folder)
    bed = AudioSpool(SAMPLE_RATE_HZ, sound.channels, sound.folder)
    figures, damaged = _Figures(), 0
    try:
        for part, broken in _parts(sound, separator):
            progress.check_cancelled()
            folder = _part_folder(part, separator, version, store, progress)
            found, own = kept_sound(folder), part.own(part.samples)
            sums = _Figures(**json.loads((folder / _FIGURES).read_text(encoding="utf-8")))
            voice.append(found if sums.bed else own)
            bed.append(own - found if sums.bed else np.zeros_like(own))
            figures += sums
            damaged += broken
    except BaseException:
        voice.close()
        bed.close()
        raise
    has_bed = figures.bed > figures.voice * _power(_NO_BED_DB) and figures.bed > 0
    leak_db = 10 * math.log10(max(figures.leaked / figures.spoken, 1e-9)) if has_bed and figures.spoken > 0 else None
    return Separated(voice, bed, leak_db, has_bed, tuple(_notes(figures, has_bed, leak_db, damaged)))


def _parts(sound: AudioSpool, separator: Separator) -> Iterator[tuple[_Part, int]]:
    """Parts in order, and how many samples of each are no sound."""
    lead, ahead = (round(seconds * SAMPLE_RATE_HZ) for seconds in (separator.lead_in_s, separator.look_ahead_s))
    step = PART_S * SAMPLE_RATE_HZ
    for number, start in enumerate(range(0, len(sound), step), 1):
        before = min(lead, start)
        samples = sound.read(start - before, before + step + ahead).reshape(-1, sound.channels)
        good = np.abs(samples) <= _LOUDEST  # not where it is no number
        length = min(step, len(sound) - start)
        own = slice(before, before + length)
        part = _Part(number, np.where(good, samples, np.float32(0)), before, length)
        yield part, int(np.count_nonzero(np.logical_not(good[own])))


def _part_folder(part: _Part, separator: Separator, version: str, store: StageStore, progress: Progress) -> Path:
    """The stored voice of a part, and its figures."""
    key = StageKey(
        "separate",
        1,
        provider=f"{separator.capability.name} {version}",
        inputs={"sound": hashlib.sha256(part.samples.tobytes()).hexdigest()},
        parameters={"channels": part.samples.shape[1], "lead": part.lead, "length": part.length},
    )
    told = 0

    def tell(heard: int) -> None:
        """A part is heard twice."""
        nonlocal told
        progress.check_cancelled()
        now = int(heard / (2 * len(part.samples)) * part.length) // SAMPLE_RATE_HZ
        progress.advance(now - told)
        told = now

    def make(folder: Path) -> None:
        try:
            voice, figures = _take_apart(part, separator, tell)
        except ProviderError as exc:
            raise SeparationFailed(
                f"separation with `{separator.capability.name}`, part {part.number} of {PART_S} s: {exc}",
                exc,
                part.number,
            ) from exc
        keep_sound(folder, voice, SAMPLE_RATE_HZ)
        (folder / _FIGURES).write_text(json.dumps(asdict(figures)), encoding="utf-8")

    folder = memoise(store, key, make)
    progress.advance(round(part.length / SAMPLE_RATE_HZ) - told)
    return folder


def _take_apart(part: _Part, separator: Separator, tell: Callable[[int], None]) -> tuple[NDArray[np.float32], _Figures]:
    """The voice of a part, and its figures.

    What a second hearing finds in the bed is the leak; where that is much, it is taken out, too.
    """
    stems = _run(part.samples, separator, tell)
    if not stems.bed.any():
        return part.own(stems.voice), _Figures(voice=_square(part.own(stems.voice)))
    again = _run(stems.bed, separator, lambda heard: tell(heard + len(part.samples)))
    spoken, leaked = _where_spoken(part.own(stems.voice), part.own(again.voice))
    if separator.finds_more and leaked > spoken * _power(_MUCH_LEAK_DB):
        stems = Stems(stems.voice + again.voice, again.bed)
        again = _run(stems.bed, separator, lambda _: tell(2 * len(part.samples)))
        spoken, leaked = _where_spoken(part.own(stems.voice), part.own(again.voice))
    return part.own(stems.voice), _Figures(_square(part.own(stems.voice)), _square(part.own(stems.bed)), spoken, leaked)


def _run(samples: NDArray[np.float32], separator: Separator, tell: Callable[[int], None]) -> Stems:
    def watched() -> Iterator[NDArray[np.float32]]:
        for start in range(0, len(samples), CHUNK_SAMPLES):
            tell(start)
            yield samples[start : start + CHUNK_SAMPLES]

    stems = list(separator.separate(watched(), samples.shape[1]))
    return Stems(np.concatenate([part.voice for part in stems]), np.concatenate([part.bed for part in stems]))


def _where_spoken(voice: NDArray[np.float32], again: NDArray[np.float32]) -> tuple[float, float]:
    """Sums of squares of two sounds where the first is loud."""
    length = len(voice) // _HOP * _HOP
    powers, others = (
        np.square(sound[:length], dtype=np.float64).reshape(-1, _HOP * sound.shape[1]).sum(axis=1)
        for sound in (voice, again)
    )
    least = _HOP * voice.shape[1] * _power(_SILENT_DB)
    spoken = powers > max(powers.max(initial=0.0) * _power(_SPOKEN_DB), least)
    return float(powers[spoken].sum()), float(others[spoken].sum())


def _notes(figures: _Figures, has_bed: bool, leak_db: float | None, damaged: int) -> Iterator[str]:
    if damaged:
        yield f"{damaged} samples of the sound are no numbers, or far too loud: they are silent"
    if figures.voice + figures.bed > 0 and not has_bed:
        yield "no bed: the sound is only voice"
    if leak_db is not None and leak_db > _HEARD_LEAK_DB:
        yield f"the old voice may be heard in the bed, {-leak_db:.0f} dB softer than it was"


def _square(samples: NDArray[np.float32]) -> float:
    return float(np.square(samples, dtype=np.float64).sum())


def _power(level_db: float) -> float:
    return float(10 ** (level_db / 10))
