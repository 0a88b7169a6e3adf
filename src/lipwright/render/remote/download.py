"""Brings a finished video here, whole or not at all, from wherever a vendor says that it lies.

The address is a stranger's word: it is judged, and so is each that it leads to. No key is sent there.
"""

import asyncio
import base64
import binascii
import hashlib
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from io import BufferedRandom
from pathlib import Path
from typing import Final

import httpx

from lipwright import __version__
from lipwright.errors import ProviderAnswerInvalid, ProviderTimeout, ProviderUnavailable
from lipwright.media.output import output_error, temporary_name
from lipwright.remote.addresses import Guard
from lipwright.remote.client import Unreachable
from lipwright.remote.pinned import PinnedTransport
from lipwright.remote.waiting import check, watched

_TRIES: Final = 4
"""Each goes on where the one before it broke off."""
_WHOLE_S: Final = 900.0
"""Of one try, however fast bytes come."""
_MOST_BYTES: Final = 4_000_000_000
_REDIRECTS: Final = 5
_PLAIN: Final = frozenset({"", "application/octet-stream", "binary/octet-stream", "application/mp4"})


def download(url: str, target: Path, guard: Guard, renderer: str, timeout_s: float) -> str:
    """Bring a file.

    Args:
        target: appears when the file is whole.
        timeout_s: of one silence.
    Returns: its SHA-256.
    Raises: AddressForbidden; ProviderAnswerInvalid, ProviderTimeout, ProviderUnavailable: it does not come;
        OutputError: it cannot be written; what a cancelled wait raises.
    """
    temporary = temporary_name(target)

    def brought() -> str:
        with temporary.open("wb+") as file:
            asyncio.run(_Download(url, file, guard, renderer, timeout_s).run())
            file.seek(0)
            return hashlib.file_digest(file, "sha256").hexdigest()

    try:
        digest = watched(brought)
        temporary.replace(target)
    except OSError as exc:
        raise output_error(target, exc) from exc
    finally:
        temporary.unlink(missing_ok=True)
    return digest


@cache
def trusted() -> ssl.SSLContext:
    """The usual certificates, read once."""
    return httpx.create_ssl_context()


@dataclass(slots=True)
class _Promise:
    """What the first answer says of the whole file."""

    tag: str = ""
    """Of its content; what is resumed must be of the same."""
    whole_bytes: int | None = None
    sha256: bytes = b""
    md5: bytes = b""


class _Broken(Exception):
    """The connection broke off in the middle."""


class _Download:
    def __init__(self, url: str, file: BufferedRandom, guard: Guard, renderer: str, timeout_s: float) -> None:
        self._url, self._file, self._guard, self._renderer, self._timeout_s = url, file, guard, renderer, timeout_s
        self._promise = _Promise()

    async def run(self) -> None:
        async with httpx.AsyncClient(
            transport=PinnedTransport(self._guard, trusted()),
            headers={"User-Agent": f"lipwright/{__version__}", "Accept-Encoding": "identity"},
            timeout=self._timeout_s,
            follow_redirects=True,
            max_redirects=_REDIRECTS,
            trust_env=False,
        ) as client:
            for number in range(1, _TRIES + 1):
                try:
                    async with asyncio.timeout(_WHOLE_S):  # httpx counts each silence, not the whole
                        await self._try(client)
                except (_Broken, httpx.TransportError, socket.gaierror, TimeoutError) as exc:
                    if number == _TRIES:
                        raise self._failure(exc) from exc
                except (httpx.TooManyRedirects, httpx.InvalidURL) as exc:
                    raise self._wrong("leads nowhere") from exc
                else:
                    break
        self._compare()

    async def _try(self, client: httpx.AsyncClient) -> None:
        have_bytes = self._file.tell()
        resumes = have_bytes > 0 and bool(self._promise.tag)
        if not resumes:
            self._file.seek(0)
            self._file.truncate()
            self._promise, have_bytes = _Promise(), 0
        headers = {"Range": f"bytes={have_bytes}-", "If-Range": self._promise.tag} if resumes else {}
        async with client.stream("GET", self._url, headers=headers) as answer:
            if answer.status_code >= 500 or answer.status_code in {408, 429}:
                raise _Broken(f"status {answer.status_code}")
            if answer.status_code not in {200, 206}:
                raise self._wrong(f"is not there ({answer.status_code})")
            kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
            if not kind.startswith("video/") and kind not in _PLAIN:
                raise self._wrong(f"is {kind}")
            if answer.status_code == 206 and resumes:
                if not answer.headers.get("content-range", "").startswith(f"bytes {have_bytes}-"):
                    raise self._wrong("comes in pieces that do not fit")
            elif answer.status_code == 206:
                raise self._wrong("comes as a piece that nobody asked for")
            else:
                self._file.seek(0)
                self._file.truncate()
                self._promise = _promised(answer.headers)
            await self._take(answer)

    async def _take(self, answer: httpx.Response) -> None:
        promised = self._promise.whole_bytes
        async for chunk in answer.aiter_raw():
            check()
            self._file.write(chunk)
            if self._file.tell() > (_MOST_BYTES if promised is None else promised):
                raise self._wrong("is larger than it may be")
        if promised is not None and self._file.tell() < promised:
            raise _Broken("the end is missing")

    def _compare(self) -> None:
        for promised, named in ((self._promise.sha256, hashlib.sha256), (self._promise.md5, hashlib.md5)):
            if promised:
                self._file.seek(0)
                if hashlib.file_digest(self._file, _factory(named)).digest() != promised:
                    raise self._wrong("was damaged on its way")
        if not self._file.seek(0, 2):
            raise self._wrong("is empty")

    def _wrong(self, what: str) -> ProviderAnswerInvalid:
        return ProviderAnswerInvalid(f"{self._renderer}: a finished video {what}. Try again later.")

    def _failure(self, exc: Exception) -> ProviderUnavailable | ProviderTimeout | ProviderAnswerInvalid:
        if isinstance(exc, (httpx.ConnectError, httpx.ConnectTimeout, socket.gaierror)):
            return Unreachable(f"{self._renderer}: where a finished video lies, nobody answers. Try again later.")
        if isinstance(exc, (httpx.TimeoutException, TimeoutError)):
            return ProviderTimeout(f"{self._renderer}: a finished video does not come. Try again later.")
        return self._wrong(f"breaks off {_TRIES} times")


def _factory(named: Callable[..., "hashlib._Hash"]) -> Callable[[], "hashlib._Hash"]:
    return lambda: named(usedforsecurity=False)


def _promised(headers: httpx.Headers) -> _Promise:
    """Length, tag and digests. Sources: RFC 9110, RFC 9530 (Repr-Digest), RFC 1864 (Content-MD5)."""
    length = headers.get("content-length", "")
    tag = headers.get("etag", "")
    sha256 = next(
        (
            part.partition("=")[2].strip().strip(":")
            for part in headers.get("repr-digest", "").split(",")
            if part.strip().lower().startswith("sha-256=")
        ),
        "",
    )
    return _Promise(
        tag="" if tag.startswith("W/") else tag,
        whole_bytes=int(length) if length.isdecimal() else None,
        sha256=_decoded(sha256, 32),
        md5=_decoded(headers.get("content-md5", ""), 16),
    )


def _decoded(text: str, length: int) -> bytes:
    """A digest in base64; nothing where it is none."""
    with suppress(binascii.Error, ValueError):
        found = base64.b64decode(text, validate=True)
        return found if len(found) == length else b""
    return b""
