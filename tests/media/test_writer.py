import hashlib
import threading
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lipwright.contracts.media import Cue
from lipwright.errors import DiskFull, OutputNotWritable, UsageError
from lipwright.media.audio import read_audio
from lipwright.media.encoder import EncoderSettings
from lipwright.media.frames import read_frames
from lipwright.media.probe import probe
from lipwright.media.writer import Tags, VideoFormat, VideoWriter
from support.clips import SIDE_PX, in_chunks, plain, tone, write_clip

RATES = [
    Fraction(24000, 1001),
    Fraction(24),
    Fraction(25),
    Fraction(30000, 1001),
    Fraction(30),
    Fraction(50),
    Fraction(60),
]
SQUARE = VideoFormat(SIDE_PX, SIDE_PX, Fraction(25))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(frames=st.integers(1, 40), fps=st.sampled_from(RATES), sound_s=st.floats(0, 2))
def test_n_frames_last_exactly_n_by_the_rate_with_their_sound(
    tmp_path: Path, frames: int, fps: Fraction, sound_s: float
) -> None:
    clip = probe(write_clip(tmp_path / "a.mp4", frames, fps, [tone(440, sound_s)]))
    assert clip.video is not None
    assert clip.video.frame_count == frames
    assert clip.video.duration_s == frames / fps
    assert abs(clip.audio[0].duration_s - frames / fps) <= Fraction(1, 48_000)
    assert [frame.time_s for frame in read_frames(clip.path)] == [index / fps for index in range(frames)]


def test_flash_and_click_stay_together(tmp_path: Path) -> None:
    fps, frames = Fraction(24000, 1001), 240
    sound = np.zeros(round(frames / fps * 48_000), np.float32)
    flashes = range(24, frames, 24)
    for index in flashes:
        start = round(index / fps * 48_000)
        sound[start : start + 96] = tone(4000, 0.002)
    with VideoWriter(tmp_path / "a.mp4", VideoFormat(SIDE_PX, SIDE_PX, fps), audio=in_chunks(sound, 4096)) as writer:
        for index in range(frames):
            writer.write(plain(255 if index in flashes else 16))
    seen = [frame.time_s for frame in read_frames(tmp_path / "a.mp4") if frame.image.mean() > 128]
    heard = np.concatenate(list(read_audio(tmp_path / "a.mp4", 48_000)))
    assert len(seen) == len(flashes)
    for time_s in seen:
        around = round(time_s * 48_000) - 2400
        onset = around + np.flatnonzero(np.abs(heard[around : around + 4800]) > 0.15)[0]
        assert abs(onset / 48_000 - time_s) < 0.001
    assert abs(len(heard) - len(sound)) <= 1


