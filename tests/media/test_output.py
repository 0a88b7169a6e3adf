import errno
import os
import subprocess
from pathlib import Path

import pytest

from lipwright.errors import DiskFull, OutputNotWritable
from lipwright.media.output import check_writable, output_error, replacing, write_text


def test_new_and_existing_files_may_be_written(tmp_path: Path) -> None:
    check_writable(tmp_path / "a.mp4")
    (tmp_path / "a.mp4").touch()
    check_writable(tmp_path / "a.mp4")
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]


def test_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(OutputNotWritable, match=r"this is a folder.*talk\.mp4"):
        check_writable(tmp_path)


def test_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputNotWritable, match=r"there is no folder `.*nowhere`"):
        check_writable(tmp_path / "nowhere" / "a.mp4")


def test_pipe_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OutputNotWritable, match="a device or a pipe"):
        check_writable(tmp_path / "pipe")


def test_read_only_folder_is_refused(small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)  # noqa: S607, as the fixture
    with pytest.raises(OutputNotWritable, match="Read-only"):
        check_writable(small_disk / "a.mp4")


def test_too_small_disk_is_refused(small_disk: Path) -> None:
    check_writable(small_disk / "a.mp4")
    with pytest.raises(DiskFull, match=r"3\.1 MB left and about 50\.0 MB are needed"):
        check_writable(small_disk / "a.mp4", needed_bytes=50_000_000)


def test_text_is_written_whole_or_not_at_all(small_disk: Path) -> None:
    path = small_disk / "a.srt"
    write_text(path, "Grüße\n")
    with pytest.raises(DiskFull):
        write_text(path, "x" * 5_000_000)
    assert path.read_bytes() == "Grüße\n".encode()
    assert [entry.name for entry in small_disk.iterdir()] == ["a.srt"]


def test_failed_block_keeps_the_older_file(tmp_path: Path) -> None:
    write_text(tmp_path / "a.json", "older")

    def fail() -> None:
        with replacing(tmp_path / "a.json") as temporary:
            temporary.write_text("newer")
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert (tmp_path / "a.json").read_text() == "older"
    assert len(list(tmp_path.iterdir())) == 1


def test_longest_names_work(tmp_path: Path) -> None:
    write_text(tmp_path / ("x" * 250 + ".srt"), "text")


@pytest.mark.parametrize(
    ("number", "error"),
    [
        (errno.ENOSPC, DiskFull),
        (errno.EDQUOT, DiskFull),
        (errno.EACCES, OutputNotWritable),
        (errno.EIO, OutputNotWritable),
    ],
)
def test_system_errors_become_ours(number: int, error: type[Exception]) -> None:
    assert type(output_error(Path("a.mp4"), OSError(number, "x"))) is error
