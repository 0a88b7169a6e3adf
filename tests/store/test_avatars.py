"""Names of avatars: one job has each, and gives it up only when it never made anything."""

import pytest
import sqlalchemy as sa

from lipwright.contracts.avatar import Consent, Use
from lipwright.contracts.job import AvatarSpec, JobRequest, JobState
from lipwright.errors import AvatarExists, AvatarNotFound
from lipwright.store.avatars import IDENTITY, claim_avatar, delete_avatar, get_avatar, list_avatars
from lipwright.store.garbage import retire
from lipwright.store.jobs.create import create_job
from lipwright.store.jobs.views import get_job
from lipwright.store.tables import job
from support.job_rows import ACME, OTHER, PLANS, VIDEO, Workshop, digest

LATER_MS = 10_000_000


def _made(shop: Workshop, name: str = "maya", *, workspace: str = ACME) -> str:
    consent = Consent.model_validate({"person": "Maya", "granted_on": "2026-01-31", "uses": [Use.VIDEO]})
    request = JobRequest(spec=AvatarSpec(name=name, photo=VIDEO, consent=consent))
    with shop.database.begin() as c:
        made = create_job(c, workspace, request, PLANS, key=None, body_digest="body", now_ms=shop.now_ms)
        claim_avatar(c, workspace, name, made.job_id, shop.now_ms)
    return made.job_id


def _ended(shop: Workshop, job_id: str, state: JobState, outputs: str = "{}") -> None:
    with shop.database.begin() as c:
        c.execute(job.update().where(job.c.id == job_id).values(state=state, outputs=outputs))


IDENTIFIED = f'{{"{IDENTITY}": "{digest(3)}"}}'


@pytest.mark.parametrize(
    ("state", "outputs", "is_free"),
    [
        (JobState.QUEUED, "{}", False),
        (JobState.WAITING, "{}", False),
        (JobState.COMPLETED, IDENTIFIED, False),
        (JobState.FAILED, IDENTIFIED, False),
        (JobState.FAILED, "{}", True),
        (JobState.CANCELLED, "{}", True),
    ],
)
def test_a_name_is_free_when_its_job_ended_and_made_nothing(
    shop: Workshop, state: JobState, outputs: str, is_free: bool
) -> None:
    first = _made(shop)
    _ended(shop, first, state, outputs)
    if is_free:
        second = _made(shop)
    else:
        with pytest.raises(AvatarExists, match="maya"):
            _made(shop)
        second = first
    with shop.database.read() as c:
        row = get_avatar(c, ACME, "maya")
    assert (row.job, row.identity) == (second, digest(3) if outputs == IDENTIFIED else None)


def test_names_of_other_workspaces_are_other_names(shop: Workshop) -> None:
    mine, theirs = _made(shop), _made(shop, workspace=OTHER)
    with shop.database.begin() as c:
        assert [get_avatar(c, whose, "maya").job for whose in (ACME, OTHER)] == [mine, theirs]
        assert delete_avatar(c, OTHER, "maya").job == theirs
        assert [len(list_avatars(c, whose, limit=10).items) for whose in (ACME, OTHER)] == [1, 0]
        with pytest.raises(AvatarNotFound):
            delete_avatar(c, OTHER, "maya")


def test_an_unknown_name_brings_the_nearest_one(shop: Workshop) -> None:
    _made(shop)
    with shop.database.read() as c, pytest.raises(AvatarNotFound, match="Did you mean"):
        get_avatar(c, ACME, "mayo")


def test_age_takes_only_avatars_that_were_never_made(shop: Workshop) -> None:
    kept, gone = _made(shop), _made(shop, "bo")
    _ended(shop, kept, JobState.COMPLETED, IDENTIFIED)
    _ended(shop, gone, JobState.FAILED)
    assert retire(shop.database, shop.now_ms + LATER_MS, 1).jobs == 1
    with shop.database.begin() as c:
        assert [one.name for one in list_avatars(c, ACME, limit=10).items] == ["maya"]
        assert get_job(c, ACME, kept).state is JobState.COMPLETED
        delete_avatar(c, ACME, "maya")
    assert retire(shop.database, shop.now_ms + LATER_MS, 1).jobs == 1
    with shop.database.read() as c:
        assert c.execute(sa.select(job.c.id)).all() == []
