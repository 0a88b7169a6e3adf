"""Two filters of FFmpeg: what is in the middle of a stereo sound, less its steady noise."""

import queue
import subprocess
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import IO, Final

import numpy as np
from numpy.typing import NDArray

from lipwright.errors import ProviderUnavailable
from lipwright.speech.separate.base import SAMPLE_RATE_HZ, SeparateCapability, Separator, Stems
from lipwright.speech.separate.blocks import blocks

DELAY: Final = 1536
"""Of `dialoguenhance` at 48 kHz."""
_FILTERS: Final = (
    "aformat=channel_layouts=stereo,dialoguenhance=original=0:enhance=1:voice=2,pan=mono|c0=0.75*FC,"
    "afwtdn=percent=85:sigma=0.03:adaptive=1"
)
"""The first makes the middle 1.33 times as loud as it was."""
_BLOCK: Final = 48_000
_TAIL: Final = 24_000
"""The filters keep back what does not fill their windows."""
_READ_BYTES: Final = 65_536


class FfmpegSeparator(Separator):
    """`dialoguenhance` and `afwtdn` of the FFmpeg that comes with imageio-ffmpeg: no model, and little quality.

    Takes sounds at the sides of a stereo sound, and steady noise, for bed. Music in the middle, or in a sound of one
    channel, counts as voice and is lost with it: `python -m benchmarks.separation` has the figures.

    Licence: LGPL-2.1-or-later or GPL-3.0, as FFmpeg was built; it runs as a program of its own.
    """

    capability = SeparateCapability(
        name="ffmpeg",
        sung=True,
        stereo=True,
        cost_unit="none",
        needs_gpu=False,
        code_licence="GPL-3.0-or-later",
        weights_licence="GPL-3.0-or-later",
    )
    lead_in_s = 10.0
    look_ahead_s = 1.0

    def __init__(self, *, threads: int = 0) -> None:
        """`threads` of FFmpeg's filters; 0 leaves the choice to it."""
        self._threads = threads

    def separate(self, chunks: Iterable[NDArray[np.float32]], channels: int) -> Iterator[Stems]:
        process = _start(channels, self._threads)
        assert process.stdin is not None  # noqa: S101 for mypy: a pipe was asked for
        assert process.stdout is not None  # noqa: S101
        answers: queue.Queue[bytes] = queue.Queue()
        reader = threading.Thread(target=_read, args=(process.stdout, answers), daemon=True)
        reader.start()
        aligner = _Aligner(channels)
        try:
            for block in blocks(chunks, channels, _BLOCK):
                _write(process, np.ascontiguousarray(block, "<f4"))
                aligner.hear(block)
                while not answers.empty():
                    yield aligner.part(answers.get())
            _write(process, np.zeros((DELAY + _TAIL, channels), "<f4"))
            process.stdin.close()
            while answer := answers.get():
                yield aligner.part(answer)
            if process.wait() or aligner.missing:
                raise _failed(process)
        finally:
            process.kill()
            reader.join()
            with suppress(OSError):  # what it has not taken is of no use
                process.stdin.close()
            process.stdout.close()
            if process.stderr is not None:
                process.stderr.close()
            process.wait()


class _Aligner:
    """Brings the voice, which comes late and in any pieces, together with the sound that it was found in."""

    def __init__(self, channels: int) -> None:
        self._channels = channels
        self._sound = np.zeros((0, channels), np.float32)
        self._bytes = b""
        self._late = DELAY

    @property
    def missing(self) -> int:
        """Samples whose voice has not come."""
        return len(self._sound)

    def hear(self, sound: NDArray[np.float32]) -> None:
        self._sound = np.concatenate([self._sound, sound])

    def part(self, answer: bytes) -> Stems:
        data = self._bytes + answer
        whole = len(data) // 4 * 4
        self._bytes = data[whole:]
        found = np.frombuffer(data[:whole], "<f4").astype(np.float32)
        early = min(self._late, len(found))
        self._late -= early
        found = found[early:][: len(self._sound)]
        sound, self._sound = self._sound[: len(found)], self._sound[len(found) :]
        voice = np.repeat(found[:, None], self._channels, axis=1)
        return Stems(voice, sound - voice)


def _start(channels: int, threads: int) -> "subprocess.Popen[bytes]":
    try:
        import imageio_ffmpeg

        executable = imageio_ffmpeg.get_ffmpeg_exe()
    except (ImportError, RuntimeError) as exc:
        raise ProviderUnavailable(
            f"ffmpeg: imageio-ffmpeg has no program ({exc}). Install it: pip install --force-reinstall imageio-ffmpeg"
        ) from exc
    raw = ["-f", "f32le", "-ar", str(SAMPLE_RATE_HZ)]
    command = [executable, "-nostdin", "-v", "error", "-filter_threads", str(threads), *raw, "-ac", str(channels)]
    command += ["-i", "pipe:0", "-af", _FILTERS, *raw, "-ac", "1", "pipe:1"]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def _read(pipe: IO[bytes], answers: "queue.Queue[bytes]") -> None:
    """Hand over what comes, and an empty answer behind the last."""
    while answer := pipe.read(_READ_BYTES):
        answers.put(answer)
    answers.put(b"")


def _write(process: "subprocess.Popen[bytes]", samples: NDArray[np.float32]) -> None:
    assert process.stdin is not None  # noqa: S101 for mypy: a pipe was asked for
    try:
        process.stdin.write(samples.tobytes())
        process.stdin.flush()
    except OSError as exc:
        process.wait()
        raise _failed(process) from exc


def _failed(process: "subprocess.Popen[bytes]") -> ProviderUnavailable:
    said = process.stderr.read().decode(errors="replace").strip() if process.stderr is not None else ""
    return ProviderUnavailable(
        f"ffmpeg: it stopped before the end of the sound (status {process.returncode}: {said[-300:]}). Install it "
        "again: pip install --force-reinstall imageio-ffmpeg"
    )
