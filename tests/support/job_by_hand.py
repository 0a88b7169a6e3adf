"""A job in a real database whose stages are done in this process, one after the other, as workers do them."""

import copy
import itertools
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lipwright.contracts.job import ApprovalRequest, JobRequest, JobState, JobView, RetryRequest, StageState
from lipwright.contracts.progress import SilentProgress
from lipwright.contracts.route import Divided, Route, StageWork
from lipwright.store.asset_names import clean_name
from lipwright.store.asset_rows import add_asset
from lipwright.store.database import Database
from lipwright.store.digest import file_digest
from lipwright.store.jobs.ask import approve_job, retry_job
from lipwright.store.jobs.attempts import begin_stage, publish_stage
from lipwright.store.jobs.create import create_job
from lipwright.store.jobs.parts import divide_stage
from lipwright.store.jobs.rows import StageRow, load_run, load_stages, part_name
from lipwright.store.jobs.runs import begin_run, complete_job, wait_for
from lipwright.store.jobs.views import get_job
from lipwright.store.workspaces import ensure_workspace

ACME = "acme"
NOW_MS = 1_000_000


@dataclass
class ByHand:
    """`job.go()` does what is to be done, until the job is complete or waits for a person."""

    route: Route
    request: JobRequest
    database: Database
    """`jobs.db` in the folder."""
    folder: Path
    files: dict[str, Path] = field(default_factory=dict)
    """Everything that was uploaded or published, by digest."""
    did: list[str] = field(default_factory=list)
    """Stages and parts that were done since this was last emptied; a stage that divided itself is there twice."""

    def __post_init__(self) -> None:
        self._tokens = itertools.count()
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.database.begin() as c:
            ensure_workspace(c, ACME, NOW_MS)
            plans = self.route.stages(self.request.spec)
            made = create_job(c, ACME, self.request, plans, key=None, body_digest="body", now_ms=NOW_MS)
        self.id = made.job_id

    def twin(self, folder: Path) -> "ByHand":
        """The same job, of which something else may become."""
        folder.mkdir()
        self.database.close()
        shutil.copy(self.folder / "jobs.db", folder / "jobs.db")
        other = copy.copy(self)
        other.database, other.folder = Database(f"sqlite:///{folder / 'jobs.db'}"), folder
        other.files, other.did = dict(self.files), []
        return other

    def upload(self, path: Path) -> str:
        """Give a file; its digest."""
        digest = file_digest(path)
        self.files[digest] = path
        with self.database.begin() as c:
            add_asset(
                c, ACME, digest, name=path.name, media_type="application/octet-stream", size_bytes=1, now_ms=NOW_MS
            )
        return digest

    def view(self) -> JobView:
        with self.database.read() as c:
            return get_job(c, ACME, self.id)

    def output(self, stage: str, name: str) -> Path:
        """What a stage published."""
        return self.files[next(one for one in self.view().stages if one.name == stage).outputs[name]]

    def retry(self, **request: object) -> list[str]:
        """Ask for a retry and do it; what was done."""
        with self.database.begin() as c:
            retry_job(c, ACME, self.id, RetryRequest.model_validate(request), NOW_MS)
        return self.go()

    def approve(self, stage: str, edits: Mapping[str, str] | None = None) -> list[str]:
        """Approve a stage and go on; what was done."""
        with self.database.begin() as c:
            approve_job(c, ACME, self.id, ApprovalRequest(stage=stage, edits=dict(edits or {})), NOW_MS)
        return self.go()

    def go(self) -> list[str]:
        """Work; what was done."""
        self.did.clear()
        with self.database.begin() as c:
            run = load_run(c, self.id).run
            assert begin_run(c, self.id, run, NOW_MS)
        for row in self._rows():
            if row.state is not StageState.DONE:
                self._stage(row.name, run)
            if row.name in self.request.approvals and not row.approved:
                with self.database.begin() as c:
                    assert wait_for(c, self.id, run, row.name, NOW_MS)
                return list(self.did)
        made = {name: digest for row in self._rows() for name, digest in row.made.items()}
        with self.database.begin() as c:
            assert complete_job(c, self.id, run, self.route.outputs(made), NOW_MS)
        assert self.view().state is JobState.COMPLETED
        return list(self.did)

    def _rows(self) -> tuple[StageRow, ...]:
        with self.database.read() as c:
            return load_stages(c, self.id)

    def _stage(self, stage: str, run: int) -> None:
        whole = self._row(stage)
        if not whole.parts:
            made, token = self._attempt(whole, stage, run)
            if isinstance(made, Divided):
                with self.database.begin() as c:
                    assert divide_stage(c, self.id, stage, token, made.parts)
                self._stage(stage, run)
            return
        for part in whole.parts:
            if part.state is not StageState.DONE:
                self._attempt(whole, part.name, run)
        self._attempt(self._row(stage), stage, run)

    def _row(self, stage: str) -> StageRow:
        return next(row for row in self._rows() if row.name == stage)

    def _attempt(self, whole: StageRow, name: str, run: int) -> tuple[Mapping[str, Path] | Divided, str]:
        token = f"token {next(self._tokens)}"
        with self.database.begin() as c:
            start = begin_stage(c, self.id, run, name, token, "worker", NOW_MS)
        assert start is not None
        is_part = name != whole.name
        folder = self.folder / secrets.token_hex(6)
        folder.mkdir()
        self.did.append(name)
        before = [row for row in self._rows() if row.position < whole.position]
        spec = self.request.spec
        made = self.route.run(
            StageWork(
                job=self.id,
                workspace=ACME,
                spec=spec,
                stage=whole.name,
                attempt=start.attempt,
                take=start.take,
                line=start.line,
                lines=start.lines,
                folder=folder,
                assets={digest: self.files[digest] for digest in self.route.assets(spec)},
                earlier={name: self.files[digest] for row in before for name, digest in row.made.items()},
                progress=SilentProgress(),
                part=name.removeprefix(part_name(whole.name, "")) if is_part else None,
                parts=None
                if is_part or not whole.parts
                else {
                    whole.part_of(part.name): {file: self.files[digest] for file, digest in part.outputs.items()}
                    for part in whole.parts
                },
            )
        )
        if not isinstance(made, Divided):
            assert all(clean_name(file) == file for file in made)
            assert all(path.resolve().is_relative_to(folder.resolve()) for path in made.values())
            digests = {file: file_digest(path) for file, path in made.items()}
            self.files |= {digests[file]: path for file, path in made.items()}
            with self.database.begin() as c:
                assert publish_stage(c, self.id, name, token, digests, NOW_MS)
        return made, token
