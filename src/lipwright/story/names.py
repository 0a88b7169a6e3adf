"""Names of files in a script. None of them leads out of the script's folder."""

import re
import unicodedata
from typing import Final

from lipwright.errors import PathEscapes, ScriptInvalid

LONGEST_NAME: Final = 255
_ADDRESS: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_DRIVE: Final = re.compile(r"[A-Za-z]:")


def plain_name(name: str, where: str) -> str:
    """A name with `/` between folders and without `./`.

    Args:
        where: begins a message: the script and the line.
    Raises:
        PathEscapes: it names a place outside the folder.
        ScriptInvalid: no file can have it.
    """
    if _ADDRESS.match(name):
        raise ScriptInvalid(f"{where}: `{name}` is an address. Download the file, and name the copy beside the script.")
    parts = [part for part in name.replace("\\", "/").split("/") if part != "."]
    if name.startswith(("/", "\\", "~")) or _DRIVE.match(name) or ".." in parts:
        raise PathEscapes(f"{where}: `{name}` leads out of the script's folder. Put a copy of the file there.")
    plain = "/".join(part for part in parts if part)
    if not plain or name.endswith(("/", "\\")):
        raise ScriptInvalid(f"{where}: `{name}` names no file. Write one, such as office.jpg.")
    if len(plain) > LONGEST_NAME or any(unicodedata.category(character) == "Cc" for character in plain):
        raise ScriptInvalid(f"{where}: no file is called `{plain[:60]}`. Write a name such as office.jpg.")
    return plain
