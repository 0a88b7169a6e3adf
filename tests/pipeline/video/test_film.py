"""A script and a face become a film; what was made is found again, and a change makes only what it touches."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from lipwright.contracts.portrait import SubtitleKind
from lipwright.contracts.story import STORYBOARD, Story
from lipwright.errors import MediaNotFound, ProviderUnavailable, TextEmpty, UsageError
from lipwright.media.audio import read_audio
from lipwright.pipeline.video.request import VideoReport
from lipwright.render.backgrounds.fake import FakePainter
from lipwright.render.broll.library import Library
from lipwright.speech.tts.fake import FakeTts
from support.filming import SCRIPT, Studio, corner, pictures

BLUE, GREEN, RED = (32, 64, 96), (0, 200, 0), (96, 32, 32)
NEAR = 12
"""Grey levels by which encoding changes a plain colour at most."""


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Studio, VideoReport]:
    """A film that is there; tests may add to its store, and change none of its files."""
    studio = Studio(tmp_path_factory.mktemp("film"))
    return studio, studio.make(studio.request())


@pytest.fixture
def report(made: tuple[Studio, VideoReport]) -> VideoReport:
    return made[1]


def test_a_film_is_as_long_as_its_scenes_and_its_sound(report: VideoReport) -> None:
    scenes = report.story.scenes
    assert report.story.timed == "spoken"
    assert len(corner(report.output)) == report.frames
    assert report.duration_s == pytest.approx((scenes[-1].start_s or 0) + (scenes[-1].duration_s or 0))
    sound = sum(len(chunk) for chunk in read_audio(report.output, 48_000)) / 48_000
    assert sound == pytest.approx(report.duration_s, abs=0.02)


def test_each_scene_is_before_its_background_and_a_dissolve_lies_over_both(studio: Studio) -> None:
    report = studio.make(studio.request(SCRIPT.replace("## Two", "## Two\n[background: #206020]")))
    colours = corner(report.output)
    start = round((report.story.scenes[1].start_s or 0) * 25)
    assert _is(colours[0], BLUE)
    assert _is(colours[start - 1], BLUE)
    assert 32 + 10 < colours[start + 5][1] < 96 - 5
    assert colours[start + 5][2] < 96
    assert _is(colours[start + 11], (32, 96, 32))
    assert _is(colours[-1], RED)
    assert _is(colours[round((report.story.scenes[2].start_s or 0) * 25) - 1], (32, 96, 32))


def test_a_cut_away_is_seen_in_its_time_and_the_person_before_and_after(report: VideoReport) -> None:
    scene = report.story.scenes[1]
    (cut,) = scene.cut_aways
    begin = round(((scene.start_s or 0) + (cut.start_s or 0)) * 25)
    end = begin + round((cut.duration_s or 0) * 25)
    colours = corner(report.output)
    assert all(_is(colour, GREEN) for colour in colours[begin:end])
    assert not _is(colours[begin - 1], GREEN)
    assert not _is(colours[end], GREEN)


def test_the_same_film_again_is_the_same_file_and_nothing_is_made(made: tuple[Studio, VideoReport]) -> None:
    studio, first = made
    again = studio.make(studio.request(name="again.mp4"))
    assert (first.made_scenes, again.made_scenes) == (3, 0)
    assert len(studio.tts.spoken) == 3
    assert corner(again.output) == corner(first.output)


@pytest.mark.parametrize(
    ("before", "after"),
    [("#204060", "#204080"), ("Goodbye.", "Good night."), ("0.4s] a", "0.6s] a")],
    ids=["background", "words", "cut-away"],
)
def test_a_change_makes_only_the_scenes_that_it_touches(
    made: tuple[Studio, VideoReport], before: str, after: str
) -> None:
    changed = made[0].again(before, after)
    # The second scene goes on before the first one's background.
    assert changed.made_scenes == (2 if before.startswith("#") else 1)


def test_another_picture_under_the_same_name_is_another_scene(studio: Studio) -> None:
    studio.make(studio.request())
    (studio.folder / "green.png").write_bytes((studio.folder / "face.png").read_bytes())
    assert studio.make(studio.request()).made_scenes == 1


def test_the_storyboard_beside_a_film_makes_the_same_film(made: tuple[Studio, VideoReport]) -> None:
    studio, first = made
    board = Story.model_validate_json(first.output.with_suffix(STORYBOARD).read_text(encoding="utf-8"))
    request = studio.request()
    again = studio.make(replace(request, story=board, output=studio.folder / "board.mp4"))
    assert again.made_scenes == 0


def test_subtitles_beside_a_film_have_the_times_of_the_film(made: tuple[Studio, VideoReport]) -> None:
    studio, _ = made
    report = studio.make(replace(studio.request(name="told.mp4"), subtitles=frozenset({SubtitleKind.SRT})))
    lines = report.output.with_suffix(".srt").read_text(encoding="utf-8").splitlines()
    last = next(line for line in reversed(lines) if "-->" in line)
    minutes, seconds = last.split(" --> ")[0].split(":")[1:]
    begins_s = 60 * int(minutes) + float(seconds.replace(",", "."))
    scene = report.story.scenes[2]
    assert (scene.start_s or 0) < begins_s < (scene.start_s or 0) + 0.5


def test_captions_are_drawn_where_they_are_wanted(made: tuple[Studio, VideoReport]) -> None:
    studio, plain = made
    told = studio.make(studio.request(SCRIPT.replace("Good morning.", "[captions: on]\nGood morning."), "read.mp4"))
    assert told.made_scenes == 1
    whites = [sum((image[140:].min(axis=2) > 230).sum() for image in pictures(film.output)) for film in (plain, told)]
    assert whites[1] > whites[0] + 500


def test_words_are_painted_once(studio: Studio) -> None:
    studio.image = FakePainter()
    script = SCRIPT.replace("[background: #204060]", '[background: "a sunny kitchen"]')
    first = studio.make(studio.request(script))
    studio.image = FakePainter(failure=ProviderUnavailable("it is gone."))
    assert studio.make(studio.request(script)).made_scenes == 0
    assert not _is(corner(first.output)[0], BLUE)


def test_words_without_an_engine_that_paints_are_refused(studio: Studio) -> None:
    with pytest.raises(ProviderUnavailable, match="LIPWRIGHT_IMAGE"):
        studio.make(studio.request(SCRIPT.replace("[background: #204060]", '[background: "a kitchen"]')))


def test_cut_aways_by_tags_come_from_the_library(studio: Studio) -> None:
    (studio.folder / "library").mkdir()
    (studio.folder / "library" / "meadow.png").write_bytes((studio.folder / "green.png").read_bytes())
    studio.library = Library(studio.folder / "library")
    report = studio.make(studio.request(SCRIPT.replace("green.png 0.4s", "tags meadow 0.4s")))
    assert any(_is(colour, GREEN) for colour in corner(report.output))


def test_tags_without_a_library_are_refused(studio: Studio) -> None:
    with pytest.raises(MediaNotFound, match="LIPWRIGHT_LIBRARY_DIR"):
        studio.make(studio.request(SCRIPT.replace("green.png 0.4s", "tags meadow 0.4s")))


def test_a_file_that_is_missing_is_told_before_anything_is_spoken(studio: Studio) -> None:
    (studio.folder / "green.png").unlink()
    studio.tts = FakeTts(failures=[TextEmpty("it spoke.")])
    with pytest.raises(MediaNotFound, match=r"green\.png"):
        studio.make(studio.request())


def test_a_pose_that_there_is_not_is_told_with_those_that_there_are(studio: Studio) -> None:
    with pytest.raises(UsageError, match=r"dancing.*ahead, left, right"):
        studio.make(studio.request(SCRIPT.replace("## One", "## One\n[pose: dancing]")))
    assert not (studio.folder / "film.mp4").exists()


def test_a_scene_without_words_is_silent_and_holds(studio: Studio) -> None:
    report = studio.make(studio.request(SCRIPT + "\n## Four\n[hold 0.8s]\n"))
    assert (report.story.scenes[3].duration_s or 0) == pytest.approx(0.8)


def _is(colour: Sequence[int], expected: Sequence[int]) -> bool:
    return all(abs(one - other) <= NEAR for one, other in zip(colour, expected, strict=True))
