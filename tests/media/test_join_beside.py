"""What lies beside the picture of a joined video, as a player sees it."""

import hashlib
import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lipwright.contracts.media import Cue
from lipwright.errors import MediaUnreadable
from lipwright.media.join import join_segments
from lipwright.media.tracks import Beside, Chapter, Cover, KeptSound, SubtitleTrack, TrackLabel
from lipwright.media.writer import Tags
from support.clips import ClipPlan, SoundPlan, draw_clip, tone, write_segment
from support.tracks import duration_s, heard_times_s, streams

FPS = Fraction(25)
HELLO = (Cue("Olá,\nmundo", 0.4, 1.2), Cue("Adeus", 1.5, 9.0), Cue("late", 5.0, 6.0))


def segments(folder: Path, *lengths: int) -> list[Path]:
    return [
        write_segment(folder / f"{index}.mp4", range(sum(lengths[:index]), sum(lengths[: index + 1])), FPS)
        for index, length in enumerate(lengths)
    ]


def source(folder: Path, sound: SoundPlan, name: str = "source.mp4") -> Path:
    return draw_clip(folder / name, ClipPlan(50, FPS, flashes=(10, 30), sounds=[sound]))


def extended_languages(path: Path) -> list[str]:
    """What the boxes for languages say, in order (ISO/IEC 14496-12, 8.4.6)."""
    data = path.read_bytes()
    found, place = [], data.find(b"elng")
    while place >= 0:
        (size,) = struct.unpack(">I", data[place - 4 : place])
        found.append(data[place + 8 : place - 4 + size].rstrip(b"\0").decode())
        assert data[place - 4 + size + 4 : place - 4 + size + 8] == b"hdlr"
        place = data.find(b"elng", place + 1)
    return found


def cues(path: Path, track: int) -> list[tuple[float, float, str]]:
    with av.open(str(path)) as container:
        shown = [
            (
                float(packet.pts * packet.time_base),
                float(packet.duration * packet.time_base),
                bytes(packet)[2:].decode(),
            )
            for packet in container.demux(subtitles=track)
            if packet.size > 2
        ]
    return [(round(start_s, 3), round(start_s + length_s, 3), text) for start_s, length_s, text in shown]


def test_player_sees_all_tracks_with_their_languages_and_takes_the_dub(tmp_path: Path) -> None:
    beside = Beside(
        label=TrackLabel("pt-BR", "Português (dub)"),
        kept=KeptSound(source(tmp_path, SoundPlan()), TrackLabel("en", "Original")),
        subtitles=(SubtitleTrack(HELLO, "pt-BR", "Português"), SubtitleTrack(HELLO[:1], "zh-Hant-TW", "中文")),
    )
    output = tmp_path / "all.mp4"
    join_segments(output, segments(tmp_path, 30, 20), fps=FPS, sound=[tone(300, 3)], beside=beside)
    assert streams(output) == [
        ("video", "h264", "und", "VideoHandler", 1),
        ("audio", "aac", "por", "Português (dub)", 1),
        ("audio", "aac", "eng", "Original", 0),
        ("subtitle", "mov_text", "por", "Português", 0),
        ("subtitle", "mov_text", "zho", "中文", 0),
    ]
    assert extended_languages(output) == ["pt-BR", "en", "pt-BR", "zh-Hant-TW"]
    assert duration_s(output) == 2
    assert cues(output, 0) == [(0.4, 1.2, "Olá,\nmundo"), (1.5, 2.0, "Adeus")]
    assert cues(output, 1) == [(0.4, 1.2, "Olá,\nmundo")]


def test_video_with_one_sound_has_no_more_tracks_than_before(tmp_path: Path) -> None:
    join_segments(tmp_path / "all.mp4", segments(tmp_path, 20), fps=FPS, sound=[tone(300, 3)])
    assert [one[0] for one in streams(tmp_path / "all.mp4")] == ["video", "audio"]
    assert extended_languages(tmp_path / "all.mp4") == []


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    late_ms=st.integers(0, 350),
    codec=st.sampled_from(["aac", "libopus", "flac", "pcm_s16le"]),
    container=st.sampled_from(["source.mp4", "source.mkv"]),
)
def test_kept_sound_is_heard_when_it_was(tmp_path: Path, late_ms: int, codec: str, container: str) -> None:
    kept = source(tmp_path, SoundPlan(codec=codec, start_s=Fraction(late_ms, 1000)), container)
    output = tmp_path / "all.mp4"
    join_segments(
        output,
        segments(tmp_path, 25, 25),
        fps=FPS,
        sound=[tone(300, 2)],
        beside=Beside(kept=KeptSound(kept, TrackLabel("en"))),
    )
    np.testing.assert_allclose(heard_times_s(output, 1), [10 / 25, 30 / 25], atol=0.003)
    assert abs(duration_s(output) - 2) <= Fraction(1, 25)


