"""The connection is made to the address that was judged, whatever the name says a moment later."""

import asyncio
import datetime
import ipaddress
import ssl
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from lipwright.errors import AddressForbidden
from lipwright.remote.addresses import Guard
from lipwright.remote.pinned import PinnedTransport
from support.vendor import Reply, Vendor

METADATA = "169.254.169.254"


class Names:
    """A resolver that gives one answer after the other, and the last one for ever."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, int]] = []

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append((host, port))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def server() -> Iterator[Vendor]:
    with Vendor(lambda received: Reply(200, body=b"hallo")).running() as vendor:
        yield vendor


def port_of(server: Vendor) -> int:
    return int(server.url.rpartition(":")[2])


def ask(url: str, names: Names, *, private: bool = True, verify: ssl.SSLContext | bool = False) -> httpx.Response:
    async def asked() -> httpx.Response:
        transport = PinnedTransport(Guard(allow_private=private, resolve=names), verify)
        async with httpx.AsyncClient(transport=transport, trust_env=False, timeout=5) as client:
            return await client.post(url, content=b"{}")

    return asyncio.run(asked())


def test_server_is_asked_by_its_name_at_its_address(server: Vendor) -> None:
    names = Names(["127.0.0.1"])
    assert ask(f"http://Hooks.Example:{port_of(server)}/in?a=b", names).text == "hallo"
    assert names.asked == [("hooks.example", port_of(server))]
    (received,) = server.received
    assert received.headers["host"] == f"hooks.example:{port_of(server)}"
    assert (received.path, received.query, received.body) == ("/in", {"a": "b"}, b"{}")


def test_name_is_resolved_once_for_each_request(server: Vendor) -> None:
    names = Names(["127.0.0.1"], [METADATA])
    url = f"http://hooks.example:{port_of(server)}/"
    assert ask(url, names).status_code == 200
    with pytest.raises(AddressForbidden):
        ask(url, names)
    assert len(server.received) == 1
    assert len(names.asked) == 2


def test_name_that_was_good_when_it_was_given_is_judged_again(server: Vendor) -> None:
    names = Names(["1.1.1.1"], ["127.0.0.1"])
    guard = Guard(resolve=names)
    guard.check(f"https://hooks.example:{port_of(server)}/")
    assert guard.addresses("hooks.example", 443) == ("1.1.1.1",)
    with pytest.raises(AddressForbidden):
        ask(f"https://hooks.example:{port_of(server)}/", names, private=False)
    assert server.received == []


@pytest.mark.parametrize(
    "url",
    ["http://hooks.example/", "https://127.0.0.1/", "https://[::1]/", "https://2130706433/", "https://localhost/"],
)
def test_form_is_judged_again_before_the_connection(url: str) -> None:
    names = Names(["1.1.1.1"])
    with pytest.raises(AddressForbidden):
        ask(url, names, private=False)
    assert names.asked == []


def test_next_address_is_tried_when_nobody_listens_at_the_first(server: Vendor) -> None:
    names = Names(["127.0.0.2", "::1", METADATA, "127.0.0.1"])
    assert ask(f"http://hooks.example:{port_of(server)}/", names).status_code == 200
    with pytest.raises(httpx.ConnectError):
        ask(f"http://hooks.example:{port_of(server)}/", Names(["127.0.0.2", "127.0.0.3"]))


def test_request_that_may_have_arrived_is_not_sent_to_the_next_address(server: Vendor) -> None:
    server.script = [lambda handler, closing: None]
    with pytest.raises(httpx.RemoteProtocolError):
        ask(f"http://hooks.example:{port_of(server)}/", Names(["127.0.0.1", "127.0.0.1", "::1"]))
    assert len(server.received) == 1


def test_proxy_of_the_environment_is_not_asked(server: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert ask(f"http://hooks.example:{port_of(server)}/", Names(["127.0.0.1"])).status_code == 200


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[tuple[int, ssl.SSLContext, list[str | None]]]:
    """A server whose certificate is for hooks.example and 127.0.0.1: its port, who trusts it, what it was called."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hooks.example")])
    now = datetime.datetime.now(datetime.UTC)
    subjects = [x509.DNSName("hooks.example"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(subjects), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    kept = tmp_path / "server.pem"
    kept.write_bytes(
        pem
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    asked: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(kept)
    context.sni_callback = lambda connection, name, own: asked.append(name)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *arguments: object) -> None:
            """A client that does not trust it hangs up."""

        def finish_request(self, request, client_address):  # type: ignore[no-untyped-def]
            with context.wrap_socket(request, server_side=True) as wrapped:
                super().finish_request(wrapped, client_address)

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server.server_address[1], ssl.create_default_context(cadata=pem.decode()), asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_certificate_is_checked_by_the_name(secure: tuple[int, ssl.SSLContext, list[str | None]]) -> None:
    port, trusting, asked = secure
    names = Names(["127.0.0.1"])
    assert ask(f"https://hooks.example:{port}/", names, verify=trusting).status_code == 204
    assert ask(f"https://hooks.example.:{port}/", names, verify=trusting).status_code == 204
    assert ask(f"https://127.0.0.1:{port}/", names, verify=trusting).status_code == 204
    assert asked[:2] == ["hooks.example", "hooks.example"]
    with pytest.raises(httpx.ConnectError, match=r"(?i)certificate"):
        ask(f"https://other.example:{port}/", names, verify=trusting)
    with pytest.raises(httpx.ConnectError, match=r"(?i)certificate"):
        ask(f"https://hooks.example:{port}/", names, verify=ssl.create_default_context())
