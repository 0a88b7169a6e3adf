"""What is seen instead of the person for a while: a clip from its start, or a picture that the view wanders over."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np

from lipwright.render.arrays import Pixels
from lipwright.render.backgrounds.shown import called, open_shown, play_named
from lipwright.render.broll.pan import pan


def open_cut_away(
    path: Path, width_px: int, height_px: int, fps: Fraction, frames: int, seed: int, *, name: str = ""
) -> Iterator[Pixels]:
    """Make a cut-away ready; the file is looked into here.

    Args:
        seed: decides how the view wanders over a picture; a clip does not depend on it.
        name: what messages call the file; its path if empty.
    Returns: exactly `frames` pictures, uint8 RGB, (height_px, width_px, 3), each the caller's own. A clip that is
        shorter plays forth and back.
    Raises: MediaNotFound, MediaUnreadable, MediaTooLarge; also where a clip turns out to be damaged further on.
    """
    name = name or str(path)
    with called(path, name):
        shown = open_shown(path, width_px, height_px, frames / fps)
    if isinstance(shown, np.ndarray):
        return pan(shown, width_px, height_px, fps, frames, seed)
    return play_named(shown, fps, frames, path, name)
