import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lipwright.errors import DiskFull, OutputNotWritable
from lipwright.media.spool import AudioSpool


@settings(max_examples=40, deadline=None)
@given(
    lengths=st.lists(st.integers(0, 5_000), max_size=8),
    chunk=st.integers(1, 4_000),
    channels=st.integers(1, 2),
    start=st.integers(0, 20_000),
)
def test_sound_comes_back_as_it_was(lengths: list[int], chunk: int, channels: int, start: int) -> None:
    rng = np.random.default_rng(len(lengths))
    shape = () if channels == 1 else (channels,)
    pieces = [rng.normal(size=(length, *shape)).astype(np.float32) for length in lengths]
    whole = np.concatenate([np.empty((0, *shape), np.float32), *pieces])
    with AudioSpool(channels=channels) as spool:
        for piece in pieces:
            spool.append(piece)
        assert len(spool) == len(whole)
        back = list(spool.chunks(chunk, start))
        np.testing.assert_array_equal(np.concatenate([np.empty((0, *shape), np.float32), *back]), whole[start:])
        np.testing.assert_array_equal(spool.read(start, chunk), whole[start : start + chunk])


def test_spool_leaves_no_file(tmp_path: Path) -> None:
    with AudioSpool(folder=tmp_path) as spool:
        spool.append(np.zeros(48_000, np.float32))
        assert spool.duration_s == 1.0
    assert list(tmp_path.iterdir()) == []


def test_full_disk_is_said(small_disk: Path) -> None:
    with AudioSpool(folder=small_disk) as spool, pytest.raises(DiskFull):
        spool.append(np.zeros(2_000_000, np.float32))


def test_missing_folder_is_said() -> None:
    with pytest.raises(OutputNotWritable):
        AudioSpool(folder=Path(tempfile.gettempdir()) / "no such folder")
