"""Jobs of kind `video`, stage by stage, through the rows of a real database: five ways of making one, and what is
refused."""

from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from lipwright.contracts.avatar import Consent, Use
from lipwright.contracts.job import VideoSpec
from lipwright.contracts.progress import SilentProgress
from lipwright.contracts.route import StagePlan
from lipwright.contracts.story import Story
from lipwright.errors import ConsentMissing, FaceNotFound, MediaNotFound, ScriptInvalid, UsageError
from lipwright.media.probe import probe
from lipwright.motion.recording import RecordingToMouth
from lipwright.pipeline.video.cast import PhotoCast
from lipwright.pipeline.video.film import make_video
from lipwright.pipeline.video.request import VideoRequest
from lipwright.render.broll.library import Library
from lipwright.store.stages import StageStore
from lipwright.story.markdown import read_script
from support.avatars import Studio
from support.filming import corner
from support.job_by_hand import ByHand
from support.video_jobs import FPS, HEIGHT, SCRIPT, WIDTH, Place

GREEN, RED = (0, 200, 0), (96, 32, 32)
NEAR = 14
ONE = "# One\n[background: #204060]\nGood morning."


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, nobody: Studio) -> Place:
    return Place(tmp_path_factory.mktemp("video"), nobody)


@pytest.fixture
def database(migrated_sqlite: Path) -> Path:
    return migrated_sqlite


def is_near(colour: tuple[int, ...], expected: tuple[int, ...]) -> bool:
    return all(abs(one - other) <= NEAR for one, other in zip(colour, expected, strict=True))


def video(job: ByHand) -> Path:
    return job.files[job.view().outputs["video.mp4"]]


def test_what_a_person_can_be_asked_about(place: Place) -> None:
    plans = place.route.stages(VideoSpec.model_validate(place.spec()))

    assert [plan.name for plan in plans] == ["script", "storyboard", "speech", "backgrounds", "scenes", "stitch"]
    assert {plan.name for plan in plans if plan.approvable} == {"script", "storyboard", "backgrounds", "stitch"}
    assert StagePlan("scenes", "gpu") in plans


def test_scenes_are_done_on_machines_that_know_nothing_of_each_other(place: Place, database: Path) -> None:
    """And the video is the one that the command makes on one machine."""
    place.forgetful = True
    try:
        job = place.job(database, subtitles=["srt"])
        did = job.go()
    finally:
        place.forgetful = False

    parts = ["scenes/0", "scenes/1", "scenes/2"]
    assert did == ["script", "storyboard", "speech", "backgrounds", "scenes", *parts, "scenes", "stitch"]
    assert set(job.view().outputs) == {"video.mp4", "video.storyboard.json", "video.srt"}
    assert place.route.lines("scenes", lambda name: job.output("storyboard", name).read_bytes()) == range(1, 4)
    assert place.route.lines("speech", lambda _: b"{}") is None, "a person edited it"
    assert place.route.lines("script", lambda _: None) is None
    assert len(place.tts.spoken) == 3, "each scene is spoken once, whichever machine joins them"

    alone = make_alone(place, job)
    assert corner(video(job)) == corner(alone)
    stream = probe(video(job)).video
    assert stream is not None
    assert (stream.width_px, stream.height_px) == (WIDTH, HEIGHT)


def make_alone(place: Place, job: ByHand) -> Path:
    """The same film without the service: what was painted for the job is given as files."""
    script = SCRIPT
    files = {"green.png": place.folder / "green.png"}
    for number, words in ((1, '"a kitchen"'), (2, '"a wood"')):
        name = f"background-0{number}.png"
        script, files[name] = script.replace(words, name), job.output("backgrounds", name)
    request = VideoRequest(
        story=read_script(script, "script.md"), files=files, output=place.folder / "alone.mp4", size=(WIDTH, HEIGHT),
        fps=Fraction(FPS),
    )  # fmt: skip
    cast = PhotoCast.of_avatar(place.identity, place.avatars.library, listener=RecordingToMouth())
    with StageStore(place.folder / "alone") as store:
        return make_video(request, cast, place.engines, store=store, progress=SilentProgress()).output


