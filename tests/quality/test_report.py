"""The report: what people read and what programs read."""

import json
import math
from pathlib import Path

import pytest

from lipwright.quality.report import Metric, QualityReport, Verdict, rows, to_json

GOOD = Metric("gap_correlation", "lips as drawn", 0.97123, "", ">= 0.95", Verdict.OK, "as drawn")
SILENT = Metric("loudness", "loudness", -math.inf, "LUFS", "-16 +- 1", Verdict.FAIL, "silent")
UNKNOWN = Metric("av_offset", "sound behind picture", None, "ms", "+- 20", Verdict.NOT_MEASURED, "no sound")


def report_of(*metrics: Metric) -> QualityReport:
    return QualityReport(Path("talk.mp4"), None, None, metrics)


def test_verdict_is_that_of_the_worst_figure() -> None:
    warned = Metric("flicker", "flicker", 9.0, "", "<= 6", Verdict.WARN, "")
    assert report_of().verdict is Verdict.NOT_MEASURED
    assert report_of(UNKNOWN, GOOD).verdict is Verdict.OK
    assert report_of(warned, GOOD).verdict is Verdict.WARN
    assert report_of(warned, SILENT, GOOD).verdict is Verdict.FAIL


def test_json_has_stable_keys_and_no_infinity() -> None:
    document = json.loads(json.dumps(to_json(report_of(GOOD, SILENT, UNKNOWN)), allow_nan=False))
    assert list(document) == ["version", "file", "sidecar", "source", "verdict", "metrics"]
    assert document["version"] == 1
    assert document["verdict"] == "fail"
    assert [list(metric) for metric in document["metrics"]] == [
        ["key", "topic", "value", "unit", "limit", "verdict", "note"]
    ] * 3
    assert [metric["value"] for metric in document["metrics"]] == [0.97123, None, None]
    assert document["metrics"][2]["verdict"] == "not measured"


def test_rows_show_value_with_unit() -> None:
    gap = Metric("closed_mean", "gap", 0.0019999, "IOD", "<= 0.004", Verdict.OK, "")
    assert [row[1] for row in rows(report_of(GOOD, SILENT, UNKNOWN, gap))] == ["0.971", "-inf LUFS", "-", "0.0020 IOD"]


@pytest.mark.parametrize(("value", "verdict"), [(None, Verdict.OK), (1.0, Verdict.NOT_MEASURED)])
def test_figure_without_value_is_not_measured(value: float | None, verdict: Verdict) -> None:
    with pytest.raises(ValueError, match="does not go with"):
        Metric("key", "topic", value, "", "", verdict, "")


def test_unknown_figure_is_a_key_error() -> None:
    assert report_of(GOOD).metric("gap_correlation") is GOOD
    with pytest.raises(KeyError, match="loudness"):
        report_of(GOOD).metric("loudness")
