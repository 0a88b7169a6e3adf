"""A video of five scenes: how long it takes, and how long after the background of one scene was changed.

    python -m benchmarks.scenes                    about 60 s at 1920x1080, by Kokoro
    python -m benchmarks.scenes --tts hibari       by the small voice

Five scenes with b-roll (a picture and a clip), captions, dissolves and music. Looks at the finished video: how loud
each scene is, whether a frame at a join is black, and whether sound and picture end together.
"""

import argparse
import json
import resource
import tempfile
import time
import wave
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.machine import usable_cores
from benchmarks.material import Material
from benchmarks.program import run_program

SCRIPT = """---
title: A map of paper
captions: on
---
# A map of paper

[music: music.wav -14 dB]

## Good morning
[background: gradient dusk]
Good morning, and thank you for coming. Before we begin, a few words about what you are going to see. My mother bought
a paper map last summer, and nobody in our family knew what to do with it. It lay in the kitchen until the evening.

## What was wrong
[background: #203040] [left] [framing: close] [transition: dissolve 0.5s]
Most people never look at a map now. They follow a voice from corner to corner, [b-roll: street.mp4 4s] and when the
voice is wrong, they stand in the middle of a field and wonder where they are.

## What we made
[background: gradient studio] [right] [transition: dissolve 0.5s]
So we made a map that everybody can read. It is as large as a table, and as light as a letter. [b-roll: picture.png 4s]
My brother promised to bring five more of them before the weather became warm.

## How it works
[background: #402030] [framing: medium] [transition: cut]
You open it, and you look at it. That is all. It needs no power, it never loses its way, and when it rains you can
still put it over your head. We walked along the river with it, and the children were the first to find the bridge.

## Goodbye
[background: gradient slate] [transition: dissolve 0.5s]
Thank you for your time, and for all the letters that you sent us last winter. We read every one of them, and we
answered as many as we could. If you want one, write us a letter, and do not forget to draw the way to your house.
[hold 1s]
"""
CHANGED = ("[background: #402030]", "[background: gradient forest]")
PHOTO = "{astronaut}"
BLACK = 8.0
"""Mean level of a frame that counts as black."""
RATE_HZ = 48_000


def main() -> None:
    """Run it and print its figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tts", default="kokoro")
    parser.add_argument("--size", default="1920x1080")
    parser.add_argument("--keep", type=Path, help="a folder that is kept, to look at the video")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lipwright-scenes-") as name:
        print(json.dumps(measure(given.keep or Path(name), given.tts, given.size), indent=2))  # noqa: T201 a report


def measure(folder: Path, tts: str, size: str) -> dict[str, Any]:
    """Make the video in a folder, change a background, and look at both."""
    folder.mkdir(parents=True, exist_ok=True)
    photo = Material(folder).filled(PHOTO)
    _material(folder, Path(photo))
    whole, whole_core_s, first = _make(folder, photo, SCRIPT, "first.mp4", tts, size)
    changed, changed_core_s, second = _make(folder, photo, SCRIPT.replace(*CHANGED), "second.mp4", tts, size)
    duration_s = float(first["duration_s"])
    return {
        "samples": {
            "real_time": [whole / duration_s],
            "after_change": [changed / whole],
            "loudness_spread_lu": [_spread(folder / "first.mp4", first["story"])],
            "black_at_joins": [_black_at_joins(folder / name, film["story"]) for name, film in _named(first, second)],
            "end_apart_ms": [_end_apart_ms(folder / name, film) for name, film in _named(first, second)],
        },
        "duration_s": duration_s,
        "notes": {
            "cores": usable_cores(),
            "seconds": round(whole, 1),
            "core seconds": round(whole_core_s, 1),
            "seconds after the change": round(changed, 1),
            "core seconds after the change": round(changed_core_s, 1),
            "scenes made after the change": second["made_scenes"],
            "stages": {one["name"]: round(one["seconds"], 1) for one in first["stages"]},
            "stages after the change": {one["name"]: round(one["seconds"], 1) for one in second["stages"]},
            "largest process MB": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024),
            "notes": first["notes"],
        },
    }


def _named(first: dict[str, Any], second: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [("first.mp4", first), ("second.mp4", second)]


def _make(folder: Path, photo: str, script: str, name: str, tts: str, size: str) -> tuple[float, float, dict[str, Any]]:
    (folder / "script.md").write_text(script, encoding="utf-8")
    arguments = ["speak", "--face", photo, "--script", str(folder / "script.md"), "-o", str(folder / name)]
    begun, used = time.perf_counter(), _core_seconds()
    document = run_program(*arguments, "--tts", tts, "--size", size, "--json", "--quiet", cache=folder / "cache")
    return time.perf_counter() - begun, _core_seconds() - used, document


def _core_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _material(folder: Path, photo: Path) -> None:
    """A picture, a clip that moves, and music."""
    from fractions import Fraction

    from PIL import Image
    from skimage import data

    from lipwright.media.image import save_image
    from lipwright.media.writer import VideoFormat, VideoWriter

    save_image(folder / "picture.png", np.asarray(Image.open(photo).convert("RGB")))
    coffee = np.asarray(Image.fromarray(data.coffee()).resize((1280, 854)))
    with VideoWriter(folder / "street.mp4", VideoFormat(1280, 720, Fraction(30))) as writer:
        for number in range(90):
            writer.write(np.ascontiguousarray(coffee[number : number + 720]))
    times = np.arange(20 * RATE_HZ) / RATE_HZ
    chord = sum(np.sin(2 * np.pi * note * times) for note in (220.0, 277.2, 329.6)) * (0.6 + 0.4 * np.sin(4 * times))
    with wave.open(str(folder / "music.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes((chord * 6000).astype("<i2").tobytes())


def _spread(video: Path, story: dict[str, Any]) -> float:
    """Between the loudest and the quietest scene, LU."""
    from lipwright.media.audio import read_audio
    from lipwright.media.loudness import measure as loudness_of

    sound = np.concatenate(list(read_audio(video, RATE_HZ)))
    levels = []
    for scene in story["scenes"]:
        start = round(scene["start_s"] * RATE_HZ)
        end = start + round(scene["duration_s"] * RATE_HZ)
        levels.append(loudness_of([sound[start:end]], RATE_HZ).integrated_lufs)
    return max(levels) - min(levels)


def _black_at_joins(video: Path, story: dict[str, Any]) -> int:
    """Black frames about joins. That none is lost or seen twice is what `benchmarks.scenes_join` measures, by numbers
    in the pictures: heads may stand as still as a repeated frame."""
    from lipwright.media.frames import read_frames

    begins = [round(scene["start_s"] * 25) for scene in story["scenes"][1:]]
    near = {frame for begin in begins for frame in range(begin - 14, begin + 15)}
    return sum(number in near and float(frame.image.mean()) < BLACK for number, frame in enumerate(read_frames(video)))


def _end_apart_ms(video: Path, film: dict[str, Any]) -> float:
    """Between the end of the picture and of the sound."""
    from lipwright.media.audio import read_audio

    samples = sum(len(chunk) for chunk in read_audio(video, RATE_HZ))
    return abs(samples / RATE_HZ - film["frames"] / 25) * 1000


if __name__ == "__main__":
    main()
