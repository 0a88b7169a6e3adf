"""What is needed is never removed, however uploads and the collector meet; what is not needed goes."""

import hashlib
import threading
import time
from pathlib import Path

import pytest

from lipwright.contracts.job import JobRequest, SpeakSpec
from lipwright.contracts.route import StagePlan
from lipwright.errors import JobNotFound, StorageFailed
from lipwright.store.asset_folder import Folder
from lipwright.store.asset_objects import ObjectInfo
from lipwright.store.asset_rows import add_asset, drop_asset, is_known
from lipwright.store.assets import AssetStore
from lipwright.store.database import Database
from lipwright.store.garbage import DAY_MS, Collected, Retired, collect, retire
from lipwright.store.jobs.ask import cancel_job
from lipwright.store.jobs.create import create_job
from lipwright.store.jobs.runs import begin_run
from lipwright.store.jobs.views import get_job
from lipwright.store.workspaces import ensure_workspace

NOW_MS = time.time_ns() // 1_000_000


@pytest.fixture(params=["file", "memory"])
def assets(request: pytest.FixtureRequest, tmp_path: Path) -> AssetStore:
    return AssetStore((tmp_path / "root").as_uri() if request.param == "file" else "memory://", tmp_path / "cache")


def stored(database: Database, assets: AssetStore, content: bytes, *workspaces: str, used_ms: int = NOW_MS) -> str:
    """A file of some workspaces; of none: only its bytes."""
    digest, size_bytes, media_type = assets.put([content])
    with database.begin() as c:
        for workspace in workspaces:
            ensure_workspace(c, workspace, NOW_MS)
            add_asset(
                c,
                workspace,
                digest,
                name="face.png",
                media_type=media_type,
                size_bytes=size_bytes,
                now_ms=used_ms,
            )
    return digest


def job_of(database: Database, face: str, now_ms: int) -> str:
    with database.begin() as c:
        ensure_workspace(c, "acme", now_ms)
        request = JobRequest(spec=SpeakSpec(face=face, text="Hallo"))
        return create_job(
            c, "acme", request, [StagePlan("voice", "cpu")], key=None, body_digest="0", now_ms=now_ms
        ).job_id


def test_only_old_files_that_nobody_has_are_removed(database: Database, assets: AssetStore) -> None:
    kept = stored(database, assets, b"of a workspace", "acme")
    orphan = stored(database, assets, b"of nobody")
    assert collect(database, assets, NOW_MS) == Collected(0, 0)
    assert collect(database, assets, NOW_MS + 2 * DAY_MS) == Collected(1, len(b"of nobody"))
    assert assets.exists(kept)
    assert not assets.exists(orphan)


def test_file_of_two_workspaces_stays_for_the_second(database: Database, assets: AssetStore) -> None:
    digest = stored(database, assets, b"shared", "acme", "other")
    with database.begin() as c:
        drop_asset(c, "acme", digest)
    collect(database, assets, NOW_MS + 2 * DAY_MS)
    assert assets.exists(digest)


def test_what_is_being_uploaded_stays(database: Database, assets: AssetStore) -> None:
    with assets.receiving() as upload:
        upload.write(b"half")
        collect(database, assets, NOW_MS + 2 * DAY_MS)
        upload.write(b" and half")
        digest = upload.finish().digest
    assert b"".join(assets.open_range(digest)) == b"half and half"


def test_jobs_and_files_retire_by_age(database: Database, assets: AssetStore) -> None:
    old_ms = NOW_MS - 40 * DAY_MS
    unused = stored(database, assets, b"unused", "acme", used_ms=old_ms)
    of_old_job = stored(database, assets, b"of an old job", "acme", used_ms=old_ms)
    of_running_job = stored(database, assets, b"of a running job", "acme", used_ms=old_ms)
    recent = stored(database, assets, b"recent", "acme")
    old_job = job_of(database, of_old_job, old_ms)
    running_job = job_of(database, of_running_job, old_ms)
    with database.begin() as c:
        cancel_job(c, "acme", old_job, old_ms)
        begin_run(c, running_job, 1, old_ms)
    assert retire(database, NOW_MS, 30 * DAY_MS) == Retired(jobs=1, assets=2)
    assert retire(database, NOW_MS, 30 * DAY_MS) == Retired(jobs=0, assets=0)
    with database.read() as c:
        assert not is_known(c, unused)
        assert not is_known(c, of_old_job)
        assert is_known(c, of_running_job)
        assert is_known(c, recent)
        assert get_job(c, "acme", running_job)
        with pytest.raises(JobNotFound):
            get_job(c, "acme", old_job)
    assert collect(database, assets, NOW_MS + 2 * DAY_MS).files == 2
    assert assets.exists(of_running_job)


def test_many_old_rows_retire_in_steps(database: Database, assets: AssetStore) -> None:
    old_ms = NOW_MS - 40 * DAY_MS
    with database.begin() as c:
        ensure_workspace(c, "acme", NOW_MS)
        for number in range(250):
            digest = hashlib.sha256(str(number).encode()).hexdigest()
            add_asset(c, "acme", digest, name="x", media_type="text/plain", size_bytes=1, now_ms=old_ms)
    assert retire(database, NOW_MS, 30 * DAY_MS).assets == 250


def test_failing_storage_is_told(database: Database, assets: AssetStore, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = stored(database, assets, b"of nobody")

    def failing(known: object) -> bool:
        raise StorageFailed("away")

    monkeypatch.setattr(assets, "delete_unchanged", failing)
    with pytest.raises(StorageFailed):
        collect(database, assets, NOW_MS + 2 * DAY_MS)
    monkeypatch.undo()
    assert assets.exists(digest)


def test_file_that_is_stored_again_while_it_is_collected_stays(
    database: Database, assets: AssetStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = stored(database, assets, b"of nobody")
    ((_, info),) = assets.listed()
    long_ago = ObjectInfo(info.key, info.size_bytes, info.modified_ms - 2 * DAY_MS)
    monkeypatch.setattr(assets, "listed", lambda: iter([(digest, long_ago)]))
    delete = assets.delete_unchanged

    def stored_meanwhile(known: ObjectInfo) -> bool:
        stored(database, assets, b"of nobody", "acme")
        return delete(known)

    monkeypatch.setattr(assets, "delete_unchanged", stored_meanwhile)
    assert collect(database, assets, NOW_MS) == Collected(0, 0)
    assert b"".join(assets.open_range(digest)) == b"of nobody"


def test_file_in_a_folder_that_is_stored_again_at_the_moment_of_its_removal_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assets = AssetStore((tmp_path / "root").as_uri(), tmp_path / "cache")
    digest = assets.put([b"of nobody"]).digest
    ((_, known),) = assets.listed()
    uploader = threading.Thread(target=lambda: assets.put([b"of nobody"]))
    look = Folder.info

    def looked(folder: Folder, key: str) -> ObjectInfo | None:
        found = look(folder, key)
        if not uploader.ident:
            uploader.start()
            uploader.join(0.3)  # it waits for the removal, which has found nothing changed
        return found

    monkeypatch.setattr(Folder, "info", looked)
    assert assets.delete_unchanged(known)
    uploader.join()
    assert b"".join(assets.open_range(digest)) == b"of nobody"
