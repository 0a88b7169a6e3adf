"""Jobs of the kinds `speak` and `sync`, stage by stage."""

import pickle
import wave
from pathlib import Path

import pytest

from lipwright.contracts.job import SpeakSpec, SyncSpec
from lipwright.contracts.route import StagePlan
from lipwright.contracts.sync import Preset
from lipwright.errors import MediaUnreadable, TextEmpty, UsageError
from lipwright.media.probe import probe
from lipwright.settings import Settings
from lipwright.store.digest import file_digest
from lipwright.wiring.service import build_routes
from support.attempts import Attempts, Told
from support.dubbed import RATE_HZ, chatter, write_talk
from support.talking import close_up
from support.wav import write_wav

FACE, SOUND = "a" * 64, "b" * 64
WORDS = "Mama."


@pytest.fixture
def spoken(settings: Settings, tmp_path: Path, photo: Path) -> Attempts:
    return Attempts(build_routes(settings)["speak"], SpeakSpec(face=FACE, text=WORDS), tmp_path, {FACE: photo})


def test_a_script_is_spoken_before_it_is_rendered(spoken: Attempts) -> None:
    assert spoken.route.stages(spoken.spec) == (
        StagePlan("speak", "cpu", True),
        StagePlan("faces", "cpu"),
        StagePlan("render", "gpu", True),
    )
    voice = spoken("speak")

    assert voice["script.txt"].read_text() == WORDS
    with wave.open(str(voice["speech.wav"])) as sound:
        assert sound.getframerate() == 48_000
        assert sound.getnframes() > 24_000


def test_the_result_is_the_video_and_what_is_known_of_it(spoken: Attempts) -> None:
    result = spoken.all()

    assert set(result) == {"video.mp4", "video.lipwright.json"}
    assert probe(result["video.mp4"]).video is not None
    assert '"text": "Mama."' in result["video.lipwright.json"].read_text()


def test_the_voice_is_not_made_twice(spoken: Attempts, monkeypatch: pytest.MonkeyPatch) -> None:
    spoken("speak")
    monkeypatch.setattr("lipwright.speech.tts.fake.FakeTts.speak", None)

    assert "video.mp4" in spoken("render")


def test_an_edited_script_is_what_the_video_says(spoken: Attempts, tmp_path: Path) -> None:
    spoken("speak")
    edited = tmp_path / "edited"
    edited.write_text("Papa may pay.", encoding="utf-8")
    spoken.edits["script.txt"] = edited

    assert '"text": "Papa may pay."' in spoken("render")["video.lipwright.json"].read_text()


@pytest.mark.parametrize(("content", "error"), [(b"\xff\xfe\x00", MediaUnreadable), (b" \n", TextEmpty)])
def test_an_edited_script_that_says_nothing_is_refused(
    spoken: Attempts, tmp_path: Path, content: bytes, error: type[Exception]
) -> None:
    spoken("speak")
    (tmp_path / "edited").write_bytes(content)
    spoken.edits["script.txt"] = tmp_path / "edited"

    with pytest.raises(error):
        spoken("render")


def test_a_message_names_the_file_and_not_the_folders_of_the_machine(settings: Settings, tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_text("no picture")
    spec = SpeakSpec(face=FACE, text=WORDS)
    attempts = Attempts(build_routes(settings)["speak"], spec, tmp_path, {FACE: text})
    attempts("speak")

    with pytest.raises(MediaUnreadable) as told:
        attempts("render")

    assert str(told.value).startswith("`face`: ")
    assert str(tmp_path) not in str(told.value)


def test_progress_tells_of_the_pictures_only(spoken: Attempts) -> None:
    spoken("speak")
    told = Told()

    spoken("render", progress=told)

    assert [name for name, _ in told.parts] == ["render"]
    assert told.done == told.parts[0][1]


def test_a_clip_speaks_a_recording(settings: Settings, tmp_path: Path) -> None:
    clip = write_talk(tmp_path / "clip.mp4", [close_up()], chatter()[: 2 * RATE_HZ], 2.0)
    write_wav(tmp_path / "new.wav", chatter()[: 2 * RATE_HZ], RATE_HZ)
    given = {FACE: clip, SOUND: tmp_path / "new.wav"}
    attempts = Attempts(build_routes(settings)["speak"], SpeakSpec(face=FACE, audio=SOUND), tmp_path, given)

    assert attempts.route.assets(attempts.spec) == {FACE, SOUND}
    assert [plan.name for plan in attempts.route.stages(attempts.spec)] == ["faces", "render"]
    assert set(attempts.all()) == {"video.mp4", "video.lipwright.json"}


def test_a_video_says_a_new_script(settings: Settings, tmp_path: Path) -> None:
    clip = write_talk(tmp_path / "clip.mp4", [close_up()], chatter()[: 2 * RATE_HZ], 2.0)
    spec = SyncSpec(video=FACE, text=WORDS, preset=Preset.FAST)
    attempts = Attempts(build_routes(settings)["sync"], spec, tmp_path, {FACE: clip})

    assert [plan.name for plan in attempts.route.stages(spec)] == ["speak", "faces", "animate"]
    assert set(attempts.all()) == {"video.mp4", "video.lipwright.json"}
    assert {"script.txt", "speech.wav"} < set(attempts.published["speak"])


def test_windows_of_an_attempt_that_ended_are_kept(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = write_talk(tmp_path / "clip.mp4", [close_up()], chatter()[: 2 * RATE_HZ], 2.0)
    spec = SyncSpec(video=FACE, text=WORDS, preset=Preset.FAST)
    attempts = Attempts(build_routes(settings)["sync"], spec, tmp_path, {FACE: clip})
    attempts("speak")
    first = file_digest(attempts("animate")["video.mp4"])
    monkeypatch.setattr("lipwright.pipeline.stages.animate._make", None)

    assert file_digest(attempts("animate")["video.mp4"]) == first


@pytest.mark.parametrize("more", [{}, {"text": WORDS, "audio": SOUND}])
def test_words_and_a_recording_are_not_asked_for_together(settings: Settings, more: dict[str, str]) -> None:
    routes = build_routes(settings)

    with pytest.raises(UsageError, match="one of `text` and `audio`"):
        routes["speak"].stages(SpeakSpec.model_validate({"face": FACE, **more}))
    with pytest.raises(UsageError, match="one of `text` and `audio`"):
        routes["sync"].stages(SyncSpec.model_validate({"video": FACE, **more}))


def test_routes_go_into_another_process(settings: Settings) -> None:
    for kind, route in pickle.loads(pickle.dumps(build_routes(settings))).items():  # noqa: S301 its own
        assert route.kind == kind


def test_a_specification_of_another_kind_is_a_mistake_of_the_program(settings: Settings) -> None:
    with pytest.raises(TypeError, match="SpeakSpec"):
        build_routes(settings)["dub"].stages(SpeakSpec(face=FACE, text=WORDS))
