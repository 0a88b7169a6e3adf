import hashlib
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lipwright.errors import DiskFull, MediaNotFound, MediaUnreadable
from lipwright.media.audio import read_audio
from lipwright.media.encoder import EncoderSettings
from lipwright.media.join import join_segments
from lipwright.media.probe import probe
from lipwright.media.segment import SegmentWriter
from lipwright.media.writer import Tags
from support.clips import in_chunks, tone, write_segment
from support.pattern import frame_number, noise_frame, yuv_planes

RATES = [Fraction(24000, 1001), Fraction(25), Fraction(30000, 1001), Fraction(30), Fraction(60)]


def pictures(path: Path) -> list[av.VideoFrame]:
    with av.open(str(path)) as container:
        return list(container.decode(video=0))


def planes(path: Path) -> list[NDArray[np.uint8]]:
    return [picture.to_ndarray() for picture in pictures(path)]


def packets(path: Path, kind: str = "video") -> list["av.Packet[av.VideoStream]"]:
    with av.open(str(path)) as container:
        return [packet for packet in container.demux(**{kind: 0}) if packet.size]


def write_segments(folder: Path, lengths: list[int], fps: Fraction) -> list[Path]:
    paths = []
    start = 0
    for index, length in enumerate(lengths):
        paths.append(write_segment(folder / f"{index}.mp4", range(start, start + length), fps))
        start += length
    return paths


@pytest.mark.parametrize("fps", RATES)
def test_joined_pictures_are_those_of_the_segments_at_exact_times(tmp_path: Path, fps: Fraction) -> None:
    lengths = [31, 2, 50, 3, 17]
    segments = write_segments(tmp_path, lengths, fps)
    assert join_segments(tmp_path / "all.mp4", segments, fps=fps) == sum(lengths)
    joined = pictures(tmp_path / "all.mp4")
    alone = [picture for path in segments for picture in planes(path)]
    assert [picture.pts * picture.time_base for picture in joined] == [index / fps for index in range(sum(lengths))]
    assert [frame_number(yuv_planes(picture)) for picture in joined] == list(range(sum(lengths)))
    for together, single in zip(joined, alone, strict=True):
        np.testing.assert_array_equal(together.to_ndarray(), single)
    video = probe(tmp_path / "all.mp4").video
    assert video is not None
    assert (video.duration_s, video.frame_count, video.fps) == (sum(lengths) / fps, sum(lengths), fps)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lengths=st.lists(st.integers(2, 12), min_size=1, max_size=5), fps=st.sampled_from(RATES))
def test_decoding_times_rise_and_never_pass_those_of_presentation(
    tmp_path: Path, lengths: list[int], fps: Fraction
) -> None:
    join_segments(tmp_path / "all.mp4", write_segments(tmp_path, lengths, fps), fps=fps)
    times = [
        (packet.dts * packet.time_base * fps, packet.pts * packet.time_base * fps)
        for packet in packets(tmp_path / "all.mp4")
    ]
    decoding = [time[0] for time in times]
    assert decoding == list(range(int(decoding[0]), int(decoding[0]) + len(times)))
    assert all(dts <= pts for dts, pts in times)
    assert sorted(pts for _, pts in times) == list(range(sum(lengths)))


def test_segments_use_pictures_from_both_sides_and_join_all_the_same(tmp_path: Path) -> None:
    segments = write_segments(tmp_path, [20, 20], Fraction(25))
    for path in segments:
        assert any(packet.pts != packet.dts + packets(path)[0].pts - packets(path)[0].dts for packet in packets(path))
    join_segments(tmp_path / "all.mp4", segments, fps=Fraction(25))
    assert any(
        packet.pts < before.pts
        for before, packet in zip(packets(tmp_path / "all.mp4"), packets(tmp_path / "all.mp4")[1:], strict=False)
    )


def test_single_picture_is_a_video(tmp_path: Path) -> None:
    segments = write_segments(tmp_path, [1], Fraction(30))
    assert join_segments(tmp_path / "all.mp4", segments, fps=Fraction(30), sound=[tone(300, 1.0)]) == 1
    clip = probe(tmp_path / "all.mp4")
    assert clip.video is not None
    assert clip.video.duration_s == clip.audio[0].duration_s == Fraction(1, 30)


@pytest.mark.parametrize("fps", RATES)
@pytest.mark.parametrize("sound_s", [0.0, 1.7, 4.0])
def test_sound_begins_with_the_picture_and_is_as_long(tmp_path: Path, fps: Fraction, sound_s: float) -> None:
    lengths = [40, 33]
    clicks = np.zeros(round(sound_s * 48_000), np.float32)
    times_s = [at for at in (0.1, 0.5, 1.0, 1.2) if at < sound_s]
    for at in times_s:
        clicks[round(at * 48_000) :][:96] = tone(4000, 0.002)
    segments = write_segments(tmp_path, lengths, fps)
    join_segments(tmp_path / "all.mp4", segments, fps=fps, sound=in_chunks(clicks, 777))
    clip = probe(tmp_path / "all.mp4")
    assert abs(clip.audio[0].duration_s - 73 / fps) <= Fraction(1, 48_000)
    heard = np.concatenate(list(read_audio(tmp_path / "all.mp4", 48_000)))
    assert abs(len(heard) - round(73 / fps * 48_000)) <= 1
    for at in times_s:
        around = round(at * 48_000) - 480
        onset = around + np.flatnonzero(np.abs(heard[around : around + 960]) > 0.15)[0]
        assert abs(onset / 48_000 - at) < 0.001
    with av.open(str(tmp_path / "all.mp4")) as container:  # the encoder's priming lies before time 0, by the edit list
        assert [stream.start_time for stream in container.streams] == [0, 0]


