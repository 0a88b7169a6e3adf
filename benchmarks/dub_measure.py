"""One video is dubbed, one of its lines spoken again, and nothing changed: what each of these took and gave."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.dub_run import Run, watched
from benchmarks.dub_words import word_errors
from benchmarks.program import run_program

EARLY_S = 0.02
"""A line may begin so much before its slot: half a frame."""
LIPS = ("gap_correlation", "gap_lag", "closed_mean", "closed_largest", "bilabials_closed", "mouth_motion")
"""Figures of `lipwright check`, each with its own limit."""
SHOWN_WORDS = 20
LONG_S = 590.0
"""The redo of a line is promised for dubs of ten minutes."""


@dataclass
class Dubbed:
    """What was found."""

    name: str
    seconds: float
    """Length of the video."""
    figures: dict[str, float] = field(default_factory=dict)
    """Less is better; see PROMISES of dub.py."""
    notes: dict[str, Any] = field(default_factory=dict)


def dub_measured(
    video: Path, target: str, text: str | None, folder: Path, parts: frozenset[str], options: tuple[str, ...]
) -> Dubbed:
    """Dub a video with an empty cache, and measure.

    Args:
        text: what is said in it; None where nobody wrote that down.
        parts: what is measured beside time, memory and lines: words, check, redo, unchanged.
        options: more of `lipwright dub`.
    """
    output, cache = folder / f"{video.stem}.{target}.mp4", folder / "cache"
    whole = watched("dub", str(video), "--to", target, "-o", str(output), *options, cache=cache)
    printed = whole.printed
    found = Dubbed(video.name, printed["duration_s"])
    found.figures |= _effort(whole) | line_figures(printed["lines"], found.seconds)
    found.notes |= _stages(whole) | _fits(printed)
    if "words" in parts:
        _compare_words(found, printed, text, output, target, cache)
    if "check" in parts:
        _check(found, video, output, cache)
    project = Path(printed["project"])
    if "redo" in parts:
        _redo(found, project, whole, cache)
    if "unchanged" in parts:
        before = output.stat().st_mtime_ns
        again = watched("dub", "--project", str(project), cache=cache)
        kept = again.printed["unchanged"] and output.stat().st_mtime_ns == before
        found.notes["core seconds with nothing changed"] = round(again.core_seconds, 2)
        found.figures |= {"unchanged_s": again.seconds, "unchanged_made": float(again.made.total() + (not kept))}
    return found


def growth(dubs: Sequence[Dubbed]) -> float:
    """How much more memory the longest takes than the shortest, as a part of that."""
    shortest, *_, longest = sorted(dubs, key=lambda dub: dub.seconds)
    return longest.figures["peak_mb"] / shortest.figures["peak_mb"] - 1


def _effort(run: Run) -> dict[str, float]:
    return {"real_time_factor": run.seconds / run.printed["duration_s"], "peak_mb": run.peak_mb}


def _stages(run: Run) -> dict[str, Any]:
    duration_s = run.printed["duration_s"]
    timed = [(stage["name"], stage["seconds"]) for stage in run.printed["stages"]]
    return {
        "seconds": round(run.seconds, 1),
        "times real time": {name: round(seconds / duration_s, 3) for name, seconds in timed},
        "core seconds by seconds of video": round(run.core_seconds / duration_s, 2),
        "stored results": dict(run.made),
    }


def line_figures(lines: list[dict[str, Any]], duration_s: float) -> dict[str, float]:
    """Where the lines are heard; a line that fails is in no slot."""
    asked = [line for line in lines if line["fit"] != "silent"]
    heard = [line for line in asked if line["fit"] != "failed"]
    outside = [line for line in heard if line["spoken"][0] < 0 or line["spoken"][1] > duration_s]
    inside_slot = [line for line in heard if _is_inside(line, lines, duration_s)]
    return {
        "lines_outside_video": float(len(outside)),
        "lines_outside_slot": 1 - len(inside_slot) / max(len(asked), 1),
        "fastest_speed": max((line["speed"] for line in heard), default=1.0),
        "failed_lines": float(len(asked) - len(heard)),
    }


def _is_inside(line: dict[str, Any], lines: list[dict[str, Any]], duration_s: float) -> bool:
    """Whether a line keeps to its slot and the silence behind it, in which nobody speaks in the source."""
    (start_s, end_s), (first_s, last_s) = line["spoken"], line["slot"]
    later = [other["slot"][0] for other in lines if other["slot"][0] > first_s and other["number"] != line["number"]]
    return bool(first_s - EARLY_S <= start_s and end_s <= max(last_s, min(later, default=duration_s)))


def _fits(printed: dict[str, Any]) -> dict[str, Any]:
    kinds = [line["fit"] for line in printed["lines"]]
    return {
        "lines": {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)},
        "mouth drawn s": round(printed["rendered_s"], 1),
        "told": printed["notes"],
    }


def _compare_words(
    found: Dubbed, printed: dict[str, Any], text: str | None, output: Path, target: str, cache: Path
) -> None:
    lines = printed["lines"]
    if text is not None:
        heard = word_errors(text, " ".join(line["source"] for line in lines), printed["source_language"])
        found.figures["transcript_wrong"] = heard.share
        found.notes["words wrong in the transcript"] = heard.wrong[:SHOWN_WORDS]
    written = output.with_suffix(".again.json")
    run_program("transcribe", str(output), "-l", target, "-o", str(written), "--json", "--quiet", cache=cache)
    again = _text_of(written)
    spoken = " ".join(line["text"] for line in lines if line["fit"] not in {"silent", "failed"})
    dubbed = word_errors(spoken, again, target)
    found.figures["dub_wrong"] = dubbed.share
    found.notes["words wrong in the dub"] = dubbed.wrong[:SHOWN_WORDS]


def _text_of(transcript: Path) -> str:
    return " ".join(one["text"] for one in json.loads(transcript.read_text(encoding="utf-8"))["utterances"])


def _check(found: Dubbed, video: Path, output: Path, cache: Path) -> None:
    checked = run_program("check", str(output), "--against", str(video), "--json", "-", "--quiet", cache=cache)
    metrics = {metric["key"]: metric for metric in checked["metrics"]}
    offset = metrics["av_offset"]["value"]
    if offset is not None:
        found.figures["av_offset_ms"] = abs(offset)
    found.notes["lips"] = {
        metrics[key]["topic"]: f"{_short(metrics[key]['value'])} ({metrics[key]['limit']}: {metrics[key]['verdict']})"
        for key in LIPS
    }


def _short(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"


def _redo(found: Dubbed, project: Path, whole: Run, cache: Path) -> None:
    """Speak the line in the middle again."""
    heard = [line for line in whole.printed["lines"] if line["fit"] not in {"silent", "failed"}]
    number = heard[len(heard) // 2]["number"]
    again = watched("dub", "redo", str(project), "--line", str(number), cache=cache)
    share = again.seconds / whole.seconds
    if found.seconds >= LONG_S:
        found.figures["redo_share"] = share
    found.notes["redo"] = {
        "line": number,
        "seconds": round(again.seconds, 1),
        "to those of the whole": round(share, 3),
        "core seconds, to those of the whole": round(again.core_seconds / whole.core_seconds, 3),
        "windows drawn again": f"{again.made['animate']} of {whole.made['animate']}",
        "stored results": dict(again.made),
        "stages": {stage["name"]: round(stage["seconds"], 2) for stage in again.printed["stages"]},
    }
