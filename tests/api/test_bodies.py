"""What a caller may not cost: bodies too large, too slow, too deep, connections without a word."""

import contextlib
import io
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from lipwright.api.service import Limits
from lipwright.store.asset_rows import add_asset
from lipwright.store.database import Database
from support.serving import VIDEO, Api, api_of, running, service_of

STRICT = Limits(json_bytes=100_000, body_s=0.3, idle_s=0.3, upload_bytes_s=100_000, header_s=0.3)
JSON = {"content-type": "application/json"}
START = b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
MEBIBYTE = 1 << 20
FORM = {"content-type": "multipart/form-data; boundary=edge"}


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """A service with little patience that takes uploads of 100 kB."""
    folder = tmp_path_factory.mktemp("strict")
    database = Database(f"sqlite:///{folder / 'lipwright.db'}")
    database.migrate()
    service = service_of(database, folder, STRICT, max_upload_gb=0.0001)
    with running(service) as url:
        yield api_of(service, url)
    database.close()


def talk(api: Api, *parts: bytes, pause_s: float = 0.0) -> bytes:
    """Send bytes as they are, and read until the server hangs up."""
    where = urlsplit(api.url)
    with socket.create_connection((str(where.hostname), int(where.port or 0)), timeout=10) as connection:
        for part in parts:
            try:
                connection.sendall(part)
            except OSError:
                break  # the server has had enough
            time.sleep(pause_s)
        heard = b""
        while piece := connection.recv(65_536):
            heard += piece
    return heard


def head(api: Api, path: str, *lines: str) -> bytes:
    words = [f"POST {path} HTTP/1.1", "Host: here", f"Authorization: Bearer {api.tokens['acme']}", *lines, "", ""]
    return "\r\n".join(words).encode()


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_that_is_too_large_is_refused(strict: Api, announced: bool) -> None:
    text = json.dumps({"spec": {"kind": "speak", "face": strict.video, "text": "x" * 3_000_000}}).encode()
    with strict.client() as client:
        content = text if announced else iter([text[:1000], text[1000:]])
        refused = client.post("/v1/jobs", content=content, headers=JSON)
        assert (refused.status_code, refused.json()["code"]) == (413, "body_too_large")
        assert client.get("/v1/jobs").json()["items"] == []


@pytest.mark.parametrize("announced", [True, False])
def test_an_upload_that_is_too_large_is_refused_and_leaves_nothing(strict: Api, announced: bool) -> None:
    body = START + bytes(250_000) + b"\r\n--edge--\r\n"
    with strict.client() as client:
        content = body if announced else iter([body[:150_000], body[150_000:]])
        refused = client.post("/v1/assets", content=content, headers=FORM)
        assert (refused.status_code, refused.json()["code"]) == (413, "body_too_large")
        just_over = START + bytes(100_001) + b"\r\n--edge--\r\n"
        assert client.post("/v1/assets", content=just_over, headers=FORM).status_code == 413
        assert client.post("/v1/assets", files={"file": ("a", bytes(100_000))}).status_code in {200, 201}
        assert {one["size_bytes"] for one in client.get("/v1/assets").json()["items"]} == {100_000, len(VIDEO)}
    folder = Path(str(strict.service.database.url.database)).parent / "assets"
    assert [path for path in folder.rglob("*") if path.is_file() and path.stat().st_size > 100_000] == []


@pytest.mark.parametrize("path", ["/v1/jobs", "/v1/assets"])
def test_a_body_that_does_not_come_is_not_waited_for(strict: Api, path: str) -> None:
    kind = "multipart/form-data; boundary=edge" if path == "/v1/assets" else "application/json"
    begun = time.monotonic()
    heard = talk(strict, head(strict, path, f"Content-Type: {kind}", "Content-Length: 50"), b"--")
    assert heard.startswith(b"HTTP/1.1 408 ")
    assert b'"code": "body_too_slow"' in heard
    assert time.monotonic() - begun < 5


