"""Scenes are encoded once, and joined by copying; what dissolves is mixed from lossless pictures."""

import gc
import hashlib
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lipwright.errors import MediaUnreadable
from lipwright.media.encoder import H264Encoder
from lipwright.media.join import join_segments
from lipwright.media.recording import Recording
from lipwright.media.scene_dissolve import encode_dissolve
from lipwright.media.scenes import (
    SceneFiles,
    encode_scene,
    fitting_dissolves,
    joined_parts,
    load_scene,
    scene_starts,
)
from lipwright.media.writer import VideoFormat
from support.pattern import frame_number, numbered_frame, yuv_planes

FORMAT = VideoFormat(64, 48, Fraction(25))


def images(start: int, count: int) -> Iterator[NDArray[np.uint8]]:
    """Frames that carry their number in the finished video."""
    for number in range(start, start + count):
        yield np.repeat(numbered_frame(number).y[:, :, None], 3, axis=2)


def scene(folder: Path, start: int, count: int, head: int = 0, tail: int = 0) -> SceneFiles:
    folder.mkdir()
    return encode_scene(images(start, count), folder, FORMAT, frame_count=count, head_frames=head, tail_frames=tail)


def scenes(folder: Path, lengths: Sequence[int], dissolves: Sequence[int]) -> list[SceneFiles]:
    made, start = [], 0
    for number, length in enumerate(lengths):
        head = dissolves[number - 1] if number else 0
        tail = dissolves[number] if number < len(dissolves) else 0
        made.append(scene(folder / str(number), start, length, head, tail))
        start += length - tail
    return made


def joined(folder: Path, files: Sequence[SceneFiles]) -> Path:
    dissolves = []
    for number, (old, new) in enumerate(pairwise(files)):
        if old.tail is not None and new.head is not None:
            dissolves.append(folder / f"dissolve-{number}.mp4")
            encode_dissolve(dissolves[-1], old.tail, new.head, FORMAT)
    join_segments(folder / "all.mp4", list(joined_parts(files, dissolves)), fps=FORMAT.fps)
    return folder / "all.mp4"


def decoded(path: Path) -> list[av.VideoFrame]:
    with av.open(str(path)) as container:
        return list(container.decode(video=0))


@pytest.mark.parametrize("dissolves", [(0, 0, 0), (10, 2, 7), (0, 10, 0), (10, 10, 10)])
def test_every_frame_of_the_video_is_there_once_and_at_its_time(tmp_path: Path, dissolves: tuple[int, ...]) -> None:
    lengths = (30, 20, 27, 12)
    files = scenes(tmp_path, lengths, dissolves)
    pictures = decoded(joined(tmp_path, files))
    count = sum(lengths) - sum(dissolves)
    assert scene_starts(files)[-1] == count
    assert [picture.pts * picture.time_base for picture in pictures] == [number / FORMAT.fps for number in range(count)]
    assert [frame_number(yuv_planes(picture)) for picture in pictures] == list(range(count))


def test_bodies_are_copied_bit_by_bit(tmp_path: Path) -> None:
    files = scenes(tmp_path, (30, 30), (10,))
    pictures = [picture.to_ndarray() for picture in decoded(joined(tmp_path, files))]
    assert files[0].body is not None
    assert files[1].body is not None
    for picture, alone in zip(pictures[:20], decoded(files[0].body), strict=True):
        np.testing.assert_array_equal(picture, alone.to_ndarray())
    for picture, alone in zip(pictures[30:], decoded(files[1].body), strict=True):
        np.testing.assert_array_equal(picture, alone.to_ndarray())


def test_dissolve_goes_in_even_steps_and_shows_neither_scene_alone(tmp_path: Path) -> None:
    grey = [np.full((48, 64, 3), level, np.uint8) for level in (40, 200)]
    for name, image in zip("ab", grey, strict=True):
        (tmp_path / name).mkdir()
        encode_scene(
            [image] * 20,
            tmp_path / name,
            FORMAT,
            frame_count=20,
            head_frames=9 if name == "b" else 0,
            tail_frames=9 if name == "a" else 0,
        )
    before, after = load_scene(tmp_path / "a"), load_scene(tmp_path / "b")
    pictures = decoded(joined(tmp_path, [before, after]))
    levels = [float(yuv_planes(picture).y.mean()) for picture in pictures[10:21]]
    np.testing.assert_allclose(levels, np.linspace(levels[0], levels[-1], 11), atol=1.0)
    assert levels[-1] - levels[0] == pytest.approx(160 * 219 / 255, abs=1.5)


def test_heads_and_tails_lose_nothing(tmp_path: Path) -> None:
    noise = [np.random.default_rng(seed).integers(0, 256, (48, 64, 3), np.uint8) for seed in range(12)]
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    whole = encode_scene(noise, tmp_path / "a", FORMAT, frame_count=12, head_frames=6, tail_frames=6)
    parts = encode_scene(noise, tmp_path / "b", FORMAT, frame_count=12, tail_frames=10)
    assert whole.body is None
    assert whole.head is not None
    assert whole.tail is not None
    assert parts.tail is not None
    ends = [*decoded(whole.head)[2:], *decoded(whole.tail)]
    for one, other in zip(ends, decoded(parts.tail), strict=True):
        np.testing.assert_array_equal(one.to_ndarray(), other.to_ndarray())


