"""`lipwright speak` with input that cannot work: one message, the right exit code, nothing left behind."""

import os
import shutil
import struct
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from support.program import Speak

MUM = ("--text", "Mum.")


def refused(done: Any, exit_code: int, *words: str) -> None:
    """One message on stderr that holds the words, nothing on stdout."""
    assert done.returncode == exit_code, done.stderr
    assert done.stdout == ""
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr


@pytest.fixture(autouse=True)
def nothing_is_left(tmp_path: Path) -> Iterator[None]:
    """After each of these tests, no video and no part of one is in the folder."""
    yield
    left = [
        path.name for path in tmp_path.rglob("*") if "talk" in path.name or path.suffix in {".mp4", ".tmp", ".part"}
    ]
    assert left == []


def png_that_claims(width: int, height: int) -> bytes:
    """A PNG whose header tells a size; its pixels are missing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "content",
    [b"", b"not a picture", b"%PDF-1.7\n", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0\x00\x10JFIF"],
    ids=["empty", "text", "pdf", "cut png", "cut jpeg"],
)
def test_photo_that_is_no_picture_is_refused(speak: Speak, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "photo.jpg").write_bytes(content)
    refused(speak("photo.jpg", *MUM), 2, "photo.jpg")


def test_truncated_photo_is_refused(speak: Speak, tmp_path: Path, astronaut: Any) -> None:
    whole = tmp_path / "whole.jpg"
    Image.fromarray(astronaut).save(whole)
    (tmp_path / "photo.jpg").write_bytes(whole.read_bytes()[: whole.stat().st_size // 3])
    refused(speak("photo.jpg", *MUM), 2, "photo.jpg")


def test_photo_of_too_many_pixels_is_refused_before_it_is_decoded(speak: Speak, tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(png_that_claims(20_000, 20_000))
    refused(speak("photo.png", *MUM), 2, "photo.png")


def test_missing_photo_is_named(speak: Speak) -> None:
    refused(speak("photo.png", *MUM), 2, "photo.png")


def test_folder_is_no_photo(speak: Speak, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    refused(speak("photos", *MUM), 2, "photos")


def test_picture_without_a_face_is_refused(speak: Speak, tmp_path: Path) -> None:
    Image.new("RGB", (512, 512), (128, 128, 128)).save(tmp_path / "wall.png")
    refused(speak("wall.png", *MUM), 2, "wall.png", "face")


def test_small_face_is_refused_with_what_would_do(speak: Speak, tmp_path: Path, astronaut: Any) -> None:
    canvas = Image.new("RGB", (600, 600), (120, 130, 140))
    canvas.paste(Image.fromarray(astronaut).resize((200, 200)), (200, 200))
    canvas.save(tmp_path / "far.png")
    refused(speak("far.png", *MUM), 2, "far.png", "80")


def test_face_that_is_not_there_is_refused_by_its_index(speak: Speak, photo: Path) -> None:
    refused(speak(photo.name, *MUM, "--face-index", "5"), 2, photo.name)


def test_second_of_several_faces_can_speak(speak: Speak, tmp_path: Path, astronaut: Any) -> None:
    smaller = np.full_like(astronaut, 128)
    smaller[:460, :460] = np.asarray(Image.fromarray(astronaut).resize((460, 460)))
    Image.fromarray(np.hstack([astronaut, smaller])).save(tmp_path / "two.png")
    done = speak("two.png", *MUM, "--face-index", "1", "--output", "second.mov")
    refused(done, 2, "second.mp4")  # only the name is wrong: the face was not even looked for
    done = speak("two.png", *MUM, "--face-index", "1", "--size", "512x256")
    assert done.returncode == 0, done.stderr
    (tmp_path / "talk.mp4").unlink()
    (tmp_path / "talk.lipwright.json").unlink()


@pytest.mark.parametrize("text", ["", "   \n", "[pause 500ms]"])
def test_text_without_words_is_refused(speak: Speak, photo: Path, text: str) -> None:
    refused(speak(photo.name, "--text", text), 2)


@pytest.mark.parametrize("text", ["Привет, мир.", "你好，世界。", "مرحبا بالعالم"])
def test_letters_that_the_voice_does_not_speak_are_refused(speak: Speak, photo: Path, text: str) -> None:
    refused(speak(photo.name, "--text", text), 2)


def test_unknown_voice_gets_a_suggestion(speak: Speak, photo: Path) -> None:
    refused(speak(photo.name, *MUM, "--tts", "kokoro", "--voice", "af_hart"), 2, "af_hart", "af_heart")


@pytest.mark.parametrize("language", ["tlh", "de", "xx-YY"])
def test_unknown_language_is_refused(speak: Speak, photo: Path, language: str) -> None:
    refused(speak(photo.name, *MUM, "--language", language), 2, language)


def test_missing_folder_of_the_output_is_refused(speak: Speak, photo: Path) -> None:
    refused(speak(photo.name, *MUM, "--output", "missing/talk.mp4"), 4, "missing")


def test_file_in_place_of_the_output_folder_is_refused(speak: Speak, photo: Path) -> None:
    refused(speak(photo.name, *MUM, "--output", "photo.png/talk.mp4"), 4, "photo.png")


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="Linux's /proc stands for a folder where nobody may write")
def test_read_only_folder_is_refused(speak: Speak, photo: Path) -> None:
    refused(speak(photo.name, *MUM, "--output", "/proc/talk.mp4"), 4, "/proc")


def test_folder_without_permission_is_refused(speak: Speak, photo: Path, tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    refused(speak(photo.name, *MUM, "--output", "closed/talk.mp4"), 4, "closed")


def test_photo_is_never_the_output(speak: Speak, tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"a face")
    refused(speak("clip.mp4", *MUM, "--output", "clip.mp4"), 2, "clip.mp4")
    assert (tmp_path / "clip.mp4").read_bytes() == b"a face"
    (tmp_path / "clip.mp4").unlink()


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KiB."""
    mount, umount = shutil.which("mount"), shutil.which("umount")
    folder = tmp_path / "disk"
    folder.mkdir()
    if not (sys.platform == "linux" and mount and umount):
        pytest.skip("a full disk is a mounted tmpfs, which only Linux has")
    made = subprocess.run([mount, "-t", "tmpfs", "-o", "size=64k", "none", folder], capture_output=True, check=False)
    if made.returncode:
        pytest.skip("a full disk is a mounted tmpfs, which only root may mount")
    yield folder
    left = sorted(path.name for path in folder.iterdir())
    subprocess.run([umount, folder], check=True)
    assert left == []


def test_full_disk_is_told_and_leaves_nothing(speak: Speak, photo: Path, tiny_disk: Path) -> None:
    words = ("--text", "My mum may pay. " * 4, "--size", "512x512")
    refused(speak(photo.name, *words, "--output", f"{tiny_disk.name}/talk.mp4"), 4, "disk")