def test_an_upload_that_trickles_is_cut_off(strict: Api) -> None:
    sent = head(strict, "/v1/assets", "Content-Type: multipart/form-data; boundary=edge", "Content-Length: 90000")
    heard = talk(strict, sent, START, *[b"x"] * 6, pause_s=0.1)
    assert heard.startswith(b"HTTP/1.1 408 ")


def test_a_refused_caller_that_goes_on_sending_is_hung_up_on(strict: Api) -> None:
    sent = head(strict, "/v1/assets", "Content-Type: text/plain", "Content-Length: 90000")
    heard = talk(strict, sent, b"x" * 100)
    assert heard.startswith(b"HTTP/1.1 415 ")
    assert b"connection: close" in heard


def test_a_caller_that_asks_first_is_refused_before_it_sends(strict: Api) -> None:
    sent = head(strict, "/v1/assets", "Expect: 100-continue", "Content-Type: a/b", "Content-Length: 9000000000")
    assert talk(strict, sent).startswith(b"HTTP/1.1 413 ")


def test_a_download_that_nobody_reads_is_broken_off(strict: Api, service_log: io.StringIO) -> None:
    size_bytes = 30_000_000
    service = strict.service
    stored = service.assets.put(bytes(MEBIBYTE) for _ in range(size_bytes // MEBIBYTE + 1))
    with service.database.begin() as c:
        add_asset(
            c,
            strict.acme,
            stored.digest,
            name="long.bin",
            media_type=stored.media_type,
            size_bytes=stored.size_bytes,
            now_ms=service.database.now_ms(c),
        )
    asked = head(strict, f"/v1/assets/{stored.digest}", "X-Request-ID: nobody-reads").replace(b"POST", b"GET", 1)
    where = urlsplit(strict.url)
    with socket.create_connection((str(where.hostname), int(where.port or 0)), timeout=10) as connection:
        connection.sendall(asked)
        assert connection.recv(12, socket.MSG_WAITALL) == b"HTTP/1.1 200"
        until = time.monotonic() + 10
        while "nobody-reads" not in service_log.getvalue():  # written when the request has ended
            assert time.monotonic() < until
            time.sleep(0.02)
        heard = 0
        with contextlib.suppress(ConnectionError):
            while piece := connection.recv(MEBIBYTE):
                heard += len(piece)
    assert heard < size_bytes


@pytest.mark.parametrize("sent", [b"", b"GET /health/live HTTP/1.1\r\nHost: he"])
def test_a_connection_without_a_request_is_closed(strict: Api, sent: bytes) -> None:
    begun = time.monotonic()
    assert talk(strict, sent) == b""
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize(
    "body", ["[" * 50_000, '{"a":' * 33 + "1" + "}" * 33, '{"a": "]]]]", "b": ' + "[" * 40 + "]" * 40 + "}"]
)
def test_a_body_that_is_too_deep_is_refused(strict: Api, body: str) -> None:
    with strict.client() as client:
        for path in ("/v1/jobs", "/v1/estimates"):
            refused = client.post(path, content=body.encode(), headers=JSON)
            assert (refused.status_code, refused.json()["code"]) == (400, "request_malformed")
            assert "nested" in refused.json()["detail"]


def test_brackets_in_a_text_are_no_depth(strict: Api) -> None:
    spec = {"kind": "speak", "face": strict.video, "text": '"[{' * 1000 + "\\"}
    with strict.client() as client:
        assert client.post("/v1/jobs", json={"spec": spec}).status_code == 201


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff\xfe", b"null", b"[]", b'{"spec": {"kind": "dub"}, "\\ud800": 1}', b'{"spec": NaN}', b"1e999999"],
)
def test_nonsense_is_a_mistake_of_the_caller(strict: Api, body: bytes) -> None:
    with strict.client() as client:
        refused = client.post("/v1/jobs", content=body, headers=JSON)
    assert refused.status_code in {400, 422}, refused.text
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["instance"].startswith("urn:lipwright:request:")


def test_a_body_of_another_type_is_refused(strict: Api) -> None:
    with strict.client() as client:
        refused = client.post("/v1/jobs", content=json.dumps(strict.dub()), headers={"content-type": "text/plain"})
    assert refused.status_code == 422