def test_saturated_colours_come_back(tmp_path: Path) -> None:
    colours = [
        (255, 0, 0),
        (0, 255, 0),
        (0, 0, 255),
        (255, 255, 0),
        (0, 255, 255),
        (255, 0, 255),
        (255, 255, 255),
        (0, 0, 0),
    ]
    image = np.zeros((64, 256, 3), np.uint8)
    for index, colour in enumerate(colours):
        image[:, index * 32 : index * 32 + 32] = colour
    quality = EncoderSettings(crf=4)
    with VideoWriter(tmp_path / "a.mp4", VideoFormat(256, 64, Fraction(25)), settings=quality) as writer:
        writer.write(image)
    with av.open(str(tmp_path / "a.mp4")) as container:
        frame = next(container.decode(video=0))
        assert (frame.colorspace, frame.color_range, frame.color_primaries, frame.color_trc) == (1, 1, 1, 1)
        # BT.709 red in limited range; BT.601 would store 81, 90, 240.
        red = [int(np.frombuffer(plane, np.uint8)[8 * plane.line_size // 8 + 4]) for plane in frame.planes]
        np.testing.assert_allclose(red, (63, 102, 240), atol=2)
    back = next(read_frames(tmp_path / "a.mp4")).image
    for index, colour in enumerate(colours):
        np.testing.assert_allclose(back[32, index * 32 + 16], colour, atol=4)


def test_same_frames_give_the_same_bytes(tmp_path: Path) -> None:
    digests = set()
    for name in ("a.mp4", "b.mp4"):
        path = write_clip(tmp_path / name, 30, sound=[tone(300, 1.0)])
        digests.add(hashlib.sha256(path.read_bytes()).hexdigest())
    assert len(digests) == 1


def test_file_is_ready_for_streaming_and_says_what_it_is(tmp_path: Path) -> None:
    tags = Tags({"title": "Grüße", "comment": "synthetic"}, subtitle_language="es-MX")
    with VideoWriter(tmp_path / "a.mp4", SQUARE, audio=[tone(300, 2)], tags=tags) as writer:
        writer.set_cues([Cue("¡Hola!\n¿Qué tal?", 0.2, 0.6), Cue("Adiós", 1.0, 1.5)])
        for _ in range(50):
            writer.write(plain(90))
    data = (tmp_path / "a.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    with av.open(str(tmp_path / "a.mp4")) as container:
        assert container.metadata["title"] == "Grüße"
        assert container.metadata["comment"] == "synthetic"
        track = container.streams.subtitles[0]
        assert (track.codec_context.name, track.language) == ("mov_text", "spa")
        shown = [
            (float(packet.pts * packet.time_base), bytes(packet)[2:].decode())
            for packet in container.demux(track)
            if packet.size > 2
        ]
    assert shown == [(0.2, "¡Hola!\n¿Qué tal?"), (1.0, "Adiós")]
    assert probe(tmp_path / "a.mp4").duration_s == 2


def test_stereo_keeps_its_sides(tmp_path: Path) -> None:
    sound = np.stack([tone(440, 1.0), np.zeros(48_000, np.float32)], axis=1)
    write_clip(tmp_path / "a.mp4", 25, sound=[sound[:700], sound[700:]], channels=2)
    heard = np.concatenate(list(read_audio(tmp_path / "a.mp4", 48_000, channels=2)))
    assert np.abs(heard[:, 0]).max() > 0.4
    assert np.abs(heard[:, 1]).max() < 0.01


def test_video_without_sound_has_no_sound_track(tmp_path: Path) -> None:
    assert probe(write_clip(tmp_path / "a.mp4")).audio == ()


@pytest.mark.parametrize("stop", [RuntimeError("render failed"), KeyboardInterrupt()])
def test_stopped_video_leaves_nothing_and_keeps_the_older_file(tmp_path: Path, stop: BaseException) -> None:
    (tmp_path / "a.mp4").write_bytes(b"older")

    def render() -> None:
        with VideoWriter(tmp_path / "a.mp4", SQUARE) as writer:
            for index in range(30):
                if index == 20:
                    raise stop
                writer.write(plain(index))

    with pytest.raises(type(stop)) as raised:
        render()
    assert raised.value is stop
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]
    assert (tmp_path / "a.mp4").read_bytes() == b"older"
    assert "video-encoder" not in {thread.name for thread in threading.enumerate()}


def test_failing_sound_stops_the_video(tmp_path: Path) -> None:
    def sound() -> object:
        yield tone(300, 0.1)
        raise LookupError("no more sound")

    with pytest.raises(LookupError, match="no more sound"):
        write_clip(tmp_path / "a.mp4", 30, sound=sound())  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_video_without_pictures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no picture"), VideoWriter(tmp_path / "a.mp4", SQUARE):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("width_px", "height_px", "better"), [(511, 512, "512x512"), (640, 361, "640x362"), (2, 2, "16x16")]
)
def test_odd_size_says_the_next_even_one(width_px: int, height_px: int, better: str) -> None:
    with pytest.raises(UsageError, match=better):
        VideoFormat(width_px, height_px, Fraction(25))


def test_picture_of_another_size_is_refused(tmp_path: Path) -> None:
    with (
        pytest.raises(ValueError, match=r"\(64, 64, 3\)"),
        VideoWriter(tmp_path / "a.mp4", SQUARE) as writer,
    ):
        writer.write(plain(0, 32))


def test_missing_folder_is_said_before_work_starts(tmp_path: Path) -> None:
    with (
        pytest.raises(OutputNotWritable, match="there is no folder"),
        VideoWriter(tmp_path / "nowhere" / "a.mp4", SQUARE),
    ):
        pytest.fail("the block must not start")


def test_full_disk_is_said_and_leaves_nothing(small_disk: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (4, 256, 256, 3), np.uint8)

    def render() -> None:
        with VideoWriter(small_disk / "a.mp4", VideoFormat(256, 256, Fraction(25))) as writer:
            for index in range(400):
                writer.write(noise[index % 4])

    with pytest.raises(DiskFull, match="Free some space"):
        render()
    assert list(small_disk.iterdir()) == []