def test_kept_sound_ends_with_the_pictures(tmp_path: Path) -> None:
    kept = source(tmp_path, SoundPlan())
    output = tmp_path / "all.mp4"
    beside = Beside(kept=KeptSound(kept, TrackLabel("en")))
    join_segments(output, segments(tmp_path, 33), fps=FPS, sound=[tone(300, 2)], beside=beside)
    assert abs(duration_s(output) - Fraction(33, 25)) < Fraction(1, 1000)


def test_chosen_track_is_kept(tmp_path: Path) -> None:
    silent = SoundPlan(samples=np.zeros(96_000, np.float32))
    clip = draw_clip(tmp_path / "s.mkv", ClipPlan(50, FPS, flashes=(10, 30), sounds=[silent, SoundPlan(codec="flac")]))
    output = tmp_path / "all.mp4"
    beside = Beside(kept=KeptSound(clip, TrackLabel("en"), track=2))
    join_segments(output, segments(tmp_path, 50), fps=FPS, sound=[tone(300, 2)], beside=beside)
    assert streams(output)[2][1] == "flac"
    np.testing.assert_allclose(heard_times_s(output, 1), [10 / 25, 30 / 25], atol=0.003)


def test_chapters_and_cover_are_found_again_and_end_with_the_video(tmp_path: Path) -> None:
    chapters = (
        Chapter(Fraction(0), Fraction(3, 4), "Início"),
        Chapter(Fraction(3, 4), Fraction(5), "Fim"),
        Chapter(Fraction(5), Fraction(6), "never"),
    )
    picture = av.CodecContext.create("mjpeg", "w")
    picture.width = picture.height = 16
    picture.pix_fmt, picture.time_base = "yuvj420p", Fraction(1)
    frame = av.VideoFrame(16, 16, "yuvj420p")
    frame.pts = 0
    data = b"".join(bytes(packet) for packet in [*picture.encode(frame), *picture.encode(None)])
    beside = Beside(chapters=chapters, cover=Cover("mjpeg", 16, 16, data))
    output = tmp_path / "all.mp4"
    join_segments(output, segments(tmp_path, 50), fps=FPS, sound=[tone(300, 2)], beside=beside)
    with av.open(str(output)) as container:
        found = [
            (
                chapter["start"] * chapter["time_base"],
                chapter["end"] * chapter["time_base"],
                chapter["metadata"]["title"],
            )
            for chapter in container.chapters()
        ]
        covers = [stream for stream in container.streams.video if int(stream.disposition) == 1024]
        assert [bytes(packet) for packet in container.demux(covers[0]) if packet.size] == [data]
    assert found == [(0, Fraction(3, 4), "Início"), (Fraction(3, 4), 2, "Fim")]
    assert duration_s(output) == 2


def test_same_tracks_give_the_same_bytes_with_the_index_in_front(tmp_path: Path) -> None:
    pieces = segments(tmp_path, 25, 25)
    beside = Beside(
        label=TrackLabel("pt-BR", "Dub"),
        kept=KeptSound(source(tmp_path, SoundPlan(codec="libopus"), "source.mkv"), TrackLabel("en", "Original")),
        subtitles=(SubtitleTrack(HELLO, "pt-BR"),),
        chapters=(Chapter(Fraction(0), Fraction(1), "One"), Chapter(Fraction(1), Fraction(2), "Two")),
    )
    digests = set()
    for name in ("x.mp4", "y.mp4"):
        join_segments(tmp_path / name, pieces, fps=FPS, sound=[tone(300, 2)], tags=Tags({"title": "T"}), beside=beside)
        digests.add(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    assert len(digests) == 1
    data = (tmp_path / "x.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_kept_sound_that_is_missing_leaves_no_video(tmp_path: Path) -> None:
    mute = draw_clip(tmp_path / "mute.mp4", ClipPlan(5))
    beside = Beside(kept=KeptSound(mute, TrackLabel("en")))
    with pytest.raises(MediaUnreadable, match="there is no sound in it"):
        join_segments(tmp_path / "all.mp4", segments(tmp_path, 5), fps=FPS, sound=[tone(300, 1)], beside=beside)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0.mp4", "mute.mp4"]
