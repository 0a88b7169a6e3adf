"""A test picture that says which one it is: its number in binary above, something that moves and may flash below."""

from fractions import Fraction

import av
import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.footage import YuvFrame

COLUMNS, ROWS = 8, 3
BITS = COLUMNS * ROWS
DARK, LIGHT = 48, 200


def numbered_frame(
    number: int, width: int = 64, height: int = 48, *, flash: bool = False, full_chroma: bool = False
) -> YuvFrame:
    """Draw one picture; its planes lie one behind the other in memory.

    The upper half holds 3 x 8 blocks, the highest bit first. In the lower half a square goes to the right by a
    sixteenth of the width a picture; all of it is white in a flash. Colours shift slowly.
    """
    chroma = (height, width) if full_chroma else (height // 2, width // 2)
    memory = np.empty(height * width + 2 * chroma[0] * chroma[1], np.uint8)
    y = memory[: height * width].reshape(height, width)
    u, v = memory[height * width :].reshape(2, *chroma)
    bits = (number >> np.arange(BITS - 1, -1, -1)) & 1
    blocks = np.where(bits, LIGHT, DARK).astype(np.uint8).reshape(ROWS, COLUMNS)
    half = height // 2
    rows, columns = np.arange(half) * ROWS // half, np.arange(width) * COLUMNS // width
    y[:half] = blocks[rows[:, None], columns]
    y[half:] = 235 if flash else 70
    if not flash:
        left, side = number % 16 * width // 16, max(width // 8, 2)
        y[half + half // 4 : half + half // 4 * 3, left : left + side] = 150
    u[:] = 118 + number % 20
    v[:] = 138 - number % 20
    return YuvFrame(y, u, v)


def frame_number(picture: YuvFrame | NDArray[np.uint8]) -> int:
    """Read the number of a picture: a YuvFrame, RGB (height, width, 3), or luma alone (height, width)."""
    luma = _luma(picture)
    half, width = luma.shape[0] // 2, luma.shape[1]
    number = 0
    for bit in range(BITS):
        row, column = divmod(bit, COLUMNS)
        top, bottom = (int((row + share) * half / ROWS) for share in (0.25, 0.75))
        left, right = (int((column + share) * width / COLUMNS) for share in (0.25, 0.75))
        number = number * 2 + int(
            luma[top : max(bottom, top + 1), left : max(right, left + 1)].mean() > (DARK + LIGHT) / 2
        )
    return number


def is_flash(picture: YuvFrame | NDArray[np.uint8]) -> bool:
    """Whether a picture flashes."""
    luma = _luma(picture)
    return bool(luma[luma.shape[0] * 5 // 8 : luma.shape[0] * 7 // 8].mean() > 190)


def noise_frame(width: int, height: int, *, full_chroma: bool = False, seed: int = 0, smooth: bool = False) -> YuvFrame:
    """Random planes, one behind the other in memory; `smooth` ones stay away from the ends of the scale."""
    chroma = (height, width) if full_chroma else (height // 2, width // 2)
    low, high = (100, 140) if smooth else (16, 235)
    memory = np.random.default_rng(seed).integers(low, high, height * width + 2 * chroma[0] * chroma[1], np.uint8)
    u, v = memory[height * width :].reshape(2, *chroma)
    return YuvFrame(memory[: height * width].reshape(height, width), u, v)


def yuv_planes(picture: av.VideoFrame) -> YuvFrame:
    """Copy the planes of a decoded yuv420p or yuv444p picture."""
    planes = [
        np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width].copy()
        for plane in picture.planes
    ]
    return YuvFrame(*planes)


def video_frame(frame: YuvFrame) -> av.VideoFrame:
    """Copy planes into a picture for an encoder."""
    full = frame.u.shape == frame.y.shape
    picture = av.VideoFrame(frame.y.shape[1], frame.y.shape[0], "yuv444p" if full else "yuv420p")
    for plane, source in zip(picture.planes, (frame.y, frame.u, frame.v), strict=True):
        np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width] = source
    return picture


def clicks(times_s: list[Fraction], duration_s: Fraction, rate_hz: int = 48_000) -> NDArray[np.float32]:
    """Silence with a burst of 2 ms at each of those times that lie in it, (n,)."""
    samples = np.zeros(round(duration_s * rate_hz), np.float32)
    length = round(0.002 * rate_hz)
    burst = 0.8 * np.cos(2 * np.pi * min(3000, rate_hz * 3 // 8) * np.arange(length) / rate_hz)
    for time_s in times_s:
        if time_s < 0:
            continue
        there = samples[round(time_s * rate_hz) :][:length]
        there[:] = burst[: len(there)]
    return samples


def _luma(picture: YuvFrame | NDArray[np.uint8]) -> NDArray[np.uint8]:
    if isinstance(picture, YuvFrame):
        return picture.y
    return picture if picture.ndim == 2 else picture[..., 1]


def click_times_s(samples: NDArray[np.float32], rate_hz: int = 48_000) -> list[float]:
    """When bursts begin that are at least 50 ms apart, in mono sound."""
    if not samples.size:
        return []
    loud = np.flatnonzero(np.abs(samples) > 0.3 * np.abs(samples).max())
    first = np.diff(loud, prepend=-rate_hz) > rate_hz // 20
    return [float(number / rate_hz) for number in loud[first]]
