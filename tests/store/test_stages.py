"""What is stored is not computed again; what is damaged is never served; what is in use is never removed."""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from lipwright.errors import DiskFull, OutputNotWritable
from lipwright.store.key import StageKey
from lipwright.store.manifest import MANIFEST_NAME
from lipwright.store.stages import StageStore, memoise

FILES = {"mesh.npy": b"\x00" * 5000, "inner/segment.h264": bytes(range(256)) * 8}
KEY = StageKey("scan", 1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StageStore]:
    with StageStore(tmp_path / "stages") as opened:
        yield opened


def write(folder: Path) -> None:
    for name, content in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)


def read(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in FILES}


def numbered(number: int) -> StageKey:
    return StageKey("window", 1, parameters={"number": number})


def fill(store: StageStore, number: int, size_bytes: int = 10_000) -> Path:
    def make(folder: Path) -> None:
        (folder / "data").write_bytes(bytes(size_bytes))

    return memoise(store, numbered(number), make)


def left_over(store_folder: Path) -> list[str]:
    return [path.name for path in (store_folder / "making").iterdir()]


def test_result_is_made_once(store: StageStore, tmp_path: Path) -> None:
    made = []

    def make(folder: Path) -> None:
        made.append(folder)
        write(folder)

    first, second = memoise(store, KEY, make), memoise(store, KEY, make)
    assert first == second
    assert read(first) == FILES
    assert len(made) == 1
    assert left_over(tmp_path / "stages") == []


def test_result_is_found_by_a_later_run(tmp_path: Path) -> None:
    with StageStore(tmp_path) as store:
        memoise(store, KEY, write)
    with StageStore(tmp_path) as store:
        found = store.get(KEY)
        assert found is not None
        assert read(found) == FILES
        assert store.get(StageKey("scan", 2)) is None


def test_nothing_is_found_before_the_block_ends(store: StageStore) -> None:
    with store.making(KEY) as folder:
        write(folder)
        assert store.get(KEY) is None
    assert store.get(KEY) is not None


def test_failed_block_leaves_nothing(store: StageStore, tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        write(folder)
        raise LookupError

    with pytest.raises(LookupError):
        memoise(store, KEY, fail)
    assert store.get(KEY) is None
    assert left_over(tmp_path / "stages") == []


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: flip(folder / "mesh.npy"),
        lambda folder: (folder / "mesh.npy").write_bytes(b""),
        lambda folder: (folder / "mesh.npy").unlink(),
        lambda folder: (folder / "stranger").touch(),
        lambda folder: (folder / "link").symlink_to("mesh.npy"),
        lambda folder: (folder / MANIFEST_NAME).unlink(),
        lambda folder: (folder / MANIFEST_NAME).write_bytes(b'{"key":'),
        lambda folder: (folder / MANIFEST_NAME).write_bytes(b"\xff\x00"),
        lambda folder: flip(folder / MANIFEST_NAME),
        lambda folder: (folder / MANIFEST_NAME).write_text('{"key":"","files":{}}'),
        shutil.rmtree,
        lambda folder: (shutil.rmtree(folder), folder.write_bytes(b"a file")),
    ],
)
def test_damaged_result_is_made_again(store: StageStore, tmp_path: Path, damage: object) -> None:
    assert callable(damage)
    damage(memoise(store, KEY, write))
    assert store.get(KEY) is None
    assert read(memoise(store, KEY, write)) == FILES
    assert left_over(tmp_path / "stages") == []


def test_damaged_result_is_replaced_without_being_read_first(store: StageStore) -> None:
    flip(memoise(store, KEY, write) / "mesh.npy")
    with store.making(KEY) as folder:
        write(folder)
    found = store.get(KEY)
    assert found is not None
    assert read(found) == FILES


def test_two_makers_of_one_result_do_not_disturb_each_other(tmp_path: Path) -> None:
    with StageStore(tmp_path) as one, StageStore(tmp_path) as other:
        with one.making(KEY) as slow:
            write(slow)
            first = memoise(other, KEY, write)
            inode = first.stat().st_ino
        assert one.get(KEY) == first
        assert first.stat().st_ino == inode, "the one that was first stays"
    assert left_over(tmp_path) == []


