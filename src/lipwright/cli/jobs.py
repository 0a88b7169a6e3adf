"""`lipwright jobs ...`: jobs of a job service, over HTTP. LIPWRIGHT_URL says where it is, LIPWRIGHT_TOKEN who asks."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lipwright.cli import options
from lipwright.cli.invocation import Invocation, invocation_of
from lipwright.errors import JobBusy, MediaNotFound, UsageError, did_you_mean

if TYPE_CHECKING:
    from lipwright.cli.client import Client

FILES = ("face", "audio", "video", "glossary", "photo", "clip", "voice_sample")
"""Fields of a specification that name assets; in a file for `submit` they may hold a path instead."""
NAMED_FILES = ("files", "poses")
"""Fields that name several."""
ENDED = frozenset({"completed", "failed", "cancelled"})
FAILED_EXIT_CODE = 1
_DIGEST = re.compile(r"[0-9a-f]{64}")

Job = Annotated[str, typer.Argument(metavar="JOB", help="A job's id.")]


def submit(
    context: typer.Context,
    *,
    file: Annotated[
        Path, typer.Argument(metavar="FILE.json", help="A job, as the API takes it; paths may stand for digests.")
    ],
    key: Annotated[
        str | None, typer.Option("--key", metavar="WORDS", help="Idempotency key: sent twice, it makes one job.")
    ] = None,
    json: options.Json = False,
) -> None:
    """Make a job. Files that it names by path are uploaded first; paths begin at the folder of FILE.json."""
    with _client(context, json=json) as (invocation, client):
        request = _request(file)
        spec = request.get("spec")
        if isinstance(spec, dict):
            request = {**request, "spec": _uploaded(client, file.parent, spec)}
        _show(invocation, client.post("/v1/jobs", request, key=key or _new_key()))


def list_all(
    context: typer.Context,
    *,
    state: Annotated[str | None, typer.Option("--state", metavar="STATE", help="Only those in it.")] = None,
    kind: Annotated[
        str | None, typer.Option("--kind", metavar="KIND", help="speak, sync, dub, avatar or video.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, max=200, help="How many.")] = 20,
    json: options.Json = False,
) -> None:
    """Show the newest jobs."""
    with _client(context, json=json) as (invocation, client):
        page = client.get("/v1/jobs", limit=limit, state=state, kind=kind)
        if json:
            invocation.print_json(page)
        for job in page["items"]:
            invocation.print(_line(job))


def show(context: typer.Context, *, job: Job, json: options.Json = False) -> None:
    """Show a job with its stages."""
    with _client(context, json=json) as (invocation, client):
        _show(invocation, client.get(f"/v1/jobs/{job}"))


def watch(context: typer.Context, *, job: Job, json: options.Json = False) -> int:
    """Tell what happens to a job until it ends or waits for a person; exit code 1 if it failed or was cancelled."""
    with _client(context, json=json) as (invocation, client):
        for event in client.events(job):
            invocation.print(_told(event))
            if event["type"] == "job.waiting":
                later = client.get(f"/v1/jobs/{job}/events", after=event["sequence"], limit=1)["items"]
                if not later:
                    break
        now = client.get(f"/v1/jobs/{job}")
        if json:
            invocation.print_json(now)
        elif now["state"] == "waiting":
            invocation.print(_waiting(now))
    return FAILED_EXIT_CODE if now["state"] in ENDED - {"completed"} else 0


def cancel(context: typer.Context, *, job: Job, json: options.Json = False) -> None:
    """Stop a job."""
    with _client(context, json=json) as (invocation, client):
        _show(invocation, client.post(f"/v1/jobs/{job}/cancel", key=_new_key()))


def retry(
    context: typer.Context,
    *,
    job: Job,
    stage: Annotated[
        str | None, typer.Option("--from", metavar="STAGE", help="Where to begin. [default: where it failed]")
    ] = None,
    only: Annotated[bool, typer.Option("--only", help="Not what follows it.")] = False,
    line: Annotated[
        int | None,
        typer.Option("--line", metavar="N", min=1, help="Another take of one line of a dub, or of one scene."),
    ] = None,
    json: options.Json = False,
) -> None:
    """Do a job again, or from a stage on, or one line of a dub or scene of a video."""
    with _client(context, json=json) as (invocation, client):
        if stage is None and line is not None:
            stage = "scenes" if client.get(f"/v1/jobs/{job}")["kind"] == "video" else "speak"
        wanted = {"stage": stage, "only": only, "line": line}
        _show(invocation, client.post(f"/v1/jobs/{job}/retry", wanted, key=_new_key()))


def approve(
    context: typer.Context,
    *,
    job: Job,
    stage: Annotated[
        str | None, typer.Option("--stage", metavar="STAGE", help="What is approved. [default: what it waits for]")
    ] = None,
    edit: Annotated[
        list[str] | None,
        typer.Option("--edit", metavar="NAME=FILE", help="Puts a file in the place of an output; repeat."),
    ] = None,
    refuse: Annotated[bool, typer.Option("--refuse", help="Say no: the job ends as cancelled.")] = False,
    json: options.Json = False,
) -> None:
    """Say yes or no to what a stage made, or put edited files in its place; then the job goes on."""
    edits = _edits(edit or [])
    with _client(context, json=json) as (invocation, client):
        waits_for = stage or client.get(f"/v1/jobs/{job}")["waits_for"]
        if waits_for is None:
            raise JobBusy(f"{job}: the job waits for nobody. `lipwright jobs show {job}` tells where it is.")
        uploaded = {name: client.upload(path) for name, path in edits.items()}
        wanted = {"stage": waits_for, "approved": not refuse, "edits": uploaded}
        _show(invocation, client.post(f"/v1/jobs/{job}/approve", wanted, key=_new_key()))


def fetch(
    context: typer.Context,
    *,
    job: Job,
    stage: Annotated[
        str | None, typer.Option("--stage", metavar="STAGE", help="What it made. [default: the finished job's result]")
    ] = None,
    name: Annotated[
        list[str] | None, typer.Option("--name", metavar="NAME", help="Only this file; repeat. [default: all]")
    ] = None,
    folder: Annotated[Path, typer.Option("--output", "-o", metavar="FOLDER", help="Where to.")] = Path(),
    json: options.Json = False,
) -> None:
    """Download what a job made."""
    from lipwright.media.output import output_error, replacing

    with _client(context, json=json) as (invocation, client):
        outputs = _outputs(client.get(f"/v1/jobs/{job}"), stage)
        for one in name or []:
            if one not in outputs:
                raise UsageError(f"{one}: not among what was made.{did_you_mean(one, outputs)}{_named(outputs)}")
        paths = {one: folder / Path(one).name for one in name or outputs}
        for one, path in paths.items():
            with replacing(path) as temporary:
                try:
                    folder.mkdir(parents=True, exist_ok=True)
                    with temporary.open("wb") as file:
                        for chunk in client.download(outputs[one]):
                            file.write(chunk)
                except OSError as exc:
                    raise output_error(path, exc) from exc
            invocation.print(str(path))
        if json:
            invocation.print_json({"files": {one: str(path) for one, path in paths.items()}})


@contextmanager
def _client(context: typer.Context, *, json: bool) -> "Iterator[tuple[Invocation, Client]]":
    from lipwright.cli.client import connected

    invocation = invocation_of(context, json_wanted=json)
    with connected() as client:
        yield invocation, client


def _new_key() -> str:
    """For a request that may be sent again when its answer is lost."""
    import uuid

    return f"cli-{uuid.uuid4().hex}"


def _request(file: Path) -> dict[str, Any]:
    import json

    try:
        request = json.loads(file.read_text(encoding="utf-8"))
    except OSError as exc:
        raise MediaNotFound(f"`{file}`: cannot be read ({exc.strerror}). Check the name.") from exc
    except ValueError as exc:
        raise UsageError(f"`{file}`: this is no JSON ({exc}). Correct it.") from exc
    if not isinstance(request, dict):
        raise UsageError(f"`{file}`: a job is a JSON object with a `spec`.")
    return request


def _uploaded(client: "Client", folder: Path, spec: Mapping[str, Any]) -> dict[str, Any]:
    """The specification with digests in the place of paths."""

    def uploaded(value: object) -> object:
        is_path = isinstance(value, str) and not _DIGEST.fullmatch(value)
        return client.upload(folder / str(value)) if is_path else value

    found = {name: uploaded(spec[name]) for name in FILES if name in spec}
    for name in NAMED_FILES:
        if isinstance(given := spec.get(name), dict):
            found[name] = {called: uploaded(value) for called, value in given.items()}
    return {**spec, **found}


def _edits(given: list[str]) -> dict[str, Path]:
    edits = {}
    for one in given:
        name, equals, path = one.partition("=")
        if not equals or not name or not path:
            raise UsageError(f"--edit {one}: write NAME=FILE, such as translation.srt=mine.srt.")
        edits[name] = Path(path)
    return edits


def _outputs(job: Mapping[str, Any], stage: str | None) -> dict[str, str]:
    if stage is None:
        outputs = job["outputs"]
        if not outputs:
            raise JobBusy(f"{job['id']}: it is {job['state']} and has no result yet. Name a --stage, or wait for it.")
        return dict(outputs)
    stages = {one["name"]: one["outputs"] for one in job["stages"]}
    if stage not in stages:
        raise UsageError(f"--stage {stage}: the job has no such stage.{did_you_mean(stage, stages)}{_named(stages)}")
    return dict(stages[stage])


def _named(names: Mapping[str, object]) -> str:
    return f" There are: {', '.join(names)}." if names else " There is nothing."


def _show(invocation: Invocation, job: Mapping[str, Any]) -> None:
    if invocation.json:
        invocation.print_json(job)
        return
    invocation.print(_line(job))
    for stage in job["stages"]:
        share = f" {stage['progress']:.0%}" if stage["state"] == "running" else ""
        attempt = f", attempt {stage['attempt']}" if stage["attempt"] > 1 else ""
        made = f": {', '.join(stage['outputs'])}" if stage["outputs"] else ""
        invocation.print(f"  {stage['name']:<12} {stage['state']}{share}{attempt}{made}")
    if job["error"]:
        invocation.print(f"  failed: {job['error']['code']}: {job['error']['message']}")
    if job["state"] == "waiting":
        invocation.print(_waiting(job))


def _line(job: Mapping[str, Any]) -> str:
    waits = f" for {job['waits_for']}" if job["waits_for"] else ""
    return f"{job['id']}  {job['kind']:<6}  {job['state']}{waits}  {job['created_at']}"


def _waiting(job: Mapping[str, Any]) -> str:
    return (
        f"  it waits for your word on `{job['waits_for']}`: lipwright jobs fetch {job['id']} --stage "
        f"{job['waits_for']}, then lipwright jobs approve {job['id']}"
    )


def _told(event: Mapping[str, Any]) -> str:
    words = [event["time"], event["type"]]
    if event["stage"]:
        words.append(event["stage"])
    if event["progress"] is not None:
        words.append(f"{event['progress']:.0%}")
    if event["error"]:
        words.append(f"{event['error']['code']}: {event['error']['message']}")
    return "  ".join(words)
