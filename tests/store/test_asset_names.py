"""Names are safe wherever they are shown, and types come from content."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwright.store.asset_names import clean_name, media_type


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("talk.mp4", "talk.mp4"),
        ("../../etc/passwd", "passwd"),
        ("C:\\clips\\talk.mp4", "talk.mp4"),
        ("..", "file"),
        ("", "file"),
        ("/", "file"),
        (".hidden", "hidden"),
        ("a\r\nX-Header: b.mp4", "aX-Header_ b.mp4"),
        ("nul\x00.mp4", "nul.mp4"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("ünïcode 日本.mp4", "ünïcode 日本.mp4"),
        ('"quoted".srt', "_quoted_.srt"),
    ],
)
def test_name_is_never_a_path(given_name: str, kept: str) -> None:
    assert clean_name(given_name) == kept


def test_long_name_keeps_its_ending() -> None:
    assert clean_name("x" * 500 + ".mp4") == "x" * 196 + ".mp4"


@given(st.text())
def test_any_name_is_safe_and_stays_as_it_is(text: str) -> None:
    name = clean_name(text)
    assert 1 <= len(name) <= 200
    assert not re.search(r'[/\\<>:"|?*\x00-\x1f]', name)
    assert name not in {".", ".."}
    assert not any(unicodedata.category(letter) in {"Cc", "Cf", "Cs"} for letter in name)
    assert clean_name(name) == name
    name.encode()


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00", "video/mp4"),
        (b"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00", "video/quicktime"),
        (b"\x00\x00\x00\x20ftypM4A \x00\x00\x02\x00", "audio/mp4"),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm", "video/webm"),
        (b"\x1a\x45\xdf\xa3\xa3\x42\x82\x88matroska", "video/x-matroska"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "audio/wav"),
        (b"RIFF\x24\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"RIFF\x24\x00\x00\x00????", "application/octet-stream"),
        (b"\x89PNG\r\n\x1a\n\x00", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"ID3\x04\x00", "audio/mpeg"),
        (b"\xff\xfb\x90\x64", "audio/mpeg"),
        (b"OggS\x00\x02", "audio/ogg"),
        (b"WEBVTT\n\n00:00.000 --> 00:01.000\n", "text/vtt"),
        (b"1\r\n00:00:00,000 --> 00:00:01,000\r\nHallo\r\n", "application/x-subrip"),
        (b"\xef\xbb\xbf1\n00:00:00,000 --> 00:00:01,000\nHallo\n", "application/x-subrip"),
        (b"<html><script>alert(1)</script>", "text/plain"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'>", "text/plain"),
        ("é".encode() * 255 + b"a\xc3", "text/plain"),
        (b"", "application/octet-stream"),
        (b"\x00\x01\x02", "application/octet-stream"),
        (b"\xc3", "application/octet-stream"),
    ],
)
def test_type_is_told_by_content(head: bytes, expected: str) -> None:
    assert media_type(head) == expected


@given(st.binary(max_size=512))
def test_any_content_has_a_type_that_no_browser_runs(head: bytes) -> None:
    found = media_type(head)
    assert re.fullmatch(r"(video|audio|image|text|application)/[\w.+-]+", found)
    assert "html" not in found
    assert "svg" not in found
    assert "javascript" not in found
