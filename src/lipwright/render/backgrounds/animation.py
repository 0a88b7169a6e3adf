"""An animated GIF, WebP, PNG or AVIF as a reel."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lipwright.contracts.media import Picture
from lipwright.errors import MediaTooLarge, MediaUnreadable
from lipwright.media.image import flatten
from lipwright.render.backgrounds.cover import covered
from lipwright.render.backgrounds.reel import Reel, Shot, units

MOST_PIXELS: Final = 4_000_000_000
"""Of all pictures together: a minute of full HD."""
_FORMATS: Final = ("GIF", "WEBP", "PNG", "AVIF")
_HURRIED_MS: Final = 10
_USUAL_MS: Final = 100
"""What browsers show a picture for that asks for `_HURRIED_MS` or less."""
_BAD_CONTENT: Final = (OSError, SyntaxError, ValueError, EOFError, IndexError, OverflowError)
_BOMB: Final = (Image.DecompressionBombWarning, Image.DecompressionBombError)


def is_animation(path: Path) -> bool:
    """Whether a file is a picture that moves; False also for what is no picture, and for what is not there."""
    if not path.is_file():
        return False
    try:
        with _opened(path) as image:
            return getattr(image, "n_frames", 1) > 1
    except (*_BOMB, *_BAD_CONTENT):
        return False


class AnimationReel(Reel):
    """Pictures with times of their own. Each is decoded over the ones before it, transparency laid on grey."""

    def __init__(self, path: Path, width_px: int, height_px: int, needed_s: Fraction) -> None:
        """
        Args:
            needed_s: pictures beyond this time are not looked at.
        Raises: MediaUnreadable: it is damaged. MediaTooLarge: more than `MOST_PIXELS`.
        """
        self._path, self._size = path, (width_px, height_px)
        self.shot_bytes = 3 * width_px * height_px
        ends_ms = list[int]()
        with self._reading() as image:
            pixels = image.width * image.height * getattr(image, "n_frames", 1)
            if pixels > MOST_PIXELS:
                raise MediaTooLarge(
                    f"`{path}`: {pixels // 1_000_000} megapixels in all its pictures are too many for an animation."
                    " Export it as an MP4 clip."
                )
            for number in range(getattr(image, "n_frames", 1)):
                image.seek(number)
                image.load()
                asked_ms = image.info.get("duration", 0)
                lasting_ms = round(asked_ms) if asked_ms > _HURRIED_MS else _USUAL_MS
                ends_ms.append((ends_ms[-1] if ends_ms else 0) + lasting_ms)
                if ends_ms[-1] > needed_s * 1000:
                    break
        self._ends_ms = np.array(ends_ms, np.int64)
        self.duration_s = Fraction(ends_ms[-1], 1000)

    def numbers(self, moments: NDArray[np.int64], unit_s: Fraction) -> NDArray[np.int64]:
        shown = np.searchsorted(self._ends_ms, units(moments, unit_s, Fraction(1000)), side="right")
        return np.minimum(shown, len(self._ends_ms) - 1).astype(np.int64)

    @contextmanager
    def opened(self) -> Iterator[Callable[[int], Shot]]:
        with ExitStack() as stack:
            image = stack.enter_context(self._reading())

            def read(number: int) -> Shot:
                nonlocal image
                if number < image.tell():  # opened anew: Pillow goes back in an animated PNG only to fail further on
                    stack.close()
                    image = stack.enter_context(self._reading())
                image.seek(number)
                whole = np.asarray(image.convert("RGBA"))
                picture = Picture(np.ascontiguousarray(whole[..., :3]), whole[..., 3])
                return covered(flatten(picture), *self._size).copy

            yield read

    @contextmanager
    def _reading(self) -> Iterator[Image.Image]:
        try:
            with _opened(self._path) as image:
                yield image
        except _BAD_CONTENT as exc:
            raise MediaUnreadable(
                f"`{self._path}`: the animation is cut short or damaged ({exc}). Copy or download it again."
            ) from exc


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        opened = Image.open(path, formats=_FORMATS)
    with opened:
        yield opened
