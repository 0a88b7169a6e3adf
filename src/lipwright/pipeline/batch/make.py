"""Makes the video of a row. One maker lives as long as its process: engines and the prepared face stay loaded."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from lipwright.contracts.batch import RowJob, RowResult, RowState
from lipwright.contracts.portrait import PortraitRequest
from lipwright.contracts.progress import Progress
from lipwright.contracts.sidecar import sidecar_path
from lipwright.contracts.sync import Length, SyncRequest
from lipwright.motion.sound import MouthEngine
from lipwright.pipeline.batch.key import Manner
from lipwright.pipeline.batch.ledger import Ledger
from lipwright.pipeline.batch.say import say_in
from lipwright.pipeline.speak import speak
from lipwright.pipeline.stages.prepare import Prepared, prepare
from lipwright.pipeline.sync import sync
from lipwright.render.lipsync.base import LipSyncer
from lipwright.render.lipsync.presets import Knobs
from lipwright.speech.stt.base import SpeechToText
from lipwright.speech.translate.base import Translator
from lipwright.speech.tts.base import TextToSpeech
from lipwright.store.digest import file_digest
from lipwright.store.stages import StageStore

DEFAULT_FPS = Fraction(25)


@dataclass(frozen=True)
class Workshop:
    """What a maker needs. Can be sent to another process."""

    tts: Callable[[str], TextToSpeech]
    """From the name of an engine."""
    stt: Callable[[], SpeechToText]
    listener: Callable[[], MouthEngine]
    """Hears the mouth of a voice whose phones are not known."""
    translator: Callable[[str, str], Translator]
    lipsync: Callable[[RowJob, StageStore], Callable[[str, Knobs], LipSyncer]]
    """Builders of lip-sync engines for the clip of a row."""
    store: Callable[[], StageStore]
    manner: Manner

    def open(self) -> "Maker":
        """A maker for this process."""
        return Maker(self)


class Maker:
    """Makes one row after the other. The store is opened for each row, so that what earlier ones used may go."""

    def __init__(self, shop: Workshop) -> None:
        self._shop = shop
        self._voices: dict[str, TextToSpeech] = {}
        self._listener = shop.listener()
        self._translators: dict[tuple[str, str], Translator] = {}
        self._face: tuple[tuple[object, ...], Prepared] | None = None

    def make(self, job: RowJob, progress: Progress) -> RowResult:
        """Make a row, and record it as the last thing.

        Raises: LipwrightError: nothing is left under its name but what an earlier run has made.
        """
        begun_s = time.monotonic()
        with self._shop.store() as store:
            text, notes = self._text(job, store, progress)
            files, duration_s, more = self._video(job, text, store, progress)
        notes += more
        seconds = time.monotonic() - begun_s
        Ledger(job.output.parent).add(job.row.name, job.key, files, duration_s, seconds, notes)
        return RowResult(
            name=job.row.name,
            line=job.row.line,
            state=RowState.MADE,
            output=job.output,
            key=job.key,
            language=job.language,
            voice=job.voice,
            seconds=seconds,
            duration_s=duration_s,
            notes=notes,
        )

    def _video(
        self, job: RowJob, text: str, store: StageStore, progress: Progress
    ) -> tuple[tuple[Path, ...], float, tuple[str, ...]]:
        """Files, duration and notes."""
        if job.tts not in self._voices:
            self._voices[job.tts] = self._shop.tts(job.tts)
        tts, manner = self._voices[job.tts], self._shop.manner
        if not job.is_clip:
            request = _of_photo(job, text, manner)
            spoken = speak(
                request,
                tts=tts,
                listener=self._listener,
                progress=progress,
                store=store,
                preparing=self._prepared,
            )
            return (spoken.output, *spoken.sidecars), spoken.duration_s, ()
        moved = sync(
            _of_clip(job, text, manner),
            tts=tts,
            stt=self._shop.stt,
            listener=self._listener,
            lipsync=self._shop.lipsync(job, store),
            store=store,
            progress=progress,
        )
        return (moved.output, sidecar_path(moved.output)), moved.duration_s, moved.notes

    def _prepared(self, request: PortraitRequest) -> Prepared:
        """The photo made ready; the last one is kept, since rows mostly share a face."""
        files = [request.face, *([Path(request.background)] if Path(request.background).is_file() else [])]
        look = (*map(file_digest, files), request.size, request.background, request.seed, request.face_index)
        if self._face is None or self._face[0] != look:
            self._face = None
            self._face = (look, prepare(request))
        return self._face[1]

    def _text(self, job: RowJob, store: StageStore, progress: Progress) -> tuple[str, tuple[str, ...]]:
        row = job.row
        if row.text_language is None:
            return row.text, ()
        pair = row.text_language, job.language
        if pair not in self._translators:
            self._translators[pair] = self._shop.translator(*pair)
        return say_in(row.text, *pair, row.kept, self._translators[pair], store, progress)


def _of_photo(job: RowJob, text: str, manner: Manner) -> PortraitRequest:
    row = job.row
    return PortraitRequest(
        face=job.face,
        text=text,
        voice=job.voice,
        language=job.language,
        output=job.output,
        size=row.size,
        fps=row.fps or DEFAULT_FPS,
        background=row.background,
        subtitles=row.subtitles,
        seed=row.seed,
        label=manner.label,
        speed=row.speed,
        lexicon=manner.lexicon,
        tts=job.tts,
    )


def _of_clip(job: RowJob, text: str, manner: Manner) -> SyncRequest:
    row = job.row
    return SyncRequest(
        video=job.face,
        output=job.output,
        text=text,
        voice=job.voice,
        language=job.language,
        tts=job.tts,
        speed=row.speed,
        lexicon=manner.lexicon,
        length=Length.SOUND,
        engine=manner.engine,
        label=manner.label,
        seed=row.seed,
    )
