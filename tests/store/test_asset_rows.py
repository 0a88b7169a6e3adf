"""Which files a workspace has, and which nobody needs any more."""

import pytest

from lipwright.errors import AssetNotFound
from lipwright.store.asset_rows import (
    add_asset,
    drop_asset,
    get_asset,
    is_known,
    list_assets,
    missing_assets,
    touch_assets,
    unreferenced,
)
from lipwright.store.jobs.forget import forget_jobs
from support.job_rows import ACME, OTHER, VIDEO, Workshop, digest

NEW = "f" * 64


def test_file_is_known_by_its_digest_and_only_in_its_workspace(shop: Workshop) -> None:
    with shop.database.begin() as c:
        assert add_asset(c, ACME, NEW, name="a.mp4", media_type="video/mp4", size_bytes=2**40, now_ms=shop.now_ms)
        row = get_asset(c, ACME, NEW)
        with pytest.raises(AssetNotFound, match="Upload it"):
            get_asset(c, OTHER, NEW)
    assert (row.view.name, row.view.media_type, row.view.size_bytes) == ("a.mp4", "video/mp4", 2**40)
    assert row.view.created_at == "1970-01-01T00:16:40.000Z"


def test_file_that_comes_again_keeps_its_name_and_counts_as_used(shop: Workshop) -> None:
    with shop.database.begin() as c:
        add_asset(c, ACME, NEW, name="a.mp4", media_type="video/mp4", size_bytes=1, now_ms=5)
        assert not add_asset(c, ACME, NEW, name="b.mp4", media_type="video/mp4", size_bytes=1, now_ms=60_005)
        row = get_asset(c, ACME, NEW)
    assert (row.name, row.created_ms, row.used_ms) == ("a.mp4", 5, 60_005)


def test_file_that_is_used_all_the_time_is_noted_once_a_minute(shop: Workshop) -> None:
    start = shop.now_ms
    with shop.database.begin() as c:
        touch_assets(c, ACME, [VIDEO], start + 59_999)
        assert get_asset(c, ACME, VIDEO).used_ms == start
        touch_assets(c, ACME, [VIDEO], start + 60_000)
        assert get_asset(c, ACME, VIDEO).used_ms == start + 60_000
        assert get_asset(c, OTHER, VIDEO).used_ms == start


def test_missing_files_are_named(shop: Workshop) -> None:
    with shop.database.read() as c:
        assert missing_assets(c, ACME, [VIDEO, NEW, digest(1)]) == {NEW}
        assert missing_assets(c, ACME, []) == frozenset()


def test_listing_goes_on_page_by_page(shop: Workshop) -> None:
    seen: list[str] = []
    cursor = None
    with shop.database.read() as c:
        while True:
            page = list_assets(c, ACME, limit=4, cursor=cursor)
            seen += [row.digest for row in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
    assert seen == [digest(number) for number in reversed(range(10))]


def test_file_that_a_job_refers_to_is_kept_until_the_job_is_forgotten(shop: Workshop) -> None:
    job = shop.finished()
    kept = {VIDEO, digest(1), digest(2), digest(3)}
    with shop.database.begin() as c:
        idle = {row.digest for row in unreferenced(c, shop.now_ms + 1, 100) if row.workspace == ACME}
        assert idle == {digest(number) for number in range(10)} - kept
        assert forget_jobs(c, shop.now_ms + 1, 10) == [job]
        assert len([row for row in unreferenced(c, shop.now_ms + 1, 100) if row.workspace == ACME]) == 10


def test_file_that_was_used_lately_is_not_idle(shop: Workshop) -> None:
    with shop.database.begin() as c:
        touch_assets(c, ACME, [digest(1)], shop.now_ms + 60_000)
        idle = [row.digest for row in unreferenced(c, shop.now_ms + 60_000, 100) if row.workspace == ACME]
    assert digest(1) not in idle
    assert len(idle) == 9


def test_bytes_are_known_while_any_workspace_has_them(shop: Workshop) -> None:
    with shop.database.begin() as c:
        assert drop_asset(c, ACME, VIDEO)
        assert not drop_asset(c, ACME, VIDEO)
        assert is_known(c, VIDEO)
        drop_asset(c, OTHER, VIDEO)
        assert not is_known(c, VIDEO)


def test_file_that_a_job_is_being_made_of_is_not_collected(shop: Workshop) -> None:
    if shop.database.is_sqlite:
        pytest.skip("writers of an SQLite file never overlap")
    with shop.database.begin() as creating, shop.database.begin() as collecting:
        assert missing_assets(creating, ACME, [VIDEO]) == frozenset()
        idle = {(row.workspace, row.digest) for row in unreferenced(collecting, shop.now_ms + 1, 100)}
    assert (ACME, VIDEO) not in idle
    assert (OTHER, VIDEO) in idle
