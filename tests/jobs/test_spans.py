"""A job's spans, made by the API's process and by a worker's, are one trace."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lipwright.contracts.job import JobState
from support.spans import collecting, context_of, kept_spans
from support.working import company, stage

WORKER = """
import sys
from pathlib import Path
from lipwright import tracing
from lipwright.jobs.worker import Worker
from lipwright.store.assets import AssetStore
from lipwright.store.database import Database
from support.acting import Acting
from support.working import PACE, QUEUES
folder = Path(sys.argv[2])
assets = AssetStore(f"file://{folder}/assets", folder / "cache")
with tracing.exporting("worker"):
    routes = {"speak": Acting(folder / "told.jsonl")}
    Worker(Database(sys.argv[1]), routes, assets, QUEUES, folder / "scratch", idle_stop_s=1, pace=PACE).run()
"""


def test_spans_of_the_queue_the_run_and_each_attempt_at_a_stage_are_one_trace(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    with collecting() as (collector, received), company("sqlite", request, tmp_path, None) as firm:
        environment = {
            **os.environ,
            "PYTHONPATH": str(Path(__file__).parents[1]),
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector,
        }
        with kept_spans() as spans:
            job_id = firm.submit(
                {**stage("one"), "parts": {"0": [], "1": [["fail", "late_once"]]}},
                stage("two", ("fail", "for_good")),
            )
        with subprocess.Popen([sys.executable, "-c", WORKER, firm.url, str(tmp_path)], env=environment) as worker:
            assert worker.wait(60) == 0
        assert firm.job(job_id).state is JobState.FAILED
    sent = [span for each in received for scope in each.scope_spans for span in scope.spans]
    (begun,) = spans.all
    (run,) = [span for span in sent if span.name == "run"]
    stages = [span for span in sent if span.name.startswith("stage ")]
    assert {span.trace_id.hex() for span in sent} == {job_id} == {f"{context_of(begun)[0]:032x}"}
    assert run.parent_span_id == context_of(begun)[1].to_bytes(8)
    assert {span.parent_span_id for span in stages} == {run.span_id}
    told = [_attributes(span) for span in stages]
    assert sorted((one["lipwright.stage"], one.get("lipwright.part", ""), one["lipwright.state"]) for one in told) == [
        ("one", "", "divided"),
        ("one", "", "done"),
        ("one", "0", "done"),
        ("one", "1", "done"),
        ("one", "1", "failed"),
        ("two", "", "failed"),
    ]
    assert _attributes(run)["lipwright.state"] == "failed"
    assert next(one for one in told if one["lipwright.stage"] == "two")["error.type"] == "face_not_found"


def _attributes(span: Any) -> dict[str, Any]:
    return {one.key: one.value.string_value or one.value.int_value for one in span.attributes}
