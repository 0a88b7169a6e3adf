"""What it costs to join scenes, and whether picture and sound stay together over the joins. Prints one JSON document.

python -m benchmarks.scenes_join --scenes 5 --seconds 12 --dissolve 0.5

Scenes of a moving texture are encoded, whose frames carry their number in the finished video; where each scene
begins and ends to be seen alone a frame flashes, and a click is heard. They are joined by cuts and by dissolves, then
every frame is looked at. Their sound, voices of different loudness, is mixed with music.
"""

import argparse
import json
import resource
import tempfile
import time
import wave
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE_HZ = 48_000
BITS = 24
CLICK_SAMPLES = 96
TEXTURE_STEP_PX = 2
"""How far the texture moves from frame to frame."""


@dataclass(frozen=True)
class Shape:
    """The video that is made."""

    scenes: int
    frames: int
    """Of each scene."""
    width: int
    height: int
    fps: Fraction

    def starts(self, dissolve: int) -> list[int]:
        """First frame of each scene in the video."""
        return [number * (self.frames - dissolve) for number in range(self.scenes)]

    def flashes(self, number: int, dissolve: int) -> list[int]:
        """Frames of a scene that flash: the first that is seen alone, and one half a second before the last such."""
        head = dissolve if number else 0
        tail = dissolve if number < self.scenes - 1 else 0
        return [head, self.frames - tail - 1 - int(self.fps / 2)]


def main() -> None:
    """Encode, join, measure."""
    options = argparse.ArgumentParser()
    options.add_argument("--scenes", type=int, default=5)
    options.add_argument("--seconds", type=float, default=12.0)
    options.add_argument("--dissolve", type=float, default=0.5)
    options.add_argument("--size", default="1920x1080")
    options.add_argument("--fps", type=Fraction, default=Fraction(30))
    options.add_argument("--keep", type=Path, help="a folder for the videos")
    given = options.parse_args()
    width, height = map(int, given.size.split("x"))
    shape = Shape(given.scenes, round(given.seconds * given.fps), width, height, given.fps)
    dissolve = round(given.dissolve * given.fps)
    with tempfile.TemporaryDirectory(prefix="lipwright-scenes-") as scratch:
        folder = given.keep or Path(scratch)
        cut = joined(shape, 0, folder / "cuts.mp4", Path(scratch) / "cuts")
        soft = joined(shape, dissolve, folder / "dissolves.mp4", Path(scratch) / "dissolves")
        figures = {
            "encode_core_ms_per_frame": cut["encode_core_s"] / (shape.scenes * shape.frames) * 1000,
            "join_core_s": cut["join_core_s"],
            "join_s": cut["join_s"],
            "dissolve_core_s": (soft["join_core_s"] - cut["join_core_s"]) / max(shape.scenes - 1, 1),
            "again_core_s": soft["again_core_s"],
            "offset_ms": max(cut["offset_ms"], soft["offset_ms"]),
            "wrong_frames": cut["wrong_frames"] + soft["wrong_frames"],
            **scored(shape, Path(scratch)),
        }
    print(json.dumps(figures))  # noqa: T201 the result


def joined(shape: Shape, dissolve: int, output: Path, folder: Path) -> dict[str, float]:
    """Encode all scenes and join them, twice; the second time dissolves are there."""
    from lipwright.contracts.progress import SilentProgress
    from lipwright.media.scenes import encode_scene
    from lipwright.media.writer import VideoFormat
    from lipwright.pipeline.stages.stitch import StitchedScene, stitch
    from lipwright.store.stages import StageStore

    video_format = VideoFormat(shape.width, shape.height, shape.fps)
    starts = shape.starts(dissolve)
    scenes = []
    begun = core_s()
    for number, start in enumerate(starts):
        (place := folder / str(number)).mkdir(parents=True)
        files = encode_scene(
            drawn(shape, number, start, shape.flashes(number, dissolve)),
            place,
            video_format,
            frame_count=shape.frames,
            head_frames=dissolve if number else 0,
            tail_frames=dissolve if number < shape.scenes - 1 else 0,
        )
        scenes.append(StitchedScene(files, f"Scene {number}"))
    encoded = core_s()
    flashing = [start + f for number, start in enumerate(starts) for f in shape.flashes(number, dissolve)]
    count = starts[-1] + shape.frames
    took = []
    with clicked(shape, dissolve, starts, count) as sound, StageStore(folder / "store") as store:
        for _ in range(2):
            first_core_s, first_s = core_s(), time.perf_counter()
            stitch(output, scenes, sound, video_format, title="", store=store, progress=SilentProgress())
            took.append((core_s() - first_core_s, time.perf_counter() - first_s))
    wrong, offset_ms = looked_at(output, count, [float(frame / shape.fps) for frame in flashing])
    return {
        "encode_core_s": encoded - begun,
        "join_core_s": took[0][0],
        "join_s": took[0][1],
        "again_core_s": took[1][0],
        "wrong_frames": wrong,
        "offset_ms": offset_ms,
    }


