"""Subtitles as pictures, drawn once by libass before a video is made; the renderer lays them over its frames."""

import subprocess
import tempfile
import zlib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pysubs2
from numpy.typing import NDArray

from lipwright.contracts.media import Cue, Plate
from lipwright.errors import ProviderUnavailable
from lipwright.media.bidi import is_right_to_left, marked
from lipwright.media.plate import trimmed
from lipwright.media.subtitles import plain_text
from lipwright.media.typeface import Run, Typesetter, packaged

_TALL = 1.3  # height by width from which a picture is made for phones, whose buttons cover its foot
_MOST_LINE_STEP_EM = 1.6  # between base lines; some typefaces reach further, but seldom in two lines at one place
_WIDE = 1.3  # width by height from which a full line of 42 characters fits in large letters


@dataclass(frozen=True, slots=True)
class SubtitleStyle:
    """How burned subtitles look. Lengths are parts of the picture."""

    line_characters: int
    """What `CueRules.line_characters` should be for this picture."""
    text_height_px: int
    """Pixels per em."""
    bottom_margin_px: int
    side_margin_px: int

    @classmethod
    def for_picture(cls, width_px: int, height_px: int) -> "SubtitleStyle":
        """Give the style that suits a shape: shorter lines and larger letters where the picture is not wide."""
        line_characters = 42 if width_px >= _WIDE * height_px else 32
        return cls(
            line_characters=line_characters,
            text_height_px=max(round(min(0.05 * height_px, 0.9 * width_px / (0.55 * line_characters))), 8),
            bottom_margin_px=round(height_px * (0.16 if height_px >= _TALL * width_px else 0.06)),
            side_margin_px=round(width_px * 0.05),
        )


class SubtitlePlates:
    """The plates of all cues of one video, packed: some 10 kB each."""

    def __init__(self, cues: Sequence[Cue], width_px: int, height_px: int, style: SubtitleStyle | None = None) -> None:
        """Draw the cues.

        Args:
            cues: in order, not overlapping; see `cues_from_words`.
            width_px: of the video.
            height_px: of the video.
        Raises:
            UsageError: no packaged or installed typeface has letters of the text.
            ProviderUnavailable: FFmpeg is missing or has no libass.
        """
        self._cues = tuple(cues)
        self._starts = [cue.start_s for cue in cues]
        right_to_left = is_right_to_left(" ".join(cue.text for cue in cues))
        texts = [marked(plain_text(cue.text), right_to_left=right_to_left) for cue in cues]
        self._packed = [_pack(plate) for plate in _draw(texts, width_px, height_px, style)] if texts else []
        self._shown: tuple[int, Plate | None] = (-1, None)

    def plate_at(self, time_s: float) -> Plate | None:
        """Give what lies over the frame of a time; None between cues. The same plate is given until the cue ends."""
        index = bisect_right(self._starts, time_s) - 1
        if index < 0 or time_s >= self._cues[index].end_s:
            return None
        if self._shown[0] != index:
            self._shown = index, _unpack(self._packed[index])
        return self._shown[1]


_Packed = tuple[bytes, tuple[int, ...], int, int]


def _pack(plate: Plate | None) -> _Packed | None:
    if plate is None:
        return None
    return zlib.compress(plate.rgba.tobytes(), 1), plate.rgba.shape, plate.x_px, plate.y_px


def _unpack(packed: _Packed | None) -> Plate | None:
    if packed is None:
        return None
    data, shape, x_px, y_px = packed
    return Plate(np.frombuffer(zlib.decompress(data), np.uint8).reshape(shape), x_px, y_px)


def _draw(texts: Sequence[str], width_px: int, height_px: int, style: SubtitleStyle | None) -> Iterator[Plate | None]:
    """Let FFmpeg draw each text on one picture of a clear film of one frame per second."""
    look = style or SubtitleStyle.for_picture(width_px, height_px)
    setter = Typesetter(texts)
    set_texts = [[runs for line in text.split("\n") if (runs := setter.runs(line))] for text in texts]
    text_px = _fitting_size(set_texts, width_px - 2 * look.side_margin_px, look.text_height_px)
    most_lines = max(len(lines) for lines in set_texts)
    line_height_em = max(face.line_height_em for face in setter.typefaces)
    band_px = min(height_px, look.bottom_margin_px + round(text_px * (line_height_em * most_lines + 1)))
    with tempfile.TemporaryDirectory(prefix="lipwright-") as folder:
        (Path(folder) / "fonts").mkdir()
        for face in setter.typefaces:
            (Path(folder) / "fonts" / face.file_name).write_bytes(face.data)
        script = _script(set_texts, width_px, band_px, text_px, look)
        (Path(folder) / "cues.ass").write_text(script, encoding="utf-8")
        for on_black, on_white in _pictures(Path(folder), len(texts), width_px, band_px):
            yield trimmed(_premultiplied(on_black, on_white), 0, height_px - band_px)


