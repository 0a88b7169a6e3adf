"""A finished file, measured: a crude talking face whose truth is known, and files that are broken."""

import wave
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from lipwright.contracts.progress import SilentProgress
from lipwright.contracts.sidecar import Sidecar, Span, sidecar_path
from lipwright.contracts.speech import Phoneme
from lipwright.errors import Cancelled, MediaNotFound, MediaUnreadable
from lipwright.media.sidecar import read_sidecar, write_sidecar
from lipwright.media.writer import VideoFormat, VideoWriter
from lipwright.quality.check import check
from lipwright.quality.report import QualityReport, Verdict
from support.clips import plain, tone, write_clip, write_timed_clip
from support.talking import TalkingClip, write_talking_clip


def changed(talking: TalkingClip, path: Path, **fields: object) -> Path:
    """A copy of the clip's sidecar with other values."""
    told = read_sidecar(sidecar_path(talking.path))
    write_sidecar(path, Sidecar.model_validate(told.model_dump() | fields))
    return path


def test_time_is_measured_exactly(report: QualityReport) -> None:
    assert report.metric("duration").value == 2.0
    assert report.metric("frame_rate").value == 25.0
    assert report.metric("frame_rate").note == "25/1, constant"
    assert report.metric("av_start").value == 0.0
    assert report.metric("av_end").value == pytest.approx(0.0, abs=0.1)
    assert report.metric("loudness").value == pytest.approx(-16, abs=1)
    assert {report.metric(key).verdict for key in ("size", "duration", "frame_rate", "av_end")} == {Verdict.OK}


def test_face_is_found_and_its_lips_followed(report: QualityReport) -> None:
    assert report.metric("face_share").value == 1.0
    assert report.metric("face_count").value == 1.0
    assert (report.metric("gap_correlation").value or 0) > 0.95
    assert report.metric("black_frames").value == 0.0
    assert report.metric("outside_largest").verdict is Verdict.OK
    assert report.metric("sharpness_face").value == pytest.approx(1.0, abs=0.15)


def test_late_sound_is_measured_in_milliseconds(report: QualityReport, tmp_path: Path) -> None:
    in_time = report.metric("av_offset")
    late = check(write_talking_clip(tmp_path, late_s=0.08).path).metric("av_offset")
    assert in_time.verdict is Verdict.OK
    assert late.verdict is Verdict.FAIL
    assert (late.value or 0) - (in_time.value or 0) == pytest.approx(80, abs=4)


def test_lips_that_do_not_meet_fail(talking: TalkingClip, tmp_path: Path) -> None:
    frames = len(talking.opening)
    sidecar = changed(
        talking,
        tmp_path / "open.json",
        closed=[1.0] * frames,
        silences=[Span(start_s=0.0, end_s=2.0)],
        phonemes=[Phoneme("m", 0.2, 0.3), Phoneme("a", 0.9, 1.1)],
    )
    found = check(talking.path, sidecar=sidecar)
    assert found.sidecar == sidecar
    for key in ("closed_largest", "silence_largest", "bilabials_closed"):
        assert found.metric(key).verdict is Verdict.FAIL
    assert found.metric("bilabials_closed").value == 0.0
    assert "m 0.20 s" in found.metric("bilabials_closed").note
    assert found.verdict is Verdict.FAIL


def test_sidecar_of_another_video_is_noticed(talking: TalkingClip, tmp_path: Path) -> None:
    sidecar = changed(talking, tmp_path / "other.json", fps="30/1", width_px=640, duration_s=9.0)
    found = check(talking.path, sidecar=sidecar)
    assert {found.metric(key).verdict for key in ("size", "duration", "frame_rate")} == {Verdict.FAIL}


def test_without_sidecar_lips_have_no_verdict(talking: TalkingClip, tmp_path: Path) -> None:
    alone = tmp_path / "alone.mp4"
    alone.write_bytes(talking.path.read_bytes())
    found = check(alone)
    assert found.sidecar is None
    for key in ("gap_correlation", "closed_mean", "bilabials_closed"):
        assert found.metric(key).verdict is Verdict.NOT_MEASURED
        assert "no sidecar" in found.metric(key).note
    assert found.metric("av_offset").verdict is Verdict.OK
    assert "rough estimate" in found.metric("av_offset").note
    assert found.metric("sharpness_face").note == "no photo to compare with"


def test_other_photo_is_not_compared(talking: TalkingClip, tmp_path: Path) -> None:
    Image.fromarray(np.full((256, 256, 3), 128, np.uint8)).save(tmp_path / "wall.png")
    found = check(talking.path, source=tmp_path / "wall.png")
    assert found.metric("sharpness_face").verdict is Verdict.NOT_MEASURED
    assert "not made of it" in found.metric("sharpness_face").note


