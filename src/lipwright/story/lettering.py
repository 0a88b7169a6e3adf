"""Words on a picture, in any script: measured and broken here, drawn by libass, which joins and orders letters."""

import re
import string
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import imageio_ffmpeg
import numpy as np
import pysubs2
from numpy.typing import NDArray

from lipwright.errors import ProviderUnavailable, UsageError
from lipwright.media.bidi import is_right_to_left, marked
from lipwright.media.subtitles import plain_text
from lipwright.media.typeface import Typesetter
from lipwright.story.words import is_unspaced

_PIECES: Final = re.compile(r"\s+|\S+")
_MORE: Final = "…"
_ALWAYS: Final = f"{string.ascii_letters}{string.digits}{string.punctuation}–·{_MORE}"
"""What can be drawn beside the letters of the texts."""


@dataclass(frozen=True, slots=True)
class Label:
    """One line of words on a picture."""

    text: str
    x_px: int
    """Of its left edge; of its right edge where `from_right`."""
    y_px: int
    """Of its top."""
    size_px: int
    """Pixels per em."""
    colour: tuple[int, int, int]
    from_right: bool = False


class Letterer:
    """Knows the typefaces of some texts."""

    def __init__(self, texts: Sequence[str]) -> None:
        """Find them.

        Raises: UsageError: nothing packaged or installed has letters of the texts.
        """
        try:
            self._setter = Typesetter([*map(plain_text, texts), _ALWAYS])
        except UsageError as exc:
            reason = str(exc).partition(": ")[2].partition("; or write")[0]
            raise UsageError(f"the storyboard's picture: {reason}.") from exc

    def width_px(self, text: str, size_px: int) -> float:
        """How wide a line is, about."""
        return sum(run.typeface.at(size_px).getlength(run.text) for run in self._setter.runs(text))

    def shortened(self, text: str, size_px: int, room_px: float) -> str:
        """A line that fits, with dots at its end where something is left out."""
        return next(iter(self.lines(text, size_px, room_px, 1)), "")

    def lines(self, text: str, size_px: int, room_px: float, most: int) -> list[str]:
        """Break a text into lines that fit; dots end the last one where something is left out."""
        found: list[str] = []
        line = ""
        for piece in _pieces(plain_text(text)):
            if not line and piece.isspace():
                continue
            if not line or self.width_px((line + piece).rstrip(), size_px) <= room_px:
                line += piece
                continue
            if len(found) + 1 == most:
                return [*found, self._cut(f"{line.rstrip()}{_MORE}", size_px, room_px)]
            found.append(self._cut(line.rstrip(), size_px, room_px))
            line = piece.lstrip()
        return [*found, self._cut(line.rstrip(), size_px, room_px)] if line.strip() else found

    def draw(self, picture: NDArray[np.uint8], labels: Sequence[Label]) -> NDArray[np.uint8]:
        """Draw labels.

        Args:
            picture: uint8 RGB, (height, width, 3). Not modified.
        Raises: ProviderUnavailable: FFmpeg is missing or has no libass.
        """
        height_px, width_px = picture.shape[:2]
        with tempfile.TemporaryDirectory(prefix="lipwright-") as name:
            folder = Path(name)
            (folder / "fonts").mkdir()
            for face in self._setter.typefaces:
                (folder / "fonts" / face.file_name).write_bytes(face.data)
            (folder / "labels.ass").write_text(self._script(labels, width_px, height_px), encoding="utf-8")
            source = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width_px}x{height_px}", "-i", "pipe:0"]
            command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-threads", "1", *source]
            command += ["-vf", "ass=labels.ass:fontsdir=fonts", "-f", "rawvideo", "-pix_fmt", "rgb24", "pipe:1"]
            done = subprocess.run(
                command,
                cwd=folder,
                input=np.ascontiguousarray(picture).reshape(-1).data,
                capture_output=True,
                check=False,
            )
        if done.returncode or len(done.stdout) != picture.size:
            reason = done.stderr[:500].decode(errors="replace").strip()
            raise ProviderUnavailable(
                f"FFmpeg cannot draw words ({reason}). Install imageio-ffmpeg again, or unset IMAGEIO_FFMPEG_EXE."
            )
        return np.frombuffer(done.stdout, np.uint8).reshape(picture.shape).copy()

    def _cut(self, line: str, size_px: int, room_px: float) -> str:
        """A line as long as there is room for, by letters."""
        bare = line.removesuffix(_MORE)
        while bare and self.width_px(line, size_px) > room_px:
            bare = bare[:-1].rstrip()
            line = bare + _MORE
        return line

    def _script(self, labels: Sequence[Label], width_px: int, height_px: int) -> str:
        file = pysubs2.SSAFile()
        file.info.update(PlayResX=str(width_px), PlayResY=str(height_px), WrapStyle="2", ScaledBorderAndShadow="yes")
        file.info["YCbCr Matrix"] = "None"
        file.styles["Default"] = pysubs2.SSAStyle(outline=0, shadow=0, encoding=-1)
        for label in labels:
            red, green, blue = label.colour
            align = 9 if label.from_right else 7  # ASS counts corners as a keypad does
            start = f"{{\\an{align}\\pos({label.x_px},{label.y_px})\\1c&H{blue:02X}{green:02X}{red:02X}&}}"
            text = marked(plain_text(label.text), right_to_left=is_right_to_left(label.text))
            runs = "".join(
                f"{{\\fn{run.typeface.name}\\fs{label.size_px * run.typeface.line_height_em:.3f}}}{run.text}"
                for run in self._setter.runs(text)
            )
            file.events.append(pysubs2.SSAEvent(start=0, end=10_000, text=start + runs))
        return file.to_string("ass")


def _pieces(text: str) -> list[str]:
    """Where a line may break: at spaces, and between letters of scripts that write none."""
    found: list[str] = []
    for piece in _PIECES.findall(text):
        if not any(map(is_unspaced, piece)):
            found.append(" " if piece.isspace() else piece)
            continue
        for letter in piece:
            if found and not letter.isalnum() and not found[-1].isspace():
                found[-1] += letter
            else:
                found.append(letter)
    return found
