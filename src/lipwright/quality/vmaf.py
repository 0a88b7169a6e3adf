"""VMAF of the picture around a mouth, by luma: both pictures are grey where the mouth may change, the rest is compared.

Engine: libvmaf (BSD-2-Clause-Patent) with its built-in model vmaf_v0.6.1, in the FFmpeg that is packaged.
"""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from tempfile import TemporaryFile
from typing import IO, Final

import numpy as np
from numpy.typing import NDArray

from lipwright.errors import ProviderUnavailable
from lipwright.quality.mask import Floats, fill_outlines

WHOLE_UP_TO: Final = 250
"""Frames: a longer video is compared in bursts."""
BURST, EVERY = 10, 50
"""Frames that are compared, of how many. They follow each other, since VMAF looks at motion, too."""
_GREY: Final = 128
_LEAST_SIDE_PX: Final = 32


@contextmanager
def vmaf_meter(width_px: int, height_px: int, fps: Fraction, frame_count: int) -> Iterator["VmafMeter"]:
    """Start FFmpeg and end it with the block.

    Args:
        width_px, height_px: of the pictures; an odd last row or column is left out.
        frame_count: of the video.
    Raises: ProviderUnavailable: there is no FFmpeg with libvmaf, or the picture is too small.
    """
    if min(width_px, height_px) < _LEAST_SIDE_PX:
        raise ProviderUnavailable(f"pictures of {width_px}x{height_px} are too small for it")
    width_px, height_px = width_px // 2 * 2, height_px // 2 * 2
    # The two pictures come one below the other, so that one pipe serves both.
    graph = (
        f"[0:v]split[a][b];[a]crop={width_px}:{height_px}:0:0:exact=1[shown];"
        f"[b]crop={width_px}:{height_px}:0:{height_px}:exact=1[origin];[shown][origin]libvmaf=n_threads=1"
    )
    size = f"{width_px}x{2 * height_px}"
    command = [
        _ffmpeg_with_vmaf(), "-hide_banner", "-nostdin", "-nostats", "-loglevel", "info", "-threads", "1",
        "-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", size, "-r", f"{fps}", "-i", "pipe:0",
        "-filter_complex_threads", "1", "-filter_complex", graph, "-f", "null", "-",
    ]  # fmt: skip
    with (
        TemporaryFile() as said,
        # Without a buffer: closing the pipe of a stopped process has nothing to flush.
        subprocess.Popen(command, bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said) as process,
    ):
        try:
            yield VmafMeter(process, said, (height_px, width_px), whole=frame_count <= WHOLE_UP_TO)
        finally:
            process.kill()


class VmafMeter:
    """Passes masked frames to one FFmpeg process, which keeps a score and nothing else."""

    def __init__(
        self, process: subprocess.Popen[bytes], said: IO[bytes], size: tuple[int, int], *, whole: bool
    ) -> None:
        """Use `vmaf_meter`."""
        if process.stdin is None:
            raise ProviderUnavailable("FFmpeg takes no pictures")
        self._process, self._pipe, self._said = process, process.stdin, said
        self._size, self._whole = size, whole
        self._colour = bytes([_GREY]) * (size[0] * size[1])
        self.frames = 0
        """Compared so far."""

    def look(self, number: int, shown: NDArray[np.uint8], origin: NDArray[np.uint8], outlines: list[Floats]) -> None:
        """Take a pair.

        Args:
            number: of the frame in the video.
            shown, origin: luma, uint8 (height, width), limited range.
            outlines: what becomes grey in both, see mask.mask_outline.
        Raises: ProviderUnavailable: FFmpeg stopped.
        """
        if not self._whole and number % EVERY >= BURST:
            return
        height, width = self._size
        covered = fill_outlines((shown.shape[0], shown.shape[1]), outlines)
        for picture in (shown.copy(), origin.copy()):
            picture[covered] = _GREY
            self._write(np.ascontiguousarray(picture[:height, :width]).tobytes())
        self._write(self._colour)
        self.frames += 1

    def score(self) -> float | None:
        """Close the stream and give VMAF, 0 to 100; None when no frame was compared.

        Raises: ProviderUnavailable: FFmpeg gave no score.
        """
        self._pipe.close()
        self._process.wait()
        if not self.frames:
            return None
        found = re.search(r"VMAF score: ([0-9.]+)", self._words())
        if found is None:
            raise ProviderUnavailable(f"FFmpeg gave no score: {self._last_words()}")
        return float(found[1])

    def _write(self, data: bytes) -> None:
        left = memoryview(data)
        try:
            while left:
                left = left[self._pipe.write(left) :]
        except BrokenPipeError as exc:
            raise ProviderUnavailable(f"FFmpeg stopped: {self._last_words()}") from exc

    def _words(self) -> str:
        self._said.seek(0)
        return self._said.read().decode("utf-8", "replace")

    def _last_words(self) -> str:
        lines = [line for line in self._words().splitlines() if line.strip()]
        return lines[-1] if lines else "it said nothing"


def _ffmpeg_with_vmaf() -> str:
    try:
        import imageio_ffmpeg

        executable = str(imageio_ffmpeg.get_ffmpeg_exe())
        filters = subprocess.run(
            [executable, "-hide_banner", "-filters"], capture_output=True, check=True, text=True, timeout=20
        ).stdout
    except (ImportError, RuntimeError, OSError, subprocess.SubprocessError) as exc:
        raise ProviderUnavailable(f"no FFmpeg: {exc}") from exc
    if not re.search(r"^ *\S+ libvmaf ", filters, re.MULTILINE):
        raise ProviderUnavailable("this FFmpeg has no libvmaf; unset IMAGEIO_FFMPEG_EXE: the packaged one has it")
    return executable
