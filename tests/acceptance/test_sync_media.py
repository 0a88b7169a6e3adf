"""`lipwright sync` with videos and recordings as people have them, and the rate, size and length of what it makes."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lipwright.media.audio import read_audio
from lipwright.media.probe import probe
from support.clips import SoundPlan
from support.drawn_video import Kind, steady, write_video
from support.sound_files import damaged, write_sound
from support.syncing import digest, left_in, sync_here
from support.wav import write_wav

RATE_HZ = 48_000


@pytest.fixture(autouse=True)
def _in_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@dataclass(frozen=True)
class Sort:
    """A sort of video, and what becomes of it."""

    name: str
    times_s: Sequence[Fraction]
    fps: Fraction
    kind: Kind = field(default_factory=Kind)
    turn: int = 0
    """Quarters that the stored pictures are turned."""
    narrow: int = 1
    """How often the stored pictures are narrower."""
    odd: bool = False
    frames: int | None = None
    """Of the result; None for as many as there are pictures, or as the word needs."""
    note: str = ""


SORTS = [
    Sort("one.mp4", steady(1), Fraction(25), frames=25, note="hardly moves"),
    Sort("slow.mp4", steady(4, 1), Fraction(1)),
    Sort("fast.mp4", steady(24, 240), Fraction(240), frames=240),
    Sort("ntsc.mp4", steady(24, Fraction(24000, 1001)), Fraction(24000, 1001)),
    Sort("turned.mp4", steady(13, 12), Fraction(12), Kind(rotation=90), turn=3, note="turned upright"),
    Sort("wide.mp4", steady(13, 12), Fraction(12), Kind(aspect=Fraction(2)), narrow=2, note="pixels made square"),
    Sort("odd.mp4", steady(13, 12), Fraction(12), Kind(pixel_format="yuv444p"), odd=True, note="odd side"),
    Sort("halves.mp4", steady(13, 12), Fraction(12), Kind(interlaced=True), note="interlaced"),
    Sort(
        "uneven.mp4",
        [Fraction(n, 25) for n in (0, 1, 2, 5, 6, 7, 9, 10, 12, 15, 16, 20, 21, 22, 24, 26)],
        Fraction(25),
        frames=27,
        note="variable frame rate",
    ),
    Sort("live.mkv", steady(13, 12), Fraction(12), Kind(container_options={"live": "1"})),
]


@pytest.mark.parametrize("sort", SORTS, ids=lambda sort: sort.name)
def test_video_of_any_sort_keeps_its_rate_size_and_length(
    tmp_path: Path, faces: list[NDArray[np.uint8]], word: NDArray[np.float32], sort: Sort
) -> None:
    pictures = [faces[number % len(faces)] for number in range(len(sort.times_s))]
    stored = [np.ascontiguousarray(np.rot90(picture, sort.turn)[:, :: sort.narrow]) for picture in pictures]
    if sort.odd:
        stored = [np.ascontiguousarray(picture[:255, :253]) for picture in stored]
    source = write_video(tmp_path / sort.name, sort.times_s, sort.kind, stored)
    write_wav(tmp_path / "word.wav", word, RATE_HZ)
    before = digest(source)

    done = sync_here(tmp_path, sort.name, "--audio", "word.wav")

    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    made = probe(tmp_path / "out.mp4")
    assert made.video is not None
    frames = sort.frames or max(len(sort.times_s), math.ceil(sort.fps))
    assert (made.video.fps, made.video.frame_count, report["frames"]) == (sort.fps, frames, frames)
    assert (made.video.width_px, made.video.height_px) == ((253, 255) if sort.odd else (256, 256))
    assert made.audio[0].duration_s == pytest.approx(float(frames / sort.fps), abs=0.001)
    assert report["rendered_frames"] > 0
    assert sort.note in " ".join(report["notes"])
    assert digest(source) == before
    assert left_in(tmp_path) == []


@pytest.mark.parametrize("length", ["bounce", "loop", "freeze", "cut", "pad", "sound"])
def test_sound_of_a_twentieth_second_is_heard_where_it_begins(
    tmp_path: Path, faces: list[NDArray[np.uint8]], length: str
) -> None:
    write_video(tmp_path / "face.mp4", steady(12, 12), images=faces[:12])
    hiss = 0.3 * np.random.default_rng(1).standard_normal(RATE_HZ // 20).astype(np.float32)
    write_wav(tmp_path / "short.wav", hiss, RATE_HZ)

    done = sync_here(tmp_path, "face.mp4", "--audio", "short.wav", "--length", length)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["frames"] == (1 if length in {"cut", "sound"} else 12)
    heard = np.concatenate([*read_audio(tmp_path / "out.mp4", RATE_HZ)])
    assert np.sqrt(np.mean(heard[: RATE_HZ // 20] ** 2)) > 0.1
    assert np.abs(heard[RATE_HZ // 12 :]).max(initial=0) < 0.01


@pytest.mark.parametrize(
    ("name", "plan", "channels"),
    [
        ("a.wav", SoundPlan(codec="pcm_s16le", rate_hz=8_000), 1),
        ("a.wav", SoundPlan(codec="pcm_s24le", rate_hz=96_000, layout="stereo"), 2),
        ("a.flac", SoundPlan(codec="flac", layout="7.1"), 2),
    ],
)
def test_recording_of_any_sort_is_heard_at_its_place(
    tmp_path: Path, faces: list[NDArray[np.uint8]], name: str, plan: SoundPlan, channels: int
) -> None:
    """A hiss from .3 to .6 s."""
    write_video(tmp_path / "face.mp4", steady(12, 12), images=faces[:12])
    times_s = np.arange(plan.rate_hz) / plan.rate_hz
    hiss = 0.2 * np.random.default_rng(1).standard_normal(plan.rate_hz).astype(np.float32)
    hiss[(times_s < 0.3) | (times_s > 0.6)] = 0
    count = {"mono": 1, "stereo": 2, "7.1": 8}[plan.layout]
    write_sound(tmp_path / name, plan, [(0, np.repeat(hiss[:, None], count, axis=1))])

    done = sync_here(tmp_path, "face.mp4", "--audio", name)

    assert done.returncode == 0, done.stderr
    assert probe(tmp_path / "out.mp4").audio[0].channels == channels
    heard = np.concatenate([*read_audio(tmp_path / "out.mp4", RATE_HZ)])
    loud_s = np.flatnonzero(np.abs(heard) > 0.05) / RATE_HZ
    assert loud_s[0] == pytest.approx(0.3, abs=0.01)
    assert loud_s[-1] == pytest.approx(0.6, abs=0.01)


def test_damage_in_a_recording_is_silent_and_told(tmp_path: Path, faces: list[NDArray[np.uint8]]) -> None:
    write_video(tmp_path / "face.mp4", steady(12, 12), images=faces[:12])
    hiss = 0.1 * np.random.default_rng(1).standard_normal(2 * RATE_HZ).astype(np.float32)
    write_sound(tmp_path / "a.flac", SoundPlan(codec="flac"), [(0, hiss[:, None])])
    damaged(tmp_path / "a.flac", 0.5, 2000)

    done = sync_here(tmp_path, "face.mp4", "--audio", "a.flac")

    assert done.returncode == 0, done.stderr
    assert any("`a.flac` is damaged at" in note for note in json.loads(done.stdout)["notes"])
    heard = np.concatenate([*read_audio(tmp_path / "out.mp4", RATE_HZ)])
    assert np.abs(heard).max() < 0.7, "no burst of noise"


def test_video_that_is_cut_short_is_taken_as_far_as_it_goes(
    tmp_path: Path, faces: list[NDArray[np.uint8]], word: NDArray[np.float32]
) -> None:
    kind = Kind(container_options={"movflags": "+faststart"})
    source = write_video(tmp_path / "face.mp4", steady(24, 12), kind, faces, sound_s=2.0)
    source.write_bytes(source.read_bytes()[: source.stat().st_size * 7 // 10])
    write_wav(tmp_path / "word.wav", word, RATE_HZ)

    done = sync_here(tmp_path, "face.mp4", "--audio", "word.wav")

    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert 12 <= report["frames"] < 24
    assert any("cut short" in note for note in report["notes"])
