"""A file on its way in: a multipart body goes to the storage piece by piece, and never lies in memory as a whole."""

from contextlib import AbstractContextManager
from dataclasses import dataclass

from fastapi.concurrency import contextmanager_in_threadpool
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request

from lipwright.store.assets import Stored, Upload

_BLOCK_BYTES = 1 << 20
"""So much is handed to the storage at once."""
_MALFORMED = "The body is no multipart form with one field `file`. Send it as `curl -F file=@NAME` does."


@dataclass(frozen=True, slots=True)
class Received:
    """A file that has come."""

    stored: Stored
    name: str
    """As the caller calls it; not to be trusted."""


async def receive_file(request: Request, receiving: AbstractContextManager[Upload]) -> Received:
    """Take in the field `file` of a multipart form, the only one that may be there.

    Raises: HTTPException: the body is something else, or too slow; BodyTooLarge; StorageFailed.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise HTTPException(415, _MALFORMED)
    try:
        form = _Form(options[b"boundary"])
        async with contextmanager_in_threadpool(receiving) as upload:
            async for chunk in request.stream():
                form.write(chunk)
                if len(form.content) >= _BLOCK_BYTES:
                    await run_in_threadpool(upload.write, form.take())
            form.close()
            await run_in_threadpool(upload.write, form.take())
            return Received(await run_in_threadpool(upload.finish), form.name)
    except FormParserError as exc:
        raise HTTPException(400, _MALFORMED) from exc


class _Form:
    """The form, as the parser calls of it."""

    def __init__(self, boundary: bytes) -> None:
        self.content = bytearray()
        self.name = ""
        self._files = 0
        self._ended = False
        self._header = (bytearray(), bytearray())
        self._disposition = b""
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin_part,
                "on_header_field": lambda data, start, end: self._header[0].extend(data[start:end]),
                "on_header_value": lambda data, start, end: self._header[1].extend(data[start:end]),
                "on_header_end": self._end_header,
                "on_headers_finished": self._begin_content,
                "on_part_data": lambda data, start, end: self.content.extend(memoryview(data)[start:end]),
                "on_end": self._end,
            },
        )

    def write(self, chunk: bytes) -> None:
        """Raises: FormParserError, HTTPException."""
        self._parser.write(chunk)

    def take(self) -> bytes:
        """What has come of the file since it was last taken."""
        taken = bytes(self.content)
        self.content.clear()
        return taken

    def close(self) -> None:
        """Raises: HTTPException: the form is not complete."""
        if not (self._ended and self._files == 1):
            raise HTTPException(400, _MALFORMED)

    def _begin_part(self) -> None:
        self._disposition = b""

    def _end_header(self) -> None:
        name, value = self._header
        if bytes(name).lower() == b"content-disposition":
            self._disposition = bytes(value)
        name.clear()
        value.clear()

    def _begin_content(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._files += 1
        if options.get(b"name") != b"file" or b"filename" not in options or self._files > 1:
            raise HTTPException(400, _MALFORMED)
        self.name = options[b"filename"].decode("utf-8", errors="replace")

    def _end(self) -> None:
        self._ended = True
