import shutil
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from lipwright.errors import MediaNotFound, MediaUnreadable
from lipwright.media import probe as probe_module
from lipwright.media.probe import probe
from support.clips import SIDE_PX, tone, write_clip, write_timed_clip


def test_probe_tells_what_the_clip_is(tmp_path: Path) -> None:
    clip = probe(write_clip(tmp_path / "a.mp4", 48, Fraction(24000, 1001), [tone(300, 2)]))
    assert clip.video is not None
    assert (clip.video.width_px, clip.video.height_px, clip.video.fps) == (SIDE_PX, SIDE_PX, Fraction(24000, 1001))
    assert (clip.video.codec, clip.video.pixel_format, clip.video.rotation_degrees) == ("h264", "yuv420p", 0)
    assert (clip.video.frame_count, clip.video.sample_aspect) == (48, 1)
    assert clip.duration_s == Fraction(2002, 1000)
    assert (clip.audio[0].codec, clip.audio[0].sample_rate_hz, clip.audio[0].channels) == ("aac", 48_000, 1)


def test_turned_clip_has_the_size_that_a_viewer_sees(tmp_path: Path) -> None:
    clip = probe(write_timed_clip(tmp_path / "a.mp4", [0, 40], rotation=-90))
    assert clip.video is not None
    assert (clip.video.width_px, clip.video.height_px, clip.video.rotation_degrees) == (48, 96, 90)


def test_name_with_marks_is_a_local_file(tmp_path: Path) -> None:
    path = tmp_path / "http:a 100% 'b'.mp4"
    assert probe(write_clip(path)).path == path


def test_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(MediaNotFound, match=r"a\.mp4`: there is no such file"):
        probe(tmp_path / "a.mp4")


def test_folder_is_no_clip(tmp_path: Path) -> None:
    with pytest.raises(MediaUnreadable, match="this is not a file"):
        probe(tmp_path)


def test_empty_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").touch()
    with pytest.raises(MediaUnreadable, match="the file is empty"):
        probe(tmp_path / "a.mp4")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP"])
def test_picture_named_mp4_is_said(tmp_path: Path, kind: str) -> None:
    Image.fromarray(np.zeros((32, 32, 3), np.uint8)).save(tmp_path / "a.mp4", kind)
    with pytest.raises(MediaUnreadable, match="this is a still picture"):
        probe(tmp_path / "a.mp4")


def test_text_named_mp4_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_text("Dear reader, " * 500)
    with pytest.raises(MediaUnreadable, match="damaged, cut short, or not a video"):
        probe(tmp_path / "a.mp4")


@pytest.mark.parametrize(
    "playlist",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{target}\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile {target}\n",
    ],
)
def test_playlist_may_not_open_other_files(tmp_path: Path, playlist: str) -> None:
    secret = write_clip(tmp_path / "secret.mp4")
    (tmp_path / "a.mp4").write_text(playlist.format(target=secret))
    with pytest.raises(MediaUnreadable):
        probe(tmp_path / "a.mp4")


@pytest.mark.parametrize("part", [0.3, 0.9, 0.999])
def test_cut_clip_is_said(tmp_path: Path, part: float) -> None:
    data = write_clip(tmp_path / "whole.mp4", 30, sound=[tone(300, 1)]).read_bytes()
    (tmp_path / "cut.mp4").write_bytes(data[: int(len(data) * part)])
    with pytest.raises(MediaUnreadable, match="cut short"):
        probe(tmp_path / "cut.mp4")


def test_cover_image_is_no_video(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.m4a"), "w", format="mp4") as container:
        sound = container.add_stream("aac", rate=48_000, layout="mono")
        cover = container.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = 32, 32, "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        picture = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")
        container.mux(cover.encode(picture))
        container.mux(cover.encode(None))
        frame = av.AudioFrame.from_ndarray(tone(300, 1)[None], format="fltp", layout="mono")
        frame.sample_rate = 48_000
        container.mux(sound.encode(frame))
        container.mux(sound.encode(None))
    clip = probe(tmp_path / "a.m4a")
    assert clip.video is None
    assert len(clip.audio) == 1


def test_too_large_pictures_are_refused_before_decoding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe_module, "MAX_FRAME_PIXELS", SIDE_PX * SIDE_PX - 1)
    with pytest.raises(probe_module.MediaTooLarge, match="64x64"):
        probe(write_clip(tmp_path / "a.mp4"))


def test_probe_leaves_the_file_alone(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.mp4")
    shutil.copy(path, tmp_path / "copy.mp4")
    probe(path)
    assert path.read_bytes() == (tmp_path / "copy.mp4").read_bytes()


def test_real_clips_are_probed(shared_media: Path) -> None:
    tall = probe(shared_media / "portrait-25fps-hevc.mp4")
    assert tall.video is not None
    assert (tall.video.width_px, tall.video.height_px, tall.video.codec, tall.video.fps) == (1080, 1920, "hevc", 25)
    assert tall.audio[0].sample_rate_hz == 44_100
    assert probe(shared_media / "jfk.flac").duration_s == 11
    uneven = probe(shared_media / "vfr-30fps.mp4")
    assert uneven.video is not None
    assert uneven.video.fps.denominator > 1
