"""The contact sheet of a storyboard."""

import numpy as np
import pytest
from numpy.typing import NDArray

from lipwright.contracts.story import Story
from lipwright.story.framing_picture import framing_picture
from lipwright.story.lettering import Label, Letterer
from lipwright.story.markdown import read_script
from lipwright.story.rules_board import RulesStoryboarder
from lipwright.story.sheet import clock, directions, draw_sheet
from lipwright.story.timing import estimated

ORANGE = (240, 168, 60)


def board(script: str) -> Story:
    return estimated(RulesStoryboarder().fill(read_script(script, "s.md")))


def share_of(picture: NDArray[np.uint8], colour: tuple[int, int, int]) -> float:
    return float((np.abs(picture.astype(int) - colour).max(axis=2) <= 4).mean())


def test_every_scene_has_a_cell_and_cut_aways_are_marked_in_time() -> None:
    plain = draw_sheet(board("## A\nOne two three.\n## B\nFour."), [None, None])
    cut = draw_sheet(board("## A\nOne [b-roll: a.png] two three.\n## B\nFour."), [None, None])
    assert plain.dtype == np.uint8
    assert plain.shape[0] < cut.shape[0]
    assert share_of(plain, ORANGE) == 0
    assert share_of(cut, ORANGE) > 0.0005


def test_still_takes_the_place_of_the_diagram() -> None:
    green = np.zeros((90, 160, 3), np.uint8)
    green[..., 1] = 200
    sheet = draw_sheet(board("## A\nOne.\n## B\nTwo."), [green, None])
    assert share_of(sheet, (0, 200, 0)) > 0.1
    tall = draw_sheet(board("## A\nOne.\n## B\nTwo."), [np.transpose(green, (1, 0, 2)), None])
    assert tall.shape[0] > sheet.shape[0]


def test_letters_of_every_packaged_script_are_drawn() -> None:
    blank = np.zeros((40, 400, 3), np.uint8)
    for text in ("Hello {x} <b>", "Привет", "Γειά", "مرحبا بكم", "שלום", "नमस्ते", "สวัสดี"):
        letterer = Letterer([text])
        drawn = letterer.draw(blank, [Label(text, 4, 4, 20, (255, 255, 255))])
        assert (drawn > 128).sum() > 100
        assert not blank.any()


def test_right_to_left_words_end_at_the_right() -> None:
    blank = np.zeros((40, 400, 3), np.uint8)
    drawn = Letterer(["שלום"]).draw(blank, [Label("שלום", 396, 4, 20, (255, 255, 255), from_right=True)])
    columns = np.flatnonzero(drawn.max(axis=(0, 2)) > 128)
    assert 385 < columns.max() < 397
    assert columns.min() > 300


def test_long_words_are_broken_and_what_is_left_out_has_dots() -> None:
    letterer = Letterer(["word"])
    lines = letterer.lines("word " * 100, 14, 200, 3)
    assert len(lines) == 3
    assert lines[-1].endswith("…")
    assert all(letterer.width_px(line, 14) <= 200 for line in lines)
    (line,) = letterer.lines("w" * 500, 14, 200, 3)
    assert line.endswith("…")
    assert letterer.lines("   ", 14, 200, 3) == []


def test_diagram_shows_distance_and_place() -> None:
    def figure(said: str) -> NDArray[np.bool_]:
        (scene,) = board(f"## A {said} [background: #102030]\nOne.").scenes
        return framing_picture(scene, 160, 90).min(axis=2) > 200

    close, wide = figure("[close]"), figure("[wide]")
    assert close.sum() > 1.5 * wide.sum()
    left, right = figure("[wide] [left]"), figure("[wide] [right]")
    assert np.flatnonzero(left.any(axis=0)).mean() < 60
    assert np.flatnonzero(right.any(axis=0)).mean() > 100


def test_hundreds_of_scenes_fit_on_one_sheet() -> None:
    sheet = draw_sheet(board("## A\nOne two.\n" * 120), [None] * 120)
    assert sheet.shape[0] < 10_000
    assert sheet.shape[1] < 3_000


def test_as_many_stills_as_scenes_are_wanted() -> None:
    with pytest.raises(ValueError, match="2 scenes have 1 stills"):
        draw_sheet(board("## A\nOne.\n## B\nTwo."), [None])


def test_times_and_directions_are_short() -> None:
    assert [clock(time_s) for time_s in (0, 9.96, 59.95, 3599.99, 3725.5)] == [
        "0:00.0", "0:10.0", "1:00.0", "1:00:00.0", "1:02:05.5",
    ]  # fmt: skip
    scene = board("## A\nOne.\n## B [close] [left] [background: gradient #102030, #405060] [hold 2s]\nTwo.").scenes[1]
    assert directions(scene) == "close · left · gradient #102030, #405060 · hold 2 s"
