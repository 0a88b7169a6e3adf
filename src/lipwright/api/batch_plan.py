"""The rows of a batch, checked as a whole before anything is made: each becomes the spec of a job."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from lipwright import __version__
from lipwright.api.batch_order import MOST_ROWS, BatchOrder
from lipwright.api.batch_values import Files, read_fps, read_size, readable, seen_behind
from lipwright.api.problems import RowsInvalid
from lipwright.api.service import Service
from lipwright.api.submission import identity_of
from lipwright.contracts.avatar import AvatarIdentity, Use
from lipwright.contracts.batch import BatchRow, RowJob, RowProblem
from lipwright.contracts.job import SpeakSpec, VideoSpec
from lipwright.contracts.story import Scene, Story
from lipwright.errors import AssetNotFound, BatchInvalid
from lipwright.pipeline.avatar.consent import check_consent
from lipwright.pipeline.batch.plan import House, Presenter, plan_batch
from lipwright.pipeline.batch.rows import read_rows
from lipwright.pipeline.batch.table import Table, read_table
from lipwright.pipeline.service.avatar_words import told
from lipwright.speech.translate.base import Translator
from lipwright.speech.tts.base import TextToSpeech
from lipwright.store.asset_rows import get_asset
from lipwright.store.batches import NewRow, Wording
from lipwright.wiring.engines import choose_translator, choose_tts

LARGEST_TABLE_BYTES = 20_000_000
DEFAULT_FPS = Fraction(25)
ROWS = "rows"
"""What messages call a table that came in the request."""


@dataclass(frozen=True, slots=True)
class PlannedBatch:
    """Rows that can be made."""

    rows: tuple[NewRow, ...]
    specs: tuple[SpeakSpec | VideoSpec, ...]
    """Of the rows, in the same order."""
    identities: dict[str, AvatarIdentity]
    """Of the avatars that they show, by name."""
    notes: tuple[str, ...]


def plan(service: Service, workspace: str, order: BatchOrder) -> PlannedBatch:
    """Read and check all rows.

    Raises: RowsInvalid: with all that is wrong. BatchInvalid: it is no table. AssetNotFound, StorageFailed.
    """
    return _Planning(service, workspace, order).plan()


@dataclass
class _Planning:
    """Of one batch. What rows share is looked up once."""

    service: Service
    workspace: str
    order: BatchOrder
    avatars: dict[str, tuple[AvatarIdentity, str]] = field(default_factory=dict)
    """Identities with their digests."""
    translations: dict[tuple[str, str], str] = field(default_factory=dict)
    """What translates a pair, as far as it matters to what comes out."""

    def plan(self) -> PlannedBatch:
        name, table = self._table()
        targets = tuple(dict.fromkeys(self.order.translate_to))
        if len(table.rows) * (1 + len(targets)) > MOST_ROWS:
            raise BatchInvalid(
                f"`{name}`: {len(table.rows)} rows in {1 + len(targets)} languages are too many. Send batches of"
                f" {MOST_ROWS} videos or fewer."
            )
        files = Files(self.order.files)
        read = read_rows(table, self._defaults(files), files.readers(), Path())
        planned = plan_batch(read.rows, self._house(files), targets, Path("made"))
        problems = [*read.problems, *(one.problem for one in planned if one.problem is not None)]
        rows: list[NewRow] = []
        specs: list[SpeakSpec | VideoSpec] = []
        for one in planned:
            if one.job is None:
                continue
            try:
                specs.append(self._spec(one.job, files))
            except ValidationError as exc:
                wrong = exc.errors(include_url=False)[0]
                place = ".".join(str(step) for step in wrong["loc"])
                problems.append(RowProblem(one.job.row.line, one.job.row.name, f"{place}: {wrong['msg']}"))
                continue
            rows.append(self._row(one.job, specs[-1]))
        if problems:
            raise _invalid(name, problems)
        identities = {called: identity for called, (identity, _) in self.avatars.items()}
        return PlannedBatch(tuple(rows), tuple(specs), identities, read.notes)

    def _table(self) -> tuple[str, Table]:
        """What messages call it, and its rows."""
        if self.order.rows is not None:
            data = "\n".join(json.dumps(row) for row in self.order.rows).encode()
            return ROWS, readable(read_table(data, ROWS, self.order.defaults.language))
        digest = str(self.order.table)
        with self.service.database.read() as c:
            asset = get_asset(c, self.workspace, digest)
        if asset.size_bytes > LARGEST_TABLE_BYTES:
            raise BatchInvalid(f"`{asset.name}`: more than {LARGEST_TABLE_BYTES} bytes. Cut it into several tables.")
        with self.service.assets.using([digest]) as local:
            data = local[digest].read_bytes()
        return asset.name, readable(read_table(data, asset.name, self.order.defaults.language))

    def _defaults(self, files: Files) -> BatchRow:
        given = self.order.defaults
        return BatchRow(
            line=0,
            name="",
            text="",
            language=given.language,
            voice=given.voice,
            face=None if given.face is None else Path(given.face),
            avatar=given.avatar,
            background=files.background(given.background),
            size=None if given.size is None else read_size(given.size),
            fps=None if given.fps is None else read_fps(given.fps),
            speed=given.speed,
            subtitles=given.subtitles,
            seed=given.seed,
            purpose=given.purpose,
        )

    def _house(self, files: Files) -> House:
        settings = self.service.settings

        def engine(name: str | None, voice: str) -> TextToSpeech:
            return choose_tts(name, voice, settings)

        def translator(source: str, target: str) -> Translator:
            chosen = choose_translator(None, source, target, settings)
            self.translations[source, target] = chosen.identity(source, target)
            return chosen

        return House(engine, translator, self._presenter, self._agreed, lambda path: self._is_clip(files.digest(path)))

    def _presenter(self, name: str) -> Presenter:
        identity, _ = self.avatars[name] = identity_of(self.service, self.workspace, name)
        return Presenter(Path(name), identity.kind == "clip", identity.voice)

    def _agreed(self, name: str, language: str, purpose: str | None) -> None:
        with told(None):
            check_consent(self.avatars[name][0], Use.VIDEO, language=language, purpose=purpose, today=date.today())

    def _is_clip(self, digest: str) -> bool:
        with self.service.database.read() as c:
            try:
                return get_asset(c, self.workspace, digest).media_type.startswith("video/")
            except AssetNotFound as exc:
                raise AssetNotFound(f"face {digest}: not in this workspace. Upload it with POST /v1/assets.") from exc

    def _spec(self, job: RowJob, files: Files) -> SpeakSpec | VideoSpec:
        """A job that only speaks where that will do; a video of one scene for all else."""
        row = job.row
        staged = row.background != "keep" or row.size is not None or row.fps is not None or bool(row.subtitles)
        common: dict[str, Any] = {
            "language": job.language,
            "speed": row.speed,
            "label": self.order.label,
            "seed": row.seed,
        }
        if row.avatar is None and not staged:
            return SpeakSpec(face=files.digest(job.face), text=row.text, voice=job.voice, **common)
        behind = seen_behind(row.background)
        width, height = row.size or (
            VideoSpec.model_fields["width_px"].default,
            VideoSpec.model_fields["height_px"].default,
        )
        return VideoSpec(
            story=Story(language=job.language, scenes=(Scene(title="", text=row.text, background=behind),)),
            avatar=row.avatar,
            face=None if row.avatar is not None else files.digest(job.face),
            purpose=row.purpose if row.avatar is not None else None,
            files={behind.value: files.digest(behind.value)} if behind.kind == "file" else {},
            voice=self._voice(job),
            width_px=width,
            height_px=height,
            fps=str(row.fps or DEFAULT_FPS),
            subtitles=row.subtitles,
            **common,
        )

    def _voice(self, job: RowJob) -> str:
        """Empty for an avatar's own, which may be a copy that only its engine knows."""
        if job.row.avatar is None:
            return job.voice
        own = self.avatars[job.row.avatar][0].voice
        return "" if own is not None and (own.engine, own.voice) == (job.tts, job.voice) else job.voice

    def _row(self, job: RowJob, spec: SpeakSpec | VideoSpec) -> NewRow:
        source = job.row.text_language
        wording = None if source is None else Wording(source, job.language, job.row.kept)
        made_from = spec.model_dump(mode="json")
        if isinstance(spec, VideoSpec):
            made_from["subtitles"] = sorted(spec.subtitles)
            made_from["identity"] = None if spec.avatar is None else self.avatars[spec.avatar][1]
        told = [
            __version__,
            made_from,
            sorted(self.order.approvals),
            None if wording is None else [asdict(wording), self.translations[wording.source, wording.target]],
        ]
        digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
        return NewRow(job.row.line, job.row.name, job.language, digest, spec.model_dump_json(), wording)


def _invalid(name: str, problems: Sequence[RowProblem]) -> RowsInvalid:
    lines = {problem.line for problem in problems}
    count = "1 row" if len(lines) == 1 else f"{len(lines)} rows"
    ordered = sorted(problems, key=lambda problem: problem.line)
    return RowsInvalid(
        f"`{name}`: {count} cannot be made, and nothing was begun. Correct the lines under `errors`.", ordered
    )
