"""A video of scenes is judged where it shows one person, not where it shows b-roll or two scenes at once."""

from fractions import Fraction
from pathlib import Path

import pytest

from lipwright.contracts.story import STORYBOARD, CutAway, Scene, Story, Transition, TransitionKind
from lipwright.errors import MediaUnreadable
from lipwright.quality.check import check
from lipwright.quality.scenes import covered
from support.filming import Studio


def test_cut_aways_and_dissolves_are_covered() -> None:
    cut = CutAway(after_words=1, file="a.png", start_s=0.4, duration_s=0.2)
    dissolve = Transition(kind=TransitionKind.DISSOLVE, duration_s=0.08)
    first = Scene(title="", text="a", start_s=0, duration_s=1, cut_aways=(cut,))
    second = Scene(title="", text="b", start_s=0.92, duration_s=1, transition=dissolve)
    found = covered(Story(scenes=(first, second)), 48, Fraction(25))
    assert [int(frame) for frame in found.nonzero()[0]] == [10, 11, 12, 13, 14, 23, 24]


def test_a_film_passes_although_its_cut_away_shows_no_face(tmp_path: Path) -> None:
    studio = Studio(tmp_path)
    film = studio.make(studio.request())
    told = {metric.key: metric for metric in check(film.output).metrics}
    assert told["face_share"].value == 1
    assert told["outside_mean"].value is None
    film.output.with_suffix(STORYBOARD).unlink()
    told = {metric.key: metric for metric in check(film.output).metrics}
    assert (told["face_share"].value or 0) < 1


def test_a_damaged_storyboard_is_told(tmp_path: Path) -> None:
    studio = Studio(tmp_path)
    film = studio.make(studio.request())
    film.output.with_suffix(STORYBOARD).write_text("{", encoding="utf-8")
    with pytest.raises(MediaUnreadable, match=r"storyboard\.json"):
        check(film.output)
