import gc
from dataclasses import replace
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import numpy as np
import pytest
from av.error import FFmpegError
from numpy.typing import NDArray
from PIL import Image

from lipwright.contracts.footage import Footage, YuvFrame
from lipwright.errors import MediaNotFound, MediaTooLarge, MediaUnreadable
from lipwright.media import footage as footage_module
from lipwright.media.footage import index_footage, read_footage, read_frames_at
from support.drawn_video import HEIGHT_PX, WIDTH_PX, Kind, draw, number_in, steady, write_video

CLOSED = Kind()
OPEN = Kind(options={"crf": "12", "x264-params": "keyint=10:bframes=3:open-gop=1"})
HEVC = Kind(
    codec="libx265",
    options={"crf": "12", "x265-params": "keyint=10:bframes=3:open-gop=1:log-level=none:pools=none:frame-threads=1"},
)
MPEG2 = Kind(codec="mpeg2video", options={"g": "10", "bf": "2", "b": "2000000"}, time_base=Fraction(1, 25))
MPEG4 = Kind(codec="mpeg4", options={"g": "10", "bf": "2", "b": "2000000"}, time_base=Fraction(1, 25))
VP9 = Kind(
    codec="libvpx-vp9",
    options={"crf": "10", "b": "0", "deadline": "realtime", "cpu-used": "8", "lag-in-frames": "5", "g": "10"},
    time_base=Fraction(1, 1000),
)
HIDDEN = Kind(
    codec="libvpx",
    options={"b": "1000000", "deadline": "good", "cpu-used": "5", "lag-in-frames": "16", "auto-alt-ref": "1"},
    time_base=Fraction(1, 1000),
)
INTERLACED = Kind(interlaced=True)


def same(left: YuvFrame, right: YuvFrame) -> bool:
    return all(np.array_equal(a, b) for a, b in ((left.y, right.y), (left.u, right.u), (left.v, right.v)))


def numbers(footage: Footage) -> list[int]:
    return [number_in(frame) for frame in read_footage(footage)]


def open_files() -> int:
    gc.collect()
    return len(list(Path("/proc/self/fd").iterdir()))


def test_regular_video_comes_through_bit_by_bit(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", steady(30))
    footage = index_footage(path)
    assert (footage.width_px, footage.height_px, footage.fps, footage.frame_count) == (WIDTH_PX, HEIGHT_PX, 25, 30)
    assert footage.notes == ()
    with av.open(str(path)) as container:
        for frame, picture in zip(read_footage(footage), container.decode(video=0), strict=True):
            stored = picture.to_ndarray()
            assert np.array_equal(frame.y, stored[:HEIGHT_PX])
            assert np.array_equal(np.concatenate([frame.u.ravel(), frame.v.ravel()]), stored[HEIGHT_PX:].ravel())


def test_planes_of_a_frame_lie_one_behind_the_other(tmp_path: Path) -> None:
    frame = next(read_footage(index_footage(write_video(tmp_path / "a.mp4", steady(2)))))
    block = frame.y.base
    assert block is not None
    assert block is frame.u.base is frame.v.base
    assert np.array_equal(block, np.concatenate([frame.y.ravel(), frame.u.ravel(), frame.v.ravel()]))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("closed.mp4", CLOSED),
        ("open.mp4", OPEN),
        ("open.ts", OPEN),
        ("open.mkv", OPEN),
        ("hevc.mp4", HEVC),
        ("hevc.ts", HEVC),
        ("a.mpg", MPEG2),
        ("a.avi", MPEG4),
        ("a.webm", VP9),
        ("hidden.webm", HIDDEN),
        ("interlaced.mp4", INTERLACED),
        ("interlaced.ts", INTERLACED),
        ("a.flv", CLOSED),
        ("raw.h264", CLOSED),
    ],
)
def test_any_frame_is_the_same_wherever_reading_begins(tmp_path: Path, name: str, kind: Kind) -> None:
    footage = index_footage(write_video(tmp_path / name, steady(36), kind))
    whole = list(read_footage(footage))
    assert [number_in(frame) for frame in whole] == footage.source_index.tolist()
    assert max(footage.source_index) == 35
    for start in range(0, footage.frame_count, 3):
        two = list(read_footage(footage, start, start + 2))
        assert len(two) == min(2, footage.frame_count - start)
        assert all(same(frame, whole[start + place]) for place, frame in enumerate(two))
    mixed = [*range(footage.frame_count - 1, -1, -1), 3, 3, 3, 35, 1, 20, 21, 5]
    for index, frame in zip(mixed, read_frames_at(footage, mixed), strict=True):
        assert same(frame, whole[index]), index


