"""The times of a story: about, before it is spoken, and exact afterwards, in whole frames.

A scene lasts as long as its sound and its hold. A dissolve lies over the end of one scene and the beginning of the
next, and never over words of both: the earlier scene is held until they are apart.
"""

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from lipwright.contracts.story import CutAway, Scene, Story, Transition, TransitionKind
from lipwright.errors import ScriptInvalid
from lipwright.media.scenes import FEWEST_FRAMES, fitting_dissolves
from lipwright.speech.translate.spoken_length import pace_of
from lipwright.story.spoken_times import Said, SceneSpeech, guessed_speech, said_words
from lipwright.story.words import sentence_ends

ESTIMATED_FPS: Final = Fraction(25)
UNKNOWN_LANGUAGE: Final = "en"
"""What an estimate takes a script for that names no language."""
BETWEEN_WORDS_S: Final = Fraction(1, 4)
"""From the last word of one scene to the first of the next, at least, where one dissolves into the other."""
_LONGEST_S: Final = 86_400
_NEAR: Final = Fraction(1, 1000)
"""Of a frame: a sound that is longer than whole frames by so little is as long as they are."""


def frame_of(time_s: float | None, fps: Fraction) -> int:
    """The whole frames in a time of a story that is spoken at this rate."""
    return round(Fraction(time_s or 0.0) * fps)


def estimated(story: Story) -> Story:
    """Give a story the times that it will have, about; made from its letters in a few milliseconds.

    Raises: ScriptInvalid: no time is left for a cut-away; the story is longer than a day.
    """
    language = story.language or UNKNOWN_LANGUAGE
    speeches = [guessed_speech(scene.text, language, pace_of(scene.voice or story.voice)) for scene in story.scenes]
    return spoken(story, speeches, ESTIMATED_FPS).model_copy(update={"timed": "estimated"})


def spoken(story: Story, speeches: Sequence[SceneSpeech], fps: Fraction) -> Story:
    """Give a story its exact times: scenes, dissolves and cut-aways begin and end with frames.

    A dissolve that is longer than its scenes allow is shortened; one of no frame becomes a cut.

    Args:
        speeches: of each scene.
        fps: of the video.
    Returns: the story with every `start_s`, `duration_s` and the transitions' durations set.
    Raises:
        ValueError: another number of speeches than of scenes.
        ScriptInvalid: no time is left for a cut-away; the story is longer than a day.
    """
    if len(speeches) != len(story.scenes):
        raise ValueError(f"{len(story.scenes)} scenes have {len(speeches)} speeches")
    said = [said_words(scene.text, speech) for scene, speech in zip(story.scenes, speeches, strict=True)]
    lengths = [_frames(scene, speech, fps) for scene, speech in zip(story.scenes, speeches, strict=True)]
    overlaps = _overlaps(story.scenes, lengths, fps)
    for later in range(1, len(lengths)):
        if overlaps[later] and said[later - 1] and said[later]:
            quiet = overlaps[later] + math.ceil(BETWEEN_WORDS_S * fps)
            ends = Fraction(said[later - 1][-1].end_s) * fps
            begins = Fraction(said[later][0].start_s) * fps
            lengths[later - 1] = max(lengths[later - 1], math.ceil(ends - begins) + quiet)
    scenes: list[Scene] = []
    start = 0
    for scene, words, length, overlap in zip(story.scenes, said, lengths, overlaps, strict=True):
        start -= overlap
        scenes.append(
            scene.model_copy(
                update={
                    "start_s": float(start / fps),
                    "duration_s": float(length / fps),
                    "transition": _transition(overlap, fps),
                    "cut_aways": _cut_aways(scene, words, length, fps),
                }
            )
        )
        start += length
    if start / fps > _LONGEST_S:
        raise ScriptInvalid("the script: its video would be longer than a day. Divide it into several scripts.")
    return story.model_copy(update={"scenes": tuple(scenes), "timed": "spoken"})


def _frames(scene: Scene, speech: SceneSpeech, fps: Fraction) -> int:
    return max(math.ceil((Fraction(speech.duration_s) + Fraction(scene.hold_s)) * fps - _NEAR), FEWEST_FRAMES)


def _overlaps(scenes: Sequence[Scene], lengths: Sequence[int], fps: Fraction) -> list[int]:
    """Frames that each scene shares with the one before it; none is shared by three scenes."""
    wishes = [scene.transition for scene in scenes[1:]]
    wanted = [
        round(Fraction(wish.duration_s) * fps) if wish and wish.kind is TransitionKind.DISSOLVE else 0
        for wish in wishes
    ]
    return [0, *fitting_dissolves(lengths, wanted)]


def _transition(overlap: int, fps: Fraction) -> Transition:
    if not overlap:
        return Transition()
    return Transition(kind=TransitionKind.DISSOLVE, duration_s=min(float(overlap / fps), 2.0))


def _cut_aways(scene: Scene, words: Sequence[Said], length: int, fps: Fraction) -> tuple[CutAway, ...]:
    """Cut-aways with times: in the order of the text, each over before the next begins, all inside the scene."""
    cuts = sorted(scene.cut_aways, key=lambda cut: cut.after_words)
    ends = sentence_ends(scene.text) if cuts else []
    placed: list[CutAway] = []
    free = 0
    for number, cut in enumerate(cuts):
        start = max(_begin(cut, words, fps), free)
        until = length
        if number + 1 < len(cuts) and cuts[number + 1].after_words > cut.after_words:
            until = min(until, max(_begin(cuts[number + 1], words, fps), start + 1))
        if start >= until:
            shown = cut.file or ", ".join(cut.tags)
            called = f"the scene `{scene.title}`" if scene.title else "the scene"
            raise ScriptInvalid(
                f"{called}: no time is left for the cut-away `{shown}`. Put it earlier in the text, make the one "
                "before it shorter, or write [hold 3s] behind the words."
            )
        free = min(max(_end(cut, start, words, ends, length, fps), start + 1), until)
        placed.append(cut.model_copy(update={"start_s": float(start / fps), "duration_s": float((free - start) / fps)}))
    return tuple(placed)


def _begin(cut: CutAway, words: Sequence[Said], fps: Fraction) -> int:
    """The frame in which the word begins that it waits for; the first of the scene, where it waits for none."""
    if not cut.after_words or not words:
        return 0
    if cut.after_words < len(words):
        return math.floor(Fraction(words[cut.after_words].start_s) * fps)
    return math.ceil(Fraction(words[-1].end_s) * fps)


def _end(cut: CutAway, start: int, words: Sequence[Said], ends: Sequence[int], length: int, fps: Fraction) -> int:
    """Where it would end if no other began and the scene went on."""
    if cut.duration_s is not None:
        return start + round(Fraction(cut.duration_s) * fps)
    last = next((end for end in ends if end > cut.after_words), None)
    return length if last is None else math.ceil(Fraction(words[last - 1].end_s) * fps)
