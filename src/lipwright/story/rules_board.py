"""Storyboards by rules: what an editor does by habit. The same story always gives the same storyboard.

A video opens and closes in the middle of the picture, at a medium distance. Between, the distance changes from scene
to scene, so that no cut looks like a mistake, and the person stands left and right in turns where the background is
not the photo's own. A background stays until another one is named. Scenes dissolve where the background or the subject
changes.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from lipwright.contracts.story import Background, Framing, Place, Scene, Story, Transition, TransitionKind
from lipwright.story.base import StoryboardCapability, Storyboarder
from lipwright.story.directions import DISSOLVE_S
from lipwright.story.timing import estimated
from lipwright.story.words import is_unspaced, tokens_of

AHEAD: Final = "ahead"
SHORT_S: Final = 5.0
"""A scene that is over so soon is seen from near: one thought, said once."""
SHORTEST_DISSOLVED_S: Final = 3.0
_CONTENT_LETTERS: Final = 4
_STEM_LETTERS: Final = 5
_OWN: Final = frozenset({"keep", "blur"})
"""Backgrounds in which a person stays where the photo has them."""
_BETWEEN: Final = (Framing.CLOSE, Framing.MEDIUM, Framing.WIDE, Framing.MEDIUM)


class RulesStoryboarder(Storyboarder):
    """Goes by lengths, positions, backgrounds and repeated words.

    Licence: Apache-2.0, as Lipwright.
    """

    capability = StoryboardCapability(
        name="rules", reads_words=False, cost_unit="none", code_licence="Apache-2.0", weights_licence=""
    )

    def fill(self, story: Story) -> Story:
        lengths = [scene.duration_s or 0.0 for scene in estimated(story).scenes]
        backgrounds = _backgrounds(story.scenes)
        filled: list[Scene] = []
        for number, scene in enumerate(story.scenes):
            before = filled[-1] if filled else None
            framing = scene.framing or _framing(number, story.scenes, before, lengths)
            filled.append(
                scene.model_copy(
                    update={
                        "background": backgrounds[number],
                        "framing": framing,
                        "place": scene.place or _place(number, story.scenes, framing, backgrounds[number], filled),
                        "pose": scene.pose or AHEAD,
                        "transition": scene.transition or _transition(number, story.scenes, backgrounds, lengths),
                        "captions": story.captions if scene.captions is None else scene.captions,
                    }
                )
            )
        return story.model_copy(update={"scenes": tuple(filled)})


def _backgrounds(scenes: Sequence[Scene]) -> list[Background]:
    """A background stays until another one is named; before the first, the photo's own is seen."""
    found: list[Background] = []
    for scene in scenes:
        found.append(scene.background or (found[-1] if found else Background(kind="keep")))
    return found


def _framing(number: int, scenes: Sequence[Scene], before: Scene | None, lengths: Sequence[float]) -> Framing:
    is_edge = number in (0, len(scenes) - 1)
    after = scenes[number + 1].framing if number + 1 < len(scenes) else None
    if after is None and number + 2 == len(scenes):
        after = Framing.MEDIUM
    taken = {before.framing if before else None, after}
    if is_edge:
        wishes = [Framing.MEDIUM, Framing.CLOSE]
    elif scenes[number].cut_aways:
        wishes = [Framing.MEDIUM, Framing.WIDE]
    elif lengths[number] < SHORT_S:
        wishes = [Framing.CLOSE, Framing.MEDIUM]
    else:
        wishes = [_BETWEEN[(number - 1) % len(_BETWEEN)], Framing.MEDIUM, Framing.CLOSE]
    return next((wish for wish in (*wishes, *Framing) if wish not in taken), wishes[0])


def _place(
    number: int, scenes: Sequence[Scene], framing: Framing, background: Background, filled: Sequence[Scene]
) -> Place:
    if number in (0, len(scenes) - 1) or framing is Framing.CLOSE or background.kind in _OWN:
        return Place.CENTRE
    sides = [scene.place for scene in filled if scene.place in (Place.LEFT, Place.RIGHT)]
    return Place.RIGHT if sides and sides[-1] is Place.LEFT else Place.LEFT


def _transition(
    number: int, scenes: Sequence[Scene], backgrounds: Sequence[Background], lengths: Sequence[float]
) -> Transition:
    if not number or min(lengths[number - 1 : number + 1]) < SHORTEST_DISSOLVED_S:
        return Transition()
    is_elsewhere = backgrounds[number] != backgrounds[number - 1]
    if is_elsewhere or not _subjects(scenes[number].text) & _subjects(scenes[number - 1].text):
        return Transition(kind=TransitionKind.DISSOLVE, duration_s=DISSOLVE_S)
    return Transition()


def _subjects(text: str) -> set[str]:
    """Beginnings of the longer words, which inflection leaves alone; pairs of letters where no spaces are written."""
    words = ["".join(filter(str.isalnum, text[token.start : token.end])).casefold() for token in tokens_of(text)]
    found = {word[:_STEM_LETTERS] for word in words if len(word) >= _CONTENT_LETTERS}
    letters = [word if len(word) == 1 and is_unspaced(word) else " " for word in words]
    return found | {one + two for one, two in pairwise(letters) if " " not in one + two}
