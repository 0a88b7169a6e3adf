"""What users write for sizes, rates and the like, and what is meant by it. Every refusal names what would be right."""

import re
from fractions import Fraction
from pathlib import Path

from lipwright.contracts.portrait import SubtitleKind
from lipwright.errors import MediaNotFound, UsageError, did_you_mean

SIZES = {
    "square": (1080, 1080),
    "portrait": (1080, 1920),
    "landscape": (1920, 1080),
    "720p": (1280, 720),
    "1080p": (1920, 1080),
}
SMALLEST_SIDE_PX = 128
LARGEST_SIDE_PX = 4096
LOWEST_FPS = Fraction(10)
HIGHEST_FPS = Fraction(60)
NTSC = {
    round(Fraction(whole * 1000, 1001), places): Fraction(whole * 1000, 1001)
    for whole in (24, 30, 48, 60)
    for places in (2, 3)
}
"""What people write for the rates of NTSC, and the rates: 23.976 and 23.98 are 24000/1001."""

BACKGROUNDS = ("keep", "blur")
LARGEST_SCRIPT_BYTES = 1_000_000


def parse_size(given: str) -> tuple[int, int]:
    """`1080x1920` or a name of SIZES as width and height in pixels.

    Raises: UsageError: no size, or one that H.264 in yuv420p cannot have.
    """
    if given.lower() in SIZES:
        return SIZES[given.lower()]
    found = re.fullmatch(r"(\d{1,6})\s*[x×*:]\s*(\d{1,6})", given.strip().lower())
    if not found:
        names = ", ".join(SIZES)
        raise UsageError(
            f"--size {given}: not a size.{did_you_mean(given, SIZES)} "
            f"Write WIDTHxHEIGHT such as 1080x1920, or one of: {names}."
        )
    width_px, height_px = int(found[1]), int(found[2])
    if not all(SMALLEST_SIDE_PX <= side <= LARGEST_SIDE_PX for side in (width_px, height_px)):
        raise UsageError(f"--size {given}: each side must be {SMALLEST_SIDE_PX} to {LARGEST_SIDE_PX} pixels.")
    if width_px % 2 or height_px % 2:
        # LARGEST_SIDE_PX is even, so that the next even side exists.
        even = f"{width_px + width_px % 2}x{height_px + height_px % 2}"
        smaller = f"{width_px - width_px % 2}x{height_px - height_px % 2}"
        raise UsageError(f"--size {given}: H.264 needs even sides. The nearest sizes are {smaller} and {even}.")
    return width_px, height_px


def parse_fps(given: str) -> Fraction:
    """`25`, `29.97` or `30000/1001` as an exact rate; decimals near a rate of NTSC mean that rate.

    Raises: UsageError: no rate, or one outside LOWEST_FPS to HIGHEST_FPS.
    """
    if not re.fullmatch(r"\d{1,7}(\.\d{1,6})?|\d{1,7}/0*[1-9]\d{0,6}", given.strip()):
        raise UsageError(f"--fps {given}: not a frame rate. Write one such as 25, 29.97 or 30000/1001.")
    written = Fraction(given.strip())
    rate = NTSC.get(written, written)
    if not LOWEST_FPS <= rate <= HIGHEST_FPS:
        raise UsageError(f"--fps {given}: must be {LOWEST_FPS} to {HIGHEST_FPS} frames per second.")
    return rate


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


def parse_subtitles(given: list[str]) -> frozenset[SubtitleKind]:
    """`["burn,srt", "vtt"]` as kinds.

    Raises: UsageError: an unknown kind.
    """
    kinds = [kind.value for kind in SubtitleKind]
    chosen = set()
    for word in (word.strip().lower() for part in given for word in part.split(",")):
        if word not in kinds:
            raise UsageError(
                f"--subtitles {word}: no such kind.{did_you_mean(word, kinds)} There are: {', '.join(kinds)}."
            )
        chosen.add(SubtitleKind(word))
    return frozenset(chosen)


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
