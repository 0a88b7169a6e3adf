"""Files over HTTP: uploaded in a stream, downloaded in ranges, linked to for a while."""

import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lipwright.api.downloads import disposition
from lipwright.store.asset_links import sign_token
from support.serving import KEY, VIDEO, Api

MEBIBYTE = 1 << 20
HEAD = (
    b'--edge\r\nContent-Disposition: form-data; name="file"; filename="big.bin"\r\n'
    b"Content-Type: application/octet-stream\r\n\r\n"
)
FORM = {"content-type": "multipart/form-data; boundary=edge"}


def test_a_file_is_stored_under_its_digest_and_its_name_is_no_path(api: Api) -> None:
    with api.client() as client:
        made = client.post("/v1/assets", files={"file": ("../../etc/pass\\wd.mp4", b"hello")})
        asset = made.json()
        assert (made.status_code, made.headers["location"]) == (201, f"/v1/assets/{asset['digest']}")
        again = client.post("/v1/assets", files={"file": ("other.mp4", b"hello")})
        assert (again.status_code, again.json()) == (200, asset)
        assert client.get("/v1/assets").json()["items"][0] == asset
        assert client.get(f"/v1/assets/{asset['digest']}").content == b"hello"
    assert asset["digest"] == hashlib.sha256(b"hello").hexdigest()
    assert asset["size_bytes"] == 5
    assert not set("/\\") & set(asset["name"])


def test_a_large_file_streams_through_without_growing_memory(api: Api) -> None:
    if not Path("/proc/self/statm").exists():
        pytest.skip("memory is read from /proc")

    def resident_mb() -> float:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6

    piece, count, peak_mb = os.urandom(MEBIBYTE), 286, 0.0
    digest = hashlib.sha256()

    def body() -> Iterator[bytes]:
        nonlocal peak_mb
        yield HEAD
        for _ in range(count):
            digest.update(piece)
            peak_mb = max(peak_mb, resident_mb())
            yield piece
        yield b"\r\n--edge--\r\n"

    with api.client() as client:
        client.post("/v1/assets", files={"file": ("warm.bin", piece)})
        before_mb, begun = resident_mb(), time.perf_counter()
        made = client.post("/v1/assets", content=body(), headers=FORM)
        took_s = time.perf_counter() - begun
        assert made.status_code == 201, made.text
        assert made.json()["digest"] == digest.hexdigest()
        received = hashlib.sha256()
        with client.stream("GET", f"/v1/assets/{made.json()['digest']}") as answer:
            for chunk in answer.iter_bytes():
                received.update(chunk)
                peak_mb = max(peak_mb, resident_mb())
    print(f"300 MB: {took_s:.1f} s up, memory grew by {peak_mb - before_mb:.0f} MB")  # noqa: T201 a figure for the reader
    assert received.digest() == digest.digest()
    assert peak_mb - before_mb < 60


@pytest.mark.parametrize(
    ("asked", "status", "start", "end"),
    [
        ("bytes=0-99", 206, 0, 100),
        ("bytes=100-", 206, 100, len(VIDEO)),
        ("bytes=-10", 206, len(VIDEO) - 10, len(VIDEO)),
        ("bytes=-99999999", 206, 0, len(VIDEO)),
        ("bytes=10-99999999", 206, 10, len(VIDEO)),
        ("bytes=0-1,5-6", 200, 0, len(VIDEO)),
        ("bytes=9-2", 200, 0, len(VIDEO)),
        ("bytes=-", 200, 0, len(VIDEO)),
        ("lines=0-1", 200, 0, len(VIDEO)),
        (f"bytes={len(VIDEO)}-", 416, 0, 0),
        ("bytes=-0", 416, 0, 0),
    ],
)
def test_a_range_of_a_file_is_sent(api: Api, asked: str, status: int, start: int, end: int) -> None:
    with api.client() as client:
        answer = client.get(f"/v1/assets/{api.video}", headers={"range": asked})
    assert answer.status_code == status
    if status == 416:
        assert answer.headers["content-range"] == f"bytes */{len(VIDEO)}"
        assert answer.json()["code"] == "range_not_satisfiable"
        return
    assert answer.content == VIDEO[start:end]
    assert answer.headers["content-length"] == str(end - start)
    if status == 206:
        assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{len(VIDEO)}"


