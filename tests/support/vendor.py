"""A server on this machine that answers as a vendor's does, and misbehaves when a test says so."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Received:
    """A request as the server got it."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def form(self) -> dict[str, list[bytes]]:
        """The fields of a multipart form; a file's content under its field's name."""
        head = f"Content-Type: {self.headers['content-type']}\r\n\r\n".encode()
        fields: dict[str, list[bytes]] = {}
        for part in BytesParser(policy=HTTP).parsebytes(head + self.body).iter_parts():
            name = part.get_param("name", header="content-disposition")
            content = part.get_payload(decode=True)
            assert isinstance(name, str)
            assert isinstance(content, bytes)
            fields.setdefault(name, []).append(content)
        return fields


@dataclass(frozen=True)
class Reply:
    """A whole answer."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    announced: int | None = None
    """The length that it claims to have; its own when None."""


Behaviour = Callable[[BaseHTTPRequestHandler, threading.Event], None]


def said(document: object, status: int = 200, **headers: str) -> Reply:
    """A JSON document."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, {"content-type": "application/json", **named}, json.dumps(document).encode())


def page(status: int = 200) -> Reply:
    """What a proxy shows instead of an API."""
    return Reply(status, {"content-type": "text/html; charset=utf-8"}, b"<html><body>Please log in.</body></html>")


def redirect(to: str, status: int = 307) -> Reply:
    return Reply(status, {"location": to})


def never(handler: BaseHTTPRequestHandler, closing: threading.Event) -> None:
    """Takes the request and says nothing."""
    closing.wait()


def dropped(handler: BaseHTTPRequestHandler, closing: threading.Event) -> None:
    """Hangs up without a word."""


def giant(handler: BaseHTTPRequestHandler, closing: threading.Event) -> None:
    """Sends until the client has had enough."""
    handler.send_response(200)
    handler.send_header("content-type", "application/json")
    handler.end_headers()
    while not closing.is_set():
        handler.wfile.write(bytes(1 << 16))


def trickling(handler: BaseHTTPRequestHandler, closing: threading.Event) -> None:
    """Sends a byte now and then, so that no silence is long."""
    handler.send_response(200)
    handler.send_header("content-type", "application/json")
    handler.end_headers()
    while not closing.wait(0.02):
        handler.wfile.write(b" ")
        handler.wfile.flush()


class Vendor:
    """Answers by `answer`; what is in `script` comes first, one for each request, None for an answer as usual."""

    def __init__(self, answer: Callable[[Received], Reply]) -> None:
        self.received: list[Received] = []
        self.script: list[Reply | Behaviour | None] = []
        self._answer = answer
        self._closing = threading.Event()
        vendor = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 10

            def do_GET(self) -> None:
                vendor.handle(self)

            do_POST = do_DELETE = do_CONNECT = do_GET  # noqa: N815 the base class calls them so

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def handle(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        body = handler.rfile.read(int(handler.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        received = Received(handler.command, parts.path, dict(parse_qsl(parts.query)), headers, body)
        self.received.append(received)
        handler.close_connection = True
        behaviour = self.script.pop(0) if self.script else None
        try:
            if callable(behaviour):
                behaviour(handler, self._closing)
                return
            reply = behaviour or self._answer(received)
            handler.send_response(reply.status)
            for name, value in reply.headers.items():
                handler.send_header(name, value)
            length = len(reply.body) if reply.announced is None else reply.announced
            handler.send_header("content-length", str(length))
            handler.end_headers()
            handler.wfile.write(reply.body)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the client has had enough

    @contextmanager
    def running(self) -> Iterator["Vendor"]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._closing.set()
            self._server.shutdown()
            thread.join()
            self._server.server_close()
