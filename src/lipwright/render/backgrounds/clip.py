"""A clip as a reel: any rate, turned upright, HDR made standard, what is transparent laid on grey."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from functools import partial
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.footage import Footage, Region, YuvFrame
from lipwright.contracts.media import Picture
from lipwright.media.footage import index_footage
from lipwright.media.image import flatten
from lipwright.media.pictures import PictureReader
from lipwright.media.regular import Regulariser, empty_frame, orientation_of
from lipwright.media.yuv import region_rgb
from lipwright.render.arrays import Pixels
from lipwright.render.backgrounds.cover import covered, middle_part, scaled
from lipwright.render.backgrounds.reel import Reel, Shot, units
from lipwright.render.backgrounds.vpx import SeeThroughReader, is_see_through

_TURNS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}


class ClipReel(Reel):
    """The picture of a video file, which was indexed: a frame is kept as YUV until it is shown."""

    def __init__(self, path: Path, width_px: int, height_px: int) -> None:
        """
        Raises: MediaNotFound, MediaUnreadable, MediaTooLarge: as `index_footage`.
        """
        self._footage: Footage = index_footage(path)
        self._reader: type[PictureReader | SeeThroughReader] = (
            SeeThroughReader if is_see_through(path) else PictureReader
        )
        self._size = width_px, height_px
        self.duration_s: Fraction = self._footage.duration_s
        self.shot_bytes = 3 * width_px * height_px // 2

    def numbers(self, moments: NDArray[np.int64], unit_s: Fraction) -> NDArray[np.int64]:
        frames = units(moments, unit_s, self._footage.fps)
        return self._footage.source_index[np.minimum(frames, self._footage.frame_count - 1)].astype(np.int64)

    @contextmanager
    def opened(self) -> Iterator[Callable[[int], Shot]]:
        footage = self._footage
        regular = Regulariser(footage.width_px, footage.height_px, full_chroma=footage.full_chroma)
        with self._reader(footage.path, footage.pictures) as reader:

            def read(number: int) -> Shot:
                picture = reader.picture(number)
                frame = regular(picture)
                if any(component.is_alpha for component in picture.format.components):
                    return self._laid_on_grey(frame, self._alpha(picture)).copy
                return partial(_rgb, self._covering(frame))

            yield read

    def _covering(self, frame: YuvFrame) -> YuvFrame:
        """Crop and scale the planes themselves, which are half as many samples as RGB has."""
        if frame.y.shape == self._size[::-1]:
            return frame
        height, width = frame.y.shape
        step = width // frame.u.shape[1]
        left, top, width, height = middle_part((width, height), self._size, step)
        new = empty_frame(*self._size, step)
        for plane, target, every in ((frame.y, new.y, 1), (frame.u, new.u, step), (frame.v, new.v, step)):
            rows = slice(top // every, (top + height) // every)
            columns = slice(left // every, (left + width) // every)
            target[:] = scaled(plane[rows, columns], target.shape[1], target.shape[0])
        return new

    def _laid_on_grey(self, frame: YuvFrame, alpha: Pixels) -> Pixels:
        return covered(flatten(Picture(_rgb(frame), alpha)), *self._size)

    def _alpha(self, picture: av.VideoFrame) -> Pixels:
        """The coverage of a picture, upright, in the size of its frame: uint8, (height, width)."""
        alpha: Pixels = np.asarray(picture.reformat(format="rgba").to_ndarray(), np.uint8)[..., 3]
        turn_degrees, mirrored = orientation_of(picture)
        if mirrored:
            alpha = np.asarray(cv2.flip(alpha, 1), np.uint8)
        if turn_degrees:
            alpha = np.asarray(cv2.rotate(alpha, _TURNS[turn_degrees]), np.uint8)
        return scaled(alpha, self._footage.width_px, self._footage.height_px)


def _rgb(frame: YuvFrame) -> Pixels:
    height, width = frame.y.shape
    return region_rgb(frame, Region(0, 0, width, height))
