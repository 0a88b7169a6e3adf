"""The client of all servers, against one that misbehaves in every documented way."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler

import pytest
from pydantic import BaseModel, SecretStr

from lipwright.errors import (
    Cancelled,
    ProviderAnswerInvalid,
    ProviderError,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
    QuotaExhausted,
    RateLimited,
    UsageError,
)
from lipwright.remote.answer import Answer
from lipwright.remote.client import Limits, RemoteClient, Request
from lipwright.remote.server import Server
from lipwright.remote.waiting import cancellable
from support.vendor import Behaviour, Reply, Vendor, dropped, giant, never, page, redirect, said, trickling

KEY = "sk-very-secret-0123456789"
GOOD = {"word": "hello"}
ASK = Request("POST", "/things", json={"a": 1})


class Thing(BaseModel):
    word: str


class Clock:
    """A clock that goes on only while somebody sleeps."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self.slept_s = 0.0

    def __call__(self) -> float:
        return self.now_s

    def sleep(self, length_s: float) -> None:
        self.now_s += length_s
        self.slept_s += length_s


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    with Vendor(lambda _: said(GOOD)).running() as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()


def server(url: str, key: str = KEY) -> Server:
    return Server(
        engine="openai",
        url=url,
        key=SecretStr(key),
        key_header="Authorization",
        key_prefix="Bearer ",
        url_variable="LIPWRIGHT_OPENAI_URL",
        key_variable="LIPWRIGHT_OPENAI_KEY",
        keyed_host="api.example.com",
    )


@pytest.fixture
def client(vendor: Vendor, clock: Clock) -> RemoteClient:
    return RemoteClient(server(vendor.url), clock=clock, now=lambda: 0.0, sleep=clock.sleep, chance=lambda: 0.5)


def read(answer: Answer) -> str:
    return answer.parsed(Thing).word


def test_answer_is_read_and_the_key_travels_in_its_header(client: RemoteClient, vendor: Vendor) -> None:
    assert client.ask(ASK, read) == "hello"
    (request,) = vendor.received
    assert (request.method, request.path, request.json) == ("POST", "/things", {"a": 1})
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.headers["accept-encoding"] == "identity"


def test_server_without_keys_gets_none(vendor: Vendor) -> None:
    RemoteClient(server(vendor.url, "")).ask(ASK, read)
    assert "authorization" not in vendor.received[0].headers


@pytest.mark.parametrize("key", ["", "  \n", "two words", "sk-ü"])
def test_missing_or_impossible_key_is_told_before_anything_is_sent(key: str) -> None:
    client = RemoteClient(server("https://api.example.com/v1", key))
    with pytest.raises(ProviderRefused, match="LIPWRIGHT_OPENAI_KEY") as caught:
        client.ask(ASK, read)
    assert not key.strip() or key.strip() not in str(caught.value)


OUT_OF_MONEY = {"error": {"message": "You exceeded your quota", "type": "insufficient_quota", "code": None}}
ELEVEN_OUT = {"detail": {"status": "quota_exceeded", "message": "0 credits remaining"}}
WRONG_KEY = {"error": {"message": f"Incorrect API key provided: {KEY}", "code": "invalid_api_key"}}


@pytest.mark.parametrize(
    ("reply", "error", "words", "tries"),
    [
        (said(WRONG_KEY, 401), ProviderRefused, "LIPWRIGHT_OPENAI_KEY", 1),
        (page(403), ProviderRefused, "LIPWRIGHT_OPENAI_KEY", 1),
        (said({}, 402), QuotaExhausted, "used up", 1),
        (said(OUT_OF_MONEY, 429), QuotaExhausted, "You exceeded your quota", 1),
        (said(ELEVEN_OUT, 401), QuotaExhausted, "0 credits", 1),
        (said({"error": "slow down"}, 429), RateLimited, "slow down", 4),
        (said({}, 500), ProviderAnswerInvalid, "fails", 4),
        (page(502), ProviderAnswerInvalid, "fails", 4),
        (said({"detail": [{"loc": ["body"], "msg": "no such voice"}]}, 422), ProviderUnavailable, "no such voice", 1),
        (said({"object": "error", "message": "no model `x`"}, 404), ProviderUnavailable, "no model `x`", 1),
        (page(), ProviderAnswerInvalid, "text/html instead of JSON", 2),
        (Reply(200, {"content-type": "application/json"}, b"{"), ProviderAnswerInvalid, "another shape", 2),
        (said({"words": []}), ProviderAnswerInvalid, r"another shape \(word: ", 2),
        (said([]), ProviderAnswerInvalid, "another shape", 2),
        (Reply(200, {"content-type": "application/json"}, b"{}", 99), ProviderAnswerInvalid, "breaks its answer", 4),
        (said(GOOD, content_encoding="gzip"), ProviderAnswerInvalid, "gzip", 4),
        (dropped, ProviderAnswerInvalid, "breaks its answer off", 4),
        (giant, ProviderAnswerInvalid, "more than 1 MB", 1),
    ],
)
def test_failure_of_a_server_has_its_error(
    vendor: Vendor, clock: Clock, reply: Reply | Behaviour, error: type[ProviderError], words: str, tries: int
) -> None:
    client = RemoteClient(server(vendor.url), Limits(answer_bytes=1 << 20), clock=clock, sleep=clock.sleep)
    vendor.script = [reply] * 9
    with pytest.raises(error, match=words) as caught:
        client.ask(ASK, read)
    assert type(caught.value).code == error.code
    assert KEY not in str(caught.value)
    assert len(vendor.received) == tries