def test_stereo_keeps_its_sides(tmp_path: Path) -> None:
    sound = np.stack([tone(440, 1.0), np.zeros(48_000, np.float32)], axis=1)
    segments = write_segments(tmp_path, [25], Fraction(25))
    join_segments(tmp_path / "all.mp4", segments, fps=Fraction(25), sound=[sound[:700], sound[700:]], channels=2)
    heard = np.concatenate(list(read_audio(tmp_path / "all.mp4", 48_000, channels=2)))
    assert np.abs(heard[:, 0]).max() > 0.4
    assert np.abs(heard[:, 1]).max() < 0.01


def test_file_is_ready_for_streaming_says_what_it_is_and_has_the_same_bytes_again(tmp_path: Path) -> None:
    segments = write_segments(tmp_path, [30, 30], Fraction(25))
    digests = set()
    for name in ("a.mp4", "b.mp4"):
        join_segments(
            tmp_path / name,
            segments,
            fps=Fraction(25),
            sound=[tone(300, 2)],
            tags=Tags({"title": "Grüße", "comment": "synthetic"}),
        )
        digests.add(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    assert len(digests) == 1
    data = (tmp_path / "a.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    with av.open(str(tmp_path / "a.mp4")) as container:
        assert container.metadata["title"] == "Grüße"
        assert container.metadata["comment"] == "synthetic"
    picture = pictures(tmp_path / "a.mp4")[0]
    assert (picture.colorspace, picture.color_range, picture.color_primaries, picture.color_trc) == (1, 1, 1, 1)


def test_full_chroma_of_odd_size_joins(tmp_path: Path) -> None:
    for name in ("0.mp4", "1.mp4"):
        with SegmentWriter(tmp_path / name, 65, 49, Fraction(25), full_chroma=True) as writer:
            for seed in range(5):
                writer.write(noise_frame(65, 49, full_chroma=True, seed=seed))
    segments = [tmp_path / "0.mp4", tmp_path / "1.mp4"]
    assert join_segments(tmp_path / "all.mp4", segments, fps=Fraction(25)) == 10
    assert {(picture.width, picture.height, picture.format.name) for picture in pictures(tmp_path / "all.mp4")} == {
        (65, 49, "yuv444p")
    }


def test_segments_of_other_settings_size_or_rate_are_refused(tmp_path: Path) -> None:
    first = write_segment(tmp_path / "0.mp4", range(5), Fraction(25))
    with SegmentWriter(tmp_path / "1.mp4", 64, 64, Fraction(25)) as writer:
        writer.write(noise_frame(64, 64))
    with pytest.raises(MediaUnreadable, match=r"1\.mp4`: its size or its encoder's settings"):
        join_segments(tmp_path / "all.mp4", [first, tmp_path / "1.mp4"], fps=Fraction(25))
    other = write_segment(tmp_path / "2.mp4", range(5), Fraction(25), EncoderSettings(preset="ultrafast"))
    with pytest.raises(MediaUnreadable, match=r"2\.mp4`: its size or its encoder's settings"):
        join_segments(tmp_path / "all.mp4", [first, other], fps=Fraction(25))
    with pytest.raises(MediaUnreadable, match="no segment of a video at 24"):
        join_segments(tmp_path / "all.mp4", [first], fps=Fraction(24))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0.mp4", "1.mp4", "2.mp4"]


def test_missing_and_cut_segments_are_named(tmp_path: Path) -> None:
    segments = write_segments(tmp_path, [30, 30], Fraction(25))
    with pytest.raises(MediaNotFound, match=r"9\.mp4"):
        join_segments(tmp_path / "all.mp4", [*segments, tmp_path / "9.mp4"], fps=Fraction(25))
    segments[1].write_bytes(segments[1].read_bytes()[:-200])
    with pytest.raises(MediaUnreadable, match=r"1\.mp4.*cut short"):
        join_segments(tmp_path / "all.mp4", segments, fps=Fraction(25))
    assert not (tmp_path / "all.mp4").exists()


def test_failing_sound_leaves_the_older_file(tmp_path: Path) -> None:
    segments = write_segments(tmp_path, [30], Fraction(25))
    (tmp_path / "all.mp4").write_bytes(b"older")

    def sound() -> object:
        yield tone(300, 0.1)
        raise LookupError("no more sound")

    with pytest.raises(LookupError, match="no more sound"):
        join_segments(tmp_path / "all.mp4", segments, fps=Fraction(25), sound=sound())  # type: ignore[arg-type]
    assert (tmp_path / "all.mp4").read_bytes() == b"older"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0.mp4", "all.mp4"]


def test_full_disk_keeps_the_segments_and_leaves_no_video(tmp_path: Path, small_disk: Path) -> None:
    segments = []
    for index in range(3):
        segments.append(tmp_path / f"{index}.mp4")
        with SegmentWriter(segments[-1], 256, 256, Fraction(25)) as writer:
            for seed in range(30):
                writer.write(noise_frame(256, 256, seed=seed % 4))
    assert sum(path.stat().st_size for path in segments) > 3_000_000
    with pytest.raises(DiskFull, match=r"all\.mp4.*Free some space"):
        join_segments(small_disk / "all.mp4", segments, fps=Fraction(25), sound=[tone(300, 2)])
    assert list(small_disk.iterdir()) == []
    assert all(path.stat().st_size for path in segments)
