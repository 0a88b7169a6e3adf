"""What users write for sizes, rates and the like, and what is meant by it. Every refusal names what would be right."""

import re
from pathlib import Path

from lipwright.errors import MediaNotFound, UsageError, did_you_mean

BACKGROUNDS = ("keep", "blur")
LARGEST_SCRIPT_BYTES = 1_000_000


def parse_background(given: str) -> str:
    """A keyword of BACKGROUNDS, a colour as `#rrggbb`, or the path of a picture that exists.

    Raises:
        UsageError: a colour that is none.
        MediaNotFound: neither a keyword nor a picture.
    """
    if given in BACKGROUNDS:
        return given
    if given.startswith("#"):
        if re.fullmatch(r"#[0-9a-fA-F]{3}", given):
            return "#" + "".join(digit * 2 for digit in given[1:].lower())
        if not re.fullmatch(r"#[0-9a-fA-F]{6}", given):
            raise UsageError(f"--background {given}: not a colour. Write one such as #1e90ff.")
        return given.lower()
    if not Path(given).is_file():
        words = " or ".join(f"`{word}`" for word in BACKGROUNDS)
        raise MediaNotFound(
            f"--background {given}: no such picture.{did_you_mean(given, BACKGROUNDS)} "
            f"Give the path of one, a colour such as #1e90ff, {words}."
        )
    return given


def one_of_words(text: str | None, script: Path | None, audio: Path | None) -> str | None:
    """What is said: the text, or that of a file; None where a recording is heard.

    Raises:
        UsageError: none of the three is given, or more than one.
        MediaNotFound: as read_script.
    """
    given = [name for name, value in (("--text", text), ("--script", script), ("--audio", audio)) if value is not None]
    if len(given) > 1:
        raise UsageError(f"{' and '.join(given)}: each says what is said. Give one of them.")
    if not given:
        raise UsageError('nothing to say. Give --text "Hello.", --script talk.txt or --audio talk.wav.')
    return read_script(script) if script is not None else text


def refuse_with_audio(**options: object) -> None:
    """Refuse options of a voice beside a recording.

    Raises: UsageError: one of them is set.
    """
    for name, value in options.items():
        if value:
            raise UsageError(f"--{name}: has no meaning with --audio, which is heard as it is. Leave it out.")


def parse_output(output: Path, **sources: Path | None) -> Path:
    """The path itself, if a video may be written there.

    Args:
        sources: what the video is made from, and must stay, under the word that a message has for it.
    Raises: UsageError: not an .mp4 file, or one of the sources.
    """
    if output.suffix.lower() != ".mp4":
        better = output.with_suffix(".mp4") if output.name else "talk.mp4"
        raise UsageError(f"--output {output}: only .mp4 files are written. Name it {better}.")
    for kind, source in sources.items():
        if source is not None and output.exists() and source.exists() and output.samefile(source):
            raise UsageError(f"--output {output}: that is the {kind}, which stays as it is. Name another file.")
    return output


def read_script(path: Path, option: str = "--script") -> str:
    """The text of a file.

    Raises:
        MediaNotFound: no such file.
        UsageError: too large, or not UTF-8.
    """
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= LARGEST_SCRIPT_BYTES else b""
    except OSError as exc:
        raise MediaNotFound(f"{option} {path}: cannot be read ({exc.strerror}). Give the path of a text file.") from exc
    if size > LARGEST_SCRIPT_BYTES:
        raise UsageError(
            f"{option} {path}: {size} bytes are too many. Cut it to {LARGEST_SCRIPT_BYTES} bytes or fewer."
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise UsageError(
            f"{option} {path}: not UTF-8 text (byte {exc.start}). Save it as UTF-8; a text file is meant, no document."
        ) from exc
