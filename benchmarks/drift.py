"""Whether picture and sound stay together over an hour. Prints one JSON document.

python -m benchmarks.drift --fps 24000/1001 --minutes 60
python -m benchmarks.drift --fps variable --minutes 60

A clip is drawn whose pictures carry their number; every seven seconds one flashes and a click is heard with it. It is
indexed, read, encoded in segments of 30 s and joined with its sound, as `lipwright sync` does; then flashes and clicks
are looked for in the result.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 64, 48
BITS = 24
SAMPLE_RATE_HZ = 48_000
TICKS_HZ = 90_000
FLASH_EVERY_S = 7
FIRST_FLASH_S = 2
SEGMENT_S = 30
CLICK_SAMPLES = 96
COMPARED = 20
"""Flashes at the beginning and at the end whose offsets are compared."""


@dataclass(frozen=True)
class Drawn:
    """The clip that was made, and what must be seen and heard in it."""

    path: Path
    times_s: list[Fraction]
    """When each of its pictures is shown."""
    flashes: list[int]
    """Numbers of pictures."""


@dataclass(frozen=True)
class Found:
    """What is seen and heard in a video."""

    fps: Fraction
    numbers: NDArray[np.int64]
    """(frames,) which picture each frame shows."""
    flash_times_s: list[Fraction]
    click_times_s: list[float]
    sound_s: float


def main() -> None:
    """Draw, send through, measure."""
    options = argparse.ArgumentParser()
    options.add_argument("--fps", required=True, help="such as 25, 24000/1001 or variable")
    options.add_argument("--minutes", type=float, default=60.0)
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="lipwright-drift-") as folder:
        drawn = draw(Path(folder) / "clip.mp4", picture_times_s(given.fps, Fraction(given.minutes) * 60))
        begun = time.perf_counter()
        joined = through_segments(drawn.path, Path(folder))
        seconds = time.perf_counter() - begun
        print(json.dumps(compare(drawn, find(joined)) | {"duration_s": given.minutes * 60, "through_s": seconds}))  # noqa: T201 the result


def picture_times_s(rate: str, duration_s: Fraction) -> list[Fraction]:
    """When the pictures of a clip are shown.

    Args:
        rate: pictures a second, or `variable`: what a telephone records, 30 a second that come up to 4 ms early or
            late, 20 a second in the dark, and now and then one is missing.
    """
    if rate != "variable":
        fps = Fraction(rate)
        return [number / fps for number in range(round(duration_s * fps))]
    random = np.random.default_rng(1)
    ticks, at = [], 0
    while at < duration_s * TICKS_HZ:
        ticks.append(at)
        dark = at // TICKS_HZ % 60 >= 45
        step = TICKS_HZ // 20 if dark else TICKS_HZ // 30 * (2 if random.random() < 0.01 else 1)
        # Early and late are measured from the regular time, which does not wander.
        at = round(at / step) * step + step + (0 if dark else int(random.integers(-360, 361)))
    return [Fraction(tick, TICKS_HZ) for tick in ticks]


def draw(path: Path, times_s: list[Fraction]) -> Drawn:
    """Write the clip."""
    import av

    fps = 1 / (times_s[1] - times_s[0])
    regular = all(time_s == number / fps for number, time_s in enumerate(times_s))
    time_base = 1 / fps if regular else Fraction(1, TICKS_HZ)
    end_s = times_s[-1] + (times_s[-1] - times_s[-2])
    flashes = _flashes(times_s)
    flashing = set(flashes)
    sound = _clicks([times_s[number] for number in flashes], end_s)
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=fps if regular else 30)
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        video.time_base = video.codec_context.time_base = time_base
        video.options = {"preset": "ultrafast", "crf": "20", "bf": "2", "g": "250"}
        audio = container.add_stream("aac", rate=SAMPLE_RATE_HZ, layout="mono")
        samples_given = 0
        for number, time_s in enumerate(times_s):
            picture = av.VideoFrame.from_numpy_buffer(_picture(number, number in flashing), format="yuv420p")
            picture.pts, picture.time_base = round(time_s / time_base), time_base
            container.mux(video.encode(picture))
            while samples_given < time_s * SAMPLE_RATE_HZ:
                chunk = next(sound)
                frame = av.AudioFrame.from_ndarray(chunk[None], "fltp", "mono")
                frame.sample_rate, frame.pts, frame.time_base = (
                    SAMPLE_RATE_HZ,
                    samples_given,
                    Fraction(1, SAMPLE_RATE_HZ),
                )
                container.mux(audio.encode(frame))
                samples_given += len(chunk)
        container.mux(video.encode(None))
        container.mux(audio.encode(None))
    return Drawn(path, times_s, flashes)


def through_segments(clip: Path, folder: Path) -> Path:
    """Send a clip through index, reading, segments and joining, and nothing else."""
    from lipwright.media.audio import read_audio
    from lipwright.media.footage import index_footage, read_footage
    from lipwright.media.join import join_segments
    from lipwright.media.segment import SegmentWriter

    footage = index_footage(clip)
    length = round(SEGMENT_S * footage.fps)
    segments = []
    for start in range(0, footage.frame_count, length):
        segments.append(folder / f"segment-{start}.mp4")
        with SegmentWriter(segments[-1], footage.width_px, footage.height_px, footage.fps) as writer:
            for frame in read_footage(footage, start, min(start + length, footage.frame_count)):
                writer.write(frame)
    output = folder / "joined.mp4"
    join_segments(output, segments, fps=footage.fps, sound=read_audio(clip, SAMPLE_RATE_HZ))
    return output


def find(video: Path) -> Found:
    """Look at every frame of a video of constant rate, and listen to all of it."""
    import av

    from lipwright.media.audio import read_audio

    numbers, flash_times_s = [], []
    weights = 1 << np.arange(BITS - 1, -1, -1)
    with av.open(str(video)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        fps = stream.average_rate
        flashing = False
        for index, frame in enumerate(container.decode(stream)):
            time_s = frame.pts * frame.time_base
            if time_s != index / fps:
                raise SystemExit(f"frame {index} is shown at {time_s} s, not at {index / fps} s")
            luma = np.frombuffer(frame.planes[0], np.uint8).reshape(-1, frame.planes[0].line_size)
            numbers.append(int(((luma[4:24:8, 4:WIDTH:8] > 124).reshape(-1) * weights).sum()))
            if luma[36, WIDTH // 2] > 180 and not flashing:
                flash_times_s.append(time_s)
            flashing = luma[36, WIDTH // 2] > 180
    clicks: list[float] = []
    heard = 0
    for chunk in read_audio(video, SAMPLE_RATE_HZ):
        for sample in np.flatnonzero(np.abs(chunk) > 0.2):
            at = (heard + int(sample)) / SAMPLE_RATE_HZ
            if not clicks or at - clicks[-1] > 1:
                clicks.append(at)
        heard += len(chunk)
    return Found(fps, np.array(numbers), flash_times_s, clicks, heard / SAMPLE_RATE_HZ)


def compare(drawn: Drawn, found: Found) -> dict[str, Any]:
    """Say how far the sound is from the picture, and the picture from where it was.

    A frame is wrong when it shows another picture than those that the clip shows at its time and half a frame before
    and after.
    """
    shown_s = np.arange(len(found.numbers)) / float(found.fps)
    times_s = np.array([float(time_s) for time_s in drawn.times_s])
    half_s = 0.5 / float(found.fps) + 1e-6
    earliest = np.searchsorted(times_s, shown_s - half_s, side="right") - 1
    latest = np.searchsorted(times_s, shown_s + half_s, side="right") - 1
    wrong = (found.numbers < np.maximum(earliest, 0)) | (found.numbers > latest)
    seen, heard = len(found.flash_times_s), len(found.click_times_s)
    expected = len(drawn.flashes)
    if (seen, heard) != (expected, expected):
        raise SystemExit(f"{expected} flashes and clicks were drawn, {seen} flashes seen, {heard} clicks heard")
    offsets_s = np.array(found.click_times_s) - np.array([float(time_s) for time_s in found.flash_times_s])
    some = min(COMPARED, max(expected // 2, 1))
    drift_s = float(offsets_s[-some:].mean() - offsets_s[:some].mean())
    return {
        "samples": {
            "drift_frames": [abs(round(drift_s * float(found.fps)))],
            "wrong_frames": [int(wrong.sum())],
            "offset_ms": (1000 * np.abs(offsets_s)).round(3).tolist(),
        },
        "notes": {
            "frames": len(found.numbers),
            "a second": str(found.fps),
            "flashes": expected,
            "drift ms": round(1000 * drift_s, 3),
            "largest offset ms": round(1000 * float(np.abs(offsets_s).max()), 3),
            "sound minus picture ms": round(1000 * (found.sound_s - len(found.numbers) / float(found.fps)), 3),
        },
    }


def _flashes(times_s: list[Fraction]) -> list[int]:
    ends = [float(time_s) for time_s in times_s]
    wanted = np.arange(FIRST_FLASH_S, ends[-1] - 1, FLASH_EVERY_S)
    return [int(number) for number in np.searchsorted(ends, wanted)]


def _picture(number: int, flash: bool) -> NDArray[np.uint8]:
    """(HEIGHT * 3 / 2, WIDTH): the number in blocks of 8 x 8, the highest bit first; below white in a flash."""
    picture = np.full((HEIGHT * 3 // 2, WIDTH), 128, np.uint8)
    bits = (number >> np.arange(BITS - 1, -1, -1)) & 1
    picture[:24] = np.where(bits, 200, 48).reshape(3, 8).repeat(8, 0).repeat(8, 1)
    picture[24:HEIGHT] = 235 if flash else 60
    return picture


def _clicks(times_s: list[Fraction], end_s: Fraction) -> Iterator[NDArray[np.float32]]:
    """Give silence with bursts that begin at some times, a second at once."""
    starts = [round(time_s * SAMPLE_RATE_HZ) for time_s in times_s]
    burst = 0.8 * np.cos(2 * np.pi * 3000 * np.arange(CLICK_SAMPLES) / SAMPLE_RATE_HZ)
    length = round(end_s * SAMPLE_RATE_HZ)
    for begin in range(0, length, SAMPLE_RATE_HZ):
        chunk = np.zeros(min(SAMPLE_RATE_HZ, length - begin) + CLICK_SAMPLES, np.float32)
        for start in starts:
            if begin - CLICK_SAMPLES < start < begin + SAMPLE_RATE_HZ:
                first = max(start, begin)
                piece = burst[first - start :]
                chunk[first - begin :][: len(piece)] = piece[: len(chunk) - (first - begin)]
        yield chunk[: min(SAMPLE_RATE_HZ, length - begin)]


if __name__ == "__main__":
    main()
