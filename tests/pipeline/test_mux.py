"""A dub becomes a file: the way of its picture, what it says of itself, and what is left when it fails."""

import signal
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from lipwright.contracts.media import Cue
from lipwright.contracts.portrait import SYNTHETIC
from lipwright.contracts.progress import SilentProgress
from lipwright.errors import Cancelled, MediaNotFound
from lipwright.media.spool import AudioSpool
from lipwright.media.tracks import SubtitleTrack
from lipwright.pipeline.stages.mux import Muxed, mux
from support.clips import ClipPlan, SoundPlan, draw_clip, tone, write_segment
from support.tracks import duration_s, flash_times_s, heard_times_s, streams

PLAN = ClipPlan(50, Fraction(25), flashes=(10, 30), sounds=[SoundPlan(language="eng")])


def dub(output: Path, video: Path, length_s: float = 2.0, **options: object) -> Muxed:
    with AudioSpool() as sound:
        sound.append(tone(300, length_s))
        given = {"target": "pt-BR", "source_language": "en-GB", "progress": SilentProgress(), **options}
        return mux(output, video, sound, **given)  # type: ignore[arg-type]


def told(path: Path, source: Path, **metadata: str) -> Path:
    """A copy of a clip with tags and two chapters."""
    with av.open(str(source)) as given, av.open(str(path), "w") as written:
        written.metadata.update(metadata)
        written.set_chapters(
            [
                {"id": 0, "start": 0, "end": 1000, "time_base": Fraction(1, 1000), "metadata": {"title": "Erste"}},
                {"id": 1, "start": 1000, "end": 2000, "time_base": Fraction(1, 1000), "metadata": {"title": "Zweite"}},
            ]
        )
        tracks = {stream.index: written.add_stream_from_template(stream, opaque=True) for stream in given.streams}
        for packet in given.demux():
            if packet.pts is not None:
                packet.stream = tracks[packet.stream.index]
                written.mux_one(packet)
    return path


def chapters(path: Path) -> list[tuple[Fraction, Fraction, str]]:
    with av.open(str(path)) as container:
        return [
            (one["start"] * one["time_base"], one["end"] * one["time_base"], one["metadata"]["title"])
            for one in container.chapters()
        ]


def metadata(path: Path) -> dict[str, str]:
    with av.open(str(path)) as container:
        return dict(container.metadata)


@pytest.mark.parametrize("file", ["talk.mp4", "talk.mkv"])
def test_what_the_source_says_of_itself_is_kept_and_what_is_synthetic_is_added(tmp_path: Path, file: str) -> None:
    drawn = draw_clip(tmp_path / f"drawn-{file}", PLAN)
    video = told(tmp_path / file, drawn, title="Die Rede", artist="Wir", date="2024-05-01", comment="aus Köln")
    dub(tmp_path / "dub.mp4", video)
    found = metadata(tmp_path / "dub.mp4")
    assert {name: found[name] for name in ("title", "artist", "date", "comment")} == {
        "title": "Die Rede",
        "artist": "Wir",
        "date": "2024-05-01",
        "comment": f"aus Köln\n{SYNTHETIC}",
    }
    assert "encoder" not in found
    assert chapters(tmp_path / "dub.mp4") == [(0, 1, "Erste"), (1, 2, "Zweite")]
    dub(tmp_path / "again.mp4", tmp_path / "dub.mp4")
    assert metadata(tmp_path / "again.mp4")["comment"] == f"aus Köln\n{SYNTHETIC}"


def test_place_of_a_recording_is_kept(tmp_path: Path) -> None:
    video = told(tmp_path / "talk.mp4", draw_clip(tmp_path / "drawn.mp4", PLAN), location="+48.8577+002.2950/")
    dub(tmp_path / "dub.mp4", video)
    assert metadata(tmp_path / "dub.mp4")["location"] == "+48.8577+002.2950/"


def test_video_without_a_title_is_called_as_its_file(tmp_path: Path) -> None:
    dub(tmp_path / "talk.pt-BR.mp4", draw_clip(tmp_path / "a.mp4", PLAN))
    assert metadata(tmp_path / "talk.pt-BR.mp4")["title"] == "talk.pt-BR"


