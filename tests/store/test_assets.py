"""Assets are whole or absent, what is damaged is never served, and nothing is left of what was not finished."""

import base64
import email.utils
import hashlib
import hmac
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moto.server import ThreadedMotoServer
from obstore.exceptions import GenericError, PermissionDeniedError
from obstore.store import MemoryStore

from lipwright.errors import AssetNotFound, BodyTooLarge, MediaNotFound, StorageFailed, UsageError
from lipwright.store.assets import AssetStore

CONTENT = bytes(range(256)) * 100
DIGEST = hashlib.sha256(CONTENT).hexdigest()
ABSENT = "0" * 64
AZURITE_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""Every azurite has it. Source: its documentation."""
Open = Callable[..., AssetStore]


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """The address of an S3 server of this process."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a new bucket."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": s3,
        "AWS_ALLOW_HTTP": "true",
        "no_proxy": "127.0.0.1",
    }.items():
        monkeypatch.setenv(name, value)
    name = f"bucket-{hashlib.sha256(str(tmp_path).encode()).hexdigest()[:12]}"
    assert httpx.put(f"{s3}/{name}").status_code == 200
    return f"s3://{name}/some/folder"


@pytest.fixture(scope="module")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of an Azure Blob Storage server, a process of its own."""
    program = shutil.which("azurite-blob")
    if program is None:
        pytest.skip("needs the program azurite-blob: npm install --global azurite")
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = int(free.getsockname()[1])
    arguments = ["--blobHost", "127.0.0.1", "--blobPort", str(port), "--inMemoryPersistence", "--silent"]
    with subprocess.Popen(
        [program, *arguments, "--skipApiVersionCheck", "--disableTelemetry"],
        cwd=tmp_path_factory.mktemp("azurite"),
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        while b"listens" not in (line := process.stdout.readline()):
            assert line
        yield port
        process.terminate()


@pytest.fixture
def container(azure: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a new container."""
    account, key = "devstoreaccount1", AZURITE_KEY
    for name, value in {
        "AZURE_STORAGE_ACCOUNT_NAME": account,
        "AZURE_STORAGE_ACCOUNT_KEY": key,
        "AZURE_STORAGE_USE_EMULATOR": "true",
        "AZURITE_BLOB_STORAGE_URL": f"http://127.0.0.1:{azure}",
        "AZURE_ALLOW_HTTP": "true",
        "no_proxy": "127.0.0.1",
    }.items():
        monkeypatch.setenv(name, value)
    name = f"box-{hashlib.sha256(str(tmp_path).encode()).hexdigest()[:12]}"
    date = email.utils.formatdate(usegmt=True)
    signed = "\n".join(
        ["PUT", *[""] * 11, f"x-ms-date:{date}", "x-ms-version:2021-08-06", f"/{account}/{account}/{name}"]
    )
    signature = hmac.digest(base64.b64decode(key), f"{signed}\nrestype:container".encode(), "sha256")
    answer = httpx.put(
        f"http://127.0.0.1:{azure}/{account}/{name}?restype=container",
        headers={
            "x-ms-date": date,
            "x-ms-version": "2021-08-06",
            "Authorization": f"SharedKey {account}:{base64.b64encode(signature).decode()}",
        },
    )
    assert answer.status_code == 201
    return f"az://{name}/some/folder"


@pytest.fixture(params=["file", "memory", "s3", "azure"])
def assets(request: pytest.FixtureRequest, tmp_path: Path) -> AssetStore:
    if request.param in ("s3", "azure"):
        url = request.getfixturevalue("bucket" if request.param == "s3" else "container")
        return AssetStore(url, tmp_path / "cache")
    return AssetStore(
        (tmp_path / "root with space").as_uri() if request.param == "file" else "memory://", tmp_path / "cache"
    )


@pytest.fixture
def folder(tmp_path: Path) -> AssetStore:
    return AssetStore((tmp_path / "root").as_uri(), tmp_path / "cache")


def files(folder: Path) -> list[str]:
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file() and path.name != "lock"
    )


