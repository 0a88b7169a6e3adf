"""What a storyboard beside a video of scenes tells of it: where something else is seen than one person."""

from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from lipwright.contracts.story import STORYBOARD, Story
from lipwright.errors import MediaUnreadable


def story_beside(video: Path) -> Story | None:
    """The storyboard of a video of scenes; None of any other video.

    Raises: MediaUnreadable: it is damaged.
    """
    path = video.with_suffix(STORYBOARD)
    if not path.is_file():
        return None
    try:
        return Story.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, ValidationError) as exc:
        raise MediaUnreadable(
            f"`{path}`: not a storyboard that this Lipwright reads. Make the video again, or remove this file to"
            " measure without it."
        ) from exc


def covered(story: Story, frames: int, fps: Fraction) -> NDArray[np.bool_]:
    """Frames of a video that show a cut-away, or two scenes at once, (frames,)."""
    found = np.zeros(frames, np.bool_)
    for scene in story.scenes:
        start_s = scene.start_s or 0.0
        spans = [(cut.start_s or 0.0, cut.duration_s or 0.0) for cut in scene.cut_aways]
        if scene.transition is not None:
            spans.append((0.0, scene.transition.duration_s))
        for begin_s, duration_s in spans:
            first = round((start_s + begin_s) * fps)
            found[first : first + round(duration_s * fps)] = True
    return found
