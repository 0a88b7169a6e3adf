"""Files and arrays are known by their content."""

import hashlib
import os
from pathlib import Path

import numpy as np
import pytest

from lipwright.errors import MediaNotFound, MediaUnreadable
from lipwright.store.digest import array_digest, file_digest

LONG_AGO_NS = 1_600_000_000_000_000_000


def test_digest_is_the_sha256_of_the_content(tmp_path: Path) -> None:
    path = tmp_path / "a"
    content = bytes(range(256)) * 10_000
    path.write_bytes(content)
    assert file_digest(path) == hashlib.sha256(content).hexdigest()


def test_settled_file_is_read_once(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"first")
    os.utime(path, ns=(LONG_AGO_NS, LONG_AGO_NS))
    first = file_digest(path)
    path.write_bytes(b"other")  # the same size
    os.utime(path, ns=(LONG_AGO_NS, LONG_AGO_NS))
    assert file_digest(path) == first


def test_file_that_was_just_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"first")
    status = path.stat()
    first = file_digest(path)
    path.write_bytes(b"other")
    os.utime(path, ns=(status.st_mtime_ns, status.st_mtime_ns))
    assert file_digest(path) != first


def test_another_time_means_another_file(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"first")
    os.utime(path, ns=(LONG_AGO_NS, LONG_AGO_NS))
    first = file_digest(path)
    path.write_bytes(b"other")
    assert file_digest(path) != first


def test_file_that_grows_while_it_is_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"first")
    sha256 = hashlib.sha256

    def growing() -> "hashlib._Hash":
        with path.open("ab") as file:
            file.write(b"more")
        return sha256()

    monkeypatch.setattr(hashlib, "sha256", growing)
    with pytest.raises(MediaUnreadable, match="changes while it is read"):
        file_digest(path)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(MediaNotFound, match="nothing"):
        file_digest(tmp_path / "nothing")


def test_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MediaUnreadable, match="directory"):
        file_digest(tmp_path)


def test_arrays_differ_by_type_shape_and_values() -> None:
    arrays = [np.zeros(6), np.zeros((2, 3)), np.zeros(6, np.float32), np.zeros(12, np.float32), np.ones(6)]
    assert len({array_digest(array) for array in arrays}) == len(arrays)


def test_layout_in_memory_does_not_matter() -> None:
    array = np.arange(12).reshape(3, 4)
    assert array_digest(np.asfortranarray(array)) == array_digest(array)
    assert array_digest(array[:, ::2]) == array_digest(array[:, ::2].copy())