def test_a_single_scene_with_a_photo_of_somebody(place: Place, database: Path, photo: Path) -> None:
    job = place.job(database, script=ONE, avatar=None, identity=None, face=place.give(photo), files={})

    assert job.go()[-4:] == ["scenes", "scenes/0", "scenes", "stitch"]
    assert is_near(corner(video(job))[-1], (32, 64, 96))
    assert job.output("storyboard", "storyboard.png").read_bytes().startswith(b"\x89PNG")
    assert job.output("speech", "speech.wav").stat().st_size > 2 * 48_000


def test_cut_aways_that_are_given_and_that_are_found(place: Place, database: Path) -> None:
    shelf = place.folder / "shelf"
    shelf.mkdir()
    Image.new("RGB", (WIDTH, HEIGHT), (200, 0, 200)).save(shelf / "meadow.png")
    place.library = Library(shelf)
    script = ONE + "\n\n# Two\nA map [b-roll: green.png 0.3s] is here [b-roll: tags meadow 0.3s] for you."
    job = place.job(database, script=script)
    job.go()

    (shelf / "meadow.png").unlink()
    colours = corner(video(job))
    assert any(is_near(colour, GREEN) for colour in colours)
    assert any(is_near(colour, (200, 0, 200)) for colour in colours)
    assert "b-roll-02-2.png" in job.view().stages[3].outputs
    assert job.retry(stage="scenes", line=2) == ["scenes/1", "scenes", "stitch"], "what was found travels with the job"


def test_scenes_in_poses(place: Place, database: Path) -> None:
    job = place.job(
        database, script=f"{ONE}\n\n# Two\n[pose: sitting]\nPapa.\n\n# Three\n[pose: left]\nMama.", files={}
    )
    job.go()

    board = Story.model_validate_json(job.output("speech", "story.json").read_bytes())
    assert [scene.pose for scene in board.scenes] == ["ahead", "sitting", "left"]
    assert len(corner(video(job))) == round(sum(scene.duration_s or 0 for scene in board.scenes) * FPS) - sum(
        round(scene.transition.duration_s * FPS) for scene in board.scenes if scene.transition
    )


def test_a_person_approves_each_step_from_a_brief_to_the_video(place: Place, database: Path, tmp_path: Path) -> None:
    approvals = ("script", "storyboard", "backgrounds", "stitch")
    job = place.job(database, approvals, brief="Good morning. Papa may pay.", files={})
    assert job.go() == ["script"]
    assert "Papa" in job.output("script", "script.md").read_text()

    (tmp_path / "script.md").write_text("# One\n[background: #204060]\nMama.\n")
    assert job.approve("script", {"script.md": job.upload(tmp_path / "script.md")}) == ["storyboard"]

    board = Story.model_validate_json(job.output("storyboard", "storyboard.json").read_bytes())
    assert [scene.text for scene in board.scenes] == ["Mama."]
    scenes = tuple(scene.model_copy(update={"text": "Nobody knows.", "framing": None}) for scene in board.scenes)
    (tmp_path / "board.json").write_text(board.model_copy(update={"scenes": scenes}).model_dump_json())
    edited = job.upload(tmp_path / "board.json")
    assert job.approve("storyboard", {"storyboard.json": edited}) == ["speech", "backgrounds"]
    assert place.tts.spoken[-1] == "Nobody knows."

    Image.new("RGB", (WIDTH, HEIGHT), RED).save(tmp_path / "mine.png")
    mine = job.upload(tmp_path / "mine.png")
    assert job.approve("backgrounds", {"background-01.png": mine}) == ["scenes", "scenes/0", "scenes", "stitch"]
    assert job.view().waits_for == "stitch"
    assert job.approve("stitch") == []
    assert is_near(corner(video(job))[-1], RED)


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        ("no JSON", "storyboard.json"),
        ('{"scenes": []}', "scenes"),
        ('{"scenes": [{"title": "", "text": "Mama.", "voice": "../voice.bin"}]}', "voice"),
    ],
)
def test_an_edited_storyboard_that_cannot_be_is_refused(
    place: Place, database: Path, tmp_path: Path, edit: str, said: str
) -> None:
    job = place.job(database, ("storyboard",), script=ONE, files={})
    job.go()
    (tmp_path / "edit.json").write_text(edit)

    with pytest.raises(ScriptInvalid, match=said):
        job.approve("storyboard", {"storyboard.json": job.upload(tmp_path / "edit.json")})


