"""A clip goes through index, reading, segments and joining: what is seen and heard stays where it was."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lipwright.media.audio import read_audio
from lipwright.media.footage import index_footage, read_footage
from lipwright.media.join import join_segments
from lipwright.media.segment import SegmentWriter
from support.clips import ClipPlan, SoundPlan, draw_clip
from support.pattern import click_times_s, frame_number, is_flash

FLASHES = (7, 31, 58)


def plan(fps: Fraction = Fraction(25), sound: SoundPlan | None = None, **options: Any) -> ClipPlan:
    return ClipPlan(60, fps, flashes=FLASHES, sounds=[sound or SoundPlan()], **options)


QUIET_HEVC = {"preset": "ultrafast", "x265-params": "log-level=none"}
FAST_VP9 = {"cpu-used": "8", "deadline": "realtime"}
PLANS = {
    "23.976": ("a.mp4", plan(Fraction(24000, 1001))),
    "29.97": ("a.mkv", plan(Fraction(30000, 1001), SoundPlan(codec="libopus"))),
    "60": ("a.mov", plan(Fraction(60), SoundPlan(codec="pcm_s16le"))),
    "hevc": ("a.mp4", plan(codec="libx265", options=QUIET_HEVC)),
    "vp9": ("a.webm", plan(sound=SoundPlan(codec="libopus"), codec="libvpx-vp9", options=FAST_VP9)),
    "mpeg-ts": ("a.ts", plan(sound=SoundPlan(codec="ac3", layout="stereo"))),
    "avi": ("a.avi", plan(sound=SoundPlan(codec="pcm_s16le"), codec="mpeg4", options={})),
    "b-frames": ("a.mp4", plan(options={"preset": "fast", "bf": "3"})),
    "late sound": ("a.mp4", plan(sound=SoundPlan(start_s=Fraction(1, 5)))),
    "late picture": ("a.mp4", plan(start_s=Fraction(2, 5))),
    "44.1 kHz surround": ("a.mp4", plan(sound=SoundPlan(rate_hz=44_100, layout="5.1"))),
}


@pytest.mark.parametrize("name", PLANS)
def test_flashes_and_clicks_stay_together(tmp_path: Path, name: str) -> None:
    file, drawn = PLANS[name]
    clip = draw_clip(tmp_path / file, drawn)
    footage = index_footage(clip)
    assert footage.fps == drawn.fps
    segments = []
    for start in range(0, footage.frame_count, 17):
        segments.append(tmp_path / f"{start}.mp4")
        with SegmentWriter(segments[-1], footage.width_px, footage.height_px, footage.fps) as writer:
            for frame in read_footage(footage, start, start + 17):
                writer.write(frame)
    joined = tmp_path / "joined.mp4"
    join_segments(joined, segments, fps=footage.fps, sound=read_audio(clip, 48_000))
    result = index_footage(joined)
    frames = list(read_footage(result))
    assert (result.fps, result.frame_count, len(frames)) == (footage.fps, footage.frame_count, footage.frame_count)
    numbers = [frame_number(frame) for frame in frames]
    first = numbers.count(0) - 1  # a picture that begins late stands from the start
    assert numbers == [max(index - first, 0) for index in range(len(frames))]
    flashes_s = [float(index / result.fps) for index, frame in enumerate(frames) if is_flash(frame)]
    clicks_s = click_times_s(np.concatenate(list(read_audio(joined, 48_000))))
    assert len(flashes_s) == len(FLASHES)
    np.testing.assert_allclose(clicks_s, flashes_s, atol=0.5 / float(result.fps) + 0.001)


def test_size_pixels_rotation_and_variable_rate_arrive_as_a_viewer_sees_them(tmp_path: Path) -> None:
    times_s = [Fraction(number, 30) for number in (0, 1, 2, 4, 5, 6, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20)]
    wide = ClipPlan(times_s=times_s, width=64, height=48, sample_aspect=Fraction(4, 3))
    footage = index_footage(draw_clip(tmp_path / "a.mp4", wide))
    assert footage.fps == 30
    assert abs(footage.width_px / footage.height_px - 64 * 4 / 3 / 48) < 0.05
    numbers = [frame_number(frame) for frame in read_footage(footage)]
    assert numbers[:21] == [0, 1, 2, 2, 3, 4, 5, 5, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17]
    turned = index_footage(draw_clip(tmp_path / "b.mp4", ClipPlan(rotation=90)))
    assert (turned.width_px, turned.height_px) == (64, 96)
