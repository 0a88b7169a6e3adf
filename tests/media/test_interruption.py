"""A real process is stopped by real signals and limits while it writes."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import itertools, resource, signal, sys
from fractions import Fraction
from pathlib import Path
import numpy as np
from lipwright.errors import Cancelled, OutputError
from lipwright.media.writer import VideoFormat, VideoWriter

def cancel(number, frame):
    raise Cancelled("stopped")

signal.signal(signal.SIGTERM, cancel)
if sys.argv[2] == "limit":
    resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000))
noise = np.random.default_rng(0).integers(0, 255, (4, 256, 256, 3), np.uint8)
try:
    with VideoWriter(Path(sys.argv[1]), VideoFormat(256, 256, Fraction(25))) as writer:
        for index in itertools.count():
            writer.write(noise[index % 4])
            if index == 10:
                print("running", flush=True)
except Cancelled:
    sys.exit(Cancelled.exit_code)
except OutputError as error:
    print(error.code)
    sys.exit(error.exit_code)
"""


def start(path: Path, mode: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", PROGRAM, str(path), mode], stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 130), (signal.SIGINT, -signal.SIGINT)])
def test_signal_leaves_no_file(tmp_path: Path, number: signal.Signals, code: int) -> None:
    with start(tmp_path / "a.mp4", "signal") as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "running\n"
            assert [path.suffix for path in tmp_path.iterdir()] == [".part"]
            process.send_signal(number)
            process.communicate(timeout=30)
        finally:
            process.kill()
    assert process.returncode == code
    assert list(tmp_path.iterdir()) == []


def test_file_size_limit_counts_as_a_full_disk(tmp_path: Path) -> None:
    with start(tmp_path / "a.mp4", "limit") as process:
        try:
            output, _ = process.communicate(timeout=60)
        finally:
            process.kill()
    assert output.splitlines()[-1] == "disk_full"
    assert process.returncode == 4
    assert list(tmp_path.iterdir()) == []
