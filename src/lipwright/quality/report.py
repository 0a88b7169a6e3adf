"""What was measured on a finished file. Every figure has its limit, a verdict and one line that explains it."""

import math
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

REPORT_VERSION = 1
"""Of the JSON document: it changes when a key changes its meaning or goes away; new keys may come at any time."""


class Verdict(StrEnum):
    """What a figure means. The order is that of weight, the worst last."""

    NOT_MEASURED = "not measured"
    OK = "ok"
    WARN = "warn"
    """Worth a look; no promise is broken."""
    FAIL = "fail"
    """Outside of what Lipwright promises of its own videos."""


_WEIGHT = {verdict: weight for weight, verdict in enumerate(Verdict)}


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure."""

    key: str
    """Stable name for programs, such as `gap_correlation`."""
    topic: str
    """What a person calls it, such as `lips follow the sound track`."""
    value: float | None
    """None when it was not measured."""
    unit: str
    """Such as `ms`; empty for a plain number."""
    limit: str
    """What is promised, such as `>= 0.95`; empty when nothing is."""
    verdict: Verdict
    note: str
    """One line: what was compared with what, or why it was not measured."""

    def __post_init__(self) -> None:
        """Hold value and verdict together: what has no value was not measured, and the other way round."""
        measured = self.value is not None
        if measured == (self.verdict is Verdict.NOT_MEASURED):
            raise ValueError(f"{self.key}: value {self.value} does not go with verdict {self.verdict}")


@dataclass(frozen=True, slots=True)
class QualityReport:
    """All figures of one file."""

    path: Path
    sidecar: Path | None
    """What was said when came from here; None when it was not known."""
    source: Path | None
    """The photo that sharpness was compared with."""
    metrics: tuple[Metric, ...]

    @property
    def verdict(self) -> Verdict:
        """The worst of all."""
        return max((metric.verdict for metric in self.metrics), key=_WEIGHT.__getitem__, default=Verdict.NOT_MEASURED)

    def metric(self, key: str) -> Metric:
        """One figure by its name.

        Raises: KeyError: no figure has this name.
        """
        for metric in self.metrics:
            if metric.key == key:
                return metric
        raise KeyError(key)


def rows(report: QualityReport) -> list[tuple[str, str, str, str, str]]:
    """The report for a table: topic, value with unit, limit, verdict, note."""
    return [
        (metric.topic, _value(metric), metric.limit, metric.verdict.value, metric.note) for metric in report.metrics
    ]


def to_json(report: QualityReport) -> dict[str, object]:
    """The report for programs. What is infinite, as the loudness of silence, is null and has its verdict."""
    return {
        "version": REPORT_VERSION,
        "file": str(report.path),
        "sidecar": str(report.sidecar) if report.sidecar is not None else None,
        "source": str(report.source) if report.source is not None else None,
        "verdict": report.verdict.value,
        "metrics": [
            {
                "key": metric.key,
                "topic": metric.topic,
                "value": _finite(metric.value),
                "unit": metric.unit,
                "limit": metric.limit,
                "verdict": metric.verdict.value,
                "note": metric.note,
            }
            for metric in report.metrics
        ],
    }


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _value(metric: Metric) -> str:
    if metric.value is None:
        return "-"
    if metric.unit == "IOD":
        number = f"{metric.value:.4f}"
    elif abs(metric.value) >= 1000 or float(metric.value).is_integer():
        number = f"{metric.value:.0f}"
    else:
        number = f"{metric.value:.{5 if metric.unit == 'frames/s' else 3}g}"
    return f"{number} {metric.unit}".rstrip()
