"""Opens whatever a story puts behind the person."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import repeat
from pathlib import Path
from typing import assert_never

import numpy as np

from lipwright.contracts.story import Background
from lipwright.errors import MediaNotFound, ProviderUnavailable, UsageError
from lipwright.render.arrays import Pixels
from lipwright.render.backdrop import colour_of, plain
from lipwright.render.backgrounds.base import ImageEngine
from lipwright.render.backgrounds.cover import covered
from lipwright.render.backgrounds.gradient import draw_gradient
from lipwright.render.backgrounds.shown import called, open_shown, play_named

_SHOWN_WORDS = 60


@dataclass(frozen=True, slots=True, eq=False)
class Backdrop:
    """What is behind the person for a whole scene."""

    still: Pixels | None
    """uint8 RGB, (height, width, 3), not to be changed; None where the background moves."""
    frames: Callable[[], Iterator[Pixels]]
    """Begins anew: exactly as many pictures as were asked for. Those of a moving background belong to the caller."""


def open_backdrop(
    background: Background,
    files: Mapping[str, Path],
    width_px: int,
    height_px: int,
    fps: Fraction,
    frames: int,
    image_engine: ImageEngine | None,
) -> Backdrop:
    """Make a background ready; pictures are painted here, and files are looked into.

    Args:
        background: of any kind but `keep` and `blur`, which the photo itself is needed for.
        files: where the files lie that the story names.
        frames: how many pictures the scene has.
        image_engine: None where none is set.
    Raises:
        MediaNotFound, MediaUnreadable, MediaTooLarge: the file cannot be used; the message has the story's name for it.
        UsageError: no such colour or gradient.
        ProviderUnavailable: words are to be painted, and there is no image engine; and what the engine raises.
    """
    match background.kind:
        case "colour":
            return _still(_colour(background.value, width_px, height_px), frames)
        case "gradient":
            return _still(draw_gradient(background.value, width_px, height_px), frames)
        case "file":
            return _file(background.value, files, width_px, height_px, fps, frames)
        case "prompt":
            return _still(_painted(background.value, width_px, height_px, image_engine), frames)
        case "keep" | "blur":
            raise ValueError(f"{background.kind}: made from the photo, by what presents it")
        case _:
            assert_never(background.kind)


def _still(picture: Pixels, frames: int) -> Backdrop:
    return Backdrop(picture, partial(repeat, picture, frames))


def _colour(value: str, width_px: int, height_px: int) -> Pixels:
    colour = colour_of(value)
    if colour is None:
        raise UsageError(f"background `{value}`: no colour. Write one such as #0b3d5c.")
    return plain(width_px, height_px, colour)


def _file(name: str, files: Mapping[str, Path], width_px: int, height_px: int, fps: Fraction, frames: int) -> Backdrop:
    path = files.get(name)
    if path is None:
        raise MediaNotFound(f"`{name}`: this background was not given along. Add the file, or correct its name.")
    with called(path, name):
        shown = open_shown(path, width_px, height_px, frames / fps)
        if isinstance(shown, np.ndarray):
            return _still(covered(shown, width_px, height_px), frames)
    return Backdrop(None, partial(play_named, shown, fps, frames, path, name))


def _painted(words: str, width_px: int, height_px: int, engine: ImageEngine | None) -> Pixels:
    if not words.strip():
        raise UsageError("background: nothing says what is to be painted. Write what is to be seen.")
    if engine is None:
        short = words if len(words) <= _SHOWN_WORDS else f"{words[:_SHOWN_WORDS]}..."
        raise ProviderUnavailable(
            f"background `{short}`: no image engine is set, so nothing can be painted. Set LIPWRIGHT_IMAGE=openai, or"
            " name a picture, a gradient or a colour."
        )
    return covered(engine.paint(words, width_px, height_px), width_px, height_px)
