"""The JSON file beside a video: read with clear errors, written whole or not at all."""

from pathlib import Path

from lipwright.contracts.sidecar import Sidecar
from lipwright.errors import MediaNotFound, MediaUnreadable
from lipwright.media.output import write_text

LARGEST_BYTES = 200_000_000  # ten hours of speech


def read_sidecar(path: Path) -> Sidecar:
    """Read the sidecar of a video.

    Raises:
        MediaNotFound: there is no such file.
        MediaUnreadable: it cannot be read, or is no sidecar of this version.
    """
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= LARGEST_BYTES else b""
    except FileNotFoundError as exc:
        raise MediaNotFound(f"`{path}`: there is no such file. Check the name.") from exc
    except OSError as exc:
        raise MediaUnreadable(f"`{path}`: cannot be read ({exc.strerror}). Name the JSON file of a video.") from exc
    if size > LARGEST_BYTES:
        raise MediaUnreadable(f"`{path}`: {size} bytes are too many for a sidecar. Name the JSON file of a video.")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as exc:
        raise MediaUnreadable(f"`{path}`: is no text in UTF-8. Name the JSON file of a video.") from exc
    return Sidecar.from_json(text, str(path))


def write_sidecar(path: Path, sidecar: Sidecar) -> None:
    """Write the sidecar of a video.

    Raises: OutputNotWritable, DiskFull.
    """
    write_text(path, sidecar.to_json())
