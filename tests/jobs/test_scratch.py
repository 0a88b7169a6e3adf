"""What a worker asks before it removes folders of the dead."""

from pathlib import Path

from lipwright.jobs.scratch import Scratch, new_name


def test_a_worker_alone_in_its_folder_asks_nobody_who_lives(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path, new_name())
    asked: list[bool] = []
    scratch.sweep(lambda: asked.append(True) or set())
    assert not asked
