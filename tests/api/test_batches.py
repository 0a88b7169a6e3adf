"""Tables over HTTP: checked as a whole, each row a job, and nothing made twice."""

import json
from pathlib import Path
from typing import Any

import pytest

from lipwright.api.batch_order import BatchOrder
from lipwright.api.batch_plan import plan
from lipwright.contracts.job import JobRequest, JobState, SpeakSpec, VideoSpec
from lipwright.contracts.route import StagePlan
from lipwright.errors import LanguageUnknown, ProviderTimeout
from lipwright.store.batch_making import fill_batches
from lipwright.store.batches import Wording
from lipwright.store.jobs.rows import load_run
from support.serving import Api, make_avatar, store, work_through

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
PLANS = (StagePlan("speak", "cpu"), StagePlan("render", "cpu"))


@pytest.fixture
def photo(api: Api) -> str:
    return store(api, "maya.png", PNG)


def _rows(count: int = 2, **more: Any) -> list[dict[str, Any]]:
    return [{"name": f"clip-{n}", "text": f"Hello number {n}.", **more} for n in range(count)]


def _order(photo: str, **more: Any) -> dict[str, Any]:
    return {"rows": _rows(), "files": {"maya.png": photo}, "defaults": {"face": "maya.png"}, **more}


def _post(api: Api, order: dict[str, Any], status: int = 201, key: str = "") -> dict[str, Any]:
    with api.client() as client:
        answer = client.post("/v1/batches", json=order, headers={"idempotency-key": key} if key else {})
    assert answer.status_code == status, answer.text
    made: dict[str, Any] = answer.json()
    return made


def _shown(api: Api, batch: str, **query: Any) -> list[dict[str, Any]]:
    with api.client() as client:
        items: list[dict[str, Any]] = client.get(f"/v1/batches/{batch}/rows", params=query).json()["items"]
    return items


def _request(api: Api, job: str) -> JobRequest:
    with api.service.database.read() as c:
        return load_run(c, job).snapshot


def _fill(api: Api, translate: Any = None) -> None:
    """What the chore of a worker does."""
    service = api.service
    while fill_batches(
        service.database, lambda spec: service.routes[spec.kind].stages(spec), api.noted.enqueue, translate
    ):
        pass


def test_each_row_becomes_a_job_that_is_told_of_by_the_batchs_labels(api: Api, photo: str) -> None:
    rows = [{"name": "Ana", "text": "Hello {first_name}.", "first_name": "Ana", "voice": "af_heart", "speed": 1.25}]
    with api.client() as client:
        answer = client.post(
            "/v1/batches",
            json=_order(photo, rows=rows, labels={"order": "17"}, callback={"url": "http://127.0.0.1:9/hook"}),
        )
        batch = answer.json()
        assert answer.headers["location"] == f"/v1/batches/{batch['id']}"
    assert (batch["state"], batch["size"], batch["counts"], batch["labels"]) == (
        "running",
        1,
        {"queued": 1},
        {"order": "17"},
    )
    [row] = _shown(api, batch["id"])
    assert (row["line"], row["name"], row["language"], row["state"], row["taken"]) == (
        1,
        "Ana",
        "en-US",
        "queued",
        False,
    )
    request = _request(api, row["job"])
    assert request.spec == SpeakSpec(face=photo, text="Hello Ana.", voice="af_heart", language="en-US", speed=1.25)
    assert request.labels == {"order": "17", "batch": batch["id"], "row": "Ana"}
    assert request.callback is not None
    assert (row["job"], 1) in api.noted.enqueued


def test_a_batch_tells_where_its_rows_are_and_what_they_made(api: Api, photo: str) -> None:
    batch = _post(api, _order(photo, rows=_rows(3)))
    jobs = [row["job"] for row in _shown(api, batch["id"])]
    work_through(api, jobs[0])
    work_through(api, jobs[1], fail_at="render")
    with api.client() as client:
        now = client.get(f"/v1/batches/{batch['id']}").json()
        assert client.get("/v1/batches").json()["items"] == [now]
    assert (now["state"], now["counts"]) == ("running", {"completed": 1, "failed": 1, "queued": 1})
    done, failed, _ = _shown(api, batch["id"])
    assert done["outputs"] == {"video.mp4": api.video}
    assert failed["error"]["code"] == "face_not_found"
    assert [row["name"] for row in _shown(api, batch["id"], state="failed")] == ["clip-1"]
    work_through(api, jobs[2])
    with api.client() as client:
        assert client.get(f"/v1/batches/{batch['id']}").json()["state"] == "completed"


