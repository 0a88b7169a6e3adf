"""Names of rows become names of files: on every system, in one folder, and never a path."""

import re
import unicodedata

from lipwright.errors import UsageError

LONGEST_BYTES = 150
"""Of a name in UTF-8; what is written beside the video, and while it is written, has longer names."""
_FORBIDDEN = '/\\:*?"<>|'
_RESERVED = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$"}
    | {f"{port}{n}" for port in ("com", "lpt") for n in "0123456789¹²³"}
)
"""Devices on Windows, whatever follows behind a dot."""


def safe_name(given: str) -> str:
    """A name in one form of Unicode (NFC), with single spaces.

    Raises: UsageError: it cannot be the name of a file on every system.
    """
    name = unicodedata.normalize("NFC", " ".join(given.split()))
    if not name:
        raise UsageError("the name is empty. Write one: it becomes the name of the file.")
    bad = next((c for c in name if c in _FORBIDDEN or unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Cn"}), None)
    if bad is not None:
        shown = f"`{bad}`" if bad.isprintable() else f"U+{ord(bad):04X}"
        better = re.sub(r"-+", "-", "".join("-" if _is_bad(c) else c for c in name)).strip("-. ")
        hint = f" Write `{better}`." if better else ""
        raise UsageError(f"the name `{name}` holds {shown}, which no file's name may.{hint}")
    if name.startswith(".") or name.endswith("."):
        raise UsageError(f"the name `{name}` begins or ends with a dot. Write `{name.strip('. ') or 'clip'}`.")
    if name.split(".")[0].strip().casefold() in _RESERVED:
        raise UsageError(f"the name `{name}` belongs to Windows. Write `{name}-1`.")
    if len(name.encode()) > LONGEST_BYTES:
        raise UsageError(f"the name `{name[:20]}...` is longer than {LONGEST_BYTES} bytes. Shorten it.")
    return name


def same_file(name: str) -> str:
    """What two names have in common that are one file on some system."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", name).casefold())


def _is_bad(character: str) -> bool:
    return character in _FORBIDDEN or unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn"}