def test_clip_without_face_or_sound_says_so(tmp_path: Path) -> None:
    found = check(write_clip(tmp_path / "grey.mp4", frames=12))
    assert found.metric("face_share").value == 0.0
    assert found.metric("face_share").verdict is Verdict.FAIL
    assert found.metric("loudness").note == "the file has no sound track"
    assert found.metric("flicker").verdict is Verdict.NOT_MEASURED
    assert found.metric("outside_largest").note == "no face was found"


def test_frozen_and_black_frames_are_counted(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "still.mp4", VideoFormat(64, 64, Fraction(25))) as writer:
        for level in [0, 0] + [120] * 10:
            writer.write(plain(level))
    found = check(tmp_path / "still.mp4")
    assert found.metric("black_frames").value == 2
    assert found.metric("longest_freeze").value == pytest.approx(9 / 25)
    assert found.metric("longest_freeze").verdict is Verdict.WARN


def test_ntsc_rate_is_exact(tmp_path: Path) -> None:
    found = check(write_clip(tmp_path / "ntsc.mp4", frames=30, fps=Fraction(30000, 1001)))
    assert found.metric("frame_rate").note == "30000/1001, constant"
    assert found.metric("duration").value == pytest.approx(30 * 1001 / 30000, abs=1e-6)


def test_variable_rate_fails(tmp_path: Path) -> None:
    found = check(write_timed_clip(tmp_path / "variable.mp4", [0, 33, 100, 133, 200, 233, 300]))
    assert found.metric("frame_rate").verdict is Verdict.FAIL
    assert "not constant" in found.metric("frame_rate").note


def test_short_sound_ends_too_early(tmp_path: Path) -> None:
    whole = write_clip(tmp_path / "whole.mp4", frames=50, sound=[tone(300, 2.0)])
    short = tmp_path / "short.mp4"
    with av.open(str(whole)) as source, av.open(str(short), "w") as target:
        streams = {stream.index: target.add_stream_from_template(stream) for stream in source.streams}
        for packet in source.demux():
            seconds = float(packet.pts * packet.time_base) if packet.pts is not None else 99.0
            if packet.dts is None or (packet.stream.type == "audio" and seconds > 1.5):
                continue
            packet.stream = streams[packet.stream.index]
            target.mux(packet)
    end = check(short).metric("av_end")
    assert end.verdict is Verdict.FAIL
    assert end.value == pytest.approx(-500, abs=50)


def test_cut_file_is_refused(talking: TalkingClip, tmp_path: Path) -> None:
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(talking.path.read_bytes()[:-5000])
    with pytest.raises(MediaUnreadable, match="cut short"):
        check(cut)


def test_picture_and_sound_alone_are_refused(talking: TalkingClip, tmp_path: Path) -> None:
    with pytest.raises(MediaUnreadable, match="still picture"):
        check(talking.photo)
    speech = tmp_path / "speech.wav"
    with wave.open(str(speech), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"\0\0" * 8000)
    with pytest.raises(MediaUnreadable, match="only sound"):
        check(speech)


def test_missing_files_are_named(talking: TalkingClip, tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    with pytest.raises(MediaNotFound, match="missing"):
        check(missing)
    with pytest.raises(MediaNotFound, match="missing"):
        check(talking.path, sidecar=missing)
    with pytest.raises(MediaNotFound, match="missing"):
        check(talking.path, source=missing)


def test_damaged_sidecar_beside_the_video_is_refused(talking: TalkingClip, tmp_path: Path) -> None:
    copy = tmp_path / "copy.mp4"
    copy.write_bytes(talking.path.read_bytes())
    sidecar_path(copy).write_text("{")
    with pytest.raises(MediaUnreadable, match=r"copy\.lipwright\.json"):
        check(copy)


class Impatient(SilentProgress):
    """Gives up after five frames."""

    def __init__(self) -> None:
        self.stages: list[str] = []
        self.frames = 0

    def stage(self, name: str, total: int | None) -> None:
        self.stages.append(name)

    def advance(self, n: int = 1) -> None:
        self.frames += n

    def check_cancelled(self) -> None:
        if self.frames == 5:
            raise Cancelled("enough")


def test_measuring_can_be_stopped(talking: TalkingClip) -> None:
    progress = Impatient()
    with pytest.raises(Cancelled):
        check(talking.path, progress=progress)
    assert progress.stages == ["listen", "measure"]
    assert progress.frames == 5