def test_rows_are_shown_page_by_page(api: Api, photo: str) -> None:
    batch = _post(api, _order(photo, rows=_rows(5)))
    names: list[str] = []
    cursor: str | None = None
    with api.client() as client:
        while True:
            query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
            page = client.get(f"/v1/batches/{batch['id']}/rows", params=query).json()
            names += [row["name"] for row in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert client.get(f"/v1/batches/{batch['id']}/rows", params={"cursor": "x"}).status_code == 422
    assert names == [f"clip-{n}" for n in range(5)]


def test_a_wrong_row_is_told_with_its_line_and_nothing_is_made(api: Api, photo: str) -> None:
    rows = [
        {"name": "good", "text": "Hello."},
        {"name": "a/b", "text": "Hello {who}."},
        {"name": "good", "text": "Twice."},
        {"name": "voice", "text": "Hello.", "voice": "nobody"},
        {"name": "face", "text": "Hello.", "face": "other.png"},
        {"name": "tts", "text": "Hello.", "tts": "kokoro"},
        {"name": "size", "text": "Hello.", "size": "7x7"},
        {"name": "fps", "text": "Hello.", "fps": "1000"},
        {"name": "behind", "text": "Hello.", "background": "/etc/passwd"},
        {"name": "long", "text": "Hello.", "background": "x" * 5000},
        {"name": "lost", "text": "Hello.", "face": "1" * 64},
        {"text": "Nameless."},
    ]
    before = len(api.noted.enqueued)
    refused = _post(api, _order(photo, rows=rows), 422)
    assert refused["code"] == "batch_invalid"
    assert "11 rows" in refused["detail"]
    by_line: dict[int, str] = {}
    for one in refused["errors"]:
        by_line[one["line"]] = by_line.get(one["line"], "") + one["detail"]
    assert sorted(by_line) == list(range(2, 13))
    said = {2: "{who}", 3: "same name", 4: "nobody", 5: "other.png", 6: "tts", 7: "7x7", 8: "1000", 9: "passwd"}
    said |= {10: "255", 11: "POST /v1/assets", 12: "name"}
    assert {line: word in by_line[line] for line, word in said.items()} == dict.fromkeys(said, True)
    assert len(api.noted.enqueued) == before
    with api.client() as client:
        assert client.get("/v1/batches").json()["items"] == []


def test_a_row_with_a_background_or_a_size_becomes_a_video_of_one_scene(api: Api, photo: str) -> None:
    office = store(api, "office.png", PNG + b"office")
    rows = _rows(1, background="office.png", size="1080x1920", fps="30000/1001", subtitles="burn,srt")
    files = {"maya.png": photo, "office.png": office}
    [row] = _shown(api, _post(api, _order(photo, rows=rows, files=files))["id"])
    spec = _request(api, row["job"]).spec
    assert isinstance(spec, VideoSpec)
    assert spec.story is not None
    [scene] = spec.story.scenes
    assert scene.background is not None
    assert (scene.text, scene.background.kind, scene.background.value) == ("Hello number 0.", "file", "office.png")
    assert (spec.face, spec.files, spec.width_px, spec.height_px) == (photo, {"office.png": office}, 1080, 1920)
    assert (spec.fps, spec.subtitles) == ("30000/1001", {"burn", "srt"})


def test_an_avatar_speaks_where_its_person_agreed(api: Api) -> None:
    identity = make_avatar(api, "maya", languages=["en"])
    order = {"rows": _rows(2), "defaults": {"avatar": "maya"}}
    for row in _shown(api, _post(api, order)["id"]):
        spec = _request(api, row["job"]).spec
        assert isinstance(spec, VideoSpec)
        assert (spec.avatar, spec.identity) == ("maya", identity)
    wrong = [{"name": "ola", "text": "Bom dia.", "language": "pt-BR"}, {"name": "bo", "text": "Hi.", "avatar": "bo"}]
    refused = _post(api, {"rows": wrong, "defaults": {"avatar": "maya"}}, 422)
    assert ["pt-BR" in refused["errors"][0]["detail"], "bo" in refused["errors"][1]["detail"]] == [True, True]


def test_a_table_that_was_uploaded_is_read_with_the_lines_it_has(api: Api, photo: str) -> None:
    table = store(api, "clips.csv", "\ufeffName;Text;Voice\nana;Olá, é a Ana.;pf_dora\nbo;Hi.;\n".encode())
    batch = _post(api, _order(photo, rows=None, table=table))
    assert [(row["line"], row["name"], row["language"]) for row in _shown(api, batch["id"])] == [
        (2, "ana", "pt-BR"),
        (3, "bo", "en-US"),
    ]
    broken = store(api, "clips.csv", b"name,text\nana,\n")
    refused = _post(api, _order(photo, rows=None, table=broken), 422)
    assert [(one["line"], one["name"]) for one in refused["errors"]] == [(2, "ana")]
    assert "clips.csv" in refused["detail"]
    assert _post(api, _order(photo, rows=None, table=api.video), 422)["code"] == "batch_invalid"
    assert _post(api, _order(photo, rows=None, table="1" * 64), 404)["code"] == "asset_not_found"


def test_the_same_rows_again_make_only_what_is_missing_changed_or_failed(api: Api, photo: str) -> None:
    first = _post(api, _order(photo, rows=_rows(4)))
    done, failed, running, changed = (row["job"] for row in _shown(api, first["id"]))
    work_through(api, done)
    work_through(api, failed, fail_at="render")
    work_through(api, changed)
    rows = [*_rows(3), {"name": "clip-3", "text": "Something else."}, {"name": "new", "text": "New."}]
    again = _shown(api, _post(api, _order(photo, rows=rows))["id"])
    assert [row["job"] for row in again][0::2][:2] == [done, running]
    assert [row["taken"] for row in again] == [True, False, True, False, False]
    assert [row["state"] for row in again] == ["completed", "queued", "queued", "queued", "queued"]
    assert not {again[1]["job"], again[3]["job"], again[4]["job"]} & {done, failed, running, changed}


def test_the_same_key_lets_a_batch_go_on_and_is_refused_for_another_table(api: Api, photo: str) -> None:
    order = _order(photo, rows=_rows(2))
    first = _post(api, order, key="table-1")
    one, two = (row["job"] for row in _shown(api, first["id"]))
    assert _post(api, order, 200, key="table-1") == first
    assert [row["job"] for row in _shown(api, first["id"])] == [one, two]
    work_through(api, one)
    work_through(api, two, fail_at="render")
    again = _post(api, order, 200, key="table-1")
    assert (again["id"], again["counts"]) == (first["id"], {"completed": 1, "queued": 1})
    assert [row["job"] == one for row in _shown(api, first["id"])] == [True, False]
    other = _post(api, _order(photo, rows=_rows(3)), 409, key="table-1")
    assert other["code"] == "idempotency_conflict"


def test_rows_that_ask_for_the_same_share_a_job(api: Api, photo: str) -> None:
    rows = [{"name": "one", "text": "Same."}, {"name": "two", "text": "Same."}]
    one, two = _shown(api, _post(api, _order(photo, rows=rows))["id"])
    assert (one["job"] == two["job"], one["taken"], two["taken"]) == (True, False, True)


def test_a_batch_that_is_cancelled_stops_its_jobs_and_goes_on_when_it_is_sent_again(api: Api, photo: str) -> None:
    order = _order(photo, rows=_rows(60))
    batch = _post(api, order, key="many")
    assert [row["job"] is None for row in _shown(api, batch["id"], limit=200)].count(True) == 10
    done = _shown(api, batch["id"], limit=1)[0]["job"]
    work_through(api, done)
    with api.client() as client:
        stopped = client.post(f"/v1/batches/{batch['id']}/cancel").json()
        assert client.post(f"/v1/batches/{batch['id']}/cancel").json() == stopped
        assert client.get(f"/v1/jobs/{done}").json()["state"] == "completed"
    assert (stopped["state"], stopped["counts"]) == ("cancelled", {"completed": 1, "cancelled": 59})
    assert len(api.noted.cancelled) >= 49
    _fill(api)
    assert len(_shown(api, batch["id"], limit=200, state="cancelled")) == 59
    again = _post(api, order, 200, key="many")
    _fill(api)
    assert (again["state"], _shown(api, batch["id"], limit=1)[0]["job"]) == ("running", done)
    assert len(_shown(api, batch["id"], limit=200, state="queued")) == 59


def test_cancelling_leaves_jobs_of_other_batches_alone(api: Api, photo: str) -> None:
    first, second = _post(api, _order(photo)), _post(api, _order(photo))
    with api.client() as client:
        assert client.post(f"/v1/batches/{second['id']}/cancel").status_code == 200
    assert [row["state"] for row in _shown(api, first["id"])] == ["queued", "queued"]


def test_rows_in_other_languages_are_translated_before_their_jobs_are_made(api: Api, photo: str) -> None:
    order = _order(photo, rows=[{"name": "ana", "text": "Hello {who}.", "who": "Ana"}], translate_to=["es", "pt-BR"])
    batch = _post(api, order)
    own, es, pt = _shown(api, batch["id"])
    assert [(row["name"], row["language"]) for row in (own, es, pt)] == [
        ("ana", "en-US"),
        ("ana-es", "es"),
        ("ana-pt-BR", "pt-BR"),
    ]
    assert own["job"] is not None
    assert (es["job"], es["state"]) == (None, "queued")
    asked: list[Wording] = []

    def translate(text: str, wording: Wording) -> str:
        asked.append(wording)
        if wording.target == "pt-BR":
            raise LanguageUnknown("pt-BR: nobody translates it.")
        return f"{text} ({wording.target})"

    _fill(api, translate)
    _, es, pt = _shown(api, batch["id"])
    spec = _request(api, es["job"]).spec
    assert isinstance(spec, SpeakSpec)
    assert (spec.text, spec.language) == ("Hello Ana. (es)", "es")
    assert spec.voice.startswith("e")
    assert (pt["state"], pt["error"]["code"]) == ("failed", "language_unknown")
    assert [(one.source, one.kept) for one in asked] == [("en-US", ("Ana",))] * 2
    again = _post(api, order)
    _fill(api, translate)
    rows = _shown(api, again["id"])
    assert [row["job"] for row in rows[:2]] == [own["job"], es["job"]]
    assert (rows[1]["taken"], rows[2]["state"]) == (True, "failed")


def test_a_translation_that_may_succeed_later_is_not_given_up(api: Api, photo: str) -> None:
    batch = _post(api, _order(photo, rows=_rows(1), translate_to=["es"]))

    def translate(text: str, wording: Wording) -> str:
        raise ProviderTimeout("It is busy.")

    _fill(api, translate)
    assert [row["state"] for row in _shown(api, batch["id"])] == ["queued", "queued"]


def test_workspaces_do_not_see_each_others_batches(api: Api, photo: str) -> None:
    batch = _post(api, _order(photo))
    with api.client("rival") as rival:
        assert rival.get("/v1/batches").json()["items"] == []
        answers = [
            rival.get(f"/v1/batches/{batch['id']}"),
            rival.get(f"/v1/batches/{batch['id']}/rows"),
            rival.post(f"/v1/batches/{batch['id']}/cancel"),
        ]
        assert [one.status_code for one in answers] == [404, 404, 404]
        assert rival.post("/v1/batches", json=_order(photo)).status_code == 422
        mine = store(api, "maya.png", PNG, api.acme.replace("acme", "rival"))
        theirs = rival.post("/v1/batches", json=_order(mine)).json()
        taken = rival.get(f"/v1/batches/{theirs['id']}/rows").json()["items"]
    assert [row["taken"] for row in taken] == [False, False]
    with api.client("jobs:read") as reader:
        assert reader.get(f"/v1/batches/{batch['id']}").status_code == 200
        assert reader.post(f"/v1/batches/{batch['id']}/cancel").status_code == 403
        assert reader.post("/v1/batches", json=_order(photo)).status_code == 403


@pytest.mark.parametrize(
    ("changed", "status", "said"),
    [
        ({"approvals": ["translate"]}, 422, "translate"),
        ({"callback": {"url": "http://127.0.0.1:9/hook", "secret": "gone"}}, 422, "gone"),
        ({"callback": {"url": "ftp://127.0.0.1"}}, 422, "url"),
        ({"rows": []}, 422, "rows"),
        ({"rows": None}, 422, "either rows or a table"),
        ({"rows": [{"name": "x", "text": {"deep": 1}}]}, 422, "rows"),
        ({"defaults": {"face": "a", "avatar": "b"}}, 422, "name one of them"),
        ({"defaults": {"face": "maya.png", "background": "nothing.png"}}, 422, "nothing.png"),
        ({"defaults": {"face": "maya.png", "size": "big"}}, 422, "big"),
        ({"rows": _rows(201), "translate_to": [f"a{a}{b}" for a in "abcdefg" for b in "abcdefg"]}, 422, "10000"),
    ],
)
def test_what_cannot_become_a_batch_is_refused(
    api: Api, photo: str, changed: dict[str, Any], status: int, said: str
) -> None:
    refused = _post(api, _order(photo, **changed), status)
    assert said in json.dumps(refused)
    with api.client() as client:
        assert client.get("/v1/batches").json()["items"] == []


def test_rows_and_makers_on_both_databases_make_each_row_once(database_api: Api) -> None:
    api = database_api
    photo = store(api, "maya.png", PNG)
    batch = _post(api, _order(photo, rows=_rows(120)))
    _fill(api)
    rows = _shown(api, batch["id"], limit=200)
    assert len({row["job"] for row in rows}) == 120
    assert {row["state"] for row in rows} == {JobState.QUEUED}


def test_the_services_own_files_are_never_looked_at(api: Api, photo: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(PNG)
    told = []
    for name in (str(secret), str(tmp_path / "nothing.png")):
        refused = _post(api, _order(photo, rows=_rows(1, background=name)), 422)
        told.append(refused["errors"][0]["detail"].replace(name, "FILE"))
    assert told[0] == told[1]


def test_ten_thousand_rows_are_checked_as_one(api: Api, photo: str) -> None:
    lines = "\n".join(json.dumps(row) for row in _rows(10_000))
    order = BatchOrder.model_validate(_order(photo, rows=None, table=store(api, "many.jsonl", lines.encode())))
    planned = plan(api.service, api.acme, order)
    assert len({row.digest for row in planned.rows}) == 10_000
