import hashlib
import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from lipwright.contracts.footage import YuvFrame
from lipwright.errors import DiskFull
from lipwright.media.encoder import EncoderSettings
from lipwright.media.segment import SegmentWriter
from support.clips import write_segment
from support.pattern import noise_frame, numbered_frame, yuv_planes

FPS = Fraction(25)
WRITE_NOISE = """
import sys
from fractions import Fraction
from pathlib import Path
import numpy as np
from lipwright.contracts.footage import YuvFrame
from lipwright.media.segment import SegmentWriter

texture = np.random.default_rng(0).integers(60, 180, (200, 300), np.uint8).repeat(4, 0)[:160]
grey = np.full((68, 120), 128, np.uint8)
with SegmentWriter(Path(sys.argv[1]), 240, 136, Fraction(25)) as writer:
    for number in range(40):
        writer.write(YuvFrame(texture[number % 20 :][:136, number % 30 :][:, :240].copy(), grey, grey))
"""


def pictures(path: Path) -> list[av.VideoFrame]:
    with av.open(str(path)) as container:
        return list(container.decode(video=0))


def test_segment_holds_its_pictures_in_order_from_a_key_frame_on(tmp_path: Path) -> None:
    path = write_segment(tmp_path / "a.mp4", range(40), FPS)
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
    assert packets[0].is_keyframe
    assert sorted(packet.pts * packet.time_base * FPS for packet in packets) == list(range(40))
    for number, picture in enumerate(pictures(path)):
        planes = yuv_planes(picture)
        assert np.abs(planes.y.astype(int) - numbered_frame(number).y).mean() < 3


def test_same_pictures_give_the_same_bytes(tmp_path: Path) -> None:
    paths = [write_segment(tmp_path / name, range(60), FPS) for name in ("a.mp4", "b.mp4", "c.mp4")]
    assert len({hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}) == 1


def test_what_lies_in_memory_does_not_change_the_bytes(tmp_path: Path) -> None:
    """glibc fills new memory with the pattern of MALLOC_PERTURB_; the width is no multiple of 256."""
    digests = set()
    for pattern in ("0", "85", "255"):
        path = tmp_path / f"{pattern}.mp4"
        program = [sys.executable, "-c", WRITE_NOISE, str(path)]
        subprocess.run(program, check=True, env={**os.environ, "MALLOC_PERTURB_": pattern})
        digests.add(hashlib.sha256(path.read_bytes()).hexdigest())
    assert len(digests) == 1


def test_picture_says_that_it_is_bt709_in_limited_range(tmp_path: Path) -> None:
    frame = pictures(write_segment(tmp_path / "a.mp4", range(2), FPS))[0]
    assert (frame.colorspace, frame.color_range, frame.color_primaries, frame.color_trc) == (1, 1, 1, 1)


@pytest.mark.parametrize("size", [(97, 63), (33, 50), (17, 17)])
def test_odd_sides_keep_full_chroma(tmp_path: Path, size: tuple[int, int]) -> None:
    width, height = size
    planes = noise_frame(width, height, full_chroma=True, smooth=True)
    lossless = EncoderSettings(crf=0)
    with SegmentWriter(tmp_path / "a.mp4", width, height, FPS, full_chroma=True, settings=lossless) as writer:
        for _ in range(3):
            writer.write(YuvFrame(planes.y.copy(), planes.u.copy(), planes.v.copy()))
    with av.open(str(tmp_path / "a.mp4")) as container:
        assert container.streams.video[0].codec_context.profile == "High 4:4:4 Predictive"
    for picture in pictures(tmp_path / "a.mp4"):
        seen = yuv_planes(picture)
        np.testing.assert_array_equal(seen.y, planes.y)
        np.testing.assert_array_equal(seen.u, planes.u)
        np.testing.assert_array_equal(seen.v, planes.v)


def test_planes_of_one_buffer_and_planes_apart_give_the_same_file(tmp_path: Path) -> None:
    height, width = 48, 64
    for name, together in (("a.mp4", True), ("b.mp4", False)):
        with SegmentWriter(tmp_path / name, width, height, FPS) as writer:
            for number in range(12):
                frame = noise_frame(width, height, seed=number)
                if not together:
                    frame = YuvFrame(np.asfortranarray(frame.y), frame.u.copy(), frame.v.copy())
                writer.write(frame)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_planes_in_another_order_in_one_buffer_are_not_mixed_up(tmp_path: Path) -> None:
    height, width = 48, 64
    for name, swapped in (("a.mp4", False), ("b.mp4", True)):
        flat = np.concatenate([np.full(n, level, np.uint8) for n, level in ((3072, 90), (768, 60), (768, 180))])
        if swapped:  # y, v, u in memory
            flat[3072:] = np.roll(flat[3072:], 768)
        first, second = flat[3072:3840].reshape(24, 32), flat[3840:].reshape(24, 32)
        u, v = (second, first) if swapped else (first, second)
        with SegmentWriter(tmp_path / name, width, height, FPS) as writer:
            writer.write(YuvFrame(flat[:3072].reshape(48, 64), u, v))
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_picture_of_another_size_is_refused(tmp_path: Path) -> None:
    with (
        pytest.raises(ValueError, match=r"expected planes of \(48, 64\)"),
        SegmentWriter(tmp_path / "a.mp4", 64, 48, FPS) as writer,
    ):
        writer.write(noise_frame(64, 50))
    assert list(tmp_path.iterdir()) == []


def test_full_disk_leaves_the_finished_segments_only(small_disk: Path) -> None:
    finished = write_segment(small_disk / "0.mp4", range(10), FPS)
    kept = finished.read_bytes()

    def render() -> None:
        with SegmentWriter(small_disk / "1.mp4", 256, 256, FPS) as writer:
            for number in range(400):
                writer.write(noise_frame(256, 256, seed=number % 4))

    with pytest.raises(DiskFull, match="Free some space"):
        render()
    assert [path.name for path in small_disk.iterdir()] == ["0.mp4"]
    assert finished.read_bytes() == kept
