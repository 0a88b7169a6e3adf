"""`lipwright sync`: a video says something else, run as a user runs it."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lipwright.contracts.sidecar import Sidecar
from lipwright.media.frames import read_frames
from lipwright.media.probe import probe
from support.program import Program
from support.syncing import digest, sync
from support.wav import write_wav

RATE_HZ = 24_000
SPOKEN = "Papa may pay my bill for a warm apple pie."


def test_a_video_says_another_recording_at_its_own_rate_and_size(lipwright: Program, at_hand: Path) -> None:
    before = digest(at_hand / "clip.mp4"), digest(at_hand / "new.wav")

    done = sync(lipwright, "clip.mp4", "--audio", "new.wav")

    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    made = probe(at_hand / "out.mp4")
    heard = probe(at_hand / "new.wav").duration_s
    assert made.video is not None
    assert (made.video.width_px, made.video.height_px, made.video.fps) == (512, 512, 12)
    assert abs(made.duration_s - heard) <= 1 / made.video.fps
    assert report["frames"] == made.video.frame_count
    assert 0 < report["rendered_frames"] < report["frames"], "the long pause is left as it was"
    assert "the only face" in report["speaker"]
    assert before == (digest(at_hand / "clip.mp4"), digest(at_hand / "new.wav"))
    sidecar = Sidecar.from_json((at_hand / "out.lipwright.json").read_text(), "out.lipwright.json")
    assert sidecar.rewritten is not None
    assert len(sidecar.gap) == report["frames"]
    assert max(sidecar.gap) > 0.02
    assert sidecar.rewritten.heard == "sound"


def test_what_is_not_drawn_is_the_sources_own_picture(lipwright: Program, at_hand: Path) -> None:
    assert sync(lipwright, "clip.mp4", "--audio", "new.wav").returncode == 0

    sidecar = Sidecar.from_json((at_hand / "out.lipwright.json").read_text(), "out.lipwright.json")
    assert sidecar.rewritten is not None
    plan, weight = sidecar.rewritten.source_frame_numbers(), np.array(sidecar.rewritten.weight)
    source = [frame.image for frame in read_frames(at_hand / "clip.mp4")]
    for number, frame in enumerate(read_frames(at_hand / "out.mp4")):
        change = np.abs(frame.image.astype(int) - source[plan[number]])
        assert change[:200].mean() < 2, "hair and background"
        if weight[number] == 0:
            assert change.mean() < 2


def test_the_same_command_again_takes_what_is_finished_and_gives_the_same_bytes(
    lipwright: Program, at_hand: Path
) -> None:
    first = sync(lipwright, "clip.mp4", "--audio", "new.wav")
    bytes_before = digest(at_hand / "out.mp4"), digest(at_hand / "out.lipwright.json")
    again = sync(lipwright, "clip.mp4", "--audio", "new.wav")
    shutil.rmtree(at_hand / "cache")
    afresh = sync(lipwright, "clip.mp4", "--audio", "new.wav")

    assert [done.returncode for done in (first, again, afresh)] == [0, 0, 0], again.stderr
    assert [json.loads(done.stdout)["resumed_windows"] for done in (first, again, afresh)] == [0, 1, 0]
    assert bytes_before == (digest(at_hand / "out.mp4"), digest(at_hand / "out.lipwright.json"))


def test_a_voice_speaks_a_text_in_a_video(lipwright: Program, at_hand: Path) -> None:
    done = sync(lipwright, "clip.mp4", "--text", SPOKEN, "--tts", "hibari", "--length", "cut")

    assert done.returncode == 0, done.stderr
    sidecar = Sidecar.from_json((at_hand / "out.lipwright.json").read_text(), "out.lipwright.json")
    assert sidecar.rewritten is not None
    assert sidecar.rewritten.heard == "phonemes"
    shut = [p for p in sidecar.phonemes if p.symbol in "pbm"]
    gap = np.array(sidecar.gap)
    for phone in shut:
        frames = np.arange(len(gap)) / 12
        near = (frames >= phone.start_s - 0.09) & (frames <= phone.end_s + 0.09)
        if near.any():
            assert gap[near].min() < 0.02, phone


def test_speak_takes_a_clip_for_a_face_and_ends_with_the_speech(lipwright: Program, at_hand: Path) -> None:
    done = lipwright(
        "speak", "--face", "clip.mp4", "--text", "Good morning.", "--tts", "hibari", "-o", "out.mp4", "--json",
        environment={"LIPWRIGHT_CACHE_DIR": str(at_hand / "cache")},
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["duration_s"] < 2.5
    assert report["rendered_frames"] > 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("clip.mp4",), "nothing to say"),
        (("clip.mp4", "--audio", "none.wav"), "no such file"),
        (("clip.mp4", "--audio", "clip.mp4", "--text", "Hi."), "Give one of them"),
        (("none.mp4", "--audio", "new.wav"), "no such file"),
        (("new.wav", "--audio", "new.wav"), "only sound"),
        (("picture.mp4", "--audio", "new.wav"), "picture"),
        (("empty.mp4", "--audio", "new.wav"), "empty"),
        (("clip.mp4", "--audio", "silent.wav"), "nothing to hear"),
        (("clip.mp4", "--audio", "new.wav", "--speaker", "7"), "no face of that number"),
        (("clip.mp4", "--audio", "new.wav", "--speaker", "left"), "not a face"),
        (("clip.mp4", "--audio", "new.wav", "--length", "pad"), "bounce"),
        (("clip.mp4", "--audio", "new.wav", "--engine", "rewrit"), "rewrite"),
        (("clip.mp4", "--audio", "new.wav", "--audio-track", "5"), "track"),
        (("room.mp4", "--audio", "new.wav"), "no face"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_reason(
    lipwright: Program, at_hand: Path, room: Path, arguments: tuple[str, ...], said: str
) -> None:
    shutil.copy(room, at_hand / "room.mp4")
    Image.new("RGB", (64, 64)).save(at_hand / "picture.mp4", format="PNG")
    (at_hand / "empty.mp4").touch()
    write_wav(at_hand / "silent.wav", np.zeros(RATE_HZ, np.float32), RATE_HZ)

    done = sync(lipwright, *arguments)

    assert done.returncode == 2 or "engine" in arguments[-2], (done.returncode, done.stdout, done.stderr)
    assert done.returncode in (2, 3)
    assert said in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert not (at_hand / "out.mp4").exists()


def test_a_crowd_passes_through_whole_and_the_report_says_why(
    lipwright: Program, at_hand: Path, shared_media: Path
) -> None:
    shutil.copy(shared_media / "crowd-25fps.mp4", at_hand / "crowd.mp4")

    done = sync(lipwright, "crowd.mp4", "--audio", "new.wav", "--length", "cut")

    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["rendered_frames"] == 0
    assert report["speaker"].startswith("nobody")
    assert any("no mouth was drawn" in note for note in report["notes"])