def test_picture_is_copied_and_the_original_is_kept_on_request(tmp_path: Path) -> None:
    video = draw_clip(tmp_path / "a.mp4", PLAN)
    cues = (Cue("Olá", 0.2, 1.0),)
    subtitles = [SubtitleTrack(cues, "pt-BR"), SubtitleTrack(cues, "en", "As spoken")]
    made = dub(tmp_path / "dub.mp4", video, keep_original=True, subtitles=subtitles)
    assert made == Muxed(Fraction(2), ())
    assert [(kind, language, name, chosen) for kind, _, language, name, chosen in streams(tmp_path / "dub.mp4")] == [
        ("video", "und", "VideoHandler", 1),
        ("audio", "por", "Português (dub)", 1),
        ("audio", "eng", "Original", 0),
        ("subtitle", "por", "Português", 0),
        ("subtitle", "eng", "As spoken", 0),
    ]
    np.testing.assert_allclose(heard_times_s(tmp_path / "dub.mp4", 1), flash_times_s(tmp_path / "dub.mp4"), atol=0.02)
    assert duration_s(tmp_path / "dub.mp4") == 2


def test_picture_that_mp4_does_not_hold_is_encoded_and_stays_in_step(tmp_path: Path) -> None:
    plan = ClipPlan(
        50,
        Fraction(25),
        flashes=(10, 30),
        sounds=[SoundPlan(codec="pcm_s16le")],
        codec="prores_ks",
        pixel_format="yuv422p10le",
        options={},
    )
    video = draw_clip(tmp_path / "a.mov", plan)
    made = dub(tmp_path / "dub.mp4", video, keep_original=True)
    assert made == Muxed(Fraction(2), ("the picture is encoded anew, since its codec is prores",))
    assert [one[1] for one in streams(tmp_path / "dub.mp4")] == ["h264", "aac", "aac"]
    np.testing.assert_allclose(heard_times_s(tmp_path / "dub.mp4", 1), flash_times_s(tmp_path / "dub.mp4"), atol=0.02)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mov", "dub.mp4"]


def test_pictures_that_were_drawn_anew_are_joined(tmp_path: Path) -> None:
    video = draw_clip(tmp_path / "a.mp4", PLAN)
    pieces = [
        write_segment(tmp_path / f"{index}.mp4", range(25 * index, 25 * index + 25), Fraction(25)) for index in (0, 1)
    ]
    made = dub(tmp_path / "dub.mp4", video, length_s=3.0, segments=pieces, fps=Fraction(25), keep_original=True)
    assert made.duration_s == duration_s(tmp_path / "dub.mp4") == 2
    np.testing.assert_allclose(heard_times_s(tmp_path / "dub.mp4", 1), [10 / 25, 30 / 25], atol=0.003)


class Stopping(SilentProgress):
    """Stops the work after some looks."""

    def __init__(self, looks: int) -> None:
        self.looks = looks

    def check_cancelled(self) -> None:
        self.looks -= 1
        if self.looks < 0:
            raise Cancelled("stopped")


@pytest.mark.parametrize("codec", ["libx264", "ffv1"])
@pytest.mark.parametrize("looks", [0, 3, 52])
def test_cancelled_work_leaves_nothing(tmp_path: Path, codec: str, looks: int) -> None:
    video = draw_clip(tmp_path / "a.mkv", ClipPlan(50, codec=codec, options={}))
    with pytest.raises(Cancelled):
        dub(tmp_path / "dub.mp4", video, length_s=20.0, progress=Stopping(looks))
    assert [path.name for path in tmp_path.iterdir()] == ["a.mkv"]


def test_missing_video_is_named(tmp_path: Path) -> None:
    with pytest.raises(MediaNotFound, match=r"no\.mp4"):
        dub(tmp_path / "dub.mp4", tmp_path / "no.mp4")


PROGRAM = """
import sys
from pathlib import Path
import numpy as np
from lipwright.contracts.progress import SilentProgress
from lipwright.media.spool import AudioSpool
from lipwright.pipeline.stages.mux import mux

class Told(SilentProgress):
    looks = 0
    def check_cancelled(self):
        self.looks += 1
        if self.looks == 20:
            print("running", flush=True)

with AudioSpool() as sound:
    for _ in range(600):
        sound.append(np.zeros(48_000, np.float32))
    mux(Path(sys.argv[2]), Path(sys.argv[1]), sound, target="pt", source_language="en", progress=Told())
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_killed_work_leaves_no_file_under_the_name(tmp_path: Path, number: signal.Signals) -> None:
    video = draw_clip(tmp_path / "a.mp4", PLAN)
    output = tmp_path / "dub.mp4"
    output.write_bytes(b"older")
    command = [sys.executable, "-c", PROGRAM, str(video), str(output)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "running\n"
            process.send_signal(number)
            process.communicate(timeout=30)
        finally:
            process.kill()
    assert process.returncode == -number
    assert output.read_bytes() == b"older"
    left = {path.suffix for path in tmp_path.iterdir()}
    assert left == ({".mp4"} if number == signal.SIGINT else {".mp4", ".part"})
