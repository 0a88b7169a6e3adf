"""A resting picture of every scene, for storyboards: nothing has to be spoken for it."""

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.progress import Progress
from lipwright.contracts.story import Story
from lipwright.pipeline.video.cast import Canvas, Cast, PhotoCast, Stand
from lipwright.pipeline.video.material import Material

STILL_WIDTH_PX = 480
MOST_STILLS = 40
"""More scenes than that are drawn as diagrams: their cells are small."""


def draw_stills(
    board: Story, cast: Cast, files: Mapping[str, Path], size: tuple[int, int], progress: Progress, *, seed: int = 0
) -> list[NDArray[np.uint8] | None]:
    """Draw each scene of a storyboard small.

    Args:
        board: with every choice made.
        size: of the video.
    Returns: uint8 RGB (height, width, 3), or None where that takes long: people from clips, backgrounds that are still
        to be painted or not there, and long stories.
    Raises: MediaError, FaceError, Cancelled.
    """
    if not isinstance(cast, PhotoCast) or len(board.scenes) > MOST_STILLS:
        return [None] * len(board.scenes)
    small = min(Fraction(STILL_WIDTH_PX, size[0]), Fraction(1))
    canvas = Canvas(_even(size[0] * small), _even(size[1] * small), Fraction(25), seed)
    progress.stage("storyboard", len(board.scenes))
    stills: list[NDArray[np.uint8] | None] = []
    for number, scene in enumerate(board.scenes):
        progress.check_cancelled()
        still, behind = None, scene.background
        if behind is not None and behind.kind != "prompt" and (behind.kind != "file" or files[behind.value].is_file()):
            still = cast.presenter(Stand(scene, Material(behind, files, ()), number), canvas, 0, None).still()
        stills.append(still)
        progress.advance(1)
    return stills


def _even(length: Fraction) -> int:
    return max(2 * round(length / 2), 2)