def clicked(shape: Shape, dissolve: int, starts: list[int], count: int) -> Any:
    """Give the sound of the video: a click with each flash, sent through the mix."""
    from lipwright.contracts.progress import SilentProgress
    from lipwright.media.spool import AudioSpool
    from lipwright.pipeline.stages.score import SceneSound, score

    click = 0.5 * np.sin(2 * np.pi * 4000 * np.arange(CLICK_SAMPLES) / SAMPLE_RATE_HZ)
    with ExitStack() as opened:
        scenes = []
        for number, start in enumerate(starts):
            samples = np.zeros(round(shape.frames * SAMPLE_RATE_HZ / shape.fps), np.float32)
            for frame in shape.flashes(number, dissolve):
                samples[round(frame * SAMPLE_RATE_HZ / shape.fps) :][:CLICK_SAMPLES] = click
            sound = opened.enter_context(AudioSpool())
            sound.append(samples)
            scenes.append(SceneSound(sound, start, shape.frames))
        return score(scenes, count, shape.fps, progress=SilentProgress())


def drawn(shape: Shape, scene: int, start: int, flashes: list[int]) -> Iterator[NDArray[np.uint8]]:
    """Draw the frames of a scene."""
    texture = textured(shape, scene)
    top = shape.height // 8
    for frame in range(shape.frames):
        left = frame * TEXTURE_STEP_PX % shape.width
        image = texture[:, left : left + shape.width].copy()
        bits = (start + frame) >> np.arange(BITS - 1, -1, -1) & 1
        image[:top] = np.repeat(np.where(bits, 200, 48), -(-shape.width // BITS))[None, : shape.width, None]
        if frame in flashes:
            image[-top:] = 255
        yield image


def textured(shape: Shape, seed: int) -> NDArray[np.uint8]:
    """A picture with detail of all sizes, (height, 2 * width, 3), that goes on at its ends."""
    random = np.random.default_rng(seed)
    rows, columns = np.fft.fftfreq(shape.height)[:, None], np.fft.rfftfreq(shape.width)[None]
    size = np.hypot(rows, columns)
    size[0, 0] = 1
    planes = []
    for _ in range(3):
        noise = np.fft.rfft2(random.standard_normal((shape.height, shape.width))) / size**1.2
        plane = np.fft.irfft2(noise, (shape.height, shape.width))
        planes.append(np.clip(128 + 30 * plane / plane.std(), 20, 180))
    texture = np.stack(planes, axis=-1).astype(np.uint8)
    return np.concatenate([texture, texture], axis=1)


def looked_at(video: Path, count: int, flashes_s: list[float]) -> tuple[int, float]:
    """Look at every frame, and listen.

    Returns: how many frames are missing, black, repeated or at a wrong time; how far clicks are from flashes at most.
    """
    import av

    from lipwright.media.audio import read_audio

    weights = 1 << np.arange(BITS - 1, -1, -1)
    numbers, seen_s = [], []
    with av.open(str(video)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        fps = stream.average_rate
        for index, frame in enumerate(container.decode(stream)):
            luma = np.frombuffer(frame.planes[0], np.uint8).reshape(-1, frame.planes[0].line_size)
            luma = luma[: frame.height, : frame.width]
            step = -(-frame.width // BITS)
            number = int(((luma[frame.height // 16, step // 2 :: step][:BITS] > 124) * weights).sum())
            numbers.append(number if frame.pts * frame.time_base == index / fps else -1)
            if luma[-frame.height // 16, frame.width // 2] > 215:
                seen_s.append(index / float(fps))
    sound = np.concatenate(list(read_audio(video, SAMPLE_RATE_HZ)))
    heard_s = [found_click(sound, at_s) for at_s in seen_s]
    wrong = sum(number != index for index, number in enumerate(numbers)) + abs(len(numbers) - count)
    wrong += 0 if np.allclose(seen_s, flashes_s) else 1
    return wrong, max(abs(heard - seen) * 1000 for heard, seen in zip(heard_s, seen_s, strict=True))


def found_click(sound: NDArray[np.float32], at_s: float) -> float:
    """Give the time of the first loud sample within .4 s around a time."""
    first = max(round((at_s - 0.2) * SAMPLE_RATE_HZ), 0)
    around = np.abs(sound[first : first + round(0.4 * SAMPLE_RATE_HZ)])
    return (first + int(np.flatnonzero(around > 0.4 * around.max())[0])) / SAMPLE_RATE_HZ


def scored(shape: Shape, folder: Path) -> dict[str, float]:
    """Mix voices of different loudness with music, and measure each scene."""
    from lipwright.contracts.progress import SilentProgress
    from lipwright.contracts.story import Music
    from lipwright.media.loudness import measure
    from lipwright.media.spool import AudioSpool
    from lipwright.pipeline.stages.score import Bed, SceneSound, score

    random = np.random.default_rng(0)
    length = round(shape.frames * SAMPLE_RATE_HZ / shape.fps)
    with wave.open(str(folder / "music.wav"), "wb") as file:
        file.setparams((2, 2, 44_100, 0, "NONE", ""))
        file.writeframes((random.standard_normal((20 * 44_100, 2)) * 3000).astype("<i2").tobytes())
    starts = shape.starts(0)
    with ExitStack() as opened:
        scenes = []
        for number, start in enumerate(starts):
            sound = opened.enter_context(AudioSpool())
            sound.append(spoken(random, length, -35 + 5 * number))
            scenes.append(SceneSound(sound, start, shape.frames))
        begun_core_s, begun_s = core_s(), time.perf_counter()
        mixed = opened.enter_context(
            score(
                scenes,
                shape.scenes * shape.frames,
                shape.fps,
                bed=Bed(folder / "music.wav", Music(file="music.wav")),
                progress=SilentProgress(),
            )
        )
        took_core_s, took_s = core_s() - begun_core_s, time.perf_counter() - begun_s
        edges = list(accumulate([length] * shape.scenes, initial=0))
        loud = [measure([mixed.read(edge, length)], channels=2).integrated_lufs for edge in edges[:-1]]
        whole = measure(mixed.chunks(), channels=2)
    return {
        "score_core_s": took_core_s,
        "score_s": took_s,
        "scene_spread_lu": max(loud) - min(loud),
        "integrated_lufs": whole.integrated_lufs,
        "true_peak_dbtp": whole.true_peak_dbtp,
    }


def spoken(random: np.random.Generator, length: int, level_db: float) -> NDArray[np.float32]:
    """Noise in bursts as long as words, .36 s of silence after each tenth, .5 s at both ends."""
    places = np.arange(length) / SAMPLE_RATE_HZ
    syllable = np.maximum(np.sin(2 * np.pi * 4 * places), 0)
    sentence = (places % 2.86 < 2.5) & (places > 0.5) & (places < places[-1] - 0.5)
    noise = np.tanh(np.convolve(random.standard_normal(length), np.hanning(16) / 2, "same"))
    voice = noise / noise.std() * syllable * sentence
    return (voice * 10 ** (level_db / 20)).astype(np.float32)


def core_s() -> float:
    """Seconds of the core that this process has taken."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
