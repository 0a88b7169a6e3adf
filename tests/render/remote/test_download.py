"""Finished videos on their way here, from servers that break off, lie and lead elsewhere."""

import base64
import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from lipwright.errors import AddressForbidden, Cancelled, OutputNotWritable, ProviderAnswerInvalid, ProviderError
from lipwright.remote.addresses import Guard
from lipwright.remote.waiting import cancellable
from lipwright.render.remote.check import check_video
from lipwright.render.remote.download import download
from support.clips import tone, write_clip
from support.vendor import Behaviour, Received, Reply, Vendor, dropped, never, page, redirect, said

VIDEO = {"content-type": "video/mp4", "etag": '"one"'}
CONTENT = bytes(range(256)) * 1000


def fetch(vendor: Vendor, target: Path, timeout_s: float = 5.0) -> str:
    return download(f"{vendor.url}/v.mp4?signature=a%2Fb", target, Guard(allow_private=True), "heygen", timeout_s)


def whole(request: Received) -> Reply:
    start = request.headers.get("range", "").removeprefix("bytes=").removesuffix("-")
    if start:
        rest = CONTENT[int(start) :]
        return Reply(206, {**VIDEO, "content-range": f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}"}, rest)
    return Reply(200, VIDEO, CONTENT)


def test_a_file_that_breaks_off_goes_on_where_it_broke_off(tmp_path: Path) -> None:
    with Vendor(whole).running() as vendor:
        vendor.script = [Reply(200, VIDEO, CONTENT[:70_000], announced=len(CONTENT)), dropped]
        assert fetch(vendor, tmp_path / "v.mp4") == hashlib.sha256(CONTENT).hexdigest()
    assert (tmp_path / "v.mp4").read_bytes() == CONTENT
    assert [request.headers.get("range") for request in vendor.received] == [None, "bytes=70000-", "bytes=70000-"]
    assert vendor.received[1].headers["if-range"] == '"one"'
    assert vendor.received[0].query == {"signature": "a/b"}


def test_a_file_that_changed_meanwhile_comes_from_its_start(tmp_path: Path) -> None:
    with Vendor(lambda _: Reply(200, {**VIDEO, "etag": '"two"'}, CONTENT)).running() as vendor:
        vendor.script = [Reply(200, VIDEO, b"old" * 1000, announced=len(CONTENT))]
        fetch(vendor, tmp_path / "v.mp4")
    assert (tmp_path / "v.mp4").read_bytes() == CONTENT


def test_a_server_that_fails_or_wants_fewer_requests_is_asked_again(tmp_path: Path) -> None:
    with Vendor(whole).running() as vendor:
        vendor.script = [said({}, 500), said({}, 429), dropped]
        fetch(vendor, tmp_path / "v.mp4")
    assert (tmp_path / "v.mp4").read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (page(404), "is not there"),
        (page(), "is text/html"),
        (said({"video": "no"}), "is application/json"),
        (Reply(200, VIDEO, b""), "is empty"),
        (Reply(206, {**VIDEO, "content-range": "bytes 5-9/10"}, b"12345"), "nobody asked for"),
        (Reply(200, {**VIDEO, "content-md5": base64.b64encode(bytes(16)).decode()}, CONTENT), "damaged"),
        (Reply(200, {**VIDEO, "repr-digest": f"sha-256=:{base64.b64encode(bytes(32)).decode()}:"}, CONTENT), "damaged"),
        (Reply(200, VIDEO, CONTENT[:10], announced=len(CONTENT)), "breaks off"),
        (redirect("/v.mp4"), "leads nowhere"),
    ],
)
def test_what_is_not_the_file_leaves_nothing_behind(answer: Reply, words: str, tmp_path: Path) -> None:
    with Vendor(lambda _: answer).running() as vendor, pytest.raises(ProviderAnswerInvalid, match=words):
        fetch(vendor, tmp_path / "v.mp4")
    assert list(tmp_path.iterdir()) == []


def test_right_digests_are_accepted(tmp_path: Path) -> None:
    digest = base64.b64encode(hashlib.sha256(CONTENT).digest()).decode()
    headers = {**VIDEO, "repr-digest": f"sha-512=:AA==:, sha-256=:{digest}:"}
    headers["content-md5"] = base64.b64encode(hashlib.md5(CONTENT, usedforsecurity=False).digest()).decode()
    with Vendor(lambda _: Reply(200, headers, CONTENT)).running() as vendor:
        fetch(vendor, tmp_path / "v.mp4")
    assert (tmp_path / "v.mp4").read_bytes() == CONTENT


@pytest.mark.parametrize("to", ["http://169.254.169.254/latest", "https://user:word@a.example/", "ftp://a.example/"])
def test_no_address_leads_inward_or_elsewhere(to: str, tmp_path: Path) -> None:
    with Vendor(lambda _: redirect(to, 302)).running() as vendor, pytest.raises((AddressForbidden, ProviderError)):
        fetch(vendor, tmp_path / "v.mp4")
    assert list(tmp_path.iterdir()) == []


def test_a_private_address_is_not_asked_unless_private_ones_are_allowed(tmp_path: Path) -> None:
    with Vendor(whole).running() as vendor, pytest.raises(AddressForbidden):
        download(vendor.url, tmp_path / "v.mp4", Guard(), "heygen", 5.0)
    assert vendor.received == []


@pytest.mark.parametrize("behaviour", [never, dropped])
def test_a_server_that_says_nothing_is_given_up(behaviour: Behaviour, tmp_path: Path) -> None:
    with Vendor(whole).running() as vendor:
        vendor.script = [behaviour] * 4
        with pytest.raises(ProviderError, match=r"does not come|breaks off"):
            fetch(vendor, tmp_path / "v.mp4", timeout_s=0.2)


def test_a_cancelled_download_ends_at_once_and_leaves_nothing(tmp_path: Path) -> None:
    asked = []

    def stop() -> None:
        asked.append(1)
        if len(asked) > 2:
            raise Cancelled("stopped")

    with Vendor(whole).running() as vendor, cancellable(stop):
        vendor.script = [never]
        with pytest.raises(Cancelled):
            fetch(vendor, tmp_path / "v.mp4", timeout_s=60.0)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with Vendor(whole).running() as vendor, pytest.raises(OutputNotWritable):
        fetch(vendor, tmp_path / "none" / "v.mp4")


def _silent(path: Path) -> None:
    write_clip(path, frames=50)


def _short(path: Path) -> None:
    write_clip(path, frames=50, sound=[tone(440, 2.0)])


def _cut(path: Path) -> None:
    write_clip(path, frames=50, sound=[tone(440, 2.0)])
    path.write_bytes(path.read_bytes()[:-2000])


def _page(path: Path) -> None:
    path.write_bytes(page().body)


@pytest.mark.parametrize(
    ("write", "words"),
    [(_silent, "has no sound"), (_short, "is 2.0 s long, not about 10.0 s"), (_cut, "no whole"), (_page, "no whole")],
)
def test_a_file_that_is_not_what_was_ordered_is_refused(
    write: Callable[[Path], None], words: str, tmp_path: Path
) -> None:
    path = tmp_path / "v.mp4"
    write(path)
    with pytest.raises(ProviderAnswerInvalid, match=words):
        check_video(path, "heygen", 10.0)


def test_a_video_may_be_a_breath_longer_than_its_speech(tmp_path: Path) -> None:
    path = tmp_path / "v.mp4"
    _short(path)
    assert check_video(path, "heygen", 0.5).audio
    assert check_video(path, "heygen", None).audio
