"""The lines of a dub spoken into their slots: from translations to one voice track as long as the video."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.dub import Fit, SpokenLine, TargetLine
from lipwright.contracts.progress import Progress
from lipwright.contracts.speech import Phoneme, Word
from lipwright.errors import LipwrightError, ProviderError, SpeakingFailed, SpeechError, UsageError
from lipwright.media.spool import AudioSpool
from lipwright.pipeline.stages.render_line import read_sound, render_line
from lipwright.pipeline.stages.soundtrack import SAMPLE_RATE_HZ
from lipwright.pipeline.stages.speak_lines import LineSpeaker, LineSpeech, SpeakingVoice
from lipwright.pipeline.voice_track import VoiceTrack
from lipwright.speech.isochrony import Placement, Room, Rules, Slot, check_lines, find_rooms, fit_line
from lipwright.store.stages import StageStore

RULES = Rules()
_NEAR = 0.98
"""A line that the engine says a little faster than was asked for stays so: its slot is filled to this part at least."""
_FAR = 1.25
"""Speech that is so many times too long or too short is not what was asked for."""
_TOUCHING_S = 1e-6
_TOLD_LINES = 5
"""More lines that cannot be spoken are only counted."""


@dataclass(frozen=True, slots=True, eq=False)
class DubbedVoice:
    """The voice track of a dub; a context manager, which closes the sound. Times are seconds of the video."""

    sound: AudioSpool
    """48 kHz, mono, as long as the video; silence between the lines, each of which is at -20 LUFS."""
    lines: tuple[SpokenLine, ...]
    """As many as were asked for, in their order: also those that say nothing, and those that failed."""
    phonemes: tuple[Phoneme, ...]
    """In order, not overlapping: where two people speak at once, of the one who began."""
    emphasis: NDArray[np.float32]
    """(phonemes,) 0 to 1: how strongly each is spoken."""
    words: tuple[Word, ...]
    """As the phonemes."""
    sounds: Mapping[int, Path]
    """By the number of each line that is heard: its sound alone, for `read_sound`; good until the store is closed."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.sound.close()


@dataclass(frozen=True, slots=True, eq=False)
class _Heard:
    """A line, and its sound."""

    line: SpokenLine
    emphasis: NDArray[np.float32]
    sound: Path | None
    """None where nothing is spoken."""


def fit(
    lines: Sequence[TargetLine],
    voices: Mapping[int, SpeakingVoice],
    language: str,
    duration_s: float,
    store: StageStore,
    progress: Progress,
    *,
    takes: Mapping[int, int] = MappingProxyType({}),
    lexicon: Path | None = None,
    allow_failed: bool = False,
) -> DubbedVoice:
    """Speak the lines of a dub, each into its slot; one line is in memory at a time.

    What an earlier run has spoken is not spoken again: neither after an edit of other lines, nor after a run that broke
    off. Lines that nobody can speak are told together, after all others were spoken.

    Args:
        lines: in order of their starts, which follow their numbers.
        voices: by the number of each speaker.
        language: BCP 47, of the dub.
        duration_s: of the video.
        takes: by the number of a line; 0 where nothing is said.
        lexicon: file of the user's pronunciations.
        allow_failed: go on with silence where lines do not fit, however many they are.
    Returns: the caller closes it.
    Raises:
        SpeakingFailed: lines cannot be spoken; with the number of the first, and its cause.
        LinesDoNotFit: too many do not fit.
        ProviderUnavailable: Rubber Band is missing.
        Cancelled, OutputNotWritable, DiskFull, MediaNotFound.
    """
    progress.stage("speak", len(lines))
    speaker = LineSpeaker(voices, language, lexicon, store, progress)
    _check_voices(lines, speaker)
    slots = [Slot(line.number, line.start_s, line.end_s, line.speaker) for line in lines]
    spool = AudioSpool(SAMPLE_RATE_HZ)
    try:
        track = VoiceTrack(spool, round(duration_s * SAMPLE_RATE_HZ))
        heard: list[_Heard] = []
        failures: list[tuple[int, SpeechError | UsageError]] = []
        for line, room in zip(lines, find_rooms(slots, duration_s, RULES), strict=True):
            try:
                heard.append(_line(line, room, speaker, takes.get(line.number, 0), store))
            except (SpeechError, UsageError) as exc:
                failures.append((line.number, exc))
                continue
            except ProviderError as exc:
                raise SpeakingFailed(f"line {line.number}: {exc}", exc, line.number) from exc
            if (sound := heard[-1].sound) is not None:
                track.add(round(heard[-1].line.start_s * SAMPLE_RATE_HZ), read_sound(sound))
            progress.advance(1)
        if failures:
            raise _told(failures) from failures[0][1]
        spoken = tuple(one.line for one in heard)
        if not allow_failed:
            check_lines(spoken, RULES)
        track.finish()
    except BaseException:
        spool.close()
        raise
    return _dubbed(spool, heard)


