"""What judges the files in deploy/: programs from build/deploy-tools or the PATH, and the chart as Helm renders it."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / "build" / "deploy-tools"
HELM = """
import json, sys
from helm_python.chart import Chart, lint
asked = json.load(sys.stdin)
found = lint(asked["chart"], asked["values"], strict=True)
manifests = {}
if not found["errors"]:
    with Chart.load(asked["chart"]) as chart:
        manifests = chart.render(values=asked["values"], name="demo", namespace="video")
print(json.dumps({"errors": found["errors"], "manifests": manifests}))
"""
FindTool = Callable[[str], str]
Documents = list[dict[str, Any]]


@pytest.fixture(scope="session")
def deploy() -> Path:
    """The folder of the files."""
    return ROOT / "deploy"


@pytest.fixture(scope="session")
def tool() -> FindTool:
    """Where a program is; a test that needs one is skipped without it."""

    def find(name: str) -> str:
        beside = TOOLS / "bin" / name
        found = str(beside) if beside.exists() else shutil.which(name)
        if found is None:
            pytest.skip(f"needs the program {name}: `deploy/tools.sh` installs those that package registries have")
        return found

    return find


@dataclass(frozen=True)
class Rendered:
    """What Helm says of the chart with some values."""

    errors: list[str]
    documents: Documents

    def of(self, kind: str, name: str = "") -> dict[str, Any]:
        """The one thing of a kind whose name ends so."""
        (found,) = (one for one in self.all_of(kind) if one["metadata"]["name"].endswith(name))
        return found

    def all_of(self, kind: str) -> Documents:
        return [one for one in self.documents if one["kind"] == kind]


Render = Callable[[Mapping[str, Any]], Rendered]


@pytest.fixture(scope="session")
def render(deploy: Path, tool: FindTool) -> Render:
    """Lint and render the chart with values, by Helm's own library."""
    if not (TOOLS / "bin" / "python").exists():
        pytest.skip("needs Helm: `deploy/tools.sh` installs it")

    def rendered(values: Mapping[str, Any]) -> Rendered:
        done = subprocess.run(
            [str(TOOLS / "bin" / "python"), "-c", HELM],
            input=json.dumps({"chart": str(deploy / "helm" / "lipwright"), "values": values}),
            capture_output=True,
            text=True,
            check=True,
        )
        told = json.loads(done.stdout)
        texts = [text for path, text in told["manifests"].items() if path.endswith(".yaml")]
        return Rendered(
            [str(one) for one in told["errors"]],
            [document for text in texts for document in yaml.safe_load_all(text) if document],
        )

    return rendered


@pytest.fixture(scope="session", params=["plain", "split"])
def release(request: pytest.FixtureRequest, deploy: Path, render: Render) -> Rendered:
    """The chart with each file of values that comes with it."""
    path = deploy / "helm" / "lipwright" / "ci" / f"{request.param}-values.yaml"
    return render(yaml.safe_load(path.read_text()))


@pytest.fixture
def bare_environment(tmp_path: Path) -> dict[str, str]:
    """Variables for a program that must not see this machine's."""
    return {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
