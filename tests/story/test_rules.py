"""Scripts and storyboards by rules: no word changes, every choice that was made stays, the rest looks like habit."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lipwright.contracts.story import Background, Framing, Place, Scene, Story, TransitionKind
from lipwright.errors import ScriptInvalid
from lipwright.story.base import Brief
from lipwright.story.markdown import read_script
from lipwright.story.rules import LONGEST_S, RulesWriter
from lipwright.story.rules_board import RulesStoryboarder
from lipwright.story.timing import estimated
from lipwright.story.words import sentence_spans, tokens_of

COFFEE = """\
Every morning, coffee starts the day. But where does it come from, and who picks it? We follow one bean.

It begins in the highlands of Ethiopia. Farmers pick the red cherries by hand, one by one. The work takes weeks.

Then the cherries are washed and dried. [pause 500ms] Ships carry them over the sea. [b-roll: tags ship, sea 3s] There,
heat turns green beans brown, and the smell fills whole streets. Then they are ground.

And finally, you. Pour, sip, smile.
"""
WORD = st.sampled_from(["coffee", "Bean.", "one", "two,", "Oh?", "[pause 1s]", "字。", "Dr. Who", "3.5", "\n\n", "\n"])


def words(text: str) -> list[str]:
    return [text[token.start : token.end] for token in tokens_of(text)]


def test_plain_text_becomes_scenes_of_a_sensible_length() -> None:
    story = estimated(read_script(RulesWriter().write(Brief(COFFEE, "en-US")), "s.md"))
    assert story.language == "en-US"
    assert len(story.scenes) == 3
    assert all(scene.duration_s is not None and 5 < scene.duration_s < LONGEST_S + 2 for scene in story.scenes)
    assert story.scenes[1].title == "It begins in the highlands"
    (cut,) = story.scenes[2].cut_aways
    assert words(story.scenes[2].text)[cut.after_words] == "There,"


def test_long_paragraph_is_divided_between_sentences() -> None:
    text = "The quick brown fox jumps over the lazy dog. " * 40
    story = estimated(read_script(RulesWriter().write(Brief(text, "en")), "s.md"))
    assert len(story.scenes) > 4
    assert all(scene.text.startswith("The quick") and scene.text.endswith("dog.") for scene in story.scenes)
    assert " ".join(scene.text for scene in story.scenes) == text.strip()


@settings(max_examples=40, deadline=None)
@given(st.lists(WORD, min_size=1, max_size=120).map(" ".join))
def test_no_word_and_no_pause_is_lost(text: str) -> None:
    try:
        (before,) = read_script(text, "s.md").scenes
    except ScriptInvalid:
        return
    after = read_script(RulesWriter().write(Brief(text)), "s.md").scenes
    assert [word for scene in after for word in words(scene.text)] == words(before.text)
    assert sum(scene.text.count("[pause 1s]") for scene in after) == before.text.count("[pause 1s]")
    spans = sentence_spans(before.text)
    assert "".join("".join(before.text[start:end].split()) for start, end in spans) == "".join(before.text.split())


def test_script_with_headings_is_left_as_it_is() -> None:
    written = RulesWriter().write(Brief(COFFEE))
    assert RulesWriter().write(Brief(written)) == written


def test_empty_brief_is_refused() -> None:
    with pytest.raises(ScriptInvalid, match="nothing is said"):
        RulesWriter().write(Brief(" "))


def story_of(*directions: str) -> Story:
    said = "We talk about coffee and about beans and nothing else, slowly and for a while, as people do."
    return read_script("\n".join(f"## {n} {d}\n{said}" for n, d in enumerate(directions)), "s.md")


def test_every_choice_is_made_and_opening_and_end_are_plain() -> None:
    filled = RulesStoryboarder().fill(story_of("", "[background: gradient dusk]", "", "", "", "", ""))
    for scene in filled.scenes:
        assert None not in (scene.framing, scene.place, scene.pose, scene.background, scene.transition, scene.captions)
    first, last = filled.scenes[0], filled.scenes[-1]
    assert (first.framing, first.place, first.background) == (Framing.MEDIUM, Place.CENTRE, Background(kind="keep"))
    assert (last.framing, last.place) == (Framing.MEDIUM, Place.CENTRE)
    assert all(before.framing != after.framing for before, after in pairwise(filled.scenes))
    assert {scene.background.value for scene in filled.scenes[1:] if scene.background} == {"dusk"}
    assert {scene.place for scene in filled.scenes} == set(Place)


def test_person_stays_where_the_photo_has_them_before_its_own_background() -> None:
    filled = RulesStoryboarder().fill(story_of("", "", "[background: blur]", ""))
    assert {scene.place for scene in filled.scenes} == {Place.CENTRE}


def test_scenes_dissolve_where_background_or_subject_changes() -> None:
    filled = RulesStoryboarder().fill(story_of("", "", "[background: #203040]", "[transition: cut] [background: blur]"))
    kinds = [scene.transition.kind for scene in filled.scenes if scene.transition]
    assert kinds == [TransitionKind.CUT, TransitionKind.CUT, TransitionKind.DISSOLVE, TransitionKind.CUT]
    beans, trains = (
        "Coffee beans grow on mountains every year, under trees.",
        "Trains leave from platform seven at noon.",
    )
    other = read_script(f"## A\n{beans}\n## B\n{trains} {trains}", "s.md")
    assert RulesStoryboarder().fill(other).scenes[1].transition == filled.scenes[2].transition


CHOSEN = st.sampled_from(
    ["", "[close]", "[wide]", "[left]", "[right]", "[pose: x]", "[captions: on]", "[background: blur]"]
)


@settings(max_examples=25, deadline=None)
@given(st.lists(CHOSEN, min_size=1, max_size=8))
def test_choices_that_were_made_stay_and_the_same_story_gives_the_same_board(directions: list[str]) -> None:
    story = story_of(*directions)
    filled = RulesStoryboarder().fill(story)
    for before, after in zip(story.scenes, filled.scenes, strict=True):
        kept = {name: value for name, value in before if value is not None}
        assert Scene.model_validate({**after.model_dump(), **kept}) == after
    assert RulesStoryboarder().fill(story) == filled
    assert RulesStoryboarder().fill(filled) == filled
