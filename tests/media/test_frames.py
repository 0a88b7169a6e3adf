from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lipwright.errors import MediaUnreadable
from lipwright.media.frames import read_frames
from support.clips import tone, write_clip, write_timed_clip


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.integers(1, 300), min_size=1, max_size=12))
def test_any_times_come_back_exactly(tmp_path: Path, steps: list[int]) -> None:
    times_ms = [sum(steps[:index]) for index in range(len(steps))]
    frames = list(read_frames(write_timed_clip(tmp_path / "a.mp4", times_ms)))
    assert [frame.time_s for frame in frames] == [Fraction(time_ms, 1000) for time_ms in times_ms]


@pytest.mark.parametrize(
    ("rotation", "shape", "light"),
    [
        (0, (48, 96), np.s_[:20, :]),
        (-90, (96, 48), np.s_[:, 28:]),
        (180, (48, 96), np.s_[28:, :]),
        (90, (96, 48), np.s_[:, :20]),
    ],
)
def test_turned_pictures_are_upright(
    tmp_path: Path, rotation: int, shape: tuple[int, int], light: tuple[slice, slice]
) -> None:
    image = next(read_frames(write_timed_clip(tmp_path / "a.mp4", [0], rotation))).image
    assert image.shape == (*shape, 3)
    assert image.flags.c_contiguous
    assert image[light].min() > 230
    assert image.mean() == pytest.approx(127.5, abs=6)


def test_late_picture_keeps_its_distance_from_the_sound(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.mkv"), "w") as container:
        sound = container.add_stream("pcm_s16le", rate=48_000, layout="mono")
        video = container.add_stream("libx264", rate=25)
        video.width, video.height, video.pix_fmt = 64, 64, "yuv420p"
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 48_000), np.int16), format="s16", layout="mono")
        frame.sample_rate, frame.pts = 48_000, 0
        container.mux(sound.encode(frame))
        picture = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
        picture.pts, picture.time_base = 200, Fraction(1, 1000)
        container.mux(video.encode(picture))
        container.mux(video.encode(None))
    assert [frame.time_s for frame in read_frames(tmp_path / "a.mkv")] == [Fraction(200, 1000)]


def test_older_standard_definition_colours_are_read_by_bt601(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.mp4"), "w") as container:
        video = container.add_stream("libx264", rate=25, options={"crf": "1"})
        video.width, video.height, video.pix_fmt = 64, 64, "yuv420p"
        picture = av.VideoFrame(64, 64, "yuv420p")
        for plane, value in zip(picture.planes, (81, 90, 240), strict=True):  # red by BT.601
            plane.update(bytes([value]) * plane.buffer_size)
        container.mux(video.encode(picture))
        container.mux(video.encode(None))
    np.testing.assert_allclose(next(read_frames(tmp_path / "a.mp4")).image[32, 32], (255, 0, 0), atol=3)


def test_sound_has_no_pictures(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.wav"), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=48_000, layout="mono")
        frame = av.AudioFrame.from_ndarray((tone(300, 0.1) * 32767).astype(np.int16)[None], "s16", "mono")
        frame.sample_rate = 48_000
        container.mux(stream.encode(frame))
    with pytest.raises(MediaUnreadable, match="has no picture"):
        next(read_frames(tmp_path / "a.wav"))


def test_pictures_belong_to_the_receiver(tmp_path: Path) -> None:
    frames = [frame.image for frame in read_frames(write_clip(tmp_path / "a.mp4", 5))]
    assert [round(float(image.mean())) for image in frames] == pytest.approx([20, 60, 100, 140, 180], abs=2)
    frames[0][:] = 0


def test_variable_frame_rate_is_not_evened_out(shared_media: Path) -> None:
    times_s = [frame.time_s for frame in read_frames(shared_media / "vfr-30fps.mp4")]
    steps_ms = {round((after - before) * 1000) for before, after in pairwise(times_s)}
    assert steps_ms == {33, 67}
    assert len(times_s) == 135
