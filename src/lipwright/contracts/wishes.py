"""What people write for sizes, rates and subtitles, and what is meant by it, in commands and in tables.

`called` is what a message calls the place where it was written.
"""

import re
from fractions import Fraction

from lipwright.contracts.portrait import SubtitleKind
from lipwright.errors import UsageError, did_you_mean

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


def parse_size(given: str, called: str = "--size") -> tuple[int, int]:
    """`1080x1920` or a name of SIZES as width and height in pixels.

    Raises: UsageError: no size, or one that H.264 in yuv420p cannot have.
    """
    if given.lower() in SIZES:
        return SIZES[given.lower()]
    found = re.fullmatch(r"(\d{1,6})\s*[x×*:]\s*(\d{1,6})", given.strip().lower())
    if not found:
        names = ", ".join(SIZES)
        raise UsageError(
            f"{called} {given}: not a size.{did_you_mean(given, SIZES)} "
            f"Write WIDTHxHEIGHT such as 1080x1920, or one of: {names}."
        )
    width_px, height_px = int(found[1]), int(found[2])
    if not all(SMALLEST_SIDE_PX <= side <= LARGEST_SIDE_PX for side in (width_px, height_px)):
        raise UsageError(f"{called} {given}: each side must be {SMALLEST_SIDE_PX} to {LARGEST_SIDE_PX} pixels.")
    if width_px % 2 or height_px % 2:
        # LARGEST_SIDE_PX is even, so that the next even side exists.
        even = f"{width_px + width_px % 2}x{height_px + height_px % 2}"
        smaller = f"{width_px - width_px % 2}x{height_px - height_px % 2}"
        raise UsageError(f"{called} {given}: H.264 needs even sides. The nearest sizes are {smaller} and {even}.")
    return width_px, height_px


def parse_fps(given: str, called: str = "--fps") -> Fraction:
    """`25`, `29.97` or `30000/1001` as an exact rate; decimals near a rate of NTSC mean that rate.

    Raises: UsageError: no rate, or one outside LOWEST_FPS to HIGHEST_FPS.
    """
    if not re.fullmatch(r"\d{1,7}(\.\d{1,6})?|\d{1,7}/0*[1-9]\d{0,6}", given.strip()):
        raise UsageError(f"{called} {given}: not a frame rate. Write one such as 25, 29.97 or 30000/1001.")
    written = Fraction(given.strip())
    rate = NTSC.get(written, written)
    if not LOWEST_FPS <= rate <= HIGHEST_FPS:
        raise UsageError(f"{called} {given}: must be {LOWEST_FPS} to {HIGHEST_FPS} frames per second.")
    return rate


def parse_subtitles(given: list[str], called: str = "--subtitles") -> frozenset[SubtitleKind]:
    """`["burn,srt", "vtt"]` as kinds.

    Raises: UsageError: an unknown kind.
    """
    kinds = [kind.value for kind in SubtitleKind]
    chosen = set()
    for word in (word.strip().lower() for part in given for word in part.split(",")):
        if word not in kinds:
            raise UsageError(
                f"{called} {word}: no such kind.{did_you_mean(word, kinds)} There are: {', '.join(kinds)}."
            )
        chosen.add(SubtitleKind(word))
    return frozenset(chosen)
