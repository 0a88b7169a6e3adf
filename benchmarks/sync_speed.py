"""Times `lipwright sync` from start to end, with an empty cache, beside a plain decoding and encoding of the same clip.

python -m benchmarks.sync_speed --video talk.mp4 --audio other.wav --seconds 60
python -m benchmarks.sync_speed --video talk.mp4 --audio other.wav --seconds 60 1200

The clip and the sound are repeated to those lengths without encoding again. The speed is that of the whole program,
its start included; peak memory is resident, of all its processes together, and grows from the first length to the
last by `peak_growth`; the quality figures are those of `lipwright check`. Prints one JSON document.
"""

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.dub_run import watched
from benchmarks.program import run_program

SHOWN = (
    "gap_correlation",
    "gap_lag",
    "closed_mean",
    "closed_largest",
    "outside_change",
    "sharpness_mouth",
    "faces_found",
)


def main() -> None:
    """Make the material, run the program, decode and encode plainly, measure the picture."""
    options = argparse.ArgumentParser()
    options.add_argument("--video", type=Path, required=True)
    options.add_argument("--audio", type=Path, required=True)
    options.add_argument("--seconds", type=float, nargs="+", required=True)
    options.add_argument("--check", action="store_true", help="measure the picture too")
    given = options.parse_args()
    found = [_at_length(given.video, given.audio, seconds, check=given.check) for seconds in given.seconds]
    last = found[-1]
    if len(found) > 1:
        last["samples"]["peak_growth"] = [last["samples"]["peak_mb"][0] / found[0]["samples"]["peak_mb"][0] - 1]
        last["notes"]["shorter"] = [one["notes"] | one["samples"] for one in found[:-1]]
    print(json.dumps(last))  # noqa: T201 the result


def _at_length(clip: Path, sound: Path, seconds: float, *, check: bool) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="lipwright-bench-") as name:
        folder = Path(name)
        video, audio = folder / "clip.mp4", folder / "new.wav"
        repeat_video(clip, video, seconds)
        repeat_sound(sound, audio, seconds)
        return _measure(video, audio, folder, check=check)


def repeat_video(clip: Path, output: Path, seconds: float) -> None:
    """Write the pictures of a clip again and again, without their sound."""
    import av

    with av.open(str(clip)) as source, av.open(str(output), "w") as target:
        stream = source.streams.video[0]
        copy = target.add_stream_from_template(stream)
        rate, base = stream.average_rate, stream.time_base
        period = round(stream.frames / rate / base)
        begun = 0
        while begun * base < seconds:
            source.seek(0)
            for packet in source.demux(stream):
                if packet.pts is None or packet.dts is None or (begun + packet.pts) * base >= seconds:
                    continue
                packet.pts, packet.dts = begun + packet.pts, begun + packet.dts
                packet.stream = copy
                target.mux_one(packet)
            begun += period


def repeat_sound(sound: Path, output: Path, seconds: float) -> None:
    """Write a sound again and again as 48 kHz WAV, cut to a length."""
    import wave

    import numpy as np

    from lipwright.media.audio import read_audio

    left = round(seconds * 48_000)
    with wave.open(str(output), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        while left > 0:
            for chunk in read_audio(sound, 48_000):
                file.writeframes((np.clip(chunk[:left], -1, 1) * 32767).astype("<i2").tobytes())
                left -= min(left, len(chunk))


def _measure(video: Path, audio: Path, folder: Path, *, check: bool) -> dict[str, Any]:
    from benchmarks.plain import decode_and_encode

    output = folder / "out.mp4"
    run = watched("sync", str(video), "--audio", str(audio), "-o", str(output), cache=folder / "cache")
    made, seconds, frames = run.printed, run.seconds, run.printed["frames"]
    plain = decode_and_encode(video)
    notes: dict[str, Any] = {
        "frames": frames,
        "drawn": made["rendered_frames"],
        "frames a second": round(frames / seconds, 1),
        "core ms a frame": round(1000 * run.core_seconds / frames, 1),
        "the same of plain decoding and encoding": round(1000 * plain.core_seconds / plain.frames, 1),
        "plain decoding and encoding, frames a second": round(plain.frames_per_s, 1),
        "stages": {stage["name"]: round(stage["seconds"], 1) for stage in made["stages"]},
    }
    if check:
        measured = run_program(
            "check", str(output), "--against", str(video), "--driver", str(audio), "--json", "-", cache=folder / "cache"
        )
        values = {metric["key"]: metric["value"] for metric in measured["metrics"]}
        notes |= {key: round(value, 4) for key, value in values.items() if key in SHOWN and value is not None}
    return {
        "duration_s": made["duration_s"],
        "samples": {
            "ms_per_frame": [1000 * seconds / frames],
            "times_plain": [seconds / frames * plain.frames_per_s],
            "peak_mb": [run.peak_mb],
        },
        "notes": notes,
    }


if __name__ == "__main__":
    main()
