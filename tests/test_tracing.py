"""Spans: off they cost nothing; a job's are one trace, whose id is the job's; they tell nothing personal."""

import subprocess
import sys
import time
import uuid

import pytest
from opentelemetry.trace import StatusCode

from lipwright import tracing
from lipwright.errors import UsageError
from support.spans import collecting, context_of, kept_spans, parent_of

JOB = uuid.uuid4().hex


@pytest.fixture(autouse=True)
def _no_receiver(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_SDK_DISABLED"):
        monkeypatch.delenv(name, raising=False)


class Drained(BaseException):
    """The worker ends."""


def test_without_a_receiver_nothing_is_loaded_and_nothing_is_made() -> None:
    script = (
        "import sys; from lipwright import tracing\n"
        "with tracing.exporting('api'):\n"
        "    assert not tracing.is_on(); tracing.enqueued('0' * 31 + '1', 1, 'dub')\n"
        "    with tracing.job_run('a', 1), tracing.stage_attempt('a', 1, 's', 1), tracing.delivery('a', 'e', 't', 1):\n"
        "        tracing.note('done')\n"
        "print([name for name in sys.modules if name.startswith('opentelemetry')])\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
    assert done.stdout.split() == ["[]"]


def test_a_job_is_one_trace_in_which_each_span_is_below_its_own() -> None:
    with kept_spans() as spans:
        tracing.enqueued(JOB, 1, "dub")
        with tracing.job_run(JOB, 1):
            with tracing.stage_attempt(JOB, 1, "scenes/3", 2):
                tracing.note("failed", "face_not_found")
            tracing.note("waiting")
        tracing.enqueued(JOB, 2, "dub")
        with tracing.delivery(JOB, "evt_1", "job.waiting", 1):
            tracing.note("delivered")
    first, second = (span for span in spans.all if span.name == "enqueue dub")
    run, stage, sent = spans.named("run"), spans.named("stage scenes"), spans.named("deliver job.waiting")
    assert {context_of(span)[0] for span in spans.all} == {int(JOB, 16)}
    assert [parent_of(span) for span in (first, second, run, stage, sent)] == [
        None,
        context_of(first)[1],
        context_of(first)[1],
        context_of(run)[1],
        context_of(first)[1],
    ]
    assert dict(stage.attributes or {}) == {
        "lipwright.job": JOB,
        "lipwright.run": 1,
        "lipwright.stage": "scenes",
        "lipwright.part": "3",
        "lipwright.attempt": 2,
        "lipwright.state": "failed",
        "error.type": "face_not_found",
    }
    assert [span.status.status_code for span in (stage, run)] == [StatusCode.ERROR, StatusCode.UNSET]


def test_a_run_that_was_handed_back_is_told_by_whoever_ends_it() -> None:
    with kept_spans() as spans:
        with pytest.raises(Drained), tracing.job_run(JOB, 1), tracing.stage_attempt(JOB, 1, "speak", 1):
            raise Drained
        with tracing.job_run(JOB, 1):
            tracing.note("completed")
    assert [(span.name, (span.attributes or {})["lipwright.state"]) for span in spans.all] == [
        ("stage speak", "handed_back"),
        ("run", "completed"),
    ]


def test_what_an_error_says_is_not_told() -> None:
    with kept_spans() as spans, pytest.raises(ValueError, match="jane"), tracing.stage_attempt(JOB, 1, "speak", 1):
        raise ValueError("the words of jane@example.com")
    (span,) = spans.all
    assert (span.attributes or {})["error.type"] == "ValueError"
    assert "jane" not in span.to_json()


def test_the_sampler_keeps_all_of_a_job_or_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "parentbased_traceidratio")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", "0.5")
    jobs = [f"{number:032x}" for number in range(2**60, 2**64, 2**59)]
    with kept_spans() as spans:
        for job in jobs:
            tracing.enqueued(job, 1, "dub")
            with tracing.job_run(job, 1), tracing.stage_attempt(job, 1, "speak", 1):
                tracing.note("done")
            with tracing.delivery(job, "evt", "job.completed", 1):
                tracing.note("delivered")
    kept = {}
    for span in spans.all:
        kept.setdefault(context_of(span)[0], set()).add(span.name)
    assert 0 < len(kept) < len(jobs)
    assert all({"enqueue dub", "stage speak", "deliver job.completed"} <= names for names in kept.values())


def test_spans_are_sent_where_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    with collecting() as (url, received):
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
        with tracing.exporting("worker"):
            tracing.enqueued(JOB, 1, "speak")
        monkeypatch.setenv("OTEL_SERVICE_NAME", "mine")
        with tracing.exporting("worker"):
            tracing.enqueued(JOB, 2, "speak")
    about = [{one.key: one.value.string_value for one in each.resource.attributes} for each in received]
    spans = [span for each in received for scope in each.scope_spans for span in scope.spans]
    assert [each["service.name"] for each in about] == ["lipwright-worker", "mine"]
    assert [(span.name, span.trace_id.hex()) for span in spans] == [("enqueue speak", JOB)] * 2


def test_a_receiver_that_is_away_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    begun_s = time.monotonic()
    with tracing.exporting("worker"):
        for run in range(100):
            tracing.enqueued(JOB, run, "speak")
        assert time.monotonic() - begun_s < 5
    assert time.monotonic() - begun_s < 15


def test_spans_that_cannot_be_sent_are_refused_with_the_next_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
    with pytest.raises(UsageError, match="http/protobuf"), tracing.exporting("api"):
        pass
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_PROTOCOL")
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(UsageError, match=r"pip install 'lipwright\[otel\]'"), tracing.exporting("api"):
        pass
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    with tracing.exporting("api"):
        assert not tracing.is_on()
