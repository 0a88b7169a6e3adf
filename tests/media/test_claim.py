import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lipwright.errors import OutputNotWritable
from lipwright.media.claim import claimed
from lipwright.media.output import replacing

HOLD = """
import sys
from pathlib import Path
from lipwright.media.claim import claimed
from lipwright.media.output import replacing

path = Path(sys.argv[1])
with claimed(path), replacing(path) as temporary:
    temporary.write_bytes(b"half")
    print("claimed", flush=True)
    sys.stdin.read()
"""


def hold(path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "claimed\n"
    return process


def test_second_run_into_an_output_is_refused_until_the_first_one_ends(tmp_path: Path) -> None:
    path = tmp_path / "talk.mp4"
    with hold(path) as first:
        with pytest.raises(OutputNotWritable, match=r"talk\.mp4`: another run is writing it"), claimed(path):
            pytest.fail("the block must not start")
        with claimed(tmp_path / "other.mp4"):
            pass
        first.communicate("")
    assert path.read_bytes() == b"half"
    with claimed(path):
        pass
    assert [entry.name for entry in tmp_path.iterdir()] == ["talk.mp4"]


def test_killed_run_blocks_nobody_and_its_leftovers_go(tmp_path: Path) -> None:
    path = tmp_path / "talk.mp4"
    with hold(path) as first:
        first.send_signal(signal.SIGKILL)
        first.wait()
    assert len([entry for entry in tmp_path.iterdir() if entry.suffix == ".part"]) == 1
    for name in (".talk.mp4.2.0123456789ab.part", ".other.mp4.0123456789ab.part", "talk.mp4.part"):
        (tmp_path / name).touch()
    with claimed(path):
        assert sorted(entry.name for entry in tmp_path.iterdir()) == [
            ".other.mp4.0123456789ab.part",
            ".talk.mp4.2.0123456789ab.part",
            ".talk.mp4.lock",
            "talk.mp4.part",
        ]


def test_the_same_file_under_two_names_is_one_output(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (tmp_path / "link").symlink_to(folder)
    with (
        hold(folder / "talk.mp4") as first,
        pytest.raises(OutputNotWritable, match="another run"),
        claimed(tmp_path / "link" / ".." / "link" / "talk.mp4"),
    ):
        pytest.fail("the block must not start")
    assert first.returncode == 0


def test_claims_of_many_outputs_are_given_back_when_one_is_taken(tmp_path: Path) -> None:
    with hold(tmp_path / "b.srt") as first:
        with pytest.raises(OutputNotWritable, match=r"b\.srt"), claimed(tmp_path / "a.mp4", tmp_path / "b.srt"):
            pytest.fail("the block must not start")
        with claimed(tmp_path / "a.mp4"):
            pass
        first.communicate("")


def test_only_one_of_many_runs_that_start_together_gets_an_output(tmp_path: Path) -> None:
    program = [sys.executable, "-c", HOLD, str(tmp_path / "talk.mp4")]
    runs = [
        subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        for _ in range(4)
    ]
    for run in runs:
        assert run.stdout is not None
        run.stdout.readline()  # until it holds the output or has ended
    for run in runs:
        run.communicate(b"")
    assert sorted(run.returncode for run in runs) == [0, 1, 1, 1]


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_claim_survives_an_exception_in_the_block(tmp_path: Path) -> None:
    def fail() -> None:
        with claimed(tmp_path / "talk.mp4"), replacing(tmp_path / "talk.mp4"):
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert list(tmp_path.iterdir()) == []
