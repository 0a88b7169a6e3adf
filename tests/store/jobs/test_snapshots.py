"""Snapshots that earlier versions stored are read. Each version leaves its files here; none is ever changed."""

from pathlib import Path

import pytest

from lipwright.contracts.job import JobRequest
from lipwright.errors import ServiceError
from lipwright.store.jobs.rows import load_run
from lipwright.store.jobs.views import get_job
from lipwright.store.tables import job
from support.job_rows import ACME, Workshop

SNAPSHOTS = sorted((Path(__file__).parents[1] / "snapshots").glob("*.json"))


@pytest.mark.parametrize("path", SNAPSHOTS, ids=lambda path: path.stem)
def test_job_of_an_earlier_version_is_read(shop: Workshop, path: Path) -> None:
    made = shop.create()
    with shop.database.begin() as c:
        c.execute(job.update().values(snapshot=path.read_text(encoding="utf-8")))
        run = load_run(c, made)
        view = get_job(c, ACME, made)
    version, kind = path.stem.split("_", 1)
    assert f"v{run.snapshot.version}" == version
    assert kind.startswith(run.snapshot.spec.kind)
    assert view.labels == run.snapshot.labels


def test_there_is_a_snapshot_of_each_kind_and_version() -> None:
    kinds = ("avatar", "dub", "speak", "sync", "video")
    assert [path.stem for path in SNAPSHOTS] == [f"v1_{kind}{form}" for kind in kinds for form in ("", "_full")]


def test_snapshots_hold_all_fields_of_their_version() -> None:
    whole = [JobRequest.model_validate_json(path.read_text(encoding="utf-8")) for path in SNAPSHOTS]
    for request, path in zip(whole, SNAPSHOTS, strict=True):
        if path.stem.endswith("_full"):
            assert set(JobRequest.model_fields) - request.model_fields_set == set()
            assert set(type(request.spec).model_fields) - request.spec.model_fields_set == set()


def test_snapshot_of_a_later_version_says_what_to_do_and_hides_no_other_job(shop: Workshop) -> None:
    made = shop.create()
    with shop.database.begin() as c:
        c.execute(job.update().values(snapshot='{"version": 99, "labels": {}, "callback": null}'))
    with shop.database.read() as c:
        with pytest.raises(ServiceError, match="Update Lipwright"):
            load_run(c, made)
        assert get_job(c, ACME, made).id == made
