"""`lipwright speak`, as a user runs it: a photo and a text become a complete video."""

import hashlib
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lipwright.media.frames import read_frames
from lipwright.media.probe import probe
from support.program import Speak

WORDS = ("--text", "My mum may pay.")


def digest_of_frames(path: Path) -> str:
    digest = hashlib.sha256()
    for frame in read_frames(path):
        digest.update(frame.image.tobytes())
    return digest.hexdigest()


def test_photo_and_text_become_a_video(speak: Speak, photo: Path, tmp_path: Path) -> None:
    before = photo.read_bytes()
    done = speak(photo.name, *WORDS)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert done.stdout.startswith("talk.mp4: ")
    assert done.stdout.count("\n") == 1
    assert photo.read_bytes() == before
    clip = probe(tmp_path / "talk.mp4")
    assert clip.video is not None
    assert (clip.video.width_px, clip.video.height_px, clip.video.fps) == (256, 256, Fraction(12))
    assert (clip.video.codec, clip.video.pixel_format) == ("h264", "yuv420p")
    assert [(track.codec, track.sample_rate_hz) for track in clip.audio] == [("aac", 48_000)]
    assert 1.0 < clip.duration_s < 5.0
    assert abs(clip.audio[0].duration_s - clip.video.duration_s) <= 1 / clip.video.fps
    assert sorted(path.name for path in tmp_path.iterdir()) == ["photo.png", "talk.lipwright.json", "talk.mp4"]


def test_json_is_one_document_that_tells_what_was_made(speak: Speak, photo: Path, tmp_path: Path) -> None:
    done = speak(photo.name, *WORDS, "--fps", "29.97", "--subtitles", "srt,vtt", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    clip = probe(tmp_path / report["output"])
    assert clip.video is not None
    assert report["fps"] == "30000/1001"
    assert clip.video.fps == Fraction(30000, 1001)
    assert report["frames"] == clip.video.frame_count
    assert report["duration_s"] == pytest.approx(float(clip.video.duration_s), abs=1e-6)
    assert (report["width_px"], report["height_px"]) == (256, 256)
    assert all(stage["seconds"] >= 0 for stage in report["stages"])
    assert {Path(path).suffix for path in report["sidecars"]} == {".json", ".srt", ".vtt"}
    assert "My mum may pay." in (tmp_path / "talk.srt").read_text(encoding="utf-8")


def test_same_seed_gives_the_same_frames_and_another_does_not(speak: Speak, photo: Path, tmp_path: Path) -> None:
    digests = []
    for seed in ("7", "7", "8"):
        assert speak(photo.name, *WORDS, "--seed", seed).returncode == 0
        digests.append(digest_of_frames(tmp_path / "talk.mp4"))
    assert digests[0] == digests[1]
    assert digests[1] != digests[2]


def test_script_subtitles_label_and_colour_go_together(speak: Speak, photo: Path, tmp_path: Path) -> None:
    (tmp_path / "talk.txt").write_text("Hello. [pause 300ms] It costs $5.", encoding="utf-8")
    wishes = ("--subtitles", "burn,embed", "--label", "--background", "#1e90ff", "--speed", "1.2")
    done = speak(photo.name, "--script", "talk.txt", *wishes)
    assert done.returncode == 0, done.stderr
    corner = next(read_frames(tmp_path / "talk.mp4")).image[4, 4].astype(int)
    assert abs(corner - np.array([0x1E, 0x90, 0xFF])).max() < 24


def test_own_pronunciation_changes_the_sound(speak: Speak, photo: Path, tmp_path: Path) -> None:
    (tmp_path / "names.toml").write_text('Lipwright = "lip right"\n', encoding="utf-8")
    done = speak(photo.name, "--text", "Lipwright.", "--lexicon", "names.toml")
    assert done.returncode == 0, done.stderr


def test_another_language_speaks_with_its_first_voice(speak: Speak, photo: Path, tmp_path: Path) -> None:
    done = speak(photo.name, "--text", "Hola.", "--tts", "kokoro", "--language", "es", "--json")
    assert done.returncode == 0, done.stderr
    sidecar = json.loads((tmp_path / "talk.lipwright.json").read_text(encoding="utf-8"))
    assert "ef_dora" in json.dumps(sidecar)


def test_voice_alone_chooses_the_engine_that_has_it(speak: Speak, photo: Path) -> None:
    done = speak(photo.name, *WORDS, "--tts", "hibari", "--voice", "heart")
    assert done.returncode == 0, done.stderr


def test_nothing_is_kept_or_reported_outside_the_output(speak: Speak, photo: Path, tmp_path: Path) -> None:
    home, scratch = tmp_path / "home", tmp_path / "scratch"
    home.mkdir()
    scratch.mkdir()
    # ONNX Runtime reports nothing where CI is set, and this is to hold everywhere.
    environment = {"HOME": str(home), "TMPDIR": str(scratch), "XDG_CACHE_HOME": str(home), "CI": ""}
    done = speak(photo.name, *WORDS, "--subtitles", "burn", environment=environment)
    assert done.returncode == 0, done.stderr
    assert [path.name for path in (*home.rglob("*"), *scratch.rglob("*")) if path.is_file()] == []


def rotated_by_exif(photo: Image.Image, path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # shown rotated by a quarter
    photo.rotate(90, expand=True).save(path.with_suffix(".jpg"), exif=exif)


def with_alpha(photo: Image.Image, path: Path) -> None:
    alpha = np.full((512, 512), 255, np.uint8)
    alpha[:, :40] = 0
    photo.putalpha(Image.fromarray(alpha))
    photo.save(path.with_suffix(".png"))


def animated(photo: Image.Image, path: Path) -> None:
    photo.save(path.with_suffix(".gif"), save_all=True, append_images=[photo.rotate(5)], duration=100)


def sixteen_bit_grey(photo: Image.Image, path: Path) -> None:
    grey = np.asarray(photo.convert("L"), np.uint16) * 257
    Image.fromarray(grey).save(path.with_suffix(".png"))


def cmyk(photo: Image.Image, path: Path) -> None:
    photo.convert("CMYK").save(path.with_suffix(".jpg"))


def grey(photo: Image.Image, path: Path) -> None:
    photo.convert("L").save(path.with_suffix(".png"))


@pytest.mark.parametrize("save", [rotated_by_exif, with_alpha, animated, sixteen_bit_grey, cmyk, grey])
def test_photo_of_every_kind_works(speak: Speak, astronaut: Any, tmp_path: Path, save: Any) -> None:
    save(Image.fromarray(astronaut), tmp_path / "photo")
    (photo,) = tmp_path.iterdir()
    done = speak(photo.name, "--text", "Mum.")
    assert done.returncode == 0, done.stderr
    assert probe(tmp_path / "talk.mp4").video is not None


def test_odd_photo_gets_an_even_video_of_its_own_size(lipwright: Any, astronaut: Any, tmp_path: Path) -> None:
    Image.fromarray(astronaut[:401, 40:441]).save(tmp_path / "photo.png")
    arguments = ("speak", "--face", "photo.png", "--output", "talk.mp4", "--text", "Mum.", "--tts", "hibari", "--json")
    done = lipwright(*arguments)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["width_px"] % 2, report["height_px"] % 2) == (0, 0)
    assert abs(report["width_px"] - 401) <= 1
    assert abs(report["height_px"] - 401) <= 1
