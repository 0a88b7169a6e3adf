"""`report.json`: what was made, for programs. Version 1. Numbers are rounded, keys sorted."""

import json
import math
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from lipwright.contracts.dub import DubReport, DubRequest, SpokenLine
from lipwright.contracts.project import SpeakerVoice, stable_json
from lipwright.errors import ProjectInvalid
from lipwright.pipeline.dub_page.sounds import DubSounds
from lipwright.pipeline.project.paths import sound_name, told_path

VERSION: Final = 1
_HEARD: Final = ("phonemes", "words")
"""They are in the sidecar of the video."""


def report_text(report: DubReport, voices: Sequence[SpeakerVoice], sounds: DubSounds) -> str:
    """The content of the file."""
    document: dict[str, Any] = TypeAdapter(DubReport).dump_python(report, mode="json")
    for line in document["lines"]:
        for name in _HEARD:
            del line[name]
        if line["end_s"] > line["start_s"]:
            line["sound"] = sound_name(line["number"])
    del document["project"], document["unchanged"], document["waits_after"]
    if report.output is not None:
        document["output"] = told_path(report.output, report.project)
    levels = ("leak_db", "source_lufs", "output_lufs", "true_peak_dbtp")
    document |= {
        "version": VERSION,
        "voices": TypeAdapter(list[SpeakerVoice]).dump_python(list(voices), mode="json"),
        "sound": {name: getattr(sounds, name) for name in levels},
        "lines_by_fit": dict(Counter(line.fit.value for line in report.lines)),
    }
    return stable_json(_rounded(document))


def read_report(text: str, request: DubRequest) -> DubReport:
    """The report that was written down; phones and words are not in it.

    Raises: ProjectInvalid: it is damaged, or of another version.
    """
    try:
        document = json.loads(text)
        if document.pop("version") != VERSION:
            raise ValueError("another version")
        for name in ("voices", "sound", "lines_by_fit"):
            del document[name]
        lines = [{name: value for name, value in line.items() if name != "sound"} for line in document["lines"]]
        known = {"project": str(request.project), "output": str(request.output), "lines": lines}
        return TypeAdapter(DubReport).validate_python({**document, **known, "unchanged": False, "waits_after": None})
    except (ValueError, KeyError, TypeError, AttributeError, ValidationError) as exc:
        raise ProjectInvalid(
            f"`{request.project}`: its report is damaged. Run the dub again; it is written anew."
        ) from exc


def is_heard(line: SpokenLine) -> bool:
    """Whether a line has a sound."""
    return line.end_s > line.start_s


def _rounded(value: Any) -> Any:
    """The same with numbers of three digits behind the point; what is no number becomes null."""
    if isinstance(value, float):
        return round(value, 3) if math.isfinite(value) else None
    if isinstance(value, dict):
        return {name: _rounded(one) for name, one in value.items()}
    return [_rounded(one) for one in value] if isinstance(value, list) else value
