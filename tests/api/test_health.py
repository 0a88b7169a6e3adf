"""Readiness: a service says that it cannot do its work, soon, and at little cost."""

import asyncio
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from lipwright.api.health import Looked, Readiness
from lipwright.api.service import Service
from lipwright.errors import DatabaseFailed, StorageFailed
from lipwright.store.assets import AssetStore
from lipwright.store.database import Database
from support.serving import running, service_of
from support.storages import bucket, s3

__all__ = ["bucket", "s3"]


@pytest.fixture
def service(tmp_path: Path, migrated_sqlite: Path) -> Iterator[Service]:
    shutil.copy(migrated_sqlite, tmp_path / "lipwright.db")
    with closing(Database(f"sqlite:///{tmp_path / 'lipwright.db'}")) as database:
        yield service_of(database, tmp_path)


def asked(service: Service, patience_s: float = 10.0) -> None:
    """Ask one that remembers nothing."""
    asyncio.run(Readiness(service, patience_s=patience_s).check())


def test_a_service_whose_folder_is_gone_is_not_ready_until_it_is_back(service: Service, tmp_path: Path) -> None:
    asked(service)
    (tmp_path / "assets").rename(tmp_path / "elsewhere")
    with pytest.raises(StorageFailed, match="gone"):
        asked(service)
    assert not (tmp_path / "assets").exists()
    (tmp_path / "elsewhere").rename(tmp_path / "assets")
    asked(service)
    assert not [path for path in (tmp_path / "assets").rglob("*") if path.is_file() and path.name != "lock"]


def test_a_service_whose_folder_is_empty_as_a_drive_that_is_not_mounted_is_not_ready(
    service: Service, tmp_path: Path
) -> None:
    shutil.rmtree(tmp_path / "assets")
    (tmp_path / "assets").mkdir()
    with pytest.raises(StorageFailed):
        asked(service)


def test_a_service_whose_bucket_is_gone_is_not_ready(service: Service, bucket: str, s3: str, tmp_path: Path) -> None:
    service = replace(service, assets=AssetStore(bucket, tmp_path / "cache"))
    asked(service)
    assert httpx.post(f"{s3}/moto-api/reset").status_code == 200
    with pytest.raises(StorageFailed, match="s3://bucket-"):
        asked(service)


def test_a_service_whose_bucket_cannot_be_written_is_not_ready(service: Service, tmp_path: Path) -> None:
    from obstore.exceptions import PermissionDeniedError
    from obstore.store import MemoryStore

    class ReadOnly(MemoryStore):
        def put(self, *_: object, **__: object) -> object:  # type: ignore[override]
            raise PermissionDeniedError("no")

    with pytest.raises(StorageFailed, match="PermissionDenied"):
        asked(replace(service, assets=AssetStore("memory://", tmp_path / "cache", store=ReadOnly())))


def test_a_storage_that_does_not_answer_makes_nobody_wait_long(
    service: Service, bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:  # takes connections, and says nothing
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{silent.getsockname()[1]}")
        service = replace(service, assets=AssetStore(bucket, tmp_path / "cache"))
        begun_s = time.monotonic()
        with pytest.raises(StorageFailed, match="no answer"):
            asked(service, patience_s=0.5)
        assert time.monotonic() - begun_s < 3


def test_a_look_that_hangs_is_not_begun_again_and_those_behind_it_hear_at_once() -> None:
    looks, let_go = [], threading.Event()

    def look() -> None:
        looks.append(None)
        let_go.wait(30)

    async def ask() -> None:
        hanging = Looked(look, DatabaseFailed("silent"), kept_s=0.0, patience_s=0.3)
        answers = await asyncio.gather(*(hanging.check() for _ in range(50)), return_exceptions=True)
        begun_s = time.monotonic()
        answers += await asyncio.gather(*(hanging.check() for _ in range(50)), return_exceptions=True)
        assert time.monotonic() - begun_s < 0.3
        assert {str(answer) for answer in answers} == {"silent"}
        let_go.set()
        while True:  # what hung answers in the end, and the next one looks again
            try:
                await hanging.check()
            except DatabaseFailed:
                await asyncio.sleep(0.01)
            else:
                break
        await hanging.check()

    asyncio.run(ask())
    assert 1 < len(looks) < 4


def test_an_answer_is_good_for_longer_than_one_waits_for_it() -> None:
    async def ask() -> None:
        looked = Looked(lambda: None, DatabaseFailed("silent"), kept_s=30.0, patience_s=0.2)
        await looked.check()
        await asyncio.sleep(0.3)
        await looked.check()

    asyncio.run(ask())


def test_anybody_may_ask_as_often_as_they_like(service: Service) -> None:
    looks = []

    class Counted(AssetStore):
        def check(self) -> None:
            looks.append(None)

    service = replace(service, assets=Counted("memory://", service.settings.cache_dir))
    with running(service) as url, httpx.Client(base_url=url) as client:
        assert {client.get("/health/ready").status_code for _ in range(100)} == {200}
    assert len(looks) < 10


def test_a_service_whose_database_was_emptied_is_not_ready(service: Service) -> None:
    with service.database.begin() as c:
        c.exec_driver_sql("DROP TABLE token")
    with pytest.raises(DatabaseFailed):
        asked(service)
