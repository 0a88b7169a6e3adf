"""Spans of OpenTelemetry: requests, runs of jobs, attempts at stages, deliveries. Nowhere to send them: there are none.

A job's trace has the job's id, as both are 32 hexadecimal digits: nothing else travels with a job, and whoever knows it
finds its trace. The span of its acceptance is the first, runs and deliveries are below that, attempts below their run.

A span tells ids, numbers, names of routes and stages, and codes of errors. It never tells texts, addresses, labels,
workspaces, or what an error says.
"""

import hashlib
import os
import re
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

from lipwright import __version__
from lipwright.errors import UsageError

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Span, SpanKind

_ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_PROTOCOLS: Final = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_PROTOCOL: Final = "http/protobuf"
_STATE: Final = "lipwright.state"

_provider: "TracerProvider | None" = None
"""This process's own: packages that trace by themselves look for a global one, and say more than we do."""
_ids: ContextVar[tuple[int, int] | None] = ContextVar("ids", default=None)
"""Trace and span ids of the span that is just begun, where they are not left to chance."""


def is_wanted() -> bool:
    """Whether the environment names a receiver of spans."""
    off = os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    return not off and os.environ.get("OTEL_TRACES_EXPORTER") != "none" and any(map(os.environ.get, _ENDPOINTS))


def is_on() -> bool:
    """Whether spans are made."""
    return _provider is not None


@contextmanager
def exporting(process: str, exporter: "SpanExporter | None" = None) -> Iterator[None]:
    """Make spans in the block, and send them; at its end what is left is sent. Without a receiver it does nothing.

    Args:
        process: `api` or `worker`.
        exporter: where they go; None for what the variables OTEL_* say.
    Raises: UsageError: they cannot be sent so, or the packages that do it are not installed.
    """
    global _provider  # noqa: PLW0603 one a process, as the engine
    if exporter is None and not is_wanted():
        yield
        return
    _provider = _made(process, exporter)
    try:
        yield
    finally:
        ended, _provider = _provider, None
        ended.shutdown()


@contextmanager
def request(method: str, traceparent: str | None) -> "Iterator[Span]":
    """A request that this process answers, within its caller's trace. Only while `is_on`."""
    from opentelemetry.trace import SpanKind
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    parent = TraceContextTextMapPropagator().extract({"traceparent": traceparent} if traceparent else {})
    span = _begun(method, SpanKind.SERVER, parent, {"http.request.method": method})
    try:
        with _current(span):
            yield span
    finally:
        span.end()


def enqueued(job: str, run: int, kind: str) -> None:
    """A run of a job waits to be done. The first one begins the job's trace."""
    trace_id = _trace_id(job)
    if _provider is None or trace_id is None:
        return
    from opentelemetry.trace import Link, SpanKind, get_current_span

    asking = get_current_span()
    links = [Link(asking.get_span_context())] if asking.get_span_context().is_valid else []
    parent, ids = (None, (trace_id, _span_id(job))) if run == 1 else (_below(job), None)
    about = {"lipwright.job": job, "lipwright.run": run, "lipwright.kind": kind}
    span = _begun(f"enqueue {kind}", SpanKind.PRODUCER, parent, about, links=links, ids=ids)
    asking.set_attribute("lipwright.job", job)
    asking.add_link(span.get_span_context())
    span.end()


def job_run(job: str, run: int) -> AbstractContextManager[None]:
    """A run of a job. It has a span only where `note` said what became of it: of a run that was handed back, whoever
    ends it tells."""
    if _provider is None or _trace_id(job) is None:
        return nullcontext()
    from opentelemetry.trace import SpanKind

    about = {"lipwright.job": job, "lipwright.run": run}
    ids = _trace_id(job) or 0, _span_id(job, run)
    span = _begun("run", SpanKind.CONSUMER, _below(job), about, ids=ids)
    return _told(span, only_noted=True)


def stage_attempt(job: str, run: int, stage: str, attempt: int) -> AbstractContextManager[None]:
    """An attempt at a stage, or at a part of one, `scenes/3`."""
    if _provider is None or _trace_id(job) is None:
        return nullcontext()
    from opentelemetry.trace import SpanKind

    name, _, part = stage.partition("/")
    about: dict[str, Any] = {"lipwright.job": job, "lipwright.run": run, "lipwright.stage": name}
    about |= {"lipwright.attempt": attempt} | ({"lipwright.part": part} if part else {})
    return _told(_begun(f"stage {name}", SpanKind.INTERNAL, _below(job, run), about))


