"""Times single frames of a portrait on one core, and finds the drawn lips again. Prints one JSON document.

python -m benchmarks.render_speed --size 512 --frames 250
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from fractions import Fraction
from pathlib import Path

WARM_UP_FRAMES = 20
TRACKED_FRAMES = 100
FPS = Fraction(25)


def main() -> None:
    """Render on one core: neither OpenCV nor the compiled loops may start a thread on another."""
    options = argparse.ArgumentParser()
    options.add_argument("--size", type=int, required=True)
    options.add_argument("--frames", type=int, required=True)
    given = options.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    print(json.dumps(_measure(given.size, given.frames)))  # noqa: T201 the result


def _measure(size_px: int, frames: int) -> dict[str, object]:
    import cv2
    from PIL import Image
    from skimage import data

    from lipwright.contracts.portrait import PortraitRequest
    from lipwright.motion.idle import idle_track
    from lipwright.motion.mouth import mouth_track
    from lipwright.pipeline.stages.prepare import prepare
    from lipwright.speech.tts.hibari import Hibari

    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory(prefix="lipwright-bench-") as folder:
        photo = Path(folder) / "astronaut.png"
        Image.fromarray(data.astronaut()).save(photo)
        begun = time.perf_counter()
        portrait = prepare(
            PortraitRequest(
                face=photo, text=None, voice="", language=None, output=Path(folder) / "none.mp4", size=(size_px,) * 2
            )
        ).portrait
        prepared_s = time.perf_counter() - begun
    speech = Hibari().speak(
        "My mother bought a paper map, and my brother promised to bring five more before the weather became warm, "
        "because most people never look at a map now.",
        "heart",
    )
    duration_s = float((frames + WARM_UP_FRAMES) / FPS)
    performance = portrait.perform(mouth_track(speech.phonemes, duration_s, FPS))
    idle = idle_track(duration_s, FPS, 1, phonemes=speech.phonemes)
    core_ms, wall_ms, drawn, images = [], [], [], []
    for index in range(frames + WARM_UP_FRAMES):
        begun, begun_core = time.perf_counter(), time.process_time()
        rendered = portrait.frame(performance, idle, index)
        if index >= WARM_UP_FRAMES:
            core_ms.append(round(1000 * (time.process_time() - begun_core), 3))
            wall_ms.append(round(1000 * (time.perf_counter() - begun), 3))
        if index < TRACKED_FRAMES:
            drawn.append(rendered.gap)
            images.append(rendered.image)
    return {
        "samples": {"core_ms_per_frame": core_ms, "wall_ms_per_frame": wall_ms},
        "notes": {
            "frames before the first measured one": WARM_UP_FRAMES,
            "wall ms a frame": statistics.median(wall_ms),
            "preparing s": round(prepared_s, 2),
            "gap correlation": _found_again(images, drawn),
        },
    }


def _found_again(images: list, drawn: list[float]) -> float:
    """Correlation of the gap that the tracker finds with the gap that was drawn."""
    from lipwright.face.tracker import FaceTracker
    from lipwright.quality.mouth import inner_gap
    from lipwright.quality.signals import correlation

    tracker = FaceTracker()
    meshes = [tracker.track(image) for image in images]
    found = [inner_gap(mesh.points) if mesh is not None else float("nan") for mesh in meshes]
    return round(correlation(drawn, found) or 0.0, 3)


if __name__ == "__main__":
    main()
