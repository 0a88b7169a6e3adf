"""The log of the service: one line for each thing that happens, for people or as JSON, without secrets."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, Literal, TextIO

import structlog

_SECRET = ("authorization", "token", "secret", "password", "signature", "signing_key", "text", "transcript")
"""A field whose name holds one of these is not written; an id of a token is `token_id`."""
_QUIET = ("alembic", "dbos", "uvicorn.access", "uvicorn.error", "httpx", "httpcore", "urllib3")


def configure_log(log_format: Literal["console", "json"], stream: TextIO = sys.stderr) -> None:
    """Set up the log of this process: our own lines, and those of the packages."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        drop_secrets,
    ]
    if log_format == "json":
        last: list[structlog.types.Processor] = [
            structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(),
        ]
    else:
        # What variables held is not written: it may be a secret.
        plain = structlog.dev.plain_traceback
        last = [structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=plain)]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def drop_secrets(_: object, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Take out of a line what nobody is to read in a log."""
    for name in [name for name in line if name != "token_id" and any(part in name.lower() for part in _SECRET)]:
        del line[name]
    return line
