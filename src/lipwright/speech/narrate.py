"""A whole script spoken, one sentence at a time, with natural pauses."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from lipwright.contracts.speech import Phoneme, Speech, Word
from lipwright.errors import TextEmpty
from lipwright.speech.finish import LEAD_S, TAIL_S, fade_ends
from lipwright.speech.lexicon import Lexicon
from lipwright.speech.script import Pause, Sentence, read_script
from lipwright.speech.tts.base import TextToSpeech


@dataclass(frozen=True, slots=True)
class Pauses:
    """Silence from the last sound of one sentence to the first sound of the next, in seconds."""

    sentence_s: float = 0.36
    line_s: float = 0.36
    paragraph_s: float = 0.80


@dataclass(frozen=True, slots=True)
class _Line:
    """A sentence with the silences around it."""

    text: str
    before_s: float
    """Silence in front of the first sound that the script asks for; 0 but for the first sentence."""
    after_s: float | None
    """Silence behind the last sound; None behind the last sentence, unless the script asks for it."""
    is_last: bool = False


class Narration:
    """The sentences of a script, spoken as they are asked for; `len` tells their number before any is spoken.

    Joining all samples gives the sound track: each pause is silence at the end of the sentence before it, so that it
    lasts exactly as long as asked for, from sound to sound. Every Speech but the last ends where the next one begins.
    """

    def __init__(
        self,
        lines: tuple[_Line, ...],
        engine: TextToSpeech,
        voice: str,
        language: str | None,
        speed: float,
        lexicon: Lexicon | None,
    ) -> None:
        """Use `narrate`."""
        self._lines = lines
        self._engine = engine
        self._voice = voice
        self._language = language
        self._speed = speed
        self._lexicon = lexicon

    def __len__(self) -> int:
        return len(self._lines)

    def __iter__(self) -> Iterator[Speech]:
        for line in self._lines:
            spoken = self._engine.speak(
                line.text, self._voice, language=self._language, speed=self._speed, lexicon=self._lexicon
            )
            yield _pad(spoken, line)


def narrate(
    script: str,
    engine: TextToSpeech,
    voice: str,
    *,
    language: str | None = None,
    speed: float = 1.0,
    lexicon: Lexicon | None = None,
    pauses: Pauses | None = None,
) -> Narration:
    """Prepare a script to be spoken sentence by sentence; nothing is spoken before the first one is asked for.

    Args:
        script: text with paragraphs and `[pause 500ms]` marks.
        voice: id of a voice of the engine, or a path where the engine accepts voice files.
        language: BCP 47 tag; the voice's own when None.
        speed: .5 to 2.
        lexicon: pronunciations that go before all others.
        pauses: natural pauses; a pause in the script takes their place.
    Raises: TextEmpty, VoiceUnknown, LanguageUnknown, UsageError at once; ScriptUnsupported with its sentence.
    """
    engine.find_voice(voice, language)
    lines = _lines(read_script(script), pauses or Pauses())
    return Narration(lines, engine, voice, language, speed, lexicon)


def _lines(items: tuple[Sentence | Pause, ...], pauses: Pauses) -> tuple[_Line, ...]:
    """Give every sentence the silences around it; what cannot be said, such as a line of dashes, is left out."""
    lines: list[_Line] = []
    asked_s: float | None = None
    for item in items:
        if isinstance(item, Pause):
            asked_s = (asked_s or 0.0) + item.length_s
            continue
        if not any(character.isalnum() for character in item.text):
            continue
        if asked_s is not None and lines:
            lines[-1] = replace(lines[-1], after_s=asked_s)
        before_s = asked_s or 0.0 if not lines else 0.0
        lines.append(_Line(item.text, before_s, pauses.paragraph_s if item.ends_paragraph else pauses.sentence_s))
        asked_s = None
    if not lines:
        raise TextEmpty("There is nothing to say in this script. Write at least one word.")
    lines[-1] = replace(lines[-1], after_s=asked_s, is_last=True)
    return tuple(lines)


def _pad(speech: Speech, line: _Line) -> Speech:
    """Put the silences around a sentence whose sound has `LEAD_S` in front and `TAIL_S` behind.

    A pause shorter than both is made by cutting the tail.
    """
    rate = speech.sample_rate_hz
    before = round(line.before_s * rate) - round(LEAD_S * rate) if line.before_s else 0
    start = max(before, 0)
    after = 0
    if line.after_s is not None:
        after = round(line.after_s * rate) - round(TAIL_S * rate) - (0 if line.is_last else round(LEAD_S * rate))
    samples = speech.samples
    if after < 0:
        samples = samples[: len(samples) + max(after, -round(TAIL_S * rate))].copy()
        fade_ends(samples, rate)
    padded = np.concatenate([np.zeros(start, np.float32), samples, np.zeros(max(after, 0), np.float32)])
    shift_s, end_s = start / rate, (start + len(samples)) / rate

    def move(time_s: float) -> float:
        return min(time_s + shift_s, end_s)

    return replace(
        speech,
        samples=padded,
        phonemes=tuple(Phoneme(p.symbol, move(p.start_s), move(p.end_s)) for p in speech.phonemes),
        words=tuple(Word(w.text, move(w.start_s), move(w.end_s)) for w in speech.words),
    )
