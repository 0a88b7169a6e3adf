"""Scripts by rules: a plain text becomes scenes of a length that viewers like, and no word is changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lipwright.contracts.story import Scene, Story
from lipwright.speech.translate.spoken_length import pace_of
from lipwright.story.base import Brief, ScriptCapability, ScriptWriter
from lipwright.story.markdown import read_script
from lipwright.story.spoken_times import guessed_speech
from lipwright.story.timing import UNKNOWN_LANGUAGE
from lipwright.story.words import sentence_spans, tokens_of
from lipwright.story.written import write_script

SHORTEST_S: Final = 6.0
"""A scene ends at a paragraph once it lasts so long."""
LONGEST_S: Final = 20.0
"""A scene ends at a sentence before it lasts longer; one long sentence stays whole."""
_TITLE_WORDS: Final = 5
_TITLE_LETTERS: Final = 60


@dataclass(frozen=True, slots=True)
class _Unit:
    """A sentence with its pauses."""

    start: int
    end: int
    length_s: float
    ends_paragraph: bool


class RulesWriter(ScriptWriter):
    """Divides a text at its paragraphs and sentences. A script that has headings stays as it is.

    Licence: Apache-2.0, as Lipwright.
    """

    capability = ScriptCapability(
        name="rules",
        invents=False,
        knows_length=False,
        cost_unit="none",
        code_licence="Apache-2.0",
        weights_licence="",
    )

    def write(self, brief: Brief) -> str:
        story = read_script(brief.text, "the text")
        if brief.language and story.language is None:
            story = story.model_copy(update={"language": brief.language})
        if len(story.scenes) == 1 and not story.scenes[0].title:
            story = story.model_copy(update={"scenes": divided(story.scenes[0], story)})
        return write_script(story)


def divided(scene: Scene, story: Story) -> tuple[Scene, ...]:
    """Divide one long scene into several; what is directed of it holds for the first, cut-aways stay at their words."""
    language, pace = story.language or UNKNOWN_LANGUAGE, pace_of(scene.voice or story.voice)
    spans = _spans(_units(scene.text, language, pace))
    scenes: list[Scene] = []
    counted = 0
    for number, (start, end) in enumerate(spans):
        text = scene.text[start:end].strip()
        words = len(tokens_of(text))
        is_last = number + 1 == len(spans)
        cuts = tuple(
            cut.model_copy(update={"after_words": cut.after_words - counted})
            for cut in scene.cut_aways
            if counted <= cut.after_words and (is_last or cut.after_words < counted + words)
        )
        counted += words
        update = {"title": _title(text), "text": text, "cut_aways": cuts, "hold_s": scene.hold_s if is_last else 0.0}
        if number:
            update |= {"framing": None, "place": None, "pose": None, "background": None, "transition": None}
        scenes.append(scene.model_copy(update=update))
    return tuple(scenes) or (scene,)


def _units(text: str, language: str, pace: float) -> list[_Unit]:
    """Sentences that say something; marks alone belong to the sentence before them."""
    units: list[_Unit] = []
    for start, end in sentence_spans(text):
        length_s = guessed_speech(text[start:end], language, pace).duration_s
        ends_paragraph = text[end : end + 2] == "\n\n" or end == len(text)
        if length_s or not units:
            units.append(_Unit(start, end, length_s, ends_paragraph))
        else:
            units[-1] = _Unit(units[-1].start, end, units[-1].length_s, ends_paragraph)
    return units


def _spans(units: Sequence[_Unit]) -> list[tuple[int, int]]:
    """Where each scene begins and ends in the text."""
    groups: list[list[_Unit]] = []
    for unit in units:
        now_s = _length_s(groups[-1]) if groups else 0.0
        is_full = not groups or now_s + unit.length_s > LONGEST_S
        if is_full or (now_s >= SHORTEST_S and groups[-1][-1].ends_paragraph):
            groups.append([unit])
        else:
            groups[-1].append(unit)
    if len(groups) > 1 and _length_s(groups[-1]) < SHORTEST_S:
        last = groups.pop()
        if _length_s(groups[-1]) + _length_s(last) <= LONGEST_S:
            groups[-1] += last
        else:
            groups.append(last)
    return [(group[0].start, group[-1].end) for group in groups]


def _length_s(group: Sequence[_Unit]) -> float:
    return sum(unit.length_s for unit in group)


def _title(text: str) -> str:
    """The first words of a scene."""
    tokens = tokens_of(text)
    if not tokens:
        return ""
    start = tokens[0].start
    words = text[start : tokens[min(_TITLE_WORDS, len(tokens)) - 1].end]
    if " " not in words:  # a script without spaces, whose words are letters
        words = text[start : tokens[min(3 * _TITLE_WORDS, len(tokens)) - 1].end]
    return " ".join(words.split())[:_TITLE_LETTERS].strip(" .,;:!?…-—\"'“”«»。，！？、")
