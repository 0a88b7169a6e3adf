"""What holds at the end of a simulation, whatever went wrong in it."""

import json
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from benchmarks.service_house import House

from lipwright.errors import FaceNotFound
from lipwright.store.tables import stage_run
from simulation.caller import Caller
from simulation.fakes import PARTS
from simulation.receiver import Receiver

ENDS = {"job.completed", "job.failed", "job.cancelled", "job.waiting"}


def wrong_events(caller: Caller, events: list[dict[str, Any]]) -> list[str]:
    """Events have no holes, and of each run they tell a story that can be."""
    job, wrong = caller.id, []
    if [one["sequence"] for one in events] != [*range(1, len(events) + 1)]:
        wrong.append(f"job {job}: its events have holes")
    kinds = [one["type"] for one in events]
    if kinds[:1] != ["job.accepted"] or kinds.count("job.accepted") != 1:
        wrong.append(f"job {job}: it was not accepted once and first: {kinds}")
    if kinds[-1:] != [f"job.{caller.view['state']}"]:
        wrong.append(f"job {job}: it is {caller.view['state']}, and its last event {kinds[-1:]}")
    published: set[str] = set()
    has_ended = False
    for one in events[1:]:
        if one["type"] == "job.started":
            published, has_ended = set(), False
        elif has_ended and one["type"] != "job.cancelled":
            wrong.append(f"job {job}: {one['type']} behind the end of a run, sequence {one['sequence']}")
        if one["type"] == "job.progress" and one["progress"] == 1.0 and one["outputs"]:
            if one["stage"] in published:
                wrong.append(f"job {job}: `{one['stage']}` was published twice in one run")
            published.add(one["stage"])
        has_ended = has_ended or one["type"] in ENDS
    return wrong


def wrong_deliveries(caller: Caller, events: list[dict[str, Any]], receiver: Receiver) -> list[str]:
    """Each event came, as it is, and in order."""
    if not caller.plan.callback:
        return []
    came = receiver.of(caller.id)
    if sorted(one["sequence"] for one in came) != [one["sequence"] for one in events]:
        missing = {one["sequence"] for one in events} - {one["sequence"] for one in came}
        return [f"job {caller.id}: events were not delivered: {sorted(missing)} of {len(events)}"]
    if came != events:
        return [f"job {caller.id}: events came in another order: {[one['sequence'] for one in came]}"]
    return []


def wrong_results(caller: Caller, house: House) -> list[str]:
    """A finished job has all it should, approved things as they were approved, and each made from those before it."""
    job, view, wrong = caller.id, caller.view, []
    made = {one["name"]: one["outputs"] for one in view["stages"]}
    if view["state"] == "failed" and not view["error"]:
        wrong.append(f"job {job}: it failed without a reason")
    elif view["state"] == "failed" and view["error"]["code"] != FaceNotFound.code:
        wrong.append(f"job {job}: it failed for what no stage said: {view['error']}")
    if caller.is_sure:
        for stage, approved in caller.approved.items():
            is_now = next(one for one in view["stages"] if one["name"] == stage)
            if view["state"] == "completed" and is_now["state"] == "done" and made[stage] != approved:
                wrong.append(f"job {job}: `{stage}` was approved, and is another now")
    if view["state"] != "completed":
        return wrong
    if any(one["state"] != "done" or not one["outputs"] for one in view["stages"]):
        wrong.append(f"job {job}: it is completed, and a stage is not")
    if caller.named_retries:
        return wrong
    standing: dict[str, str] = {}
    for outputs in made.values():
        for name, digest in outputs.items():
            path = house.folder / "assets" / digest[:2] / digest[2:4] / digest
            content = json.loads(_read(house, digest, path))
            if "from" in content and content["from"] != standing:
                wrong.append(f"job {job}: `{name}` was made from what does not stand")
            wrong += _wrong_parts(caller, house, name, content)
            if content.get("job", job) != job:
                wrong.append(f"job {job}: `{name}` is of another job")
            standing[name] = digest
    return wrong


def _wrong_parts(caller: Caller, house: House, name: str, content: dict[str, Any]) -> list[str]:
    """What a divided stage made is made from what stands of its parts: all of them, and each published once."""
    stage = content.get("stage", "")
    count = PARTS[caller.plan.kind].get(stage, 0)
    if not count:
        return []
    with house.database.read() as connection:
        of_stage = sa.select(stage_run.c.state, stage_run.c.outputs).where(
            stage_run.c.job == caller.id, stage_run.c.parent == stage
        )
        rows = connection.execute(of_stage.order_by(stage_run.c.position)).all()
    if [row.state for row in rows] != ["done"] * count:
        return [f"job {caller.id}: `{stage}` is done, and its parts are {[row.state for row in rows]}"]
    digests = [json.loads(row.outputs)["part.json"] for row in rows]
    stands = {str(number): json.loads(house.assets.local(one).read_bytes()) for number, one in enumerate(digests)}
    if content["parts"] != stands:
        return [f"job {caller.id}: `{name}` was joined from parts that do not stand"]
    return [
        f"job {caller.id}: part {part} of `{stage}` was made from something else than the whole"
        for part, made in stands.items()
        if made["from"] != content["from"]
    ]


def _read(house: House, digest: str, _path: Path) -> bytes:
    return house.assets.local(digest).read_bytes()


def left_behind(house: House) -> list[str]:
    """No process and no file outlives the service."""
    wrong = [f"process {pid} is left: {line}" for pid, line in processes_of(house.folder).items()]
    scratch = house.folder / "scratch"
    left = [str(path.relative_to(scratch)) for path in scratch.rglob("*")] if scratch.exists() else []
    return wrong + ([f"scratch files are left: {left[:5]}"] if left else [])


def processes_of(folder: Path) -> dict[int, str]:
    """All that runs for a house."""
    mark = f"LIPWRIGHT_HOUSE={folder}".encode()
    found = {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (path / "environ").read_bytes().split(b"\0"):
                found[int(path.name)] = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode()[:120]
        except OSError:  # it has ended
            continue
    return found
