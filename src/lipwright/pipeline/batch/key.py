"""The key of a row: the SHA-256 of all that its video is made from, and of nothing else."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from lipwright import __version__
from lipwright.contracts.batch import RowJob
from lipwright.store.digest import file_digest
from lipwright.store.key import StageKey

VERSION = 1
"""Rises when the same row gives another video."""
KEYWORDS = ("keep", "blur")


@dataclass(frozen=True, slots=True)
class Manner:
    """What holds for all rows of a batch."""

    label: str | None = None
    """Words drawn into a corner of each picture."""
    lexicon: Path | None = None
    engine: str | None = None
    """The lip-sync engine for clips; None for the preset's."""


class KeyMaker:
    """Names jobs by what they are made from. Each file is read once."""

    def __init__(self, manner: Manner, speech: Callable[[str], str], translation: Callable[[str, str], str]) -> None:
        """
        Args:
            speech: the identity of a speech engine, by its name.
            translation: the identity of what translates one language to another.
        """
        self._manner, self._speech, self._translation = manner, cache(speech), cache(translation)
        self._digests: dict[Path, str] = {}

    def keyed(self, job: RowJob) -> RowJob:
        """The job with its key. Raises: MediaNotFound, MediaUnreadable, ProviderError."""
        row, manner = job.row, self._manner
        background = row.background
        is_picture = background not in KEYWORDS and not background.startswith("#")
        translated = row.text_language is not None
        key = StageKey(
            "batch row",
            VERSION,
            provider=f"{__version__}, {self._speech(job.tts)}"
            + (f", {self._translation(row.text_language, job.language)}" if row.text_language is not None else ""),
            inputs={
                "face": self._digest(job.face),
                "background": self._digest(Path(background)) if is_picture else "",
                "lexicon": self._digest(manner.lexicon) if manner.lexicon is not None else "",
            },
            parameters={
                "name": row.name,
                "text": row.text,
                "text_language": row.text_language,
                "kept": row.kept if translated else (),
                "voice": job.voice,
                "language": job.language,
                "speed": row.speed,
                "background": "" if is_picture else background,
                "size": row.size,
                "fps": row.fps,
                "subtitles": sorted(row.subtitles),
                "seed": row.seed,
                "label": manner.label,
                "engine": (manner.engine or "") if job.is_clip else None,
            },
        )
        return replace(job, key=key.digest)

    def _digest(self, path: Path) -> str:
        if path not in self._digests:
            self._digests[path] = file_digest(path)
        return self._digests[path]
