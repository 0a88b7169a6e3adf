"""One line of a dub: spoken, brought into its room, and told."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.dub import Fit, SpokenLine, TargetLine
from lipwright.contracts.speech import Phoneme, Word
from lipwright.pipeline.stages.render_line import render_line
from lipwright.pipeline.stages.soundtrack import SAMPLE_RATE_HZ
from lipwright.pipeline.stages.speak_lines import LineSpeaker, LineSpeech
from lipwright.speech.isochrony import Placement, Room, Rules, fit_line
from lipwright.store.stages import StageStore

RULES = Rules()
_NEAR = 0.98
"""A line that the engine says a little faster than was asked for stays so: its slot is filled to this part at least."""
_FAR = 1.25
"""Speech that is so many times too long or too short is not what was asked for."""


@dataclass(frozen=True, slots=True, eq=False)
class HeardLine:
    """A line, and its sound."""

    line: SpokenLine
    emphasis: NDArray[np.float32]
    sound: Path | None
    """None where nothing is spoken."""


def place_line(line: TargetLine, room: Room, speaker: LineSpeaker, take: int, store: StageStore) -> HeardLine:
    """Speak a line into its room; what an earlier run has made is not made again.

    Raises: SpeechError, ProviderError, Cancelled, OutputNotWritable, DiskFull.
    """
    texts = [text for text in (line.text, *_shorter(line)) if says_something(text)]
    placement = fit_line(room, (speaker.speak(text, line.speaker).duration_s for text in texts), RULES)
    notes = list(line.notes)
    sound, speech, text = None, None, line.text
    if placement.fit is Fit.FAILED:
        notes.append(
            f"takes {placement.natural_s / RULES.fastest:.2f} s at its fastest, and there are"
            f" {room.end_s - room.start_s:.2f} s: nothing is spoken"
        )
    elif placement.fit is not Fit.SILENT:
        text = texts[placement.choice]
        speech, far = _spoken(text, line.speaker, placement, speaker, take)
        placement = _as_spoken(placement, room, speech)
        start, end = (round(time_s * SAMPLE_RATE_HZ) for time_s in (placement.start_s, placement.end_s))
        sound = render_line(speech, end - start, store)
        if far is not None:
            notes.append(f"the voice was {far:.2f} times as long as asked for, which was taken out of its sound")
    chosen = speaker.voice(line.speaker)
    return HeardLine(
        SpokenLine(
            number=line.number,
            speaker=line.speaker,
            source=line.source,
            text=text,
            slot_start_s=line.start_s,
            slot_end_s=line.end_s,
            start_s=placement.start_s,
            end_s=placement.end_s,
            natural_s=placement.natural_s,
            speed=placement.speed,
            borrowed_s=placement.borrowed_s,
            fit=placement.fit,
            voice=chosen.voice,
            engine=chosen.tts.capability.name,
            take=take,
            phonemes=tuple(_moved(speech.phonemes, speech, placement)) if speech else (),
            words=tuple(_moved(speech.words, speech, placement)) if speech else (),
            notes=tuple(notes),
        ),
        speech.emphasis if speech else np.zeros(0, np.float32),
        sound,
    )


def _spoken(
    text: str, number: int, placement: Placement, speaker: LineSpeaker, take: int
) -> tuple[LineSpeech, float | None]:
    """The line at about the wanted speed; and how many times too long it is, if that is far from what was asked for."""
    natural = speaker.speak(text, number)
    if placement.speed == 1.0 and not take:
        return natural, None
    spoken = speaker.speak(text, number, placement.speed, take)
    wanted_s = placement.end_s - placement.start_s
    if 1 / _FAR <= spoken.duration_s / wanted_s <= _FAR:
        return spoken, None
    return (spoken, spoken.duration_s / wanted_s) if take else (natural, None)


def _as_spoken(placement: Placement, room: Room, speech: LineSpeech) -> Placement:
    """With the end where the voice ends by itself, if that is near enough."""
    end_s = placement.start_s + speech.duration_s
    speed = placement.natural_s / speech.duration_s
    filled = speech.duration_s / (placement.end_s - placement.start_s)
    if not (_NEAR <= filled <= 1.0 and RULES.slowest <= speed <= RULES.fastest):
        return placement
    return replace(placement, end_s=end_s, speed=speed, borrowed_s=max(end_s - room.slot_end_s, 0.0))


def _shorter(line: TargetLine) -> Iterator[str]:
    return (text for text in line.alternatives if len(text) < len(line.text))


def says_something(text: str) -> bool:
    """Whether there is a letter or a digit in it: a dash or a note of music is silence."""
    return any(character.isalnum() for character in text)


Timed = TypeVar("Timed", Phoneme, Word)


def _moved(timed: Iterable[Timed], speech: LineSpeech, placement: Placement) -> Iterator[Timed]:
    """From times of the speech to times of the video."""
    rate = (placement.end_s - placement.start_s) / speech.duration_s
    for one in timed:
        start_s, end_s = (
            min(placement.start_s + time_s * rate, placement.end_s) for time_s in (one.start_s, one.end_s)
        )
        yield replace(one, start_s=start_s, end_s=end_s)
