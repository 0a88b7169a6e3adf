"""Assets are whole or absent, and come back as they were."""

import hashlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from obstore.store import MemoryStore

from lipwright.errors import AssetNotFound, BodyTooLarge, MediaNotFound, StorageFailed, UsageError
from lipwright.store.assets import AssetStore
from support.google_storage import PAGE, GoogleStorage
from support.storages import ABSENT, CONTENT, DIGEST, files


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


@pytest.mark.parametrize("cloud", ["bucket", "google_bucket"])
def test_large_file_goes_to_a_cloud_in_parts(cloud: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    bucket = request.getfixturevalue(cloud)
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


def test_google_signs_a_link_of_its_own(google_bucket: str, tmp_path: Path) -> None:
    assets = AssetStore(google_bucket, tmp_path / "cache")
    stored = assets.put([b"\x89PNG\r\n\x1a\n", CONTENT])
    link = assets.sign(stored.digest, 60)
    assert link is not None
    assert "X-Goog-Expires=60" in link
    answer = httpx.get(link, headers={"Range": "bytes=0-3"})
    assert answer.content == b"\x89PNG"
    assert answer.headers["content-type"] == "image/png"
    assert httpx.get(link.replace("X-Goog-Expires=60", "X-Goog-Expires=600")).status_code == 403
    assert httpx.get(link.partition("?")[0]).status_code == 401


def test_bucket_at_google_that_is_gone_is_told(google_bucket: str, google: GoogleStorage, tmp_path: Path) -> None:
    assets = AssetStore(google_bucket, tmp_path / "cache")
    assets.check()
    google.buckets.clear()
    with pytest.raises(StorageFailed, match="gs://bucket-"):
        assets.check()


def test_all_pages_of_a_list_are_read(google_bucket: str, google: GoogleStorage, tmp_path: Path) -> None:
    assets = AssetStore(google_bucket, tmp_path / "cache")
    digests = {assets.put([bytes([number])]).digest for number in range(PAGE * 2 + 1)}
    assert {digest for digest, _ in assets.listed()} == digests
    assert google.asked.count(("GET", "")) >= 3


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
