"""What goes wrong with `lipwright sync` is told in a sentence, harms no file, and keeps what is finished."""

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lipwright.assets.joined import user_cache
from lipwright.speech.stt.whisper import join_model
from support.drawn_video import Kind, steady, write_video
from support.program import Program, command_line
from support.syncing import QUICK, digest, left_in, sync, sync_here
from support.wav import write_wav

RATE_HZ = 48_000
SECONDS_AT_MOST = 120


@pytest.fixture
def folder(
    tmp_path: Path,
    faces: list[NDArray[np.uint8]],
    word: NDArray[np.float32],
    recording: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """The current folder, with `face.mp4` of a second, `word.wav` of a second, and `new.wav` of eight."""
    write_video(tmp_path / "face.mp4", steady(12, 12), images=faces[:12])
    write_wav(tmp_path / "word.wav", word, RATE_HZ)
    shutil.copy(recording, tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def transcript(folder: Path) -> Path:
    """A file for words."""
    return folder / "words.txt"


def test_recording_script_and_transcript_are_never_the_output(folder: Path) -> None:
    for source in ("face.mp4", "word.wav"):
        shutil.copy(folder / source, folder / "out.mp4")
        before = digest(folder / "out.mp4")
        for arguments in (
            ("face.mp4", "--audio", "out.mp4"),
            ("out.mp4", "--audio", "word.wav"),
            ("face.mp4", "--script", "out.mp4"),
            ("face.mp4", "--audio", "word.wav", "--transcript", "out.mp4"),
        ):
            if arguments[1] == "--script" or "--transcript" in arguments:
                (folder / "out.mp4").write_text("Mama.")
                before = digest(folder / "out.mp4")

            done = sync_here(folder, *arguments)

            assert done.returncode == 2, arguments
            assert "stays as it is" in done.stderr
            assert digest(folder / "out.mp4") == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("The quick brown fox jumps over seven lazy dogs tonight.", "leave --transcript out"),
        ("Καλημέρα σας.", "letters that English does not have"),
        (" \n", "no words"),
    ],
)
def test_transcript_of_something_else_is_refused(folder: Path, transcript: Path, words: str, said: str) -> None:
    transcript.write_text(words, encoding="utf-8")

    done = sync_here(folder, "face.mp4", "--audio", "new.wav", "--transcript", transcript.name)

    assert done.returncode == 2, done.stdout
    assert said in done.stderr
    assert not (folder / "out.mp4").exists()


def test_words_that_are_not_heard_are_counted_and_named(folder: Path, transcript: Path) -> None:
    transcript.write_text("\ufeffPapa may pay my bill for a warm apple pie, hippopotamus.", encoding="utf-8")

    done = sync_here(folder, "face.mp4", "--audio", "new.wav", "--transcript", transcript.name, "--length", "cut")

    assert done.returncode == 0, done.stderr
    notes = [note for note in json.loads(done.stdout)["notes"] if "not heard" in note]
    assert len(notes) == 1
    count, _, named = notes[0].rpartition(": ")[2].partition(" (")
    assert int(count) == named.count("`") // 2
    assert "hippopotamus" in named


@pytest.mark.parametrize(("option", "value"), [("--speed", "1.5"), ("--lexicon", "names.txt"), ("--voice", "af_heart")])
def test_options_of_a_voice_are_refused_beside_a_recording(folder: Path, option: str, value: str) -> None:
    done = sync_here(folder, "face.mp4", "--audio", "word.wav", option, value)

    assert done.returncode == 2
    assert f"{option}: has no meaning with --audio" in done.stderr


def test_unknown_sound_track_is_told_before_the_long_work(folder: Path) -> None:
    done = sync_here(folder, "face.mp4", "--audio", "word.wav", "--audio-track", "2")

    assert done.returncode == 2
    assert "`face.mp4` has no sound" in done.stderr
    assert not list((folder / "cache").glob("stages/results/*/*")), "no face was looked for"