def test_waits_grow_until_the_server_answers(client: RemoteClient, vendor: Vendor, clock: Clock) -> None:
    vendor.script = [said({}, 500), dropped, said({}, 429)]
    assert client.ask(ASK, read) == "hello"
    assert clock.slept_s == pytest.approx(1.5 + 2.5 + 4.5)


@pytest.mark.parametrize(
    ("asked", "waited_s"),
    [
        ("7", 7.5),
        ("0", 0.5),
        ("-3", 0.5),
        ("3600", 60.0),
        ("Thu, 01 Jan 1970 00:00:20 GMT", 20.5),
        ("Wed, 31 Dec 1969 00:00:00 GMT", 0.5),
        ("soon", 1.5),
        ("nan", 1.5),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_honoured_up_to_a_minute(
    client: RemoteClient, vendor: Vendor, clock: Clock, asked: str, waited_s: float, status: int
) -> None:
    vendor.script = [said({}, status, retry_after=asked)]
    assert client.ask(ASK, read) == "hello"
    assert clock.slept_s == pytest.approx(waited_s)


def test_rate_limit_that_stays_tells_how_long_the_server_wants(client: RemoteClient, vendor: Vendor) -> None:
    vendor.script = [said({}, 429, retry_after="3600")] * 4
    with pytest.raises(RateLimited) as caught:
        client.ask(ASK, read)
    assert caught.value.after_s == 3600


@pytest.mark.parametrize("silence", [never, trickling])
def test_server_that_never_answers_is_given_up(vendor: Vendor, silence: Behaviour) -> None:
    vendor.script = [silence] * 2
    client = RemoteClient(server(vendor.url), Limits(answer_s=0.2, tries=2, first_wait_s=0.0), chance=lambda: 0.0)
    with pytest.raises(ProviderTimeout, match=r"within 0.2 s.*LIPWRIGHT_REMOTE_TIMEOUT_S"):
        client.ask(ASK, read)
    assert len(vendor.received) == 2


def test_server_that_is_not_there_is_told_with_its_variable(vendor: Vendor, clock: Clock) -> None:
    gone = Vendor(lambda _: said({}))
    with gone.running():
        url = gone.url
    with pytest.raises(ProviderUnavailable, match=r"cannot be reached.*LIPWRIGHT_OPENAI_URL") as caught:
        RemoteClient(server(url), clock=clock, sleep=clock.sleep).ask(ASK, read)
    assert caught.value.retryable
    assert clock.slept_s > 7


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_key_goes_to_no_other_host(client: RemoteClient, vendor: Vendor, status: int) -> None:
    with Vendor(lambda _: said(GOOD)).running() as other:
        vendor.script = [redirect(f"{other.url}/things", status)]
        with pytest.raises(ProviderUnavailable, match="elsewhere"):
            client.ask(ASK, read)
        assert other.received == []


@pytest.mark.parametrize(
    "url", ["", "api.example.com", "ftp://x/v1", "http://", "http://me:pass@x/v1", "http://x:99999", "http://x/?a=1"]
)
def test_impossible_address_is_not_repeated(url: str) -> None:
    with pytest.raises(UsageError, match="LIPWRIGHT_OPENAI_URL") as caught:
        RemoteClient(server(url)).ask(ASK, read)
    assert "pass" not in str(caught.value).replace("password", "")


def test_what_may_have_been_done_is_not_done_again(client: RemoteClient, vendor: Vendor) -> None:
    once = replace(ASK, repeatable=False)
    vendor.script = [dropped]
    with pytest.raises(ProviderAnswerInvalid):
        client.ask(once, read)
    assert len(vendor.received) == 1
    vendor.script = [said({}, 429), None]
    assert client.ask(once, read) == "hello"


def test_status_that_is_accepted_is_no_failure(client: RemoteClient, vendor: Vendor) -> None:
    vendor.script = [said({"error": {"code": "gone"}}, 404)]
    assert client.ask(replace(ASK, accepted=(404,)), Answer.codes) == {"gone"}


def test_requests_are_spread_over_the_minute(vendor: Vendor, clock: Clock) -> None:
    client = RemoteClient(server(vendor.url), Limits(requests_per_minute=30), clock=clock, sleep=clock.sleep)
    for _ in range(4):
        client.ask(ASK, read)
    assert clock.slept_s == pytest.approx(3 * 2.0)


def test_no_more_requests_are_under_way_than_allowed(vendor: Vendor) -> None:
    under_way, most = [0], [0]
    lock = threading.Lock()
    both = threading.Barrier(2, timeout=5)

    def slow(handler: object, closing: threading.Event) -> None:
        with lock:
            under_way[0] += 1
            most[0] = max(most[0], under_way[0])
        both.wait()
        with lock:
            under_way[0] -= 1

    vendor.script = [slow] * 6
    client = RemoteClient(server(vendor.url), Limits(in_flight=2, tries=1))

    def ask() -> None:
        with pytest.raises(ProviderAnswerInvalid):
            client.ask(replace(ASK, repeatable=False), read)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(vendor.received) == 6
    assert most == [2]


@pytest.mark.parametrize("waiting_for", ["an answer", "the next try", "its turn"])
def test_cancelled_work_does_not_wait(vendor: Vendor, waiting_for: str) -> None:
    limits = Limits(answer_s=30, first_wait_s=30, requests_per_minute=1 if waiting_for == "its turn" else 0)
    client = RemoteClient(server(vendor.url), limits)
    if waiting_for == "its turn":
        client.ask(ASK, read)
    vendor.script = [never if waiting_for == "an answer" else said({}, 500)]
    asked: list[float] = []

    def check() -> None:
        asked.append(time.monotonic())
        if len(asked) > 3:
            raise Cancelled("stopped")

    begun = time.monotonic()
    with cancellable(check), pytest.raises(Cancelled):
        client.ask(ASK, read)
    assert time.monotonic() - begun < 5
    assert client.ask(ASK, read) == "hello" if waiting_for != "its turn" else True


def test_work_that_can_be_cancelled_gets_its_answers_and_its_errors(client: RemoteClient, vendor: Vendor) -> None:
    with cancellable(lambda: None):
        assert client.ask(ASK, read) == "hello"
        vendor.script = [said({}, 401)]
        with pytest.raises(ProviderRefused):
            client.ask(ASK, read)


def test_key_is_in_no_log_and_no_representation(
    client: RemoteClient, vendor: Vendor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    vendor.script = [said(WRONG_KEY, 401)]
    with pytest.raises(ProviderRefused) as caught:
        client.ask(ASK, read)
    shown = f"{caplog.text} {client!r} {client.server!r} {caught.value!r} {caught.getrepr(style='long')}"
    assert "sk-very" not in shown


@pytest.mark.parametrize("proxied", ["http_proxy", "HTTP_PROXY", "all_proxy"])
def test_proxy_of_the_environment_does_not_see_plain_http(
    client: RemoteClient, vendor: Vendor, monkeypatch: pytest.MonkeyPatch, proxied: str
) -> None:
    with Vendor(lambda _: said({"word": "proxy"})).running() as proxy:
        monkeypatch.setenv(proxied, proxy.url)
        assert client.ask(ASK, read) == "hello"
        assert proxy.received == []


@pytest.mark.parametrize(
    ("variable", "value"),
    [("HTTPS_PROXY", "gopher://127.0.0.1:1"), ("ALL_PROXY", "socks5://127.0.0.1:1"), ("SSL_CERT_FILE", "/no/such.pem")],
)
def test_proxy_or_certificates_that_cannot_be_used_are_told(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ProviderUnavailable, match=r"HTTPS_PROXY, ALL_PROXY and SSL_CERT_FILE"):
        RemoteClient(server("https://127.0.0.1:9/v1")).ask(ASK, read)


def test_https_goes_through_the_proxy_of_the_environment_as_a_tunnel(
    monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    seen: list[tuple[str, str]] = []

    def refuse(handler: BaseHTTPRequestHandler, closing: threading.Event) -> None:
        seen.append((handler.command, str(handler.headers)))
        handler.send_error(502)

    with Vendor(lambda _: said(GOOD)).running() as proxy:
        proxy.script = [refuse] * 4
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        client = RemoteClient(server("https://api.example.org/v1"), clock=clock, sleep=clock.sleep)
        with pytest.raises(ProviderUnavailable, match="cannot be reached"):
            client.ask(ASK, read)
    assert [command for command, _ in seen] == ["CONNECT"] * 4
    assert KEY not in "".join(headers for _, headers in seen)


def test_words_of_a_server_are_one_short_line(client: RemoteClient, vendor: Vendor) -> None:
    vendor.script = [said({"error": "\x1b[31mred\n\n" + "long " * 100}, 400)]
    with pytest.raises(ProviderUnavailable) as caught:
        client.ask(ASK, read)
    assert "[31mred long long" in str(caught.value)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 450


def test_sound_is_taken_only_as_sound(client: RemoteClient, vendor: Vendor) -> None:
    sound: Callable[[Answer], bytes] = Answer.sound
    for kind in ("audio/wav", "audio/mpeg", "application/octet-stream"):
        vendor.script = [Reply(200, {"content-type": kind}, b"RIFF")]
        assert client.ask(ASK, sound) == b"RIFF"
    for reply in (page(), said({}), Reply(200, {"content-type": "audio/wav"})):
        vendor.script = [reply] * 2
        with pytest.raises(ProviderAnswerInvalid, match="instead of sound"):
            client.ask(ASK, sound)
