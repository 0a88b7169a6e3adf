"""What is damaged is never served, and nothing is left of what was not finished."""

import hashlib
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from obstore.exceptions import GenericError, PermissionDeniedError
from obstore.store import MemoryStore

from lipwright.errors import StorageFailed
from lipwright.store.assets import AssetStore
from support.storages import CONTENT, DIGEST, files


def damaged_memory(tmp_path: Path, content: bytes) -> AssetStore:
    memory = MemoryStore()
    memory.put(f"assets/{DIGEST[:2]}/{DIGEST[2:]}", content)
    return AssetStore("memory://", tmp_path / "cache", store=memory)


@pytest.mark.parametrize("content", [CONTENT[:-1] + b"?", CONTENT[:-1], CONTENT + b"?", b""])
def test_damaged_object_of_a_cloud_is_not_served(content: bytes, tmp_path: Path) -> None:
    assets = damaged_memory(tmp_path, content)
    with pytest.raises(StorageFailed, match="damaged"):
        assets.local(DIGEST)
    with pytest.raises(StorageFailed, match="damaged"):
        list(assets.open_range(DIGEST))
    assert files(tmp_path / "cache") in ([], [f"assets/turns/{DIGEST[:2]}"])


def test_damaged_object_is_broken_off_before_its_end(tmp_path: Path) -> None:
    size = 20 << 20
    memory = MemoryStore()
    memory.put(f"assets/{DIGEST[:2]}/{DIGEST[2:]}", bytes(size))
    assets = AssetStore("memory://", tmp_path / "cache", store=memory)
    pieces = assets.open_range(DIGEST)
    assert len(next(pieces)) + len(next(pieces)) < size
    with pytest.raises(StorageFailed, match="damaged"):
        next(pieces)


def test_damaged_copy_is_fetched_again(tmp_path: Path) -> None:
    assets = AssetStore("memory://", tmp_path / "cache")
    assets.put([CONTENT])
    copy = assets.local(DIGEST)
    copy.write_bytes(b"something else")
    assert assets.local(DIGEST).read_bytes() == CONTENT
    copy.unlink()
    assert assets.local(DIGEST).read_bytes() == CONTENT


def numbered(assets: AssetStore, count: int) -> list[str]:
    """Put assets of 1000 bytes."""
    return [assets.put([number.to_bytes(4, "big") * 250]).digest for number in range(count)]


def test_copies_take_no_more_room_than_they_may(tmp_path: Path) -> None:
    assets = AssetStore("memory://", tmp_path / "cache", cache_limit_bytes=5000)
    digests = numbered(assets, 12)
    assert len(files(tmp_path / "cache/assets/files")) <= 5
    for digest in digests:
        assert hashlib.sha256(assets.local(digest).read_bytes()).hexdigest() == digest
    assert len(files(tmp_path / "cache/assets/files")) <= 5


def test_copy_that_was_used_last_stays(tmp_path: Path) -> None:
    assets = AssetStore("memory://", tmp_path / "cache", cache_limit_bytes=3500)
    first, second, _ = numbered(assets, 3)
    assets.local(first)
    assets.put([CONTENT[:1000]])
    kept = files(tmp_path / "cache/assets/files")
    assert first in kept
    assert second not in kept


def test_copies_in_use_stay_above_the_limit(tmp_path: Path) -> None:
    memory = MemoryStore()
    assets = AssetStore("memory://", tmp_path / "cache", cache_limit_bytes=2500, store=memory)
    other = AssetStore("memory://", tmp_path / "cache", cache_limit_bytes=2500, store=memory)
    digests = numbered(assets, 4)
    with other.using(digests) as paths:
        more = [assets.put([bytes([number]) * 1000]).digest for number in range(4)]
        assert set(paths) == set(digests)
        assert all(path.is_file() for path in paths.values())
    for digest in more:
        assets.local(digest)
    assert not any(path.is_file() for path in paths.values())