def test_many_threads_and_stores_agree(tmp_path: Path) -> None:
    found: list[dict[str, bytes]] = []

    def work() -> None:
        with StageStore(tmp_path) as store:
            found.extend(read(memoise(store, numbered(number), write)) for number in range(8))

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [FILES] * 48
    assert left_over(tmp_path) == []


def test_files_of_the_store_and_links_are_refused(store: StageStore) -> None:
    with pytest.raises(ValueError, match="the store's own"), store.making(KEY) as folder:
        (folder / MANIFEST_NAME).touch()
    with pytest.raises(ValueError, match="neither"), store.making(KEY) as folder:
        (folder / "link").symlink_to(folder)
    assert store.get(KEY) is None


def test_folder_of_a_living_run_is_not_swept(tmp_path: Path) -> None:
    with StageStore(tmp_path) as one, one.making(KEY) as folder:
        write(folder)
        with StageStore(tmp_path):
            assert read(folder) == FILES
    assert list((tmp_path / "owners").iterdir()) == []


HALF_DONE = """
import sys
from pathlib import Path
from lipwright.store.key import StageKey
from lipwright.store.stages import StageStore
with StageStore(Path(sys.argv[1])) as store, store.making(StageKey("scan", 1)) as folder:
    (folder / "half").write_bytes(bytes(100_000))
    print("working", flush=True)
    sys.stdin.read()
"""


def test_folder_of_a_killed_run_is_swept(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HALF_DONE, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "working\n"
            with StageStore(tmp_path):
                assert len(left_over(tmp_path)) == 1, "its owner lives"
        finally:
            process.kill()
    with StageStore(tmp_path) as store:
        assert left_over(tmp_path) == []
        assert len(list((tmp_path / "owners").iterdir())) == 1
        assert store.get(KEY) is None


def test_results_used_longest_ago_are_evicted(tmp_path: Path) -> None:
    with StageStore(tmp_path) as store:
        folders = [fill(store, number) for number in range(5)]
    for age, folder in enumerate(folders):
        os.utime(folder / MANIFEST_NAME, (1000 + age, 1000 + age))
    with StageStore(tmp_path) as store:
        assert store.get(numbered(0)) is not None
    with StageStore(tmp_path, limit_bytes=45_000) as store:
        fill(store, 5)
        kept = [number for number in range(6) if store.get(numbered(number)) is not None]
    assert kept == [0, 4, 5]
    assert left_over(tmp_path) == []


def test_results_in_use_outlive_the_limit(tmp_path: Path) -> None:
    with StageStore(tmp_path, limit_bytes=25_000) as store:
        folders = [fill(store, number) for number in range(5)]
        with StageStore(tmp_path, limit_bytes=25_000) as other:
            fill(other, 5)
        assert all(folder.is_dir() for folder in folders)
        assert store.get(numbered(5)) is not None, "made last, so it is evicted last"
    with StageStore(tmp_path, limit_bytes=25_000) as store:
        fill(store, 6)
        assert len(list((tmp_path / "results").glob("*/*"))) == 2


def test_full_disk_is_told_and_damages_nothing(small_disk: Path) -> None:
    with StageStore(small_disk) as store:
        fill(store, 0, 1_000_000)
        with pytest.raises(DiskFull, match="LIPWRIGHT_CACHE_DIR"):
            fill(store, 1, 5_000_000)
        with pytest.raises(DiskFull, match="LIPWRIGHT_CACHE_DIR"):
            memoise(store, numbered(2), lambda folder: np.save(folder / "points.npy", np.zeros(1_000_000)))
        assert store.get(numbered(1)) is None
        assert left_over(small_disk) == []
        fill(store, 3, 1_000_000)
        assert store.get(numbered(0)) is not None


def test_read_only_folder_names_the_setting(small_disk: Path) -> None:
    with StageStore(small_disk) as store:
        fill(store, 0)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)  # noqa: S607, as the fixture
    with pytest.raises(OutputNotWritable, match=r"Read-only.*LIPWRIGHT_CACHE_DIR"):
        StageStore(small_disk)


def test_file_in_place_of_the_folder_names_the_setting(tmp_path: Path) -> None:
    (tmp_path / "stages").touch()
    with pytest.raises(OutputNotWritable, match="LIPWRIGHT_CACHE_DIR"):
        StageStore(tmp_path / "stages")


def test_errors_of_the_block_pass_unchanged(store: StageStore, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), store.making(KEY):
        (tmp_path / "nothing").read_bytes()