def _line(line: TargetLine, room: Room, speaker: LineSpeaker, take: int, store: StageStore) -> _Heard:
    texts = [text for text in (line.text, *_shorter(line)) if _says_something(text)]
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
    return _Heard(
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


def _says_something(text: str) -> bool:
    """Whether there is a letter or a digit in it: a dash or a note of music is silence."""
    return any(character.isalnum() for character in text)


def _check_voices(lines: Sequence[TargetLine], speaker: LineSpeaker) -> None:
    first = {line.speaker: line.number for line in reversed(lines) if _says_something(line.text)}
    for person, number in sorted(first.items()):
        try:
            speaker.check(person)
        except (SpeechError, ProviderError) as exc:
            raise SpeakingFailed(f"line {number}: {exc}", exc, number) from exc


def _told(failures: Sequence[tuple[int, LipwrightError]]) -> SpeakingFailed:
    told = [f"line {number}: {failure}" for number, failure in failures[:_TOLD_LINES]]
    if len(failures) > _TOLD_LINES:
        told.append(f"and {len(failures) - _TOLD_LINES} more lines")
    number, cause = failures[0]
    return SpeakingFailed("\n".join(told), cause, number)


Timed = TypeVar("Timed", Phoneme, Word)


def _moved(timed: Iterable[Timed], speech: LineSpeech, placement: Placement) -> Iterator[Timed]:
    """From times of the speech to times of the video."""
    rate = (placement.end_s - placement.start_s) / speech.duration_s
    for one in timed:
        start_s, end_s = (
            min(placement.start_s + time_s * rate, placement.end_s) for time_s in (one.start_s, one.end_s)
        )
        yield replace(one, start_s=start_s, end_s=end_s)


def _dubbed(spool: AudioSpool, heard: Sequence[_Heard]) -> DubbedVoice:
    phonemes = [pair for one in heard for pair in zip(one.line.phonemes, one.emphasis.tolist(), strict=True)]
    kept = list(_one_at_a_time(phonemes, lambda pair: pair[0]))
    words = (word for one in heard for word in one.line.words)
    return DubbedVoice(
        sound=spool,
        lines=tuple(one.line for one in heard),
        phonemes=tuple(phone for phone, _ in kept),
        emphasis=np.array([strength for _, strength in kept], np.float32),
        words=tuple(_one_at_a_time(words, lambda word: word)),
        sounds=MappingProxyType({one.line.number: one.sound for one in heard if one.sound is not None}),
    )


Item = TypeVar("Item")


def _one_at_a_time(items: Iterable[Item], timed: Callable[[Item], Phoneme | Word]) -> Iterator[Item]:
    """Leave out what begins before the one before it has ended."""
    until_s = 0.0
    for item in items:
        if timed(item).start_s >= until_s - _TOUCHING_S:
            yield item
            until_s = timed(item).end_s
