"""What is promised of `lipwright dub`, measured from start to end with an empty cache. Prints one JSON document.

python -m benchmarks.dub --video talk.mp4 --to pt-BR --reference words.txt
python -m benchmarks.dub --video talk.mp4 --to pt-BR --seconds 60 600 --skip check

Dubbed is the video itself; with --seconds a talk of each of these lengths, which is made of its pictures and of
sentences that are known, see dub_material.py. Then one line is spoken again, and then nothing is changed. A table with
the promises goes to stderr.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.dub_measure import Dubbed, dub_measured, growth
from benchmarks.machine import describe_machine

PROMISES = {
    "transcript_wrong": 0.10,
    "dub_wrong": 0.12,
    "lines_outside_video": 0.0,
    "lines_outside_slot": 0.05,
    "fastest_speed": 1.2,
    "av_offset_ms": 20.0,
    "real_time_factor": 3.0,
    "peak_mb": 2000.0,
    "peak_growth": 0.10,
    "redo_share": 0.05,
    "unchanged_s": 3.0,
    "unchanged_made": 0.0,
    "bed_unlike": 0.10,
}
"""What a figure may be at most. A promise that is missed is printed, and fails nothing."""
PARTS = ("words", "check", "redo", "unchanged", "bed")
BED, BED_SNR_DB, BED_S = "music", 5.0, 45.0
"""The mix whose bed counts; the other beds are told beside it."""
OTHER_BEDS = ("strings", "drums", "room")


def main() -> None:
    """Dub the video, or talks of some lengths, and measure."""
    options = argparse.ArgumentParser()
    options.add_argument("--video", type=Path, required=True)
    options.add_argument("--to", required=True)
    options.add_argument("--reference", type=Path, help="what is said in the video, written down by hand")
    options.add_argument("--seconds", type=float, nargs="+", help="of talks that are made of the video's pictures")
    options.add_argument("--skip", nargs="+", choices=PARTS, default=[])
    options.add_argument("--folder", type=Path, help="where talks and dubs stay, for another time")
    options.add_argument(
        "--option", action="append", default=[], help="one more of `dub`, such as --option=--no-lip-sync"
    )
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="lipwright-bench-") as name:
        folder = given.folder or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        print(json.dumps(_measure(given, folder), indent=1, ensure_ascii=False))  # noqa: T201 the result


def _measure(given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    parts = frozenset(PARTS) - frozenset(given.skip)
    machine = describe_machine()
    _say(machine)
    dubs = []
    for video, text in _videos(given, folder):
        with tempfile.TemporaryDirectory(prefix="dub-", dir=folder) as name:
            dubs.append(dub_measured(video, given.to, text, Path(name), parts, tuple(given.option)))
        _tell(dubs[-1])
    samples: dict[str, list[float]] = {}
    for dub in dubs:
        for figure, value in dub.figures.items():
            samples.setdefault(figure, []).append(value)
    if len(dubs) > 1:
        samples["peak_growth"] = [growth(dubs)]
        _say("\nfigure                     value   promise")
        _row("peak_growth", samples["peak_growth"][0])
    document: dict[str, Any] = {"machine": machine.splitlines(), "samples": samples}
    if "bed" in parts:
        beds = _beds()
        samples["bed_unlike"] = [1 - beds[BED]]
        document["bed correlation"] = beds
        _say(
            "\nbed of a mix, correlation with the true one: " + ", ".join(f"{bed} {like}" for bed, like in beds.items())
        )
        _row("bed_unlike", samples["bed_unlike"][0])
    document["dubs"] = [{"figures": dub.figures, **dub.notes} for dub in dubs]
    return document


def _videos(given: argparse.Namespace, folder: Path) -> "list[tuple[Path, str | None]]":
    """What is dubbed, and what is said there."""
    from benchmarks.dub_material import make_talk

    if given.seconds is None:
        return [(given.video, given.reference.read_text(encoding="utf-8") if given.reference else None)]
    talks = [make_talk(given.video, folder, seconds) for seconds in given.seconds]
    return [(talk.video, talk.text) for talk in talks]


def _beds() -> dict[str, float]:
    """How like the true bed the found one is, by the kind of bed."""
    from benchmarks.separation import make_bed, measure, scaled, spoken
    from lipwright.speech.separate.deepfilter import DeepFilter

    with tempfile.TemporaryDirectory(prefix="lipwright-bench-") as name:
        speech = spoken(Path(name), BED_S)
    return {
        bed: round(measure(DeepFilter(), speech, scaled(make_bed(bed, len(speech)), speech, BED_SNR_DB))[2], 3)
        for bed in (BED, *OTHER_BEDS)
    }


def _tell(dub: Dubbed) -> None:
    _say(f"\n{dub.name}\nfigure                     value   promise")
    for figure, value in dub.figures.items():
        _row(figure, value)
    for name, note in dub.notes.items():
        _say(f"{name}: {note}")


def _row(figure: str, value: float) -> None:
    promise = PROMISES.get(figure)
    told = "" if promise is None else f"{promise:10.3g}{'' if value <= promise else '  MISSED'}"
    _say(f"{figure:<22}{value:10.3g}{told}")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201 a report


if __name__ == "__main__":
    main()
