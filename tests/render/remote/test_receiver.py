"""Callbacks: signed, forged, doubled, late, early and of nobody."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Thread

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request, Response
from pydantic import SecretStr

from lipwright.api.problems import problem_response
from lipwright.api.renderers import renderer_router
from lipwright.api.server import listening
from lipwright.errors import LipwrightError, NotAllowed, UsageError
from lipwright.remote.addresses import Guard
from lipwright.render.remote.base import RenderOrder
from lipwright.render.remote.ledger import Ledger
from lipwright.render.remote.orders import OrderDesk, Terms
from lipwright.render.remote.receiver import MOST_BYTES, Receiver
from lipwright.render.remote.served import ServedRenderer
from lipwright.render.remote.shape import Shape, packaged_shape
from support.vendor_renderers import KEY, SECRET, Fate, RendererServer

Serve = Callable[[Iterable[Fate]], RendererServer]
Said = Callable[[str], RenderOrder]
NOW_S = 1_900_000_000


def sign(body: bytes, secret: str = SECRET) -> dict[str, str]:
    return {"signature": hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


def told(video: str = "v1", event: str = "avatar_video.success", reference: str = "") -> bytes:
    return json.dumps({"event_type": event, "event_data": {"video_id": video, "callback_id": reference}}).encode()


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(tmp_path / "orders")
    yield ledger
    ledger.close()


@pytest.fixture
def heygen(ledger: Ledger) -> Receiver:
    return Receiver(ledger, packaged_shape("heygen"), SecretStr(SECRET), now=lambda: NOW_S)


def submitted(ledger: Ledger, vendor_id: str = "v1", due_s: float = NOW_S + 1000) -> str:
    """The reference of an order that is under way, not to be looked at for long."""
    now_ms = NOW_S * 1000
    ledger.open_order("k", "heygen", None, now_ms)
    taken = ledger.begin_submission("k", 5, 10_000, now_ms)
    assert taken
    assert ledger.note_sending(taken.reference, round(due_s * 1000), now_ms)
    if vendor_id:
        ledger.note_sent(taken.reference, vendor_id, round(due_s * 1000), now_ms)
    return taken.reference


def is_due(ledger: Ledger) -> bool:
    return ledger.take_due("heygen", 1000, NOW_S * 1000) is not None


def test_a_callback_makes_its_video_due_and_gives_no_address_away(ledger: Ledger, heygen: Receiver) -> None:
    submitted(ledger)
    assert not is_due(ledger)
    body = told()
    assert heygen.receive(sign(body), body).outcome == "noted"
    assert is_due(ledger)


def test_a_doubled_callback_changes_nothing(ledger: Ledger, heygen: Receiver) -> None:
    submitted(ledger)
    body = told()
    assert [heygen.receive(sign(body), body).outcome for _ in range(3)] == ["noted", "duplicate", "duplicate"]


def test_many_callbacks_at_once_are_noted_once(ledger: Ledger, heygen: Receiver) -> None:
    submitted(ledger)
    body = told()
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(lambda _: heygen.receive(sign(body), body).outcome, range(16)))
    assert sorted(outcomes) == ["duplicate"] * 15 + ["noted"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"signature": ""},
        {"signature": "00" * 32},
        {"signature": "é"},
        sign(told(), "another secret of somebody"),
        sign(told("v2")),
        {"heygen-signature": sign(told())["signature"]},
    ],
)
def test_a_forged_callback_is_refused_and_changes_nothing(
    headers: Mapping[str, str], ledger: Ledger, heygen: Receiver
) -> None:
    submitted(ledger)
    with pytest.raises(NotAllowed):
        heygen.receive(headers, told())
    assert not is_due(ledger)


def test_a_callback_before_the_answer_to_the_submission_is_found_by_our_reference(
    ledger: Ledger, heygen: Receiver
) -> None:
    reference = submitted(ledger, vendor_id="")
    body = told("v7", reference=reference)
    assert heygen.receive(sign(body), body).outcome == "noted"
    assert [one.vendor_id for one in ledger.submissions("k")] == ["v7"]
    assert is_due(ledger)


def test_a_callback_before_the_answer_without_our_reference_counts_when_the_answer_is_there(
    ledger: Ledger, heygen: Receiver
) -> None:
    reference = submitted(ledger, vendor_id="")
    body = told("v7")
    assert heygen.receive(sign(body), body).outcome == "unknown"
    ledger.note_sent(reference, "v7", NOW_S * 1000 + 10**6, NOW_S * 1000)
    assert is_due(ledger)


def test_a_callback_of_nobody_is_harmless(ledger: Ledger, heygen: Receiver) -> None:
    submitted(ledger)
    body = told("somebody else's")
    assert heygen.receive(sign(body), body).outcome == "unknown"
    assert not is_due(ledger)


def test_a_callback_whose_names_belong_to_two_videos_is_harmless(ledger: Ledger, heygen: Receiver) -> None:
    reference = submitted(ledger)
    body = told("v99", reference=reference)
    assert heygen.receive(sign(body), body).outcome == "unknown"
    assert [one.vendor_id for one in ledger.submissions("k")] == ["v1"]


def test_a_late_callback_changes_nothing(ledger: Ledger, heygen: Receiver) -> None:
    reference = submitted(ledger)
    ledger.complete(reference, "digest", 2.0)
    for event in ("avatar_video.fail", "avatar_video.success"):  # out of order, too
        body = told(event=event, reference=reference)
        assert heygen.receive(sign(body), body).outcome == "late"
    assert ledger.order("k").state == "done"


def test_a_callback_for_what_was_thought_lost_brings_it_back(ledger: Ledger, heygen: Receiver) -> None:
    reference = submitted(ledger)
    ledger.lose(reference, "lost")
    body = told()
    assert heygen.receive(sign(body), body).outcome == "noted"
    assert is_due(ledger)
    assert ledger.order("k").losses == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"[]",
        b"[" * 100_000,
        b"null",
        b'{"event_type": "avatar_video.success"}',
        told(event="video_translate.success"),
        b'{"event_type": ["avatar_video.success"], "event_data": "x"}',
    ],
    ids=range(8),
)
def test_a_signed_callback_without_sense_is_ignored(body: bytes, ledger: Ledger, heygen: Receiver) -> None:
    submitted(ledger)
    assert heygen.receive(sign(body), body).outcome == "ignored"
    assert not is_due(ledger)


def test_an_old_callback_is_refused_where_the_vendor_says_when_it_was_sent(ledger: Ledger) -> None:
    receiver = Receiver(ledger, packaged_shape("heygen-v3"), SecretStr(SECRET), now=lambda: NOW_S)
    body = told()
    signature = {"heygen-signature": sign(body)["signature"].upper()}
    assert receiver.receive({**signature, "heygen-timestamp": str(NOW_S - 200)}, body).outcome == "unknown"
    for stamp in ("", "soon", "²", str(NOW_S - 400), str(NOW_S + 400), "9" * 5000):
        with pytest.raises(NotAllowed):
            receiver.receive({**signature, "heygen-timestamp": stamp}, body)


def test_a_vendor_that_signs_nothing_is_known_by_the_token_in_its_address(ledger: Ledger) -> None:
    receiver = Receiver(ledger, packaged_shape("d-id"), SecretStr(SECRET))
    other = Receiver(ledger, packaged_shape("heygen"), SecretStr(SECRET))
    body = json.dumps({"id": "tlk_1", "status": "done"}).encode()
    assert receiver.receive({}, body, receiver.token()).outcome == "unknown"
    for token in ("", "x", "é", other.token(), receiver.token()[:-1]):
        with pytest.raises(NotAllowed):
            receiver.receive(sign(body), body, token)


def test_a_secret_that_is_none_and_a_vendor_that_never_calls_are_told(ledger: Ledger) -> None:
    with pytest.raises(UsageError, match="LIPWRIGHT_D_ID_SECRET"):
        Receiver(ledger, packaged_shape("d-id"), SecretStr("short"))
    silent: Shape = packaged_shape("d-id").model_copy(update={"webhook": None})
    with pytest.raises(UsageError, match="does not call back"):
        Receiver(ledger, silent, SecretStr(SECRET))


@contextmanager
def listening_for(receivers: Mapping[str, Receiver]) -> Iterator[str]:
    """A server with the routes alone."""
    app = FastAPI()
    app.include_router(renderer_router(receivers))

    @app.exception_handler(LipwrightError)
    async def told_error(request: Request, error: Exception) -> Response:
        return problem_response(error, "test")

    with listening("127.0.0.1", 0) as bound:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
        thread = Thread(target=server.run, args=([bound],), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def test_the_routes_answer_at_once_and_only_record(ledger: Ledger) -> None:
    receiver = Receiver(ledger, packaged_shape("heygen"), SecretStr(SECRET), now=lambda: NOW_S)
    submitted(ledger)
    body = told()
    with listening_for({"heygen": receiver}) as url, httpx.Client(base_url=f"{url}/renderers", timeout=20) as client:
        assert client.options("/heygen/callbacks").status_code == 200
        answers = [
            client.post("/heygen/callbacks", content=body, headers=sign(body)),
            client.post("/heygen/callbacks", content=body, headers=sign(body)),
            client.post(f"/heygen/callbacks/{receiver.token()}", content=body),
            client.post("/heygen/callbacks", content=b"nonsense", headers=sign(b"nonsense")),
            client.post("/heygen/callbacks", content=body),
            client.post("/heygen/callbacks/wrong", content=body, headers=sign(body)),
            client.post("/nobody/callbacks", content=body, headers=sign(body)),
            client.post("/heygen/callbacks", content=bytes(MOST_BYTES + 1)),
        ]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 403, 403, 404, 413]
    assert [answer.content for answer in answers[:4]] == [b""] * 4
    assert is_due(ledger)


@pytest.mark.parametrize("name", ["heygen", "d-id"])
def test_a_vendor_that_calls_back_is_hardly_asked(
    name: str, serve: Serve, said: Said, quick: Terms, tmp_path: Path
) -> None:
    """Polling is slow here, so the callbacks must bring the videos; half of them come before the answer."""
    server = serve([])
    server.calls = 2
    terms = replace(quick, first_look_s=30.0, called_look_s=30.0, patience_s=25.0)
    desk = OrderDesk(tmp_path, terms)
    receiver = Receiver(desk.ledger, packaged_shape(name), SecretStr(SECRET))
    renderer = ServedRenderer(
        packaged_shape(name), SecretStr(KEY), url=server.url, guard=Guard(allow_private=True), timeout_s=10.0
    )
    with listening_for({name: receiver}) as url:
        signed = name == "heygen"
        server.endpoint = f"{url}/renderers/{name}/callbacks" if signed else ""
        callback_url = None if signed else f"{url}/renderers/{name}/callbacks/{receiver.token()}"
        server.calls_before_answer = True
        begun_s = time.monotonic()
        video = desk.render(renderer, replace(said("Hello."), callback_url=callback_url))
        took_s = time.monotonic() - begun_s
        server.wait_for_calls()
    assert video.path.read_bytes() == server.clip
    assert took_s < terms.called_look_s
    assert server.kept() == {"Hello.": 1}
    assert set(server.answers) == {200}
    assert sum(server.answers.values()) == 3
