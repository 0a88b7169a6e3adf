"""Decodes a clip and encodes it again, and does nothing else: what any work on a video is measured against.

python -m benchmarks.plain talk.mp4

Decoding and encoding overlap, each with as many threads as `lipwright sync` gives it. Prints one JSON document.
"""

import argparse
import json
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Plain:
    """How long it took."""

    frames: int
    seconds: float
    core_seconds: float
    """Of all cores together."""

    @property
    def frames_per_s(self) -> float:
        return self.frames / self.seconds


def main() -> None:
    """Measure a clip once, after one go to warm up."""
    options = argparse.ArgumentParser()
    options.add_argument("clip", type=Path)
    options.add_argument("--frames", type=int, default=None, help="take only so many")
    given = options.parse_args()
    decode_and_encode(given.clip, 50)
    plain = decode_and_encode(given.clip, given.frames)
    samples = {
        "ms_per_frame": [1000 / plain.frames_per_s],
        "core_ms_per_frame": [1000 * plain.core_seconds / plain.frames],
    }
    notes = {"frames": plain.frames, "frames a second": round(plain.frames_per_s, 1)}
    print(json.dumps({"samples": samples, "notes": notes}))  # noqa: T201 the result


def decode_and_encode(clip: Path, most: int | None = None) -> Plain:
    """Decode a clip and encode it with the settings of every video; the result is thrown away.

    Args:
        most: how many frames at most; None for all.
    """
    import av

    from lipwright.media.encoder import EncoderSettings, H264Encoder
    from lipwright.media.mp4 import Mp4File
    from lipwright.media.recording import FRAMES_IN_FLIGHT
    from lipwright.media.worker import Worker

    with tempfile.TemporaryDirectory(prefix="lipwright-plain-") as folder, av.open(str(clip)) as source:
        begun, begun_core = time.perf_counter(), time.process_time()
        stream = source.streams.video[0]
        stream.thread_type = "AUTO"
        stream.codec_context.thread_count = 2
        file = Mp4File(Path(folder) / "plain.mp4", {})
        even = stream.width // 2 * 2, stream.height // 2 * 2
        encoder = H264Encoder(file.container, *even, stream.average_rate, EncoderSettings())
        file.begin()
        worker = Worker(encoder.encode, room=FRAMES_IN_FLIGHT, name="plain-encoder")
        count = 0
        for picture in source.decode(stream):
            if count == most:
                break
            if (picture.format.name, picture.width, picture.height) != ("yuv420p", *even):
                picture = picture.reformat(*even, format="yuv420p")  # noqa: PLW2901
            picture.pict_type = 0  # the encoder chooses, as for any new picture
            worker.wait()
            worker.give(picture)
            count += 1
        worker.stop(abandoned=False)
        worker.raise_error()
        encoder.finish()
        file.finish()
        return Plain(count, time.perf_counter() - begun, time.process_time() - begun_core)


if __name__ == "__main__":
    main()
