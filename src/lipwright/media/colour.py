"""Between RGB and the YCbCr of video: BT.709 in limited range going out, whatever the file says coming in."""

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, Interpolation, VideoReformatter
from numpy.typing import NDArray

_AVCOL_SPC_BT709 = 1
_AVCOL_SPC_UNSPECIFIED = 2
_HIGH_DEFINITION_PX = 720
_FLAGS = (
    Interpolation.BICUBIC
    | Interpolation.ACCURATE_RND
    | Interpolation.FULL_CHR_H_INP
    | Interpolation.FULL_CHR_H_INT
    | Interpolation.BITEXACT
)


def tag_as_bt709(codec: VideoCodecContext) -> None:
    """Write into a stream what `YuvConverter` makes: BT.709 in all three tags, limited range."""
    codec.color_range = ColorRange.MPEG
    codec.colorspace = _AVCOL_SPC_BT709
    codec.color_primaries = ColorPrimaries.BT709
    codec.color_trc = ColorTrc.BT709


class YuvConverter:
    """RGB to yuv420p, BT.709, limited range. Without a named matrix swscale takes that of BT.601."""

    def __init__(self) -> None:
        self._reformatter = VideoReformatter()

    def __call__(self, image: NDArray[np.uint8]) -> av.VideoFrame:
        """Convert one picture: uint8 RGB, (height, width, 3), C-contiguous, even sides, not kept."""
        return self._reformatter.reformat(
            av.VideoFrame.from_numpy_buffer(image, format="rgb24"),
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
            interpolation=_FLAGS,
        )


class RgbConverter:
    """Any decoded picture to RGB. Where a file names no matrix, 720 rows and more are BT.709 and fewer are BT.601."""

    def __init__(self) -> None:
        self._reformatter = VideoReformatter()

    def __call__(self, frame: av.VideoFrame) -> NDArray[np.uint8]:
        """Convert one picture.

        Returns: uint8 RGB, (height, width, 3), as stored: neither turned nor made square.
        """
        matrix = None
        if frame.colorspace == _AVCOL_SPC_UNSPECIFIED:
            matrix = Colorspace.ITU709 if frame.height >= _HIGH_DEFINITION_PX else Colorspace.ITU601
        rgb = self._reformatter.reformat(frame, format="rgb24", src_colorspace=matrix, interpolation=_FLAGS)
        return np.asarray(rgb.to_ndarray(), np.uint8)
