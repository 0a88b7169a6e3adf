"""Callbacks of remote renderers, through the whole application."""

import hashlib
import hmac
import io
import json
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest

from lipwright.render.remote.base import RenderOrder
from lipwright.render.remote.ledger import Ledger
from lipwright.render.remote.receiver import callback_token
from lipwright.render.remote.shape import packaged_shape
from lipwright.settings import Settings
from lipwright.store.database import Database
from lipwright.wiring.renderers import FOLDER, build_renderer, order_desk, receivers
from support.clips import tone, write_clip
from support.serving import Api, running, service_of
from support.vendor_renderers import KEY, QUICK, SECRET, Fate, RendererServer

LATER_MS = 10**15


@dataclass
class Called:
    """A service that renderers call, and the ledger that its workers share."""

    url: str
    ledger: Ledger
    settings: Settings

    def post(self, path: str, body: bytes, **headers: str) -> int:
        return httpx.post(f"{self.url}/renderers/{path}", content=body, headers=headers, timeout=10).status_code

    def is_due(self, renderer: str) -> bool:
        return self.ledger.take_due(renderer, 1, LATER_MS - 1) is not None

    def order(self, renderer: str) -> None:
        """One that is under way, not to be looked at for long."""
        self.ledger.open_order(renderer, renderer, None, 1)
        taken = self.ledger.begin_submission(renderer, 5, LATER_MS, 1)
        assert taken
        assert self.ledger.note_sending(taken.reference, LATER_MS, 1)
        self.ledger.note_sent(taken.reference, f"{renderer}-1", LATER_MS, 1)


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    return {"signature": hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


def said(video: str) -> bytes:
    return json.dumps({"event_type": "avatar_video.success", "event_data": {"video_id": video}}).encode()


@pytest.fixture
def called(tmp_path: Path, migrated_sqlite: Path) -> Iterator[Called]:
    shutil.copy(migrated_sqlite, tmp_path / "lipwright.db")
    database = Database(f"sqlite:///{tmp_path / 'lipwright.db'}")
    settings = Settings(
        data_dir=tmp_path,
        heygen_key=KEY,  # type: ignore[arg-type] # as the environment gives it
        heygen_secret=SECRET,  # type: ignore[arg-type]
        d_id_key=KEY,  # type: ignore[arg-type]
        d_id_secret=SECRET,  # type: ignore[arg-type]
        allow_private_addresses=True,
    )
    ledger = Ledger(tmp_path / FOLDER)
    with receivers(settings) as waiting:
        assert set(waiting) == {"d-id", "heygen", "heygen-v3"}
        with running(replace(service_of(database, tmp_path), receivers=waiting)) as url:
            yield Called(url, ledger, settings)
    ledger.close()
    database.close()


def test_a_signed_callback_is_noted_once_however_often_it_comes(called: Called, service_log: io.StringIO) -> None:
    called.order("heygen")
    body = said("heygen-1")
    assert [called.post("heygen/callbacks", body, **signed(body)) for _ in range(3)] == [200, 200, 200]
    assert called.is_due("heygen")
    lines = [json.loads(line) for line in service_log.getvalue().splitlines() if "renderer_callback" in line]
    assert [line["outcome"] for line in lines[-3:]] == ["noted", "duplicate", "duplicate"]


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("heygen/callbacks", {}),
        ("heygen/callbacks", signed(said("heygen-1"), "another secret of somebody")),
        ("heygen/callbacks", signed(said("heygen-2"))),
        ("heygen/callbacks/" + "0" * 64, signed(said("heygen-1"))),
    ],
)
def test_a_forged_callback_is_refused_and_changes_nothing(path: str, headers: dict[str, str], called: Called) -> None:
    called.order("heygen")
    assert called.post(path, said("heygen-1"), **headers) == 403
    assert not called.is_due("heygen")


def test_a_token_opens_the_door_of_its_own_vendor_alone_and_is_not_logged(
    called: Called, service_log: io.StringIO
) -> None:
    called.order("d-id")
    token = callback_token(packaged_shape("d-id"), called.settings.d_id_secret)
    body = json.dumps({"id": "d-id-1", "status": "done"}).encode()
    assert called.post(f"heygen/callbacks/{token}", body) == 403
    assert called.post("d-id/callbacks", body) == 403
    assert not called.is_due("d-id")
    assert called.post(f"d-id/callbacks/{token}", body) == 200
    assert called.is_due("d-id")
    assert token not in service_log.getvalue()


def test_what_is_no_callback_is_answered_shortly(called: Called) -> None:
    assert called.post("nobody/callbacks", b"{}") == 404
    assert called.post("heygen/callbacks", b"x", **signed(b"x")) == 200
    assert called.post("heygen/callbacks", b"x" * 300_000) == 413
    assert httpx.options(f"{called.url}/renderers/heygen/callbacks").status_code == 200
    assert httpx.get(f"{called.url}/renderers/heygen/callbacks").status_code == 405


def test_a_service_without_renderers_takes_no_callbacks(api: Api) -> None:
    assert httpx.post(f"{api.url}/renderers/heygen/callbacks", content=b"{}").status_code == 404


def test_a_vendor_s_call_brings_the_video_without_a_second_look(
    called: Called, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first look is an hour away: only the callback can end the wait."""
    patient = replace(QUICK, first_look_s=3000.0, longest_look_s=3000.0, called_look_s=3000.0)
    monkeypatch.setattr("lipwright.render.remote.orders.Terms", lambda **given: replace(patient, **given))
    clip = write_clip(tmp_path / "made.mp4", frames=50, sound=[tone(440, 2.0)]).read_bytes()
    face = tmp_path / "face.png"
    face.write_bytes(b"\x89PNG a picture")
    server = RendererServer(clip, [Fate.STUCK])
    token = callback_token(packaged_shape("d-id"), called.settings.d_id_secret)
    order = RenderOrder(
        1280, 720, face=face, text="Hello.", voice="sara", callback_url=f"{called.url}/renderers/d-id/callbacks/{token}"
    )
    with server.running():
        renderer = build_renderer(packaged_shape("d-id"), called.settings.model_copy(update={"d_id_url": server.url}))
        with order_desk(called.settings) as desk, ThreadPoolExecutor(1) as pool:
            waited = pool.submit(desk.render, renderer, order)
            server.wait_for_orders(1)
            (job,) = server.jobs.values()
            job.fate, job.looks = Fate.GOOD, 0
            server.call(job)
            video = waited.result(60)
        server.wait_for_calls()
    assert video.path.read_bytes() == clip
    assert set(server.answers) == {200}