def delivery(job: str, event: str, kind: str, number: int) -> AbstractContextManager[None]:
    """A try to deliver an event."""
    if _provider is None or _trace_id(job) is None:
        return nullcontext()
    from opentelemetry.trace import SpanKind

    about = {"lipwright.job": job, "lipwright.event": event, "lipwright.try": number}
    return _told(_begun(f"deliver {kind}", SpanKind.CLIENT, _below(job), about))


def note(state: str, error: str | None = None) -> None:
    """Say in the span around it what became of the work.

    Args:
        error: the code of what went wrong.
    """
    if _provider is None:
        return
    from opentelemetry.trace import StatusCode, get_current_span

    span = get_current_span()
    span.set_attribute(_STATE, state)
    if error is not None:
        span.set_attribute("error.type", error)
        span.set_status(StatusCode.ERROR)


def _made(process: str, exporter: "SpanExporter | None") -> "TracerProvider":
    if exporter is None and (wanted := next(filter(None, map(os.environ.get, _PROTOCOLS)), _PROTOCOL)) != _PROTOCOL:
        raise UsageError(f"OTEL_EXPORTER_OTLP_PROTOCOL: spans are not sent by `{wanted}`. Set it to {_PROTOCOL}.")
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
    except ImportError as exc:
        raise UsageError(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set, and the packages that send spans are not installed. Install them:"
            " pip install 'lipwright[otel]'. Or unset the variable."
        ) from exc

    class Ids(RandomIdGenerator):
        """Ids that `_begun` wants, else random ones."""

        def generate_trace_id(self) -> int:
            wanted = _ids.get()
            return wanted[0] if wanted else super().generate_trace_id()

        def generate_span_id(self) -> int:
            wanted = _ids.get()
            return wanted[1] if wanted else super().generate_span_id()

    named = "OTEL_SERVICE_NAME" in os.environ or "service.name=" in os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "")
    about = {"service.version": __version__} | ({} if named else {"service.name": f"lipwright-{process}"})
    provider = TracerProvider(resource=Resource.create(about), id_generator=Ids(), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter or OTLPSpanExporter()))
    return provider


def _begun(
    name: str,
    kind: "SpanKind",
    parent: "Context | None",
    about: dict[str, Any],
    links: Any = (),
    ids: tuple[int, int] | None = None,
) -> "Span":
    from opentelemetry.context import Context

    assert _provider is not None  # noqa: S101 whoever calls this has looked
    wanted = _ids.set(ids)
    try:
        tracer = _provider.get_tracer("lipwright", __version__)
        # Without a parent it begins a trace, whatever span is around it.
        return tracer.start_span(name, parent or Context(), kind, about, links)
    finally:
        _ids.reset(wanted)


def _current(span: "Span") -> AbstractContextManager["Span"]:
    """Let a span be the one that `note` and `enqueued` find. What an error says is not told: it may hold a text."""
    from opentelemetry.trace import use_span

    return use_span(span, end_on_exit=False, record_exception=False, set_status_on_exception=False)


@contextmanager
def _told(span: "Span", *, only_noted: bool = False) -> Iterator[None]:
    try:
        with _current(span):
            try:
                yield
            finally:
                error = sys.exception()
                if isinstance(error, Exception):
                    note("failed", type(error).__name__)
                elif error is not None and not only_noted:
                    note("handed_back")
    finally:
        if not only_noted or _STATE in (getattr(span, "attributes", None) or {}):
            span.end()


def _below(job: str, run: int | None = None) -> "Context":
    """Where spans of a job, or of a run of it, belong. That span may be made by another process, before or after."""
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace.sampling import Decision
    from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context

    assert _provider is not None  # noqa: S101 whoever calls this has looked
    trace_id = _trace_id(job) or 0
    # Each process decides alike whether a trace is kept, as it does so by the trace's id.
    decision = _provider.sampler.should_sample(None, trace_id, "job").decision
    flags = TraceFlags(TraceFlags.SAMPLED if decision is Decision.RECORD_AND_SAMPLE else TraceFlags.DEFAULT)
    context = SpanContext(trace_id, _span_id(job, run), is_remote=True, trace_flags=flags)
    return set_span_in_context(NonRecordingSpan(context), Context())


def _trace_id(job: str) -> int | None:
    return int(job, 16) if re.fullmatch(r"(?!0{32})[0-9a-f]{32}", job) else None


def _span_id(job: str, run: int | None = None) -> int:
    """Known to everybody, never zero."""
    return int.from_bytes(hashlib.sha256(f"{job} {run}".encode()).digest()[:8]) or 1