def test_video_without_an_index_is_refused(folder: Path) -> None:
    source = folder / "face.mp4"
    source.write_bytes(source.read_bytes()[: source.stat().st_size // 2])

    done = sync_here(folder, "face.mp4", "--audio", "word.wav")

    assert done.returncode == 2
    assert "`face.mp4`" in done.stderr
    assert "cut short" in done.stderr


def test_speak_takes_a_clip_that_is_cut_short(lipwright: Program, folder: Path, faces: list[NDArray[np.uint8]]) -> None:
    source = write_video(folder / "face.mp4", steady(24, 12), Kind(container_options={"movflags": "+faststart"}), faces)
    source.write_bytes(source.read_bytes()[: source.stat().st_size * 3 // 4])

    done = lipwright(
        "speak", "--face", "face.mp4", "--audio", "word.wav", "-o", "out.mp4", "--json",
        environment={"LIPWRIGHT_CACHE_DIR": str(folder / "cache")},
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["frames"] == 12
    refused = lipwright("speak", "--face", "face.mp4", "--audio", "word.wav", "--size", "256x256", "-o", "two.mp4")
    assert refused.returncode == 2
    assert "--size" in refused.stderr


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="Linux's /proc stands for a folder where nobody may write")
def test_cache_folder_that_cannot_be_written_is_named(lipwright: Program, folder: Path) -> None:
    done = sync(lipwright, "face.mp4", "--audio", "word.wav", cache=Path("/proc/nowhere"))

    assert done.returncode == 4
    assert "/proc/nowhere" in done.stderr
    assert "LIPWRIGHT_CACHE_DIR" in done.stderr
    assert left_in(folder) == []


def test_full_disk_of_the_cache_keeps_what_is_finished(lipwright: Program, folder: Path, small_disk: Path) -> None:
    model = join_model(user_cache())  # has no room on this disk
    (small_disk / model.name).symlink_to(model)
    assert sync(lipwright, "face.mp4", "--audio", "word.wav", cache=small_disk).returncode == 0
    first = digest(folder / "out.mp4")
    (folder / "out.mp4").unlink()
    filler = small_disk / "filler"
    free_bytes = shutil.disk_usage(small_disk).free
    filler.write_bytes(bytes(free_bytes - 30_000))

    full = sync(lipwright, "face.mp4", "--audio", "new.wav", cache=small_disk)

    assert full.returncode == 4, full.stdout
    assert "disk" in full.stderr
    assert "what is finished is kept" in full.stderr
    assert not (folder / "out.mp4").exists()
    assert left_in(folder) == []
    filler.unlink()
    again = sync(lipwright, "face.mp4", "--audio", "word.wav", cache=small_disk)
    assert json.loads(again.stdout)["resumed_windows"] == 1
    assert digest(folder / "out.mp4") == first


def test_full_disk_of_the_output_is_told_and_leaves_nothing(folder: Path, small_disk: Path) -> None:
    noise = 0.1 * np.random.default_rng(1).standard_normal(15 * RATE_HZ).astype(np.float32)
    write_wav(folder / "long.wav", noise, RATE_HZ)
    (small_disk / "filler").write_bytes(bytes(1_500_000))
    environment = {**os.environ, "LIPWRIGHT_CACHE_DIR": str(folder / "cache")}

    done = subprocess.run(
        command_line("sync", "face.mp4", "--audio", "long.wav", "-o", str(small_disk / "out.mp4"), *QUICK),
        capture_output=True, check=False, env=environment, text=True, timeout=SECONDS_AT_MOST,
    )  # fmt: skip

    assert done.returncode == 4, done.stdout
    assert json.loads(done.stdout)["error"]["code"] == "disk_full"
    assert [path.name for path in small_disk.iterdir()] == ["filler"]


def test_second_run_keeps_away_and_a_stopped_one_goes_on(lipwright: Program, folder: Path) -> None:
    """The first run is stopped as soon as it has found faces."""
    arguments = ("sync", "face.mp4", "--audio", "new.wav", "-o", "out.mp4", "--preset", "high-quality")
    environment = {**os.environ, "LIPWRIGHT_CACHE_DIR": str(folder / "cache")}
    with subprocess.Popen(
        command_line(*arguments), env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as first:
        _wait_for(folder, ".out.mp4.lock")
        second = sync(lipwright, "face.mp4", "--audio", "word.wav")
        _wait_for(folder, "cache/stages/results/*/*/manifest.json")
        first.send_signal(signal.SIGINT)
        _, told = first.communicate(timeout=SECONDS_AT_MOST)

    assert second.returncode == 4
    assert "`out.mp4`: another run is writing it" in second.stderr
    assert first.returncode == 130, told
    assert "it goes on behind the last finished window" in told
    assert "Traceback" not in told
    assert not (folder / "out.mp4").exists()
    assert left_in(folder) == []
    kept = {path: digest(path) for path in (folder / "cache/stages/results").rglob("*") if path.is_file()}
    assert kept
    assert lipwright(*arguments, environment={"LIPWRIGHT_CACHE_DIR": str(folder / "cache")}).returncode == 0
    assert all(digest(path) == before for path, before in kept.items())


def _wait_for(folder: Path, pattern: str) -> None:
    end_s = time.monotonic() + SECONDS_AT_MOST
    while not any(folder.glob(pattern)):
        assert time.monotonic() < end_s, pattern
        time.sleep(0.02)
