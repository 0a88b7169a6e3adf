"""What is made again of a video, and what is not: the seven ways in which people come back to a job."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from lipwright.contracts.job import JobState
from lipwright.contracts.story import Story
from lipwright.errors import UsageError
from support.avatars import Studio
from support.filming import corner
from support.job_by_hand import ByHand
from support.video_jobs import FPS, HEIGHT, WIDTH, Place

PARTS = ["scenes/0", "scenes/1", "scenes/2"]
SCENES = ["scenes", *PARTS, "scenes"]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, nobody: Studio) -> Place:
    return Place(tmp_path_factory.mktemp("video"), nobody)


@pytest.fixture(scope="module")
def finished(place: Place, migrated_sqlite: Path) -> ByHand:
    job = place.job(migrated_sqlite)
    job.go()
    shutil.copytree(place.stages, job.folder / "stages")
    return job


@pytest.fixture
def job(finished: ByHand, place: Place, tmp_path: Path) -> Iterator[ByHand]:
    """A finished job of three scenes, the first two with painted backgrounds, on the machine that made it."""
    place.painter.painted.clear()
    place.tts.spoken.clear()
    usual, place.stages = place.stages, tmp_path / "stages"
    shutil.copytree(finished.folder / "stages", place.stages)
    yield finished.twin(tmp_path / "job")
    place.stages = usual


def made(job: ByHand, stage: str) -> dict[str, str]:
    return next(one for one in job.view().stages if one.name == stage).outputs


def changed(job: ByHand, stage: str, before: dict[str, str]) -> set[str]:
    """Names of what a stage made, and had not made like that before."""
    return {name for name, digest in made(job, stage).items() if before.get(name) != digest}


def test_full_output_everything_is_made_again_differently(job: ByHand, place: Place) -> None:
    before = job.view().outputs["video.mp4"]

    assert job.retry() == ["script", "storyboard", "speech", "backgrounds", *SCENES, "stitch"]
    assert place.painter.painted == ["a kitchen", "a wood"]
    assert len(place.tts.spoken) == 3
    assert job.view().outputs["video.mp4"] != before


def test_full_output_what_somebody_approved_stays(place: Place, migrated_sqlite: Path) -> None:
    job = place.job(migrated_sqlite, ("script", "backgrounds"))
    job.go()
    job.approve("script")
    job.approve("backgrounds")

    assert job.retry() == ["storyboard", "speech", *SCENES, "stitch"]


def test_retry_from_a_stage_makes_it_and_what_follows(job: ByHand, place: Place) -> None:
    assert job.retry(stage="speech") == ["speech", "backgrounds", *SCENES, "stitch"]
    assert len(place.tts.spoken) == 3, "all is spoken differently"
    assert place.painter.painted == [], "what follows is as it was where nothing touches it"


def test_retry_of_what_one_scene_says_speaks_no_other(job: ByHand, place: Place) -> None:
    before = made(job, "speech")

    assert job.retry(stage="speech", line=3) == ["speech", "backgrounds", *SCENES, "stitch"]
    assert place.tts.spoken == ["Goodbye."]
    assert {"speech-03.f32", "speech.wav"} <= changed(job, "speech", before)
    assert not {"speech-01.f32", "speech-02.f32"} & changed(job, "speech", before)


def test_retry_of_one_scene_draws_no_other(job: ByHand, place: Place) -> None:
    before = made(job, "scenes")

    assert job.retry(stage="scenes", line=3) == ["scenes/2", "scenes", "stitch"]
    assert changed(job, "scenes", before) == {"scene-03-body.mp4"}, "it blinks at other times"
    assert place.tts.spoken == []


def test_script_approval_with_other_words(place: Place, migrated_sqlite: Path, tmp_path: Path) -> None:
    job = place.job(migrated_sqlite, ("script",))
    assert job.go() == ["script"]
    assert job.view().waits_for == "script"
    (tmp_path / "script.md").write_text("# One\n[background: #204060]\nGood night.\n")

    assert job.approve("script", {"script.md": job.upload(tmp_path / "script.md")})[:2] == ["storyboard", "speech"]
    assert Story.model_validate_json(job.output("speech", "story.json").read_bytes()).scenes[0].text == "Good night."
    assert job.retry(stage="script") == ["script"]
    assert job.view().waits_for == "script", "what is made again is approved again"


def test_storyboard_approval_with_another_choice(place: Place, migrated_sqlite: Path, tmp_path: Path) -> None:
    job = place.job(migrated_sqlite, ("storyboard",))
    assert job.go() == ["script", "storyboard"]
    board = job.output("storyboard", "storyboard.json").read_text()
    (tmp_path / "board.json").write_text(board.replace("#602020", "#206020"))

    did = job.approve("storyboard", {"storyboard.json": job.upload(tmp_path / "board.json")})
    assert did == ["speech", "backgrounds", *SCENES, "stitch"]
    assert corner(job.files[job.view().outputs["video.mp4"]])[-1][1] > 80


def test_background_regeneration_paints_one_and_nothing_that_follows(job: ByHand, place: Place) -> None:
    before, video = made(job, "backgrounds"), job.view().outputs["video.mp4"]

    assert job.retry(stage="backgrounds", line=2, only=True) == ["backgrounds"]
    assert place.painter.painted == ["a wood"]
    assert changed(job, "backgrounds", before) == {"background-02.png", "pictures.json"}
    assert job.view().outputs["video.mp4"] == video

    scenes = made(job, "scenes")
    assert job.retry(stage="scenes", line=2) == ["scenes/1", "scenes", "stitch"]
    assert {name.split("-")[1] for name in changed(job, "scenes", scenes)} == {"02"}
    assert job.view().outputs["video.mp4"] != video


def test_background_regeneration_with_all_that_follows(job: ByHand, place: Place) -> None:
    scenes = made(job, "scenes")

    assert job.retry(stage="backgrounds", line=1) == ["backgrounds", *SCENES, "stitch"]
    assert place.painter.painted == ["a kitchen"]
    assert {name.split("-")[1] for name in changed(job, "scenes", scenes)} == {"01"}
    assert job.retry(stage="backgrounds", line=1, only=True) == ["backgrounds"]
    assert place.painter.painted == ["a kitchen", "a kitchen"], "each time another one"


def test_background_regeneration_of_all(job: ByHand, place: Place) -> None:
    assert job.retry(stage="backgrounds", only=True) == ["backgrounds"]
    assert place.painter.painted == ["a kitchen", "a wood"]


def test_background_regeneration_of_a_scene_that_there_is_not(job: ByHand) -> None:
    with pytest.raises(UsageError, match="line 4: the storyboard has 3 scenes"):
        job.retry(stage="backgrounds", line=4, only=True)


def test_background_approval_with_a_picture_of_ones_own(place: Place, migrated_sqlite: Path, tmp_path: Path) -> None:
    job = place.job(migrated_sqlite, ("backgrounds",))
    assert job.go() == ["script", "storyboard", "speech", "backgrounds"]
    Image.new("RGB", (WIDTH, HEIGHT), (10, 10, 240)).save(tmp_path / "mine.png")

    assert job.approve("backgrounds", {"background-03.png": job.upload(tmp_path / "mine.png")}) == [*SCENES, "stitch"]
    assert corner(job.files[job.view().outputs["video.mp4"]])[-1][2] > 200
    assert job.retry(stage="backgrounds", line=1) == ["backgrounds"], "and it waits for approval again"


def test_a_backgrounds_approval_for_another_storyboard_is_not_taken(
    place: Place, migrated_sqlite: Path, tmp_path: Path
) -> None:
    job = place.job(migrated_sqlite, ("storyboard", "backgrounds"))
    job.go()
    job.approve("storyboard")
    job.approve("backgrounds")
    job.retry(stage="storyboard")
    board = job.output("storyboard", "storyboard.json").read_text()
    (tmp_path / "board.json").write_text(board.replace("#602020", "#206020"))

    with pytest.raises(UsageError, match="scene 3: its pictures were made for another storyboard"):
        job.approve("storyboard", {"storyboard.json": job.upload(tmp_path / "board.json")})


def test_video_asset_approval_ends_the_job(place: Place, migrated_sqlite: Path) -> None:
    job = place.job(migrated_sqlite, ("stitch",))
    job.go()
    assert (job.view().state, job.view().waits_for) == (JobState.WAITING, "stitch")
    assert set(made(job, "stitch")) == {"video.mp4", "video.storyboard.json"}

    assert job.approve("stitch") == []
    assert job.view().state is JobState.COMPLETED
    assert len(corner(job.files[job.view().outputs["video.mp4"]])) > 3 * FPS
    assert job.retry(stage="stitch") == ["stitch"]
    assert job.view().waits_for == "stitch"
