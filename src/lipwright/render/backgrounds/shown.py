"""A file that a script shows: a picture, or something that moves. Messages call it as the script does."""

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

from lipwright.errors import MediaError, MediaUnreadable
from lipwright.media.image import flatten, is_clip, load_image
from lipwright.render.arrays import Pixels
from lipwright.render.backgrounds.animation import AnimationReel, is_animation
from lipwright.render.backgrounds.clip import ClipReel
from lipwright.render.backgrounds.reel import Reel, play


def open_shown(path: Path, width_px: int, height_px: int, needed_s: Fraction) -> Pixels | Reel:
    """Find out what a file is, by its content, and read as much of it as is needed before it is shown.

    Args:
        needed_s: how long it is shown at most.
    Returns: uint8 RGB of the whole picture, transparency laid on grey; or a reel that covers the output.
    Raises: MediaNotFound, MediaUnreadable, MediaTooLarge.
    """
    if is_animation(path):
        return AnimationReel(path, width_px, height_px, needed_s)
    if is_clip(path):
        return ClipReel(path, width_px, height_px)
    try:
        return flatten(load_image(path))
    except MediaUnreadable as exc:
        raise MediaUnreadable(f"{exc} Clips may be MP4, MOV, MKV, WebM and the like.") from exc


def play_named(reel: Reel, fps: Fraction, frames: int, path: Path, name: str) -> Iterator[Pixels]:
    """`play` whose errors call the file by a name."""
    with called(path, name):
        yield from play(reel, fps, frames)


@contextmanager
def called(path: Path, name: str) -> Iterator[None]:
    """Errors of media inside call the file as the script does, not by the place where it lies here."""
    try:
        yield
    except MediaError as exc:
        told = str(exc).replace(f"`{path}`", f"`{name}`")
        if told == str(exc):
            raise
        raise type(exc)(told) from exc