def test_stored_file_comes_back(assets: AssetStore, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(CONTENT)
    assert assets.put(source) == (DIGEST, len(CONTENT), "application/octet-stream")
    assert source.read_bytes() == CONTENT
    assert assets.exists(DIGEST)
    assert assets.size(DIGEST) == len(CONTENT)
    assert assets.local(DIGEST).read_bytes() == CONTENT
    assert b"".join(assets.open_range(DIGEST)) == CONTENT
    assert [digest for digest, _ in assets.listed()] == [DIGEST]
    assets.check()


def test_pieces_are_stored_as_one(assets: AssetStore) -> None:
    stored = assets.put(iter([b"WEBVTT\n", b"", b"\n", CONTENT]))
    whole = b"WEBVTT\n\n" + CONTENT
    assert stored.digest == hashlib.sha256(whole).hexdigest()
    assert stored.size_bytes == len(whole)
    assert assets.local(stored.digest).read_bytes() == whole


def test_empty_file_is_an_asset_too(assets: AssetStore) -> None:
    stored = assets.put([])
    assert assets.size(stored.digest) == 0
    assert list(assets.open_range(stored.digest)) == []
    assert assets.local(stored.digest).read_bytes() == b""


def test_same_content_is_stored_once(assets: AssetStore) -> None:
    assert assets.put([CONTENT]) == assets.put([CONTENT[:100], CONTENT[100:]])
    assert len(list(assets.listed())) == 1


def test_ranges_are_cut_as_asked(assets: AssetStore) -> None:
    assets.put([CONTENT])
    assert b"".join(assets.open_range(DIGEST, 5, 300)) == CONTENT[5:300]
    assert b"".join(assets.open_range(DIGEST, 25_000)) == CONTENT[25_000:]
    assert b"".join(assets.open_range(DIGEST, 25_000, 10**12)) == CONTENT[25_000:]
    assert b"".join(assets.open_range(DIGEST, 10**9)) == b""
    assert b"".join(assets.open_range(DIGEST, 300, 5)) == b""


@given(start=st.integers(-10, 30_000), end=st.integers(-10, 30_000) | st.none())
@settings(max_examples=60, deadline=None)
def test_any_range_is_a_slice_of_the_content(
    start: int, end: int | None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assets = AssetStore("memory://", tmp_path_factory.mktemp("cache"))
    assets.put([CONTENT])
    wanted = CONTENT[max(start, 0) : len(CONTENT) if end is None else max(end, 0)]
    assert b"".join(assets.open_range(DIGEST, start, end)) == wanted


@pytest.mark.parametrize("digest", [ABSENT, "", "../../etc/passwd", DIGEST.upper(), f"{DIGEST}\n", "0" * 63])
def test_what_is_not_stored_is_not_found(assets: AssetStore, digest: str) -> None:
    assert not assets.exists(digest)
    for ask in (assets.size, assets.local, assets.open_range):
        with pytest.raises(AssetNotFound, match="not stored"):
            ask(digest)
    with pytest.raises(AssetNotFound), assets.using([digest]):
        pass
    assets.delete(digest)


def test_deleted_asset_is_gone(assets: AssetStore) -> None:
    assets.put([CONTENT])
    assets.local(DIGEST)
    assets.delete(DIGEST)
    assert not assets.exists(DIGEST)
    with pytest.raises(AssetNotFound):
        assets.local(DIGEST)


def test_file_that_is_too_large_is_not_stored(assets: AssetStore, tmp_path: Path) -> None:
    with pytest.raises(BodyTooLarge, match="LIPWRIGHT_MAX_UPLOAD_GB"):
        assets.put([CONTENT, b"x"], limit_bytes=len(CONTENT))
    assert list(assets.listed()) == []
    assert files(tmp_path) == []
    assert assets.put([CONTENT], limit_bytes=len(CONTENT)).digest == DIGEST


def test_broken_upload_leaves_nothing(assets: AssetStore, tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield CONTENT
        raise ConnectionResetError("the caller hung up")

    with pytest.raises(ConnectionResetError):
        assets.put(broken())
    with assets.receiving() as upload:
        upload.write(CONTENT)
    assert list(assets.listed()) == []
    assert files(tmp_path) == []


def test_missing_source_is_named(assets: AssetStore, tmp_path: Path) -> None:
    with pytest.raises(MediaNotFound, match="nothing-here"):
        assets.put(tmp_path / "nothing-here")


def test_asset_is_stored_under_its_digest(folder: AssetStore, tmp_path: Path) -> None:
    folder.put([CONTENT])
    assert files(tmp_path / "root") == [f"assets/{DIGEST[:2]}/{DIGEST[2:]}"]


def test_damaged_file_in_a_folder_is_not_served_and_heals(folder: AssetStore, tmp_path: Path) -> None:
    folder.put([CONTENT])
    path = tmp_path / "root" / "assets" / DIGEST[:2] / DIGEST[2:]
    path.write_bytes(CONTENT[:-1] + b"?")
    for ask in (folder.local, folder.open_range):
        with pytest.raises(StorageFailed, match="damaged") as caught:
            ask(DIGEST)
        assert not caught.value.retryable
    folder.put([CONTENT])
    assert folder.local(DIGEST).read_bytes() == CONTENT


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


def test_storage_that_nobody_serves_is_told(bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(StorageFailed, match="s3://bucket-"):
        AssetStore(bucket, tmp_path / "cache").check()


def test_folder_that_is_gone_is_told(folder: AssetStore, tmp_path: Path) -> None:
    folder.check()
    shutil.rmtree(tmp_path / "root")
    with pytest.raises(StorageFailed, match="gone"):
        folder.check()


def test_large_file_goes_to_s3_in_parts(bucket: str, tmp_path: Path) -> None:
    content = os.urandom(1 << 20) * 20
    stored = AssetStore(bucket, tmp_path / "first").put([content])
    assets = AssetStore(bucket, tmp_path / "cache")
    assert assets.local(stored.digest).read_bytes() == content
    assert (
        b"".join(assets.open_range(stored.digest, (8 << 20) - 5, (8 << 20) + 5))
        == (content[(8 << 20) - 5 : (8 << 20) + 5])
    )


def test_s3_signs_a_link_of_its_own(bucket: str, tmp_path: Path) -> None:
    assets = AssetStore(bucket, tmp_path / "cache")
    stored = assets.put([b"\x89PNG\r\n\x1a\n", CONTENT])
    link = assets.sign(stored.digest, 60)
    assert link is not None
    assert "X-Amz-Expires=60" in link
    answer = httpx.get(link, headers={"Range": "bytes=0-3"})
    assert answer.content == b"\x89PNG"
    assert answer.headers["content-type"] == "image/png"


def test_folder_leaves_links_to_the_service(folder: AssetStore) -> None:
    stored = folder.put([CONTENT])
    assert folder.sign(stored.digest, 60) is None


@pytest.mark.parametrize("expires_s", [0, -1, 604_801])
def test_link_lasts_a_week_at_most(folder: AssetStore, expires_s: int) -> None:
    with pytest.raises(UsageError, match="604800"):
        folder.sign(DIGEST, expires_s)


@pytest.mark.parametrize("url", ["ftp://host/x", "/some/folder", "", "http://host/x"])
def test_address_that_is_no_storage_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="LIPWRIGHT_STORAGE"):
        AssetStore(url, tmp_path)


def test_azure_without_an_account_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AZURE_STORAGE_ACCOUNT_NAME", raising=False)
    with pytest.raises(StorageFailed, match="az://container"):
        AssetStore("az://container/folder", tmp_path)


@pytest.mark.parametrize("url", ["az://container/folder", "gs://bucket/folder"])
def test_other_clouds_open(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "account")
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", "a2V5")
    assets = AssetStore(url, tmp_path)
    if url.startswith("az"):
        link = assets.sign(DIGEST, 60)
        assert link is not None
        assert link.startswith(
            f"https://account.blob.core.windows.net/container/folder/assets/{DIGEST[:2]}/{DIGEST[2:]}?"
        )


def test_file_stored_again_is_not_removed_as_old(assets: AssetStore, tmp_path: Path) -> None:
    assets.put([CONTENT])
    ((_, known),) = assets.listed()
    older = type(known)(known.key, known.size_bytes, known.modified_ms - 5000)
    assert not assets.delete_unchanged(older)
    assert assets.exists(DIGEST)
    assert assets.delete_unchanged(known)
    assert not assets.exists(DIGEST)
    assert list(assets.listed()) == []
    assert not assets.delete_unchanged(known)


@pytest.mark.parametrize("moment", ["mark", "look", "delete"])
def test_file_published_while_it_is_removed_is_not_lost(moment: str, tmp_path: Path) -> None:
    """The publisher begins at each step of the removal, in a thread of its own."""

    class Interleaved(MemoryStore):
        def step(self, now: str) -> None:
            if now == moment and threading.current_thread() is not publisher and not publisher.ident:
                publisher.start()
                published.wait(10)

        def put(self, path: str, *arguments: Any, **options: Any) -> Any:
            done = super().put(path, *arguments, **options)
            if path.startswith("condemned/"):
                self.step("mark")
            elif threading.current_thread() is publisher:
                published.set()
            return done

        def head(self, path: str) -> Any:
            found = super().head(path)
            self.step("look")
            return found

        def delete(self, paths: Any) -> None:
            super().delete(paths)
            if not paths.startswith("condemned/"):
                self.step("delete")

    published = threading.Event()
    publisher = threading.Thread(target=lambda: other.put([CONTENT]))
    memory = Interleaved()
    assets = AssetStore("memory://", tmp_path / "one", store=memory)
    other = AssetStore("memory://", tmp_path / "two", store=memory)
    MemoryStore.put(memory, f"assets/{DIGEST[:2]}/{DIGEST[2:]}", CONTENT)
    info = next(entry for chunk in memory.list("assets/") for entry in chunk)
    ((_, known),) = assets.listed()
    assert known.size_bytes == info["size"]
    assets.delete_unchanged(known)
    publisher.join()
    assert other.exists(DIGEST)
    assert b"".join(other.open_range(DIGEST)) == CONTENT
    assert [entry for chunk in memory.list("condemned/") for entry in chunk] == []
