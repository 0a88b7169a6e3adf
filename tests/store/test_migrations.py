"""Databases that earlier versions left are brought up with all that is in them. Each version leaves a dump here."""

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from lipwright.contracts.job import ApprovalRequest, JobState
from lipwright.contracts.route import StagePlan
from lipwright.store.avatars import get_avatar
from lipwright.store.batch_making import make_rows
from lipwright.store.batches import list_batches, list_rows
from lipwright.store.database import MIGRATIONS, Database
from lipwright.store.deliveries import list_deliveries, take_due
from lipwright.store.events import events_after
from lipwright.store.jobs.ask import approve_job
from lipwright.store.jobs.runs import begin_run
from lipwright.store.jobs.views import get_job, list_jobs
from lipwright.store.tables import metadata
from support.job_rows import ACME, OTHER, digest

DUMPS = sorted((Path(__file__).parent / "databases").glob("*.sql"))
WAITING, FAILED = "a" * 32, "b" * 32
NOW = 2_000_000


def test_there_is_a_dump_of_each_form_that_rows_ever_had() -> None:
    forms = {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}
    assert {path.stem.removeprefix("r") for path in DUMPS} == forms


@pytest.mark.parametrize("dump", DUMPS, ids=lambda path: path.stem)
def test_database_of_an_earlier_version_goes_on(dump: Path, tmp_path: Path) -> None:
    path = tmp_path / "lipwright.db"
    old = sqlite3.connect(path)
    old.executescript(dump.read_text(encoding="utf-8"))
    old.close()
    database = Database(f"sqlite:///{path}")
    database.migrate()
    with database.begin() as c:
        assert (
            compare_metadata(MigrationContext.configure(c, opts={"version_table": "lipwright_version"}), metadata) == []
        )
        waiting, failed = get_job(c, ACME, WAITING), get_job(c, ACME, FAILED)
        assert (waiting.state, waiting.waits_for, waiting.labels) == (JobState.WAITING, "translate", {"order": "17"})
        assert waiting.stages[1].outputs == {"translate": digest(2)}
        assert failed.error is not None
        assert len(list_jobs(c, ACME, limit=10).items) == 2
        told = events_after(c, ACME, WAITING, 0, 100)
        assert [event.sequence for event in told] == list(range(1, 8))
        deliveries = list_deliveries(c, ACME, limit=100).items
        assert [len(one.tries) for one in deliveries] == [0] * 6 + [1]
        assert [due.sequence for due in take_due(c, NOW, 10)] == [1]
        assert approve_job(c, ACME, WAITING, ApprovalRequest(stage="translate"), NOW) == 2
        assert begin_run(c, WAITING, 2, NOW)
    database.close()


def test_avatars_and_batches_of_an_earlier_version_are_read(tmp_path: Path) -> None:
    path = tmp_path / "lipwright.db"
    old = sqlite3.connect(path)
    old.executescript((DUMPS[0].parent / "r0003.sql").read_text(encoding="utf-8"))
    old.close()
    database = Database(f"sqlite:///{path}")
    database.migrate()
    with database.begin() as c:
        assert get_avatar(c, OTHER, "maya").identity == digest(3)
        [batch] = list_batches(c, ACME, limit=10).items
        assert (batch.size, batch.counts) == (2, {JobState.WAITING: 1, JobState.QUEUED: 1})
        plans = (StagePlan("speak", "cpu"),)
        assert make_rows(c, batch.id, lambda spec: plans, lambda c, job, run: None, NOW) == 1
        ana, bo = list_rows(c, batch.id, after=-1, limit=10)
        assert (ana.job, ana.taken, bo.state, bo.taken) == (WAITING, True, JobState.QUEUED, False)
        assert bo.job is not None
        assert get_job(c, ACME, bo.job).labels == {"order": "17", "batch": batch.id, "row": "bo"}
    database.close()