def _premultiplied(on_black: NDArray[np.uint8], on_white: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Find the coverage of a drawing from what it leaves of black and of white, (height, width, 4)."""
    alpha = 255 - np.maximum(on_white, on_black)[..., 1:2] + on_black[..., 1:2]
    return np.concatenate([np.minimum(on_black, alpha), alpha], axis=2)


_SetText = list[list[Run]]
"""Lines, and the runs of each."""


def _fitting_size(texts: Sequence[_SetText], room_px: int, size_px: int) -> int:
    widths_px = [sum(run.typeface.at(size_px).getlength(run.text) for run in line) for text in texts for line in text]
    widest_px = max(widths_px, default=0)
    return size_px if widest_px <= room_px else max(int(size_px * room_px / widest_px), 1)


def _script(texts: Sequence[_SetText], width_px: int, height_px: int, text_px: int, look: SubtitleStyle) -> str:
    file = pysubs2.SSAFile()
    file.info.update(PlayResX=str(width_px), PlayResY=str(height_px), WrapStyle="2", ScaledBorderAndShadow="yes")
    file.info["YCbCr Matrix"] = "None"  # otherwise white is drawn as the 235 of limited range
    file.styles["Default"] = pysubs2.SSAStyle(
        primarycolor=pysubs2.Color(255, 255, 255),
        outlinecolor=pysubs2.Color(0, 0, 0, 25),
        backcolor=pysubs2.Color(0, 0, 0, 130),
        outline=text_px * 0.075,
        shadow=text_px * 0.04,
        alignment=pysubs2.Alignment.BOTTOM_CENTER,
        encoding=-1,  # libass then orders right-to-left text over the whole line, else within each typeface
    )
    base_px = height_px - look.bottom_margin_px - packaged()[0].descent_em * text_px
    for index, text in enumerate(texts):
        tallest_em = max((run.typeface.line_height_em for line in text for run in line), default=0.0)
        step_px = text_px * min(tallest_em, _MOST_LINE_STEP_EM)
        for above, line in enumerate(reversed(text)):
            foot_px = base_px - above * step_px + text_px * max(run.typeface.descent_em for run in line)
            event = pysubs2.SSAEvent(start=index * 1000, end=(index + 1) * 1000)
            event.text = f"{{\\pos({width_px / 2},{foot_px:.2f})}}" + "".join(
                f"{{\\fn{run.typeface.name}\\fs{text_px * run.typeface.line_height_em:.3f}}}{run.text}" for run in line
            )
            file.events.append(event)
    return file.to_string("ass")


def _pictures(
    folder: Path, count: int, width_px: int, height_px: int
) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.uint8]]]:
    """Run FFmpeg in a folder of its own, so that no path has to be escaped in the text of the filters.

    Drawing on a clear picture would be simpler, but FFmpeg then misses the edges of letters by up to 39 of 255.

    Yields: each text on black and on white, uint8 RGB, (height, width, 3).
    """
    film = f"s={width_px}x{height_px}:r=1:d={count},format=rgb24,ass=cues.ass:fontsdir=fonts"
    graph = f"color=c=black:{film}[black];color=c=white:{film}[white];[black][white]vstack"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", "-f", "lavfi", "-i", graph]
    command += ["-frames:v", str(count), "-f", "rawvideo", "-pix_fmt", "rgb24", "pipe:1"]
    size = 2 * width_px * height_px * 3
    with (
        (folder / "errors.txt").open("w+b") as errors,
        subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors
        ) as ffmpeg,
    ):
        assert ffmpeg.stdout is not None  # noqa: S101, a pipe was asked for
        try:
            for _ in range(count):
                data = ffmpeg.stdout.read(size)
                if len(data) < size:
                    ffmpeg.wait()
                    errors.seek(0)
                    message = errors.read(500).decode(errors="replace").strip()
                    raise ProviderUnavailable(
                        f"FFmpeg cannot draw subtitles ({message}). Install imageio-ffmpeg again, or unset "
                        "IMAGEIO_FFMPEG_EXE."
                    )
                both = np.frombuffer(data, np.uint8).reshape(2, height_px, width_px, 3)
                yield both[0], both[1]
        finally:
            ffmpeg.kill()