def test_many_fetch_the_same_asset_once(tmp_path: Path) -> None:
    reads: list[str] = []

    class Counting(MemoryStore):
        def get_range(self, path: str, **options: Any) -> Any:
            reads.append(path)
            return super().get_range(path, **options)

    memory = Counting()
    AssetStore("memory://", tmp_path / "first", store=memory).put([CONTENT])
    assets = AssetStore("memory://", tmp_path / "cache", store=memory)
    together = threading.Barrier(6)
    found: list[bytes] = []

    def fetch() -> None:
        together.wait()
        found.append(assets.local(DIGEST).read_bytes())

    threads = [threading.Thread(target=fetch) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [CONTENT] * 6
    assert len(reads) == 1


def test_many_store_the_same_content(assets: AssetStore) -> None:
    together = threading.Barrier(4)
    failures: list[BaseException] = []

    def store() -> None:
        together.wait()
        try:
            assert assets.put([CONTENT]).digest == DIGEST
        except BaseException as exc:
            failures.append(exc)

    threads = [threading.Thread(target=store) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert b"".join(assets.open_range(DIGEST)) == CONTENT


def test_what_a_killed_process_left_is_swept(tmp_path: Path) -> None:
    root = (tmp_path / "root").as_uri()
    script = (
        "import sys, time; from pathlib import Path; from lipwright.store.assets import AssetStore\n"
        f"with AssetStore({root!r}, Path({str(tmp_path / 'cache')!r})).receiving() as upload:\n"
        "    upload.write(b'x' * 1_000_000); print('writing', flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"writing\n"
        AssetStore(root, tmp_path / "cache")
        assert len(files(tmp_path / "root/incoming")) == 1  # of a living process
        process.kill()
    AssetStore(root, tmp_path / "cache")
    assert files(tmp_path / "root") == []


class Broken(MemoryStore):
    """A storage that fails where it is told to."""

    failing = ""
    error: Exception

    def _fail(self, what: str) -> None:
        if what == self.failing:
            raise self.error

    def put(self, *arguments: Any, **options: Any) -> Any:
        self._fail("put")
        return super().put(*arguments, **options)

    def head(self, path: str) -> Any:
        self._fail("head")
        return super().head(path)

    def get_range(self, path: str, **options: Any) -> Any:
        self._fail("get_range")
        return super().get_range(path, **options)

    def delete(self, paths: Any) -> None:
        self._fail("delete")
        super().delete(paths)


@pytest.mark.parametrize("error", [GenericError("no room left: key=secret"), PermissionDeniedError("no"), OSError("x")])
@pytest.mark.parametrize("failing", ["put", "head", "get_range", "delete"])
def test_failing_storage_is_told_and_may_work_later(failing: str, error: Exception, tmp_path: Path) -> None:
    memory = Broken()
    memory.error = error
    assets = AssetStore("memory://", tmp_path / "cache", store=memory)
    other = AssetStore("memory://", tmp_path / "other", store=memory)
    assets.put([b"earlier"])
    earlier = hashlib.sha256(b"earlier").hexdigest()
    memory.failing = failing
    action = {
        "put": lambda: assets.put([CONTENT]),
        "head": lambda: assets.size(earlier),
        "get_range": lambda: other.local(earlier),
        "delete": lambda: assets.delete(earlier),
    }[failing]
    with pytest.raises(StorageFailed, match="memory://") as caught:
        action()
    assert caught.value.retryable
    assert "secret" not in str(caught.value)
    memory.failing = ""
    action()


def test_interrupted_fetch_leaves_no_copy(tmp_path: Path) -> None:
    memory = Broken()
    memory.error = GenericError("gone")
    AssetStore("memory://", tmp_path / "first", store=memory).put([bytes(20 << 20)])
    assets = AssetStore("memory://", tmp_path / "cache", store=memory)
    digest = hashlib.sha256(bytes(20 << 20)).hexdigest()
    pieces = assets.open_range(digest, 1)
    next(pieces)
    memory.failing = "get_range"
    with pytest.raises(StorageFailed):
        next(pieces)
    with pytest.raises(StorageFailed):
        assets.local(digest)
    assert files(tmp_path / "cache/assets/files") == []
    assert files(tmp_path / "cache/incoming") == []


def test_full_disk_keeps_what_is_stored(small_disk: Path, tmp_path: Path) -> None:
    assets = AssetStore((small_disk / "root").as_uri(), tmp_path / "cache")
    assets.put([CONTENT])
    with pytest.raises(StorageFailed, match="space") as caught:
        assets.put(bytes([number]) * 100_000 for number in range(100))
    assert caught.value.retryable
    assert files(small_disk / "root") == [f"assets/{DIGEST[:2]}/{DIGEST[2:]}"]
    assert assets.local(DIGEST).read_bytes() == CONTENT
    assert assets.put([bytes(1_000_000)]).size_bytes == 1_000_000


def test_folder_on_a_disk_that_is_full_or_read_only_is_told(small_disk: Path, tmp_path: Path) -> None:
    assets = AssetStore((small_disk / "root").as_uri(), tmp_path / "cache")
    assets.check()
    with pytest.raises(OSError, match="No space"):
        (small_disk / "filling").write_bytes(bytes(20_000_000))
    with pytest.raises(StorageFailed, match="No space"):
        assets.check()
    (small_disk / "filling").unlink()
    assets.check()
    subprocess.run([shutil.which("mount") or "mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(StorageFailed, match="written"):
        assets.check()


def test_bucket_is_looked_at_often_and_written_seldom(tmp_path: Path) -> None:
    puts = []

    class Counting(MemoryStore):
        def put(self, *arguments: Any, **options: Any) -> Any:
            puts.append(arguments)
            return super().put(*arguments, **options)

    assets = AssetStore("memory://", tmp_path / "cache", store=Counting())
    for _ in range(10):
        assets.check()
    assert len(puts) == 1
    assert not list(assets.listed())


def test_storage_that_nobody_serves_is_told(bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(StorageFailed, match="s3://bucket-"):
        AssetStore(bucket, tmp_path / "cache").check()


def test_folder_that_is_gone_is_told(folder: AssetStore, tmp_path: Path) -> None:
    folder.check()
    shutil.rmtree(tmp_path / "root")
    with pytest.raises(StorageFailed, match="gone"):
        folder.check()


@pytest.mark.parametrize("in_its_place", ["nothing", "a file"])
def test_drive_that_is_away_has_lost_no_file(folder: AssetStore, tmp_path: Path, in_its_place: str) -> None:
    folder.put([CONTENT])
    root, away = tmp_path / "root", tmp_path / "away"
    root.rename(away)
    if in_its_place == "a file":
        root.touch()
    for ask in (folder.exists, folder.size, folder.local, folder.open_range):
        with pytest.raises(StorageFailed, match="gone") as caught:
            ask(DIGEST)
        assert caught.value.retryable
    root.unlink(missing_ok=True)
    away.rename(root)
    assert folder.local(DIGEST).read_bytes() == CONTENT


def test_drive_that_goes_away_amid_an_upload_is_told(folder: AssetStore, tmp_path: Path) -> None:
    root, away = tmp_path / "root", tmp_path / "away"

    def pieces() -> Iterator[bytes]:
        yield CONTENT
        root.rename(away)
        root.touch()

    with pytest.raises(StorageFailed):
        folder.put(pieces())
    root.unlink()
    away.rename(root)
    AssetStore(root.as_uri(), tmp_path / "cache")
    assert files(root) == []


def test_drive_that_comes_back_amid_a_look_has_the_file(folder: AssetStore, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.put([CONTENT])
    looks: list[Path] = []
    real = Path.stat

    def stat(path: Path, **options: Any) -> os.stat_result:
        if path.name == DIGEST[2:]:
            looks.append(path)
            if len(looks) == 1:
                raise FileNotFoundError
        return real(path, **options)

    monkeypatch.setattr(Path, "stat", stat)
    assert folder.exists(DIGEST)
    assert len(looks) == 2