def test_an_edited_storyboard_may_name_only_what_the_job_has(place: Place, database: Path, tmp_path: Path) -> None:
    job = place.job(database, ("storyboard",), script=ONE, files={})
    job.go()
    edit = job.output("storyboard", "storyboard.json").read_text().replace('"colour"', '"file"')
    (tmp_path / "edit.json").write_text(edit.replace("#204060", "/etc/hostname"))

    with pytest.raises(UsageError, match=r"`/etc/hostname`.*`files`"):
        job.approve("storyboard", {"storyboard.json": job.upload(tmp_path / "edit.json")})


@pytest.mark.parametrize(
    ("fields", "error", "said"),
    [
        ({"files": {}}, UsageError, "green.png"),
        ({"script": "# One\n[pause"}, ScriptInvalid, "script.md"),
        ({"fps": "1/0"}, UsageError, "fps"),
        ({"fps": "240"}, UsageError, "fps"),
        ({"voice": "/tmp/voice.bin"}, ScriptInvalid, "voice"),
        ({"avatar": None, "identity": None, "face": "f" * 64, "purpose": "advertising"}, UsageError, "`purpose`"),
    ],
)
def test_what_cannot_be_made_is_refused_before_a_job_is_there(
    place: Place, fields: dict[str, Any], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        place.route.stages(VideoSpec.model_validate(place.spec(**fields)))


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ({"until": date(2026, 1, 2)}, "ended on 2026-01-02"),
        ({"uses": frozenset({Use.LIVE})}, "does not cover the use `video`"),
        ({"purposes": frozenset({"teaching"})}, "Name one of them with `purpose`"),
    ],
)
def test_a_use_that_nobody_agreed_to_is_refused_when_it_is_asked_for(
    place: Place, terms: dict[str, Any], said: str
) -> None:
    with pytest.raises(ConsentMissing, match=said):
        place.route.stages(VideoSpec.model_validate(place.spec(identity=agreeing(place, **terms))))


def test_a_language_that_nobody_agreed_to_is_refused_before_anything_is_spoken(place: Place, database: Path) -> None:
    job = place.job(database, script=ONE, files={}, identity=agreeing(place, languages=frozenset({"de"})))
    before = len(place.tts.spoken)

    with pytest.raises(ConsentMissing, match="does not cover `en-US`, only `de`"):
        job.go()
    assert len(place.tts.spoken) == before


def agreeing(place: Place, **terms: Any) -> dict[str, Any]:
    agreed = Consent.model_validate(place.identity.consent.model_dump() | terms)
    return place.identity.model_copy(update={"consent": agreed}).model_dump(mode="json")


def test_a_message_names_files_as_the_script_does_and_no_folder(place: Place, database: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\nno picture")
    script = "# One\n[background: bad.png]\nMama."
    job = place.job(database, script=script, files={"bad.png": place.give(tmp_path / "bad.png")})

    with pytest.raises(Exception, match=r"`bad\.png`") as refused:
        job.go()
    assert str(tmp_path) not in str(refused.value)
    assert str(place.folder) not in str(refused.value)


def test_tags_without_a_library_are_told_before_anything_is_spoken(place: Place, database: Path) -> None:
    place.library = None
    job = place.job(database, script=f"{ONE} [b-roll: tags meadow 0.3s] Papa.", files={})

    with pytest.raises(MediaNotFound, match="LIPWRIGHT_LIBRARY_DIR"):
        job.go()
    assert job.did == ["script", "storyboard"]


def test_nobody_in_the_photo_is_told_with_the_storyboard(place: Place, database: Path) -> None:
    job = place.job(database, script=ONE, avatar=None, identity=None, face=place.green, files={})

    with pytest.raises(FaceNotFound, match="face"):
        job.go()
    assert job.did == ["script", "storyboard"]
