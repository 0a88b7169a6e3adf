"""The lines of a dub spoken into their slots: from translations to one voice track as long as the video."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.dub import SpokenLine, TargetLine
from lipwright.contracts.progress import Progress
from lipwright.contracts.speech import Phoneme, Word
from lipwright.errors import LipwrightError, ProviderError, SpeakingFailed, SpeechError, UsageError
from lipwright.media.spool import AudioSpool
from lipwright.pipeline.share import Share
from lipwright.pipeline.stages.place_line import RULES, HeardLine, place_line, says_something
from lipwright.pipeline.stages.render_line import read_sound
from lipwright.pipeline.stages.soundtrack import SAMPLE_RATE_HZ
from lipwright.pipeline.stages.speak_lines import LineSpeaker, SpeakingVoice
from lipwright.pipeline.voice_track import VoiceTrack
from lipwright.speech.isochrony import Slot, check_lines, find_rooms
from lipwright.store.stages import StageStore

_TOUCHING_S = 1e-6
_TOLD_LINES = 5
"""More lines that cannot be spoken are only counted."""


@dataclass(frozen=True, slots=True, eq=False)
class DubbedVoice:
    """The voice track of a dub; a context manager, which closes the sound. Times are seconds of the video."""

    sound: AudioSpool
    """48 kHz, mono, as long as the video; silence between the lines, each of which is at -20 LUFS with peaks of at most
    -3 dBTP. Where two people speak at once, their sum may be louder than that."""
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
    share: Share | None = None,
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
        share: which lines this run speaks, by their places; None for all.
    Returns: the caller closes it.
    Raises:
        SpeakingFailed: lines cannot be spoken, or not stretched; with the number of the first, and its cause.
        LinesDoNotFit: too many do not fit.
        Partly: others speak the rest.
        Cancelled, OutputNotWritable, DiskFull, MediaNotFound.
    """
    share = share or Share()
    mine = share.of(len(lines))
    progress.stage("speak", max(len(mine), 1))
    speaker = LineSpeaker(voices, language, lexicon, store, progress)
    _check_voices(lines, speaker)
    slots = [Slot(line.number, line.start_s, line.end_s, line.speaker) for line in lines]
    spool = AudioSpool(SAMPLE_RATE_HZ)
    try:
        track = VoiceTrack(spool, round(duration_s * SAMPLE_RATE_HZ))
        heard: list[HeardLine] = []
        failures: list[tuple[int, SpeechError | UsageError]] = []
        rooms = find_rooms(slots, duration_s, RULES)
        for line, room in [(lines[place], rooms[place]) for place in mine]:
            try:
                heard.append(place_line(line, room, speaker, takes.get(line.number, 0), store))
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
        share.end()
        spoken = tuple(one.line for one in heard)
        if not allow_failed:
            check_lines(spoken, RULES)
        track.finish()
    except BaseException:
        spool.close()
        raise
    return _dubbed(spool, heard)


def _check_voices(lines: Sequence[TargetLine], speaker: LineSpeaker) -> None:
    first = {line.speaker: line.number for line in reversed(lines) if says_something(line.text)}
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


def _dubbed(spool: AudioSpool, heard: Sequence[HeardLine]) -> DubbedVoice:
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