def test_reading_backward_keeps_little(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    footage = index_footage(write_video(tmp_path / "a.mp4", steady(40)))
    whole = list(read_footage(footage))
    monkeypatch.setattr(footage_module, "CHUNK_BYTES", 5 * WIDTH_PX * HEIGHT_PX * 3 // 2)
    backward = np.arange(39, -1, -1)
    assert all(
        same(frame, whole[index]) for index, frame in zip(backward, read_frames_at(footage, backward), strict=True)
    )


def test_repeated_frames_belong_to_the_caller_each(tmp_path: Path) -> None:
    footage = index_footage(write_video(tmp_path / "a.mp4", steady(4)))
    first, second, third = read_frames_at(footage, [2, 2, 2])
    kept = second.y.copy()
    first.y[:] = 0
    third.y[:] = 0
    assert np.array_equal(second.y, kept)


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="open files are listed in /proc on Linux only")
def test_closing_the_iterator_closes_the_file(tmp_path: Path) -> None:
    footage = index_footage(write_video(tmp_path / "a.mp4", steady(30)))
    before = open_files()
    frames = read_footage(footage)
    next(frames)
    assert open_files() > before
    frames.close()  # type: ignore[attr-defined]
    assert open_files() == before


@pytest.mark.parametrize(
    ("name", "fps"),
    [
        ("a.mp4", Fraction(24000, 1001)),
        ("a.mkv", Fraction(24000, 1001)),
        ("a.mkv", Fraction(30000, 1001)),
        ("a.ts", Fraction(60000, 1001)),
        ("a.mp4", Fraction(25, 2)),
        ("a.mp4", Fraction(1)),
        ("a.mp4", Fraction(240)),
        ("a.mkv", Fraction(240)),
    ],
)
def test_source_keeps_its_own_rate(tmp_path: Path, name: str, fps: Fraction) -> None:
    footage = index_footage(write_video(tmp_path / name, steady(20, fps), Kind(time_base=Fraction(1, 240_000))))
    assert footage.fps == fps
    assert footage.frame_count == 20
    assert numbers(footage) == list(range(20))
    assert footage.notes == ()


def test_variable_rate_becomes_that_of_its_finest_steps(tmp_path: Path) -> None:
    slots = [0, 1, 3, 4, 6, 7, 8, 10]
    footage = index_footage(write_video(tmp_path / "a.mp4", [Fraction(slot, 30) for slot in slots]))
    assert footage.fps == 30
    assert numbers(footage)[:11] == [0, 1, 1, 2, 3, 3, 4, 5, 6, 6, 7]
    assert footage.notes == ("variable frame rate made constant: 30 fps",)


def test_hole_in_the_times_shows_the_picture_before_it(tmp_path: Path) -> None:
    times = [*steady(5), *(2 + time for time in steady(5))]
    footage = index_footage(write_video(tmp_path / "a.mp4", times))
    assert footage.frame_count == 55
    assert numbers(footage) == [0, 1, 2, 3, *[4] * 46, 5, 6, 7, 8, 9]


def test_late_picture_waits_for_its_time_on_the_timeline_of_the_sound(tmp_path: Path) -> None:
    footage = index_footage(write_video(tmp_path / "a.mp4", [1 + time for time in steady(8)], sound_s=1.5))
    assert numbers(footage) == [*[0] * 25, *range(8)]
    assert "begins 1.00 s after the sound" in footage.notes[0]


def test_edited_away_pictures_are_not_shown(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", [time - Fraction(8, 25) for time in steady(20)])
    with av.open(str(path)) as container:
        shown = [picture.pts for picture in container.decode(video=0)]
    footage = index_footage(path)
    assert numbers(footage) == list(range(20 - len(shown), 20))


def test_one_picture_is_a_video(tmp_path: Path) -> None:
    footage = index_footage(write_video(tmp_path / "a.mp4", [0]))
    assert (footage.frame_count, footage.fps) == (1, 25)
    assert numbers(footage) == [0]


@pytest.mark.parametrize("name", ["a.mp4", "a.ts"])
def test_half_pictures_become_whole_ones_of_the_first_half(tmp_path: Path, name: str) -> None:
    def half(number: int) -> NDArray[np.uint8]:
        image = np.full((HEIGHT_PX, WIDTH_PX, 3), 60, np.uint8)
        image[:, 5 * number : 5 * number + 16] = 200
        return image

    images = []
    for number in range(6):
        image = half(2 * number + 1)
        image[1::2] = half(2 * number)[1::2]  # the lower half comes first
        images.append(image)
    footage = index_footage(write_video(tmp_path / name, steady(6), replace(INTERLACED, options={"crf": "6"}), images))
    assert footage.notes == ("interlaced pictures made whole",)
    for number, frame in enumerate(read_footage(footage)):
        assert np.flatnonzero(frame.y[32] > 120)[0] == pytest.approx(10 * number, abs=1)
        assert np.abs(2.0 * frame.y[1:-1] - frame.y[:-2] - frame.y[2:]).mean() < 3


def corners(frame: YuvFrame) -> NDArray[np.int64]:
    """Mean luma of the four quarters, as a table."""
    height, width = frame.y.shape
    quarters = frame.y[: height // 2 * 2, : width // 2 * 2].reshape(2, height // 2, 2, width // 2)
    return quarters.mean((1, 3)).round().astype(np.int64)


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_picture_is_upright(tmp_path: Path, turn: int, mirrored: bool) -> None:
    """FFmpeg's own filters, which players follow, say what is upright."""
    image = np.zeros((HEIGHT_PX, WIDTH_PX, 3), np.uint8)
    image[:32, :48], image[:32, 48:], image[32:, :48] = 240, 160, 80
    path = write_video(tmp_path / "a.mp4", steady(2), Kind(rotation=-turn, mirrored=mirrored), [image, image])
    footage = index_footage(path)
    upright = np.array([[221, 153], [85, 16]])
    upright = np.rot90(upright, -turn // 90)
    upright = upright[:, ::-1] if mirrored else upright
    frame = next(read_footage(footage))
    assert frame.y.shape == (footage.height_px, footage.width_px)
    assert (footage.width_px, footage.height_px) == ((64, 96) if turn % 180 else (96, 64))
    assert np.abs(corners(frame) - upright).max() <= 2
    assert any("turned upright" in note or "mirrored" in note for note in footage.notes) == bool(turn or mirrored)


@pytest.mark.parametrize(
    ("aspect", "size"), [(Fraction(4, 3), (128, 64)), (Fraction(8, 9), (96, 72)), (Fraction(1001, 1000), (96, 64))]
)
def test_pixels_become_square(tmp_path: Path, aspect: Fraction, size: tuple[int, int]) -> None:
    footage = index_footage(write_video(tmp_path / "a.mp4", steady(3), Kind(aspect=aspect)))
    assert (footage.width_px, footage.height_px) == size
    assert numbers(footage) == [0, 1, 2]
    assert (f"pixels made square: {size[0]}x{size[1]}" in footage.notes) == (size != (96, 64))


def test_odd_sides_keep_every_pixel(tmp_path: Path) -> None:
    images = [draw(number, 97, 65) for number in range(3)]
    path = write_video(tmp_path / "a.mp4", steady(3), Kind(pixel_format="yuv444p", options={"crf": "4"}), images)
    footage = index_footage(path)
    assert (footage.width_px, footage.height_px, footage.full_chroma) == (97, 65, True)
    with av.open(str(path)) as container:
        for frame, picture in zip(read_footage(footage), container.decode(video=0), strict=True):
            assert np.array_equal(np.stack([frame.y, frame.u, frame.v]), picture.to_ndarray())


def test_odd_sides_with_half_colour_keep_their_luma(tmp_path: Path) -> None:
    planes = np.random.default_rng(0).integers(16, 236, (65 * 97 + 2 * 33 * 49,), np.uint8)
    path = tmp_path / "a.avi"
    picture = av.VideoFrame(97, 65, "yuv420p")
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = 97, 65, "yuv420p"
        stream.codec_context.colorspace = stream.codec_context.color_primaries = stream.codec_context.color_trc = 1
        stream.codec_context.color_range = 1
        for plane in picture.planes:
            plane.update(np.resize(planes, plane.buffer_size).tobytes())
        picture.pts = 0
        container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    footage = index_footage(path)
    frame = next(read_footage(footage))
    luma = np.frombuffer(picture.planes[0], np.uint8).reshape(65, -1)[:, :97]
    assert footage.full_chroma
    assert frame.u.shape == (65, 97)
    if "colours made BT.709" not in footage.notes:
        assert np.array_equal(frame.y, luma)


def test_cut_video_is_used_as_far_as_it_goes(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", steady(60), Kind(container_options={"movflags": "faststart"}), sound_s=2.4)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 6 // 10])
    footage = index_footage(path)
    assert 10 < footage.frame_count < 55
    assert numbers(footage) == footage.source_index.tolist()
    assert "the file is cut short" in footage.notes[-1]
    assert path.read_bytes() == data[: len(data) * 6 // 10]


@pytest.mark.parametrize("name", ["a.mkv", "a.ts", "a.flv"])
def test_cut_stream_is_used_as_far_as_it_goes(tmp_path: Path, name: str) -> None:
    path = write_video(tmp_path / name, steady(60))
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 6 // 10])
    footage = index_footage(path)
    assert 10 < footage.frame_count < 55
    assert len(numbers(footage)) == footage.frame_count
    assert ("of 2.4 s can be seen" in str(footage.notes)) == (name == "a.mkv")


def test_damaged_packet_holds_the_last_good_picture(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", steady(30), Kind(codec="mjpeg", options={"q": "2"}, pixel_format="yuvj420p"))
    with av.open(str(path)) as container:
        packets = [(packet.pos, packet.size) for packet in container.demux(video=0) if packet.size]
    data = bytearray(path.read_bytes())
    position, size = packets[10]
    assert position is not None
    data[position : position + size] = bytes(size)
    path.write_bytes(data)
    footage = index_footage(path)
    seen = numbers(footage)
    assert seen == [*range(10), 9, *range(11, 30)]
    assert [number_in(next(read_footage(footage, start))) for start in (9, 10, 11)] == [9, 9, 11]


def test_missing_duration_is_no_obstacle(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mkv", steady(20), Kind(container_options={"live": "1"}))
    with av.open(str(path)) as container:
        assert container.duration is None
    footage = index_footage(path)
    assert (footage.frame_count, footage.fps) == (20, 25)
    assert numbers(footage) == list(range(20))


def test_raw_stream_is_counted(tmp_path: Path) -> None:
    footage = index_footage(write_video(tmp_path / "a.h264", steady(12)))
    assert footage.frame_count == 12
    assert footage.notes == ("the file tells no times: its pictures were counted, 25 fps",)


def test_video_without_pictures_is_said(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.mp4"), "w", options={"movflags": "empty_moov"}) as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        container.start_encoding()
    with pytest.raises(MediaUnreadable, match=r"a\.mp4`: (no picture can be decoded|damaged, cut short)"):
        index_footage(tmp_path / "a.mp4")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "AVIF"])
def test_picture_named_mp4_names_the_other_command(tmp_path: Path, kind: str) -> None:
    Image.fromarray(draw(1)).save(tmp_path / "a.mp4", kind)
    with pytest.raises(MediaUnreadable, match=r"a\.mp4`: this is a still picture.*`lipwright speak --face`"):
        index_footage(tmp_path / "a.mp4")


def test_sound_alone_is_said(tmp_path: Path) -> None:
    write_video(tmp_path / "a.mp4", [], sound_s=0.5)
    with pytest.raises(MediaUnreadable, match=r"a\.mp4`: has no picture, only sound"):
        index_footage(tmp_path / "a.mp4")


def test_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(MediaNotFound):
        index_footage(tmp_path / "a.mp4")


def test_file_that_vanishes_is_said_when_it_is_read(tmp_path: Path) -> None:
    footage = index_footage(write_video(tmp_path / "a.mp4", steady(3)))
    footage.path.unlink()
    with pytest.raises(MediaNotFound):
        next(read_footage(footage))


def test_too_large_pictures_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_video(tmp_path / "a.mp4", steady(2))
    monkeypatch.setattr(footage_module, "MAX_FRAME_PIXELS", WIDTH_PX * HEIGHT_PX - 1)
    with pytest.raises(MediaTooLarge, match="96x64"):
        index_footage(path)


def test_times_of_a_day_and_more_are_refused(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mkv", [0, Fraction(1, 25), Fraction(2, 25), Fraction(30 * 3600)])
    with pytest.raises(MediaUnreadable, match="30 hours"):
        index_footage(path)


def test_large_pictures_are_read(tmp_path: Path) -> None:
    image = np.full((4320, 7680, 3), 120, np.uint8)
    kind = Kind(codec="mjpeg", pixel_format="yuvj420p", options={"q": "20"}, full_range=True)
    footage = index_footage(write_video(tmp_path / "a.mp4", steady(1), kind, [image]))
    assert (footage.width_px, footage.height_px) == (7680, 4320)
    assert next(read_footage(footage)).y.shape == (4320, 7680)


def test_damaged_files_never_end_in_a_stack_trace(tmp_path: Path) -> None:
    whole = write_video(tmp_path / "whole.mp4", steady(12)).read_bytes()
    random = np.random.default_rng(0)
    for _ in range(40):
        data = bytearray(whole)
        for place in random.integers(0, len(data), 20):
            data[place] = random.integers(0, 256)
        (tmp_path / "a.mp4").write_bytes(data)
        try:
            footage = index_footage(tmp_path / "a.mp4")
            assert len(list(islice(read_footage(footage), 100))) == min(footage.frame_count, 100)
        except (MediaUnreadable, MediaTooLarge):
            continue
        except FFmpegError as exc:  # pragma: no cover
            pytest.fail(f"untranslated: {exc!r}")


def test_real_clips_are_regular(shared_media: Path) -> None:
    tall = index_footage(shared_media / "portrait-25fps-hevc.mp4")
    assert (tall.width_px, tall.height_px, tall.fps, tall.frame_count, tall.notes) == (1080, 1920, 25, 250, ())
    uneven = index_footage(shared_media / "vfr-30fps.mp4")
    assert (uneven.fps, uneven.frame_count) == (30, 184)
    assert len(np.unique(uneven.source_index)) == 135
    assert "variable frame rate made constant: 30 fps" in uneven.notes


def test_real_frames_are_the_same_wherever_reading_begins(shared_media: Path) -> None:
    footage = index_footage(shared_media / "closeup-30fps.mp4")
    whole = {index: frame for index, frame in enumerate(read_footage(footage)) if index in (0, 100, 249, 250, 251, 447)}
    for index, frame in whole.items():
        assert same(next(read_footage(footage, index)), frame)
