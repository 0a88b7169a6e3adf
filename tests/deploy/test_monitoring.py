"""Dashboard and alerts: they ask for figures that the service shows, by labels that those have."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml
from prometheus_client.parser import text_string_to_metric_families

from lipwright.api.telemetry import Telemetry
from lipwright.store import tables
from lipwright.store.database import Database

from .conftest import FindTool

_OF_PROMETHEUS = {"le", "job", "instance"}
_TEXT = re.compile(r'"[^"]*"')


@pytest.fixture
def shown(migrated_sqlite: Path, tmp_path: Path) -> dict[str, set[str]]:
    """Every figure that the service shows, and the labels of each."""
    path = tmp_path / "lipwright.db"
    path.write_bytes(migrated_sqlite.read_bytes())
    database = Database(f"sqlite:///{path}")
    with database.begin() as connection:
        for table in (tables.workspace, tables.job, tables.stage_run, tables.event, tables.delivery):
            connection.execute(table.insert().values(**_row(table)))
        connection.execute(tables.delivery_try.insert().values(**_row(tables.delivery_try)))
    telemetry = Telemetry(database)
    telemetry.observe("POST", "/v1/jobs", 201, 0.01)
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(telemetry.text().decode()):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    database.close()
    return found


def _row(table: sa.Table) -> dict[str, Any]:
    """One row with something in nearly every column; all rows know each other."""
    states = {"job": "queued", "stage_run": "done", "delivery": "delivered"}
    row: dict[str, Any] = {}
    for column in table.columns:
        if column.name == "state":
            row[column.name] = states[table.name]
        elif isinstance(column.type, sa.Boolean):
            row[column.name] = False
        elif isinstance(column.type, (sa.Integer, sa.Float)):
            row[column.name] = 2
        elif column.name == "parent":
            row[column.name] = None  # a stage, and no part of one
        else:
            row[column.name] = "one"
    return row


@pytest.fixture
def dashboard(deploy: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((deploy / "grafana" / "dashboards" / "lipwright.json").read_text())
    return read


@pytest.fixture
def rules(deploy: Path) -> list[dict[str, Any]]:
    (group,) = yaml.safe_load((deploy / "prometheus" / "alerts.yaml").read_text())["groups"]
    read: list[dict[str, Any]] = group["rules"]
    return read


@pytest.fixture
def questions(dashboard: dict[str, Any], rules: list[dict[str, Any]]) -> dict[str, str]:
    """Every expression by where it stands."""
    asked = {rule["alert"]: rule["expr"] for rule in rules}
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            asked[f"{panel['title']} {target['refId']}"] = target["expr"]
    return asked


def test_every_figure_that_is_asked_for_is_shown(questions: dict[str, str], shown: dict[str, set[str]]) -> None:
    wrong = {
        place: name
        for place, question in questions.items()
        for name in re.findall(r"\blipwright_\w+", _TEXT.sub("", question))
        if name not in shown
    }
    assert wrong == {}


def test_every_label_that_is_asked_for_is_there(questions: dict[str, str], shown: dict[str, set[str]]) -> None:
    wrong = []
    for place, question in questions.items():
        plain = _TEXT.sub('""', question)
        for name, matchers in re.findall(r"\b(lipwright_\w+)\{([^}]*)\}", plain):
            wrong += [(place, one) for one in _names(matchers) if one not in shown[name] | _OF_PROMETHEUS]
        of_any = {label for name in re.findall(r"\blipwright_\w+", plain) for label in shown[name]} | _OF_PROMETHEUS
        for grouped in re.findall(r"\bby \(([^)]*)\)", plain):
            wrong += [(place, one) for one in re.findall(r"\w+", grouped) if one not in of_any]
    assert wrong == []


def _names(matchers: str) -> Iterator[str]:
    yield from re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", matchers)


def test_the_dashboard_is_one_that_grafana_can_read(dashboard: dict[str, Any]) -> None:
    panels = dashboard["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        at = panel["gridPos"]
        cells = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert not cells & taken, panel["title"]
        assert at["x"] + at["w"] <= 24
        taken |= cells
        if panel["type"] != "row":
            assert panel["description"]
            assert panel["targets"]


def test_promtool_takes_prometheus_own_files(deploy: Path, tool: FindTool) -> None:
    program = [tool("promtool"), "check", "config", str(deploy / "prometheus" / "prometheus.yaml")]
    found = subprocess.run(program, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr


def test_alerts_come_when_they_should_and_only_then(deploy: Path, tool: FindTool, rules: list[dict[str, Any]]) -> None:
    path = deploy / "prometheus" / "alerts_test.yaml"
    found = subprocess.run([tool("promtool"), "test", "rules", str(path)], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr
    fired, quiet = set(), set()
    for case in yaml.safe_load(path.read_text())["tests"]:
        for one in case["alert_rule_test"]:
            (fired if one.get("exp_alerts") else quiet).add(one["alertname"])
    assert fired == quiet == {rule["alert"] for rule in rules}


def test_every_alert_is_told_in_the_guide(rules: list[dict[str, Any]], deploy: Path) -> None:
    guide = (deploy.parent / "docs" / "operations.md").read_text()
    assert [rule["alert"] for rule in rules if f"`{rule['alert']}`" not in guide] == []