def test_what_the_caller_has_already_is_not_sent_again(api: Api) -> None:
    path, etag = f"/v1/assets/{api.video}", f'"{api.video}"'
    with api.client() as client:
        assert client.get(path).headers["etag"] == etag
        assert client.get(path, headers={"if-none-match": f'"other", W/{etag}'}).status_code == 304
        assert client.get(path, headers={"range": "bytes=0-1", "if-range": etag}).status_code == 206
        assert client.get(path, headers={"range": "bytes=0-1", "if-range": '"other"'}).status_code == 200
        head = client.head(path)
    assert (head.status_code, head.headers["content-length"], head.content) == (200, str(len(VIDEO)), b"")


def test_a_file_is_saved_and_never_run_in_a_browser(api: Api) -> None:
    page = b"<script>alert(1)</script>"
    with api.client() as client:
        digest = client.post("/v1/assets", files={"file": ('a"b;\u00e9.html', page)}).json()["digest"]
        answer = client.get(f"/v1/assets/{digest}")
    assert answer.headers["content-disposition"].startswith("attachment; ")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("name", "plain", "full"),
    [
        ("talk.mp4", "talk.mp4", "talk.mp4"),
        ('a"b\r\nSet-Cookie: x.mp4', "a_b__Set-Cookie_ x.mp4", "a%22b%0D%0ASet-Cookie%3A%20x.mp4"),
        ("Größe.srt", "Groe.srt", "Gr%C3%B6%C3%9Fe.srt"),
        ("字幕", "file", "%E5%AD%97%E5%B9%95"),
        ("\ud800", "file", "%3F"),
    ],
)
def test_a_name_in_a_header_is_quoted(name: str, plain: str, full: str) -> None:
    assert disposition(name) == f"attachment; filename=\"{plain}\"; filename*=UTF-8''{full}"


def test_a_link_works_without_a_token_until_it_ends(api: Api) -> None:
    with api.client() as client, api.client("") as stranger:
        link = client.post(f"/v1/assets/{api.video}/links", json={"expires_s": 60})
        assert link.status_code == 201
        url = link.json()["url"]
        assert url.startswith(f"{api.url}/v1/files/")
        part = stranger.get(url, headers={"range": "bytes=1-2"})
        assert (part.status_code, part.content) == (206, VIDEO[1:3])
        ended = sign_token(KEY, api.video, api.acme, int(time.time()) - 1)
        for token in (ended, url.rpartition("/")[2][:-2], "x", "%00", "a.b"):
            assert stranger.get(f"/v1/files/{token}").status_code == 401
        assert client.post(f"/v1/assets/{api.video}/links", json={"expires_s": 10**9}).status_code == 422


def test_a_link_to_what_the_workspace_has_no_more_is_none(api: Api) -> None:
    other = hashlib.sha256(b"never stored").hexdigest()
    token = sign_token(KEY, other, api.acme, int(time.time()) + 60)
    with api.client("") as stranger:
        assert stranger.get(f"/v1/files/{token}").json()["code"] == "asset_not_found"


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [
        (b"{}", "application/json", 415),
        (b"", "multipart/form-data", 415),
        (b"nonsense", FORM["content-type"], 400),
        (HEAD + b"cut off", FORM["content-type"], 400),
        (b"--edge--\r\n", FORM["content-type"], 400),
        (HEAD + b"x\r\n" + HEAD + b"y\r\n--edge--\r\n", FORM["content-type"], 400),
        (HEAD.replace(b"file", b"other", 1) + b"x\r\n--edge--\r\n", FORM["content-type"], 400),
        (b"--edge\r\n" + b"X: " + b"y" * 100_000 + b"\r\n\r\n", FORM["content-type"], 400),
        (b"--edge\r\n\r\nx\r\n--edge--\r\n", FORM["content-type"], 400),
    ],
)
def test_a_body_that_is_no_upload_is_refused_and_leaves_nothing(
    api: Api, content: bytes, content_type: str, status: int
) -> None:
    with api.client() as client:
        refused = client.post("/v1/assets", content=content, headers={"content-type": content_type})
        assert refused.status_code == status, refused.text
        assert refused.headers["content-type"] == "application/problem+json"
        assert len(client.get("/v1/assets").json()["items"]) == 1


def test_assets_are_listed_in_pages(api: Api) -> None:
    with api.client() as client:
        for number in range(3):
            client.post("/v1/assets", files={"file": (f"{number}.bin", f"page {api.acme} {number}".encode())})
        first = client.get("/v1/assets", params={"limit": 3}).json()
        second = client.get("/v1/assets", params={"limit": 3, "cursor": first["next_cursor"]}).json()
    assert len({one["digest"] for one in first["items"] + second["items"]}) == 4
    assert second["next_cursor"] is None