def test_same_frames_give_the_same_bytes(tmp_path: Path) -> None:
    digests = []
    for name in ("a", "b"):
        scene(tmp_path / name, 0, 30, 5, 5)
        digests.append([hashlib.sha256(path.read_bytes()).digest() for path in sorted((tmp_path / name).iterdir())])
    assert digests[0] == digests[1]
    assert len(digests[0]) == 3


def test_files_of_a_scene_are_found_again(tmp_path: Path) -> None:
    made = scene(tmp_path / "a", 0, 30, 5, 4)
    assert load_scene(tmp_path / "a") == made
    assert (made.head_frames, made.body_frames, made.tail_frames, made.frames) == (5, 21, 4, 30)


@pytest.mark.parametrize("there", [4, 11, 29, 31])
def test_wrong_number_of_frames_leaves_no_file(tmp_path: Path, there: int) -> None:
    with pytest.raises(ValueError, match="30 frames came"):
        encode_scene(images(0, there), tmp_path, FORMAT, frame_count=30, head_frames=5, tail_frames=5)
    assert list(tmp_path.iterdir()) == []


def test_scene_that_fails_on_the_way_leaves_no_file(tmp_path: Path) -> None:
    def failing() -> Iterator[NDArray[np.uint8]]:
        yield from images(0, 20)
        raise LookupError("no more")

    with pytest.raises(LookupError):
        encode_scene(failing(), tmp_path, FORMAT, frame_count=30, head_frames=5, tail_frames=5)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("frames", "head", "tail"), [(1, 0, 0), (10, 1, 0), (10, 0, 1), (10, 5, 4), (10, 6, 6)])
def test_parts_that_are_too_short_are_refused(tmp_path: Path, frames: int, head: int, tail: int) -> None:
    with pytest.raises(ValueError, match="has no room"):
        encode_scene(images(0, frames), tmp_path, FORMAT, frame_count=frames, head_frames=head, tail_frames=tail)


def test_scenes_that_do_not_meet_are_refused(tmp_path: Path) -> None:
    first, second = scene(tmp_path / "a", 0, 20, 0, 5), scene(tmp_path / "b", 15, 20, 6, 0)
    with pytest.raises(ValueError, match="tail of 5 frames meets a head of 6"):
        scene_starts([first, second])
    with pytest.raises(ValueError, match="into nothing"):
        scene_starts([first])


def test_damaged_tail_is_named_and_leaves_no_dissolve(tmp_path: Path) -> None:
    first, second = scene(tmp_path / "a", 0, 20, 0, 5), scene(tmp_path / "b", 15, 20, 5, 0)
    assert first.tail is not None
    assert second.head is not None
    first.tail.write_bytes(first.tail.read_bytes()[:-600])
    with pytest.raises(MediaUnreadable, match=r"tail\.mp4"):
        encode_dissolve(tmp_path / "dissolve.mp4", first.tail, second.head, FORMAT)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_video_plays_from_the_beginning_of_each_scene(tmp_path: Path) -> None:
    files = scenes(tmp_path, (30, 20, 27), (10, 0))
    video = joined(tmp_path, files)
    for start in scene_starts(files)[:-1]:
        with av.open(str(video)) as container:
            stream = container.streams.video[0]
            container.seek(int(start / FORMAT.fps / stream.time_base), stream=stream, backward=True)
            assert frame_number(yuv_planes(next(container.decode(stream)))) == start


edges = st.lists(st.tuples(st.integers(2, 60), st.integers(0, 60)), min_size=1, max_size=8)


@settings(deadline=None)
@given(edges)
def test_fitting_dissolves_leave_room_and_are_no_shorter_than_they_must_be(edges: list[tuple[int, int]]) -> None:
    lengths, wanted = [length for length, _ in edges], [count for _, count in edges[:-1]]
    fitting = fitting_dissolves(lengths, wanted)
    around = [0, *fitting, 0]
    asked = [0, *wanted, 0]
    for number, length in enumerate(lengths):
        assert length - around[number] - around[number + 1] >= 2
    for number, (count, asked_for) in enumerate(zip(fitting, wanted, strict=True)):
        assert count == 0 or 2 <= count <= asked_for
        fits = all(asked[at] + asked[at + 1] <= lengths[at] - 2 for at in (number, number + 1))
        assert not fits or asked_for < 2 or count == asked_for


def open_encoders() -> int:
    return sum(isinstance(one, Recording | H264Encoder) for one in gc.get_objects())


def test_encoders_are_gone_as_soon_as_their_files_are_written(tmp_path: Path) -> None:
    before = open_encoders()
    first, second = scene(tmp_path / "a", 0, 20, 0, 5), scene(tmp_path / "b", 15, 20, 5, 0)
    assert first.tail is not None
    assert second.head is not None
    encode_dissolve(tmp_path / "dissolve.mp4", first.tail, second.head, FORMAT)
    assert open_encoders() <= before
