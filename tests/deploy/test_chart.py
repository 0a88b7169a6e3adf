"""The Helm chart: rendered by Helm, judged by Kubernetes' and KEDA's own schemas, and by what the service needs."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import lipwright
from lipwright.api import health
from lipwright.jobs.queues import AT_A_TIME, QUEUES
from lipwright.jobs.worker import KILLED_WITHIN_S
from lipwright.settings import Settings

from .conftest import TOOLS, FindTool, Render, Rendered

KEDA = """
const told = {}
for (const document of JSON.parse(require("fs").readFileSync(0))) {
  const { [document.kind]: Model } = require(`@kubernetes-models/keda/keda.sh/v1alpha1/${document.kind}`)
  try { new Model(document).validate() } catch (error) { told[document.metadata.name] = error.message }
}
console.log(JSON.stringify(told))
"""
LEAST: dict[str, Any] = {"storage": {"url": "s3://lipwright"}}


def test_helm_finds_no_error(release: Rendered) -> None:
    assert release.errors == []
    assert {one["kind"] for one in release.documents} >= {
        "Deployment",
        "Service",
        "ServiceAccount",
        "NetworkPolicy",
        "PodDisruptionBudget",
        "ScaledObject",
        "TriggerAuthentication",
    }


@pytest.mark.parametrize("version", ["1.30", "1.34"])
def test_kubernetes_takes_it(release: Rendered, tool: FindTool, tmp_path: Path, version: str) -> None:
    judged = [one for one in release.documents if not one["apiVersion"].startswith("keda.sh")]
    (tmp_path / "all.yaml").write_text(yaml.safe_dump_all(judged))
    program = [tool("kubernetes-validate"), "--strict", "--kubernetes-version", version]
    found = subprocess.run([*program, str(tmp_path / "all.yaml")], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr


def test_keda_takes_it(release: Rendered) -> None:
    node = shutil.which("node")
    if node is None or not (TOOLS / "keda").is_dir():
        pytest.skip("needs node and KEDA's schemas: `deploy/tools.sh` installs them")
    judged = [one for one in release.documents if one["apiVersion"].startswith("keda.sh")]
    assert len(judged) >= 2
    done = subprocess.run(
        [node, "-e", KEDA],
        input=json.dumps(judged),
        capture_output=True,
        text=True,
        check=True,
        env={"NODE_PATH": str(TOOLS / "keda" / "node_modules")},
    )
    assert json.loads(done.stdout) == {}


def test_every_pod_is_nobody_with_a_read_only_root(release: Rendered) -> None:
    for pod in _pods(release):
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["automountServiceAccountToken"] is False
        (container,) = pod["containers"]
        assert container["securityContext"] == {
            "readOnlyRootFilesystem": True,
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
        }
        assert {mount["mountPath"] for mount in container["volumeMounts"]} == {"/data", "/cache", "/tmp"}
        assert {mount["name"] for mount in container["volumeMounts"]} == {volume["name"] for volume in pod["volumes"]}


def test_probes_ask_what_the_api_answers(release: Rendered) -> None:
    answered = {route.path for route in health.router.routes}  # type: ignore[attr-defined]
    (container,) = release.of("Deployment", "-api")["spec"]["template"]["spec"]["containers"]
    asked = {
        probe: container[probe]["httpGet"]["path"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")
    }
    assert set(asked.values()) <= answered
    assert asked["livenessProbe"].endswith("/live")
    assert asked["readinessProbe"].endswith("/ready")


def test_every_queue_has_workers(release: Rendered) -> None:
    listened = [queue for pod in _pods(release) for queue in _queues(pod)]
    assert sorted(listened) == sorted(QUEUES)


def test_workers_have_more_time_to_end_than_they_take(release: Rendered) -> None:
    for pod in _pods(release):
        if _queues(pod):
            assert pod["terminationGracePeriodSeconds"] >= 30 + 2 * KILLED_WITHIN_S


def test_what_keda_scales_has_no_number_of_its_own(release: Rendered) -> None:
    scaled = {one["spec"]["scaleTargetRef"]["name"] for one in release.all_of("ScaledObject")}
    deployments = {one["metadata"]["name"]: one["spec"] for one in release.all_of("Deployment")}
    assert scaled
    assert scaled <= set(deployments)
    assert {name for name, spec in deployments.items() if "replicas" not in spec} == scaled


def test_a_warm_pool_stays_and_a_cold_one_ends(render: Render) -> None:
    group = {"warm": 3, "most": 9}
    warm = render({**LEAST, "workers": {"stages": group}}).of("ScaledObject")
    assert (warm["spec"]["minReplicaCount"], warm["spec"]["maxReplicaCount"]) == (3, 9)
    cold = render({**LEAST, "workers": {"stages": {"warm": 0}}}).of("ScaledObject")
    assert cold["spec"]["minReplicaCount"] == 0


def test_without_keda_nothing_of_it_is_there(render: Render) -> None:
    plain = render({**LEAST, "scaling": {"enabled": False}})
    assert [one for one in plain.documents if one["apiVersion"].startswith("keda.sh")] == []
    assert plain.of("Deployment", "-stages")["spec"]["replicas"] == 1


def test_the_chart_knows_how_much_a_worker_does(deploy: Path) -> None:
    values = yaml.safe_load((deploy / "helm" / "lipwright" / "values.yaml").read_text())
    assert values["atATime"] == dict(AT_A_TIME)
    assert set(values["settings"]) <= set(Settings.model_fields)


def test_the_charts_image_is_this_version(deploy: Path) -> None:
    chart = yaml.safe_load((deploy / "helm" / "lipwright" / "Chart.yaml").read_text())
    assert chart["appVersion"] == lipwright.__version__


def test_nobody_may_call_a_worker(release: Rendered) -> None:
    everyone = release.of("NetworkPolicy", "lipwright")
    assert everyone["spec"]["ingress"] == []
    assert "app.kubernetes.io/component" not in everyone["spec"]["podSelector"]["matchLabels"]
    api = release.of("NetworkPolicy", "-api")
    assert api["spec"]["podSelector"]["matchLabels"]["app.kubernetes.io/component"] == "api"


def test_the_internet_sees_the_api_and_neither_metrics_nor_health(render: Render, deploy: Path) -> None:
    path = deploy / "helm" / "lipwright" / "ci" / "split-values.yaml"
    (rule,) = render(yaml.safe_load(path.read_text())).of("Ingress")["spec"]["rules"]
    assert [one["path"] for one in rule["http"]["paths"]] == ["/v1"]


def test_every_secret_is_one_of_the_users(release: Rendered) -> None:
    assert release.all_of("Secret") == []
    for pod in _pods(release):
        for one in pod["containers"][0]["env"]:
            if any(word in one["name"] for word in ("DATABASE", "KEY")):
                assert "secretKeyRef" in one["valueFrom"], one["name"]


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({}, "storage/url"),
        ({"storage": {"url": "/mnt/files"}}, "storage/url"),
        ({**LEAST, "workers": {"stages": {"queues": ["gpu", "gpus"]}}}, "workers/stages/queues"),
        ({**LEAST, "workers": {"stages": {"replicas": 3}}}, "replicas"),
        ({**LEAST, "workers": {"api": {"queues": ["cpu"]}}}, "api"),
        ({**LEAST, "worker": {"terminationGracePeriodSeconds": 30}}, "terminationGracePeriodSeconds"),
        ({**LEAST, "settings": {"database": "postgresql://lipwright:secret@db/lipwright"}}, "'database'"),
        ({**LEAST, "repicas": 3}, "repicas"),
    ],
)
def test_a_wrong_value_is_refused_by_name(render: Render, values: dict[str, Any], named: str) -> None:
    errors = " ".join(render(values).errors)
    assert named in errors


def _pods(release: Rendered) -> Iterator[dict[str, Any]]:
    for one in release.all_of("Deployment"):
        yield one["spec"]["template"]["spec"]


def _queues(pod: dict[str, Any]) -> list[str]:
    arguments: list[str] = pod["containers"][0]["args"]
    return arguments[2].split(",") if arguments[0] == "worker" else []
