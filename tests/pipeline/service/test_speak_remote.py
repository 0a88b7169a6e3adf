"""Jobs of kind `speak` that name a renderer."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np
import pytest
from pydantic import SecretStr

from lipwright.contracts.job import SpeakSpec
from lipwright.contracts.portrait import SYNTHETIC
from lipwright.contracts.route import StagePlan
from lipwright.errors import UsageError
from lipwright.media.image import save_image
from lipwright.motion.recording import RecordingToMouth
from lipwright.pipeline.remote_video import Offer
from lipwright.pipeline.service.speak import SpeakRoute
from lipwright.pipeline.service.speak_remote import RemoteSpeakRoute
from lipwright.remote.addresses import Guard
from lipwright.render.lipsync.fake import FakeLipSync
from lipwright.render.remote.orders import OrderDesk
from lipwright.render.remote.served import ServedRenderer
from lipwright.render.remote.shape import packaged_shape
from lipwright.speech.stt.fake import FakeStt
from lipwright.speech.tts.fake import FakeTts
from lipwright.store.digest import file_digest
from lipwright.store.stages import StageStore
from support.attempts import Attempts
from support.clips import tone, write_clip
from support.vendor_renderers import KEY, QUICK, RendererServer
from support.wav import write_wav

WORDS = "Good morning to all."


@dataclass
class Studio:
    """A worker beside a vendor; `studio(text=...)` is a job."""

    server: RendererServer
    folder: Path
    files: dict[str, Path] = field(default_factory=dict)

    def route(self) -> RemoteSpeakRoute:
        def store() -> StageStore:
            return StageStore(self.folder / "stages", 10**9)

        here = SpeakRoute(lambda voice: FakeTts(), FakeStt, RecordingToMouth, lambda name, knobs: FakeLipSync(), store)
        return RemoteSpeakRoute(here, lambda voice: FakeTts(), store, self.offers, self.desk, ("heygen", "cheapest"))

    def offers(self, name: str) -> Sequence[Offer]:
        renderer = ServedRenderer(
            packaged_shape(name), SecretStr(KEY), url=self.server.url, guard=Guard(allow_private=True)
        )
        return [Offer(renderer, None)]

    @contextmanager
    def desk(self) -> Iterator[OrderDesk]:
        desk = OrderDesk(self.folder / "renderers", QUICK)
        yield desk
        desk.ledger.close()

    def given(self, path: Path) -> str:
        digest = file_digest(path)
        self.files[digest] = path
        return digest

    def __call__(self, **spec: object) -> Attempts:
        asked = SpeakSpec.model_validate({"renderer": "heygen", **spec})
        work = self.folder / "work"
        work.mkdir(exist_ok=True)
        return Attempts(self.route(), asked, work, self.files)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write_clip(tmp_path_factory.mktemp("made") / "made.mp4", frames=50, sound=[tone(440, 2.0)]).read_bytes()


@pytest.fixture
def studio(clip: bytes, tmp_path: Path) -> Iterator[Studio]:
    server = RendererServer(clip, looks=0)
    with server.running():
        yield Studio(server, tmp_path)


@pytest.fixture
def face(studio: Studio) -> str:
    path = studio.folder / "face.png"
    save_image(path, np.full((64, 96, 3), 180, np.uint8))
    return studio.given(path)


def test_words_are_spoken_here_and_the_order_waits_where_nothing_is_computed(studio: Studio, face: str) -> None:
    job = studio(face=face, text=WORDS)
    assert job.route.stages(job.spec) == (
        StagePlan("speak", "cpu", approvable=True),
        StagePlan("order", "io", approvable=True),
    )
    result = job.all()
    assert list(result) == ["video.mp4"]
    with av.open(str(result["video.mp4"])) as container:
        assert container.metadata["comment"] == SYNTHETIC
    assert studio.server.kept() == {"sound-1": 1}


def test_a_stage_that_begins_again_orders_nothing_again_unless_it_is_wanted_differently(
    studio: Studio, face: str
) -> None:
    job = studio(face=face, text=WORDS)
    job.all()
    job("order")
    assert len(studio.server.jobs) == 1
    job("order", take=1)
    assert len(studio.server.jobs) == 2


def test_the_words_that_a_person_corrected_are_ordered(studio: Studio, face: str) -> None:
    job = studio(face=face, text=WORDS)
    job("speak")
    first = job("order")
    edited = studio.folder / "edited.txt"
    edited.write_text("Good evening to all.")
    job.edits["script.txt"] = edited
    assert job("order") != first
    assert len(studio.server.jobs) == 2


def test_a_recording_goes_to_the_vendor(studio: Studio, face: str) -> None:
    sound = studio.folder / "talk.wav"
    write_wav(sound, tone(300, 2.0), 48_000)
    job = studio(face=face, audio=studio.given(sound))
    assert [plan.name for plan in job.route.stages(job.spec)] == ["order"]
    assert list(job.all()) == ["video.mp4"]


def test_a_clip_is_refused_before_anything_is_sent(studio: Studio, clip: bytes) -> None:
    path = studio.folder / "clip.mp4"
    path.write_bytes(clip)
    with pytest.raises(UsageError, match="takes a photo"):
        studio(face=studio.given(path), text=WORDS).all()
    assert studio.server.received == []


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"renderer": "heygn"}, "Did you mean `heygen`"),
        ({"label": True}, "neither `label` nor `seed`"),
        ({"seed": 3}, "neither `label` nor `seed`"),
        ({"text": None}, "neither words nor a recording"),
    ],
)
def test_a_job_that_no_renderer_does_is_refused_when_it_comes(
    spec: dict[str, object], words: str, studio: Studio, face: str
) -> None:
    job = studio(**{"face": face, "text": WORDS, **spec})
    with pytest.raises(UsageError, match=words):
        job.route.stages(job.spec)


def test_a_job_without_a_renderer_is_made_here(studio: Studio, face: str) -> None:
    job = studio(face=face, text=WORDS, renderer="")
    assert isinstance(job.route, RemoteSpeakRoute)
    assert job.route.stages(job.spec) == job.route.here.stages(job.spec)
    assert job.route.assets(job.spec) == {face}
    assert WORDS in job("speak")["script.txt"].read_text()
    assert studio.server.received == []
