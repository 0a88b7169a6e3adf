"""What an asset is called and what it is: names that are never paths, types told by content."""

import re
import unicodedata
from typing import Final

HEAD_BYTES: Final = 512
"""How much of a file tells its type."""
_LONGEST: Final = 200
_UNNAMED: Final = "file"
_BINARY: Final = "application/octet-stream"
_BRANDS: Final = {
    b"qt  ": "video/quicktime",
    b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4",
    b"avif": "image/avif",
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"mif1": "image/heif",
}
"""Of ISO base media files; all others are MP4. Source: mp4ra.org."""
_STARTS: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"ID3", "audio/mpeg"),
    (b"PK\x03\x04", "application/zip"),
    (b"%PDF-", "application/pdf"),
)
_RIFF: Final = {b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo", b"WEBP": "image/webp"}
_CUE: Final = re.compile(r"\s*\d+\s*\r?\n\d+:\d\d:\d\d[,.]\d{3} --> ")


def clean_name(name: str) -> str:
    """A name to show and to offer for a download: without folders, control characters and characters that some file
    system refuses; 1 to 200 characters."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    kept = "".join("_" if letter in '<>:"|?*' else letter for letter in last if _is_shown(letter))
    kept = " ".join(kept.split()).strip(". ")
    if len(kept) > _LONGEST:
        stem, dot, suffix = kept.rpartition(".")
        ending = f"{dot}{suffix}" if stem and len(suffix) <= 10 else ""  # of a file's type
        kept = f"{kept[: _LONGEST - len(ending)].rstrip('. ')}{ending}"
    return kept or _UNNAMED


def media_type(head: bytes) -> str:
    """The type of a file by its first 512 bytes; never one that a browser runs, such as HTML or SVG.

    Source: the WHATWG's MIME Sniffing Standard, for those that it knows.
    """
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "video/mp4")
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "video/webm" if b"webm" in head[:64] else "video/x-matroska"
    if head.startswith(b"RIFF"):
        return _RIFF.get(head[8:12], _BINARY)
    for start, found in _STARTS:
        if head.startswith(start):
            return found
    if len(head) > 2 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2:  # MPEG audio's frame, layer III
        return "audio/mpeg"
    return _text_type(head)


def _text_type(head: bytes) -> str:
    try:
        text = head[:HEAD_BYTES].decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        if not head or exc.start < len(head) - 3:  # a letter may be cut in two
            return _BINARY
        text = head[: exc.start].decode("utf-8-sig")
    if not text or any(unicodedata.category(letter) == "Cc" and letter not in "\t\n\r\f" for letter in text):
        return _BINARY
    if re.match(r"WEBVTT(\s|$)", text):
        return "text/vtt"
    return "application/x-subrip" if _CUE.match(text) else "text/plain"


def _is_shown(letter: str) -> bool:
    """Whether a letter is neither a control character, nor one that turns the direction of writing, nor half a
    character."""
    return unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}
