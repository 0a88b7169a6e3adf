"""Brings a file to a vendor. Nothing is paid for it, so it may be brought twice."""

import mimetypes
from collections.abc import Callable
from pathlib import Path
from typing import Final

import httpx

from lipwright import __version__
from lipwright.errors import MediaNotFound, MediaTooLarge, ProviderAnswerInvalid, UsageError
from lipwright.remote.answer import Answer
from lipwright.remote.client import Unreachable
from lipwright.remote.server import Server
from lipwright.remote.waiting import watched
from lipwright.render.remote.download import trusted
from lipwright.render.remote.shape import UploadTable

_MOST_BYTES: Final = 64_000_000
_ANSWER_BYTES: Final = 1 << 20


def upload(server: Server, table: UploadTable, path: Path, timeout_s: float, now: Callable[[], float]) -> Answer:
    """Send a file, once.

    Args:
        now: seconds since 1970.
    Returns: the vendor's answer, a good one.
    Raises: ProviderError; MediaNotFound, MediaTooLarge, UsageError: it is no file to send.
    """
    kind = mimetypes.guess_type(path.name)[0]
    if kind is None or kind.partition("/")[0] not in {"image", "audio"}:
        raise UsageError(f"`{path}`: its ending tells neither a picture nor a sound. Call it `.png`, `.jpg` or `.mp3`.")
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise MediaTooLarge(f"`{path}`: is larger than {_MOST_BYTES // 1_000_000} MB. Give a smaller file.")
        content = path.read_bytes()
    except OSError as exc:
        raise MediaNotFound(f"`{path}`: cannot be read ({exc.strerror}). Check the name.") from exc
    answer = watched(lambda: _sent(server, table, path.name, kind, content, timeout_s))
    failure = answer.failure(now)
    if failure is not None:
        raise failure
    return answer


def _sent(server: Server, table: UploadTable, name: str, kind: str, content: bytes, timeout_s: float) -> Answer:
    headers = {**server.headers(), "User-Agent": f"lipwright/{__version__}", "Accept-Encoding": "identity"}
    address = server.address(table.path)
    subject = f"{server.engine}: {server.host}"
    try:
        with httpx.Client(timeout=timeout_s, verify=trusted(), trust_env=server.is_secure) as client:
            if table.form == "multipart":
                response = client.post(address, headers=headers, files={table.field: (name, content, kind)})
            else:
                response = client.post(address, headers={**headers, "Content-Type": kind}, content=content)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as exc:
        raise Unreachable(f"{subject} cannot be reached. Check the network and {server.url_variable}.") from exc
    except httpx.HTTPError as exc:
        raise ProviderAnswerInvalid(
            f"{subject} takes no file ({server.quoted(str(exc)) or type(exc).__name__}). Try again later."
        ) from exc
    return Answer(
        server,
        response.status_code,
        {header.lower(): value for header, value in response.headers.items()},
        response.content[:_ANSWER_BYTES],
    )
