"""The picture of a file is copied, and the sound of the same file, or another, stays beside it."""

import hashlib
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from lipwright.errors import DiskFull, MediaNotFound, MediaUnreadable
from lipwright.media.audio import read_audio
from lipwright.media.copy_picture import copy_picture, picture_obstacle
from lipwright.media.footage import index_footage
from lipwright.media.tracks import Beside, KeptSound, TrackLabel
from support.clips import ClipPlan, SoundPlan, draw_clip, tone
from support.pattern import frame_number
from support.tracks import duration_s, flash_times_s, heard_times_s, streams

FLASHES = (7, 31, 58)


def plan(fps: Fraction = Fraction(25), sound: SoundPlan | None = None, **options: Any) -> ClipPlan:
    return ClipPlan(60, fps, flashes=FLASHES, sounds=[sound or SoundPlan()], **options)


QUIET_HEVC = {"preset": "ultrafast", "x265-params": "log-level=none"}
FAST_VP9 = {"cpu-used": "8", "deadline": "realtime"}
PLANS = {
    "23.976": ("a.mp4", plan(Fraction(24000, 1001)), "aac"),
    "29.97 in ms": ("a.mkv", plan(Fraction(30000, 1001), SoundPlan(codec="libopus")), "opus"),
    "aac in ms": ("a.mkv", plan(Fraction(25), SoundPlan(rate_hz=44_100)), "aac"),
    "60": ("a.mov", plan(Fraction(60), SoundPlan(codec="pcm_s16le")), "aac"),
    "hevc": ("a.mp4", plan(codec="libx265", options=QUIET_HEVC), "aac"),
    "vp9": ("a.webm", plan(sound=SoundPlan(codec="libopus"), codec="libvpx-vp9", options=FAST_VP9), "opus"),
    "mpeg-ts": ("a.ts", plan(sound=SoundPlan(codec="ac3", layout="stereo")), "ac3"),
    "mpeg-ts with aac": ("a.ts", plan(sound=SoundPlan(layout="stereo")), "aac"),
    "mp3": ("a.mp4", plan(sound=SoundPlan(codec="libmp3lame")), "mp3"),
    "flac": ("a.mkv", plan(sound=SoundPlan(codec="flac")), "flac"),
    "b-frames": ("a.mp4", plan(options={"preset": "fast", "bf": "3"}), "aac"),
    "b-frames in ms": ("a.mkv", plan(options={"preset": "fast", "bf": "3"}), "aac"),
    "mpeg-4": ("a.mp4", plan(codec="mpeg4", options={}), "aac"),
    "late sound": ("a.mp4", plan(sound=SoundPlan(start_s=Fraction(1, 5))), "aac"),
    "late picture": ("a.mp4", plan(start_s=Fraction(2, 5)), "aac"),
    "surround": ("a.mp4", plan(sound=SoundPlan(rate_hz=44_100, layout="5.1")), "aac"),
}


def dubbed(output: Path, clip: Path) -> Fraction:
    """The clip with its own sound twice: through decoding as a dub, and kept."""
    return copy_picture(
        output,
        clip,
        sound=read_audio(clip, 48_000),
        beside=Beside(label=TrackLabel("pt-BR", "Dub"), kept=KeptSound(clip, TrackLabel("en", "Original"))),
    )


@pytest.mark.parametrize("name", PLANS)
def test_pictures_both_sounds_and_their_times_stay(tmp_path: Path, name: str) -> None:
    file, drawn, codec = PLANS[name]
    clip = draw_clip(tmp_path / file, drawn)
    result = tmp_path / "dub.mp4"
    dubbed(result, clip)
    found = streams(result)
    assert [(one[0], one[2:]) for one in found[1:]] == [
        ("audio", ("por", "Dub", 1)),
        ("audio", ("eng", "Original", 0)),
    ]
    assert (found[1][1], found[2][1].removesuffix("float")) == ("aac", codec)
    flashes_s = flash_times_s(result)
    assert len(flashes_s) == len(FLASHES)
    for track in (0, 1):
        np.testing.assert_allclose(heard_times_s(result, track), flashes_s, atol=0.02)
    frame_s = 1 / drawn.fps
    assert abs(index_footage(result).duration_s - index_footage(clip).duration_s) <= frame_s
    assert abs(duration_s(result) - max(duration_s(clip), index_footage(clip).duration_s)) <= frame_s + Fraction(1, 40)


def coded(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(video=0) if packet.size]


def test_coded_pictures_are_those_of_the_source(tmp_path: Path) -> None:
    clip = draw_clip(tmp_path / "a.mp4", plan(options={"preset": "fast", "bf": "3"}))
    dubbed(tmp_path / "dub.mp4", clip)
    assert coded(tmp_path / "dub.mp4") == coded(clip)


def test_pictures_that_an_edit_list_hides_stay_hidden(tmp_path: Path) -> None:
    whole = draw_clip(tmp_path / "a.mp4", plan(options={"preset": "fast", "bf": "2", "g": "250"}))
    cut = tmp_path / "cut.mp4"
    with av.open(str(whole)) as source, av.open(str(cut), "w") as target:
        track = target.add_stream_from_template(source.streams.video[0], opaque=True)
        for packet in source.demux(video=0):
            if packet.pts is not None:
                shift = round(Fraction(4, 5) / packet.time_base)
                packet.pts, packet.dts, packet.stream = packet.pts - shift, packet.dts - shift, track
                target.mux_one(packet)
    copy_picture(tmp_path / "dub.mp4", cut, sound=[tone(300, 1.6)])
    with av.open(str(tmp_path / "dub.mp4")) as container:
        numbers = [frame_number(picture.to_ndarray(format="rgb24")) for picture in container.decode(video=0)]
        assert container.streams.video[0].start_time == 0
    assert numbers == list(range(20, 60))


