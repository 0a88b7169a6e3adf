"""Stages of a job on machines that share nothing: their work is shared out, and nothing is made twice, or otherwise."""

import gc
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from lipwright.contracts.job import DubSpec, SyncSpec
from lipwright.contracts.progress import SilentProgress
from lipwright.contracts.route import Divided, Route, StageWork
from lipwright.contracts.sync import Preset
from lipwright.errors import StorageFailed, UsageError
from lipwright.pipeline.service import dub as dub_jobs
from lipwright.pipeline.service import picture
from lipwright.pipeline.service.parts import bring, carry, ended, share_of
from lipwright.pipeline.share import Division, Share
from lipwright.pipeline.stages import animate, recognise
from lipwright.settings import Settings
from lipwright.store.key import StageKey
from lipwright.store.stages import StageStore, memoise
from lipwright.wiring.service import build_routes
from support.attempts import Attempts
from support.dubbed import RATE_HZ, Ears, Scribe, Tones, chatter, counting_engines, write_talk
from support.talking import close_up
from support.wav import write_wav

VIDEO, SOUND = "a" * 64, "b" * 64
SECONDS = 24.0
PIECES = {"sounds": 1, "lines": 4, "windows": 1}
"""Of a part, so that a short video has several."""


@pytest.fixture(scope="module", autouse=True)
def quick_collections() -> Iterator[None]:
    """Each window ends with a collection, which looks through all that tests before these left: it need not."""
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(scope="module")
def sound() -> "np.typing.NDArray[np.float32]":
    return np.tile(chatter(), 3)[: round(SECONDS * RATE_HZ)]


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory, sound: "np.typing.NDArray[np.float32]") -> Path:
    """A video of two windows."""
    return write_talk(tmp_path_factory.mktemp("talk") / "talk.mp4", [close_up()], sound, SECONDS)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """First frames of the windows that are drawn, by whatever machine."""
    windows: list[int] = []
    make = animate._make

    def counted(work: animate.Work, window: animate.Window, *more: object) -> None:
        windows.append(window.first)
        make(work, window, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(animate, "_make", counted)
    return windows


def machine(kind: str, folder: Path) -> Route:
    settings = Settings(tts="fake", stt="fake", translate="fake", separate="fake", lipsync="fake", cache_dir=folder)
    return build_routes(settings)[kind]


def files(attempts: Attempts) -> dict[str, bytes]:
    return {name: path.read_bytes() for name, path in attempts.result().items() if name.startswith("video.")}


def test_a_video_in_parts_is_the_video_in_one(
    talk: Path,
    sound: "np.typing.NDArray[np.float32]",
    tmp_path: Path,
    drawn: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write_wav(tmp_path / "new.wav", sound[::-1], RATE_HZ)
    spec = SyncSpec(video=VIDEO, audio=SOUND, preset=Preset.FAST)
    given = {VIDEO: talk, SOUND: tmp_path / "new.wav"}
    whole = Attempts(machine("sync", tmp_path / "whole"), spec, tmp_path, given)
    whole.all()
    windows = len(drawn)
    monkeypatch.setattr(picture, "LEAST_WINDOWS", 1)
    machines = [machine("sync", tmp_path / str(number)) for number in range(5)]
    shared = Attempts(machines[0], spec, tmp_path, given, machines=machines)

    shared.all()

    assert (whole.parts, shared.parts) == ({}, {"animate": ("windows-1-1", "windows-2-2")})
    assert files(shared) == files(whole)
    assert windows == 2
    assert sorted(drawn[windows:]) == sorted(drawn[:windows]), "each window is drawn once"


@pytest.fixture
def quick_parts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every piece is a part of its own, and a sound has several pieces."""
    monkeypatch.setattr(recognise, "PART_S", (7.6, 9.0))
    for calls in (Ears.calls_of_all, Scribe.asked_of_all, Tones.spoken_of_all):
        calls.clear()
    with counting_engines():
        yield


def test_a_dub_in_parts_is_the_dub_in_one(
    talk: Path, tmp_path: Path, drawn: list[int], monkeypatch: pytest.MonkeyPatch, quick_parts: None
) -> None:
    spec = DubSpec(video=VIDEO, target="pt-BR", preset=Preset.FAST)
    whole = Attempts(machine("dub", tmp_path / "whole"), spec, tmp_path, {VIDEO: talk})
    whole("finish")  # all stages in one
    asked = [len(calls) for calls in (Ears.calls_of_all, Scribe.asked_of_all, Tones.spoken_of_all)]
    monkeypatch.setattr(
        dub_jobs, "SHARED", {stage: (what, PIECES[what]) for stage, (what, _) in dub_jobs.SHARED.items()}
    )
    machines = [machine("dub", tmp_path / str(number)) for number in range(4)]
    shared = Attempts(machines[0], spec, tmp_path, {VIDEO: talk}, machines=machines)

    shared.all()

    assert {stage: len(parts) for stage, parts in shared.parts.items()} == {
        "transcribe": asked[0], "speak": 2, "animate": 2,
    }  # fmt: skip
    assert files(shared) == files(whole)
    again = [len(calls) for calls in (Ears.calls_of_all, Scribe.asked_of_all, Tones.spoken_of_all)]
    assert again[:2] == [2 * count for count in asked[:2]], "each piece is heard once, each sentence translated once"
    assert sorted(drawn[2:]) == sorted(drawn[:2])

    shared("speak", line=2, lines={2: 1})

    assert "speak" not in shared.parts
    told = json.loads(shared.published["speak"]["project.json"].read_text())
    assert [(take["line"], take["take"]) for take in told["takes"]] == [(2, 1)]


KEYS = [StageKey("window", 1, parameters={"number": number}) for number in range(4)]


@pytest.fixture
def work(tmp_path: Path) -> Callable[..., StageWork]:
    """Attempts, each in a folder of its own."""

    def of(name: str, **how: object) -> StageWork:
        (tmp_path / name).mkdir()
        usual: dict[str, object] = {"line": None, "lines": {}, "assets": {}, "earlier": {}, **how}
        return StageWork(
            job="job",
            workspace="acme",
            spec=DubSpec(video=VIDEO, target="de"),
            stage="animate",
            attempt=1,
            take=0,
            folder=tmp_path / name,
            progress=SilentProgress(),
            **usual,  # type: ignore[arg-type]
        )

    return of


def compute(store: StageStore, *keys: StageKey) -> None:
    for key in keys:
        memoise(store, key, lambda folder: (folder / "result").touch())


def carried(work: StageWork, store: Path, *keys: StageKey) -> dict[str, Path]:
    with StageStore(store) as opened:
        brought = bring(work, opened)
        compute(opened, *keys)
        return carry(work, opened, brought)


def test_an_attempt_carries_what_no_stage_before_it_did(work: Callable[..., StageWork], tmp_path: Path) -> None:
    first = carried(work("first"), tmp_path / "one", KEYS[0], KEYS[1])
    second = carried(work("second", earlier=first), tmp_path / "two", KEYS[1], KEYS[2])

    with StageStore(tmp_path / "three") as store:
        bring(work("third", earlier=second), store)
        assert [key.digest for key in store.used()] == [KEYS[2].digest]
    assert carried(work("fourth", earlier=first), tmp_path / "one", KEYS[0]) == {}
    assert carried(work("fifth"), tmp_path / "empty") == {}


def test_what_parts_computed_is_carried_on(work: Callable[..., StageWork], tmp_path: Path) -> None:
    earlier = carried(work("earlier"), tmp_path / "one", KEYS[0])
    parts = {
        str(number): carried(work(f"part {number}", earlier=earlier), tmp_path / f"at {number}", KEYS[0], KEYS[number])
        for number in (1, 2)
    }
    joined = carried(work("joined", earlier=earlier, parts=parts), tmp_path / "two", KEYS[3])

    with StageStore(tmp_path / "three") as store:
        bring(work("next", earlier=joined), store)
        assert {key.digest for key in store.used()} == {key.digest for key in KEYS[1:]}


def test_an_edited_bundle_is_refused(work: Callable[..., StageWork], tmp_path: Path) -> None:
    [name] = carried(work("first"), tmp_path / "one", KEYS[0])
    other = carried(work("second"), tmp_path / "two", KEYS[1])

    with StageStore(tmp_path / "three") as store, pytest.raises(UsageError, match="cannot be edited"):
        bring(work("third", earlier={name: next(iter(other.values()))}), store)


def test_a_damaged_bundle_of_a_part_fails_the_stage(work: Callable[..., StageWork], tmp_path: Path) -> None:
    part = carried(work("part"), tmp_path / "one", KEYS[0])
    path = next(iter(part.values()))
    path.write_bytes(path.read_bytes()[:700])

    with StageStore(tmp_path / "two") as store, pytest.raises(StorageFailed) as told:
        bring(work("joined", parts={"windows-1-3": part}), store)

    assert told.value.retryable


def test_a_stage_is_shared_out_once_and_not_for_one_line(work: Callable[..., StageWork], tmp_path: Path) -> None:
    assert share_of(work("line", line=3), 1) is None
    assert share_of(work("joined", parts={}), 1) is None
    part = share_of(work("part", part="lines-11-20"), 10)
    assert part == Share(range(10, 20))
    whole = share_of(work("whole"), 10)
    assert isinstance(whole, Division)
    assert list(whole.of(20)) == []

    with StageStore(tmp_path / "store") as store:
        assert ended(work("end"), whole, "lines", store, frozenset()) == Divided(("lines-1-10", "lines-11-20"))