def test_rotation_and_variable_rate_stay(tmp_path: Path) -> None:
    times_s = [Fraction(number, 30) for number in (0, 1, 2, 4, 5, 6, 9, 10, 11, 12, 13, 14)]
    clip = draw_clip(tmp_path / "a.mp4", ClipPlan(times_s=times_s, rotation=90))
    copy_picture(tmp_path / "dub.mp4", clip, sound=[])
    with av.open(str(tmp_path / "dub.mp4")) as container:
        pictures = list(container.decode(video=0))
    assert [picture.pts * picture.time_base for picture in pictures] == times_s
    assert {picture.rotation for picture in pictures} == {90}


def test_sound_that_is_longer_is_heard_to_its_end_and_a_shorter_one_is_filled_up(tmp_path: Path) -> None:
    clip = draw_clip(tmp_path / "a.mp4", ClipPlan(25))
    for length_s, wanted_s in ((1.5, 1.5), (0.2, 1.0)):
        assert copy_picture(tmp_path / "dub.mp4", clip, sound=[tone(300, length_s)]) == 1
        heard = np.concatenate(list(read_audio(tmp_path / "dub.mp4", 48_000)))
        assert len(heard) == round(wanted_s * 48_000)


@pytest.mark.parametrize(
    ("file", "drawn", "reason"),
    [
        ("a.mov", ClipPlan(5, codec="prores_ks", pixel_format="yuv422p10le", options={}), "its codec is prores"),
        ("a.avi", ClipPlan(25, options={"preset": "fast", "bf": "3"}), "the file tells no exact times"),
        ("a.h264", ClipPlan(25, container="h264"), "the file tells no exact times"),
        ("a.mkv", ClipPlan(5, codec="ffv1", options={}), "its codec is ffv1"),
    ],
)
def test_picture_that_cannot_be_copied_is_told(tmp_path: Path, file: str, drawn: ClipPlan, reason: str) -> None:
    clip = draw_clip(tmp_path / file, drawn)
    assert picture_obstacle(clip) == reason
    with pytest.raises(MediaUnreadable, match=f"cannot be copied into MP4, since {reason}"):
        copy_picture(tmp_path / "dub.mp4", clip, sound=[])
    assert [path.name for path in tmp_path.iterdir()] == [file]


def test_missing_video_and_missing_sound_are_named(tmp_path: Path) -> None:
    with pytest.raises(MediaNotFound, match=r"no\.mp4"):
        copy_picture(tmp_path / "dub.mp4", tmp_path / "no.mp4", sound=[])
    clip = draw_clip(tmp_path / "a.mp4", ClipPlan(5))
    with pytest.raises(MediaUnreadable, match="there is no sound in it"):
        dubbed(tmp_path / "dub.mp4", clip)
    beside = Beside(kept=KeptSound(clip, TrackLabel("en")))
    with pytest.raises(MediaUnreadable, match="there is no sound in it"):
        copy_picture(tmp_path / "dub.mp4", clip, sound=[], beside=beside)
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]


def test_same_file_has_the_same_bytes_again(tmp_path: Path) -> None:
    clip = draw_clip(tmp_path / "a.mkv", plan(sound=SoundPlan(codec="libopus")))
    digests = set()
    for name in ("x.mp4", "y.mp4"):
        dubbed(tmp_path / name, clip)
        digests.add(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    assert len(digests) == 1
    data = (tmp_path / "x.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


@pytest.mark.parametrize("file", ["a.mp4", "a.mkv"])
def test_file_that_is_cut_short_is_copied_as_far_as_it_goes(tmp_path: Path, file: str) -> None:
    options = {"movflags": "faststart"} if file == "a.mp4" else {}
    clip = draw_clip(tmp_path / file, plan(container_options=options))
    clip.write_bytes(clip.read_bytes()[: clip.stat().st_size * 6 // 10])
    beside = Beside(kept=KeptSound(clip, TrackLabel("en")))
    end_s = copy_picture(tmp_path / "dub.mp4", clip, sound=[], beside=beside)
    with av.open(str(tmp_path / "dub.mp4")) as container:
        pictures = list(container.decode(video=0))
    assert 10 < len(pictures) < 50
    assert end_s == len(pictures) / Fraction(25)


def test_full_disk_leaves_no_video(tmp_path: Path, small_disk: Path) -> None:
    clip = draw_clip(
        tmp_path / "a.mkv", ClipPlan(60, width=512, height=512, options={"preset": "ultrafast", "qp": "0"})
    )
    loud = np.random.default_rng(0).standard_normal(48_000 * 240).astype(np.float32) / 4
    with pytest.raises(DiskFull, match=r"dub\.mp4.*Free some space"):
        copy_picture(small_disk / "dub.mp4", clip, sound=[loud])
    assert list(small_disk.iterdir()) == []
