"""The lines of a dub spoken, each once: what a line said is kept, so that an edit speaks only what it touches."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.progress import Progress
from lipwright.contracts.speech import Phoneme, Speech, Word
from lipwright.errors import ProviderAnswerInvalid
from lipwright.motion.emphasis import phone_emphasis
from lipwright.remote.waiting import cancellable, watched
from lipwright.speech.finish import sounding_range
from lipwright.speech.lexicon import Lexicon, read_lexicon
from lipwright.speech.narrate import Pauses, narrate
from lipwright.speech.tts.base import TextToSpeech
from lipwright.store.digest import file_digest
from lipwright.store.key import StageKey
from lipwright.store.stages import StageStore, memoise

SOUND, FACTS = "sound.f32", "speech.json"
SLOWEST, FASTEST = 0.8, 1.2
"""What engines are asked for; the rest is done to their sound."""
_GOLDEN = 0.618
_STOPS = "pbtdkgɡc"
"""A phone that begins with one of them begins in silence, with the mouth shut for it."""
_LEAD_S, _PHONE_S = 0.010, 0.020
"""Kept before the first sound of any other phone; and of the first phone, whose time may be wrong, at the least."""


@dataclass(frozen=True, slots=True)
class SpeakingVoice:
    """Who speaks the lines of one person."""

    tts: TextToSpeech
    voice: str
    """Id of a voice of the engine."""


@dataclass(frozen=True, slots=True, eq=False)
class LineSpeech:
    """A line as the voice said it, without silence around it. Times are seconds from its first sample."""

    samples: NDArray[np.float32]
    """Mono, (n,)."""
    sample_rate_hz: int
    phonemes: tuple[Phoneme, ...]
    emphasis: NDArray[np.float32]
    """(phonemes,) 0 to 1: how strongly each is spoken."""
    words: tuple[Word, ...]
    digest: str
    """Names what it was made from."""

    @property
    def duration_s(self) -> float:
        return len(self.samples) / self.sample_rate_hz


class LineSpeaker:
    """Speaks lines, unless an earlier run has spoken them."""

    def __init__(
        self,
        voices: Mapping[int, SpeakingVoice],
        language: str,
        lexicon: Path | None,
        store: StageStore,
        progress: Progress,
    ) -> None:
        """
        Args:
            voices: by the number of the speaker.
            language: BCP 47, of all lines.
            lexicon: file of the user's pronunciations.
        Raises: MediaNotFound, UsageError: the lexicon.
        """
        self._voices = voices
        self._language = language
        self._lexicon: Lexicon | None = read_lexicon(lexicon) if lexicon else None
        self._lexicon_digest = file_digest(lexicon) if lexicon else ""
        self._store = store
        self._progress = progress

    def voice(self, speaker: int) -> SpeakingVoice:
        """Who speaks for one person."""
        return self._voices[speaker]

    def check(self, speaker: int) -> None:
        """Tell early when nobody can speak for a person.

        Raises: VoiceUnknown, LanguageUnknown; ProviderError, Cancelled where a server knows the voices.
        """
        chosen = self._voices[speaker]
        with cancellable(self._progress.check_cancelled):
            chosen.tts.find_voice(chosen.voice, self._language)

    def speak(self, text: str, speaker: int, speed: float = 1.0, take: int = 0) -> LineSpeech:
        """Speak a line.

        Args:
            speed: what the engine is asked for; it comes near, no more.
            take: 0 is the first. Another one asks the engine again: for a variant of the voice, where it has any, else
                at another pace, which whoever fits the line into its slot takes out. So an engine that knows neither
                variants nor chance says the same melody in another rhythm.
        Raises: SpeechError, ProviderError, Cancelled.
        """
        chosen = self._voices[speaker]
        voice = chosen.tts.variant(chosen.voice, take) if take else chosen.voice
        asked = pace_of_take(speed, take if voice == chosen.voice else 0, chosen.tts.capability.speeds)
        key = StageKey(
            "speak-line",
            1,
            provider=chosen.tts.identity(),
            inputs={"lexicon": self._lexicon_digest, "voice": _voice_digest(chosen)},
            parameters={"text": text, "voice": voice, "language": self._language, "speed": asked},
            take=take,
        )

        def make(folder: Path) -> None:
            with cancellable(self._progress.check_cancelled):
                spoken = watched(lambda: self._say(text, chosen.tts, voice, asked))
            (folder / SOUND).write_bytes(spoken.samples.astype("<f4").tobytes())
            facts = {
                "sample_rate_hz": spoken.sample_rate_hz,
                "phonemes": [asdict(phoneme) for phoneme in spoken.phonemes],
                "emphasis": spoken.emphasis.tolist(),
                "words": [asdict(word) for word in spoken.words],
            }
            (folder / FACTS).write_text(json.dumps(facts), encoding="utf-8")

        self._progress.check_cancelled()
        return _load(memoise(self._store, key, make), key.digest)

    def _say(self, text: str, tts: TextToSpeech, voice: str, speed: float) -> LineSpeech:
        usual = Pauses()
        pauses = Pauses(usual.sentence_s / speed, usual.line_s / speed, usual.paragraph_s / speed)
        sentences = narrate(
            text,
            tts,
            voice,
            language=self._language,
            speed=speed,
            lexicon=self._lexicon,
            pauses=pauses,
        )
        return _trimmed(list(sentences), tts.capability.name)


def pace_of_take(speed: float, take: int, speeds: tuple[float, float]) -> float:
    """What the engine is asked for: for another take 5 to 15 % slower or faster, never twice the same.

    Args:
        speeds: slowest and fastest that the engine knows.
    """
    slowest, fastest = max(SLOWEST, speeds[0]), min(FASTEST, speeds[1])
    if take:
        away = 0.05 + 0.1 * (take * _GOLDEN % 1.0)
        faster = take % 2 == 1 and speed * (1 + away) <= fastest
        speed *= 1 + away if faster else 1 - away
    return min(max(speed, slowest), fastest)


def _voice_digest(chosen: SpeakingVoice) -> str:
    """Of a voice that is the user's own file."""
    path = Path(chosen.voice)
    is_file = chosen.tts.capability.accepts_voice_files and path.is_file()
    return file_digest(path) if is_file else ""


def _trimmed(sentences: Sequence[Speech], engine: str) -> LineSpeech:
    """Join the sentences of a line, and cut off the silence around it; the closure of a first p or t stays."""
    rate = sentences[0].sample_rate_hz
    samples = np.concatenate([sentence.samples for sentence in sentences])
    sounding = sounding_range(samples, rate)
    if sounding is None:
        raise ProviderAnswerInvalid(f"the engine {engine} answers with silence. Try again, or choose another voice.")
    starts_s = np.cumsum([0.0, *(sentence.duration_s for sentence in sentences)])
    phonemes = [_later(phone, start_s) for s, start_s in zip(sentences, starts_s, strict=False) for phone in s.phonemes]
    words = [_later(word, start_s) for s, start_s in zip(sentences, starts_s, strict=False) for word in s.words]
    first = round(_begins_s(sounding[0], phonemes) * rate)
    end = min(round(sounding[1] * rate), len(samples))
    length_s = (end - first) / rate
    return LineSpeech(
        samples=samples[first:end],
        sample_rate_hz=rate,
        phonemes=tuple(_within(phone, first / rate, length_s) for phone in phonemes),
        emphasis=np.concatenate([phone_emphasis(sentence) for sentence in sentences]),
        words=tuple(_within(word, first / rate, length_s) for word in words),
        digest="",
    )


def _begins_s(sound_s: float, phonemes: Sequence[Phoneme]) -> float:
    begins_s = sound_s - _LEAD_S
    if phonemes:
        first = phonemes[0]
        begins_s = min(begins_s, first.start_s if first.symbol[0] in _STOPS else first.end_s - _PHONE_S)
    return max(begins_s, 0.0)


Timed = TypeVar("Timed", Phoneme, Word)


def _later(timed: Timed, by_s: float) -> Timed:
    return replace(timed, start_s=timed.start_s + by_s, end_s=timed.end_s + by_s)


def _within(timed: Timed, first_s: float, length_s: float) -> Timed:
    """With times from a later first sample, inside what is left."""
    start_s, end_s = (min(max(time_s - first_s, 0.0), length_s) for time_s in (timed.start_s, timed.end_s))
    return replace(timed, start_s=start_s, end_s=end_s)


def _load(folder: Path, digest: str) -> LineSpeech:
    facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    samples = np.fromfile(folder / SOUND, "<f4").astype(np.float32, copy=False)
    return LineSpeech(
        samples=samples,
        sample_rate_hz=facts["sample_rate_hz"],
        phonemes=tuple(Phoneme(**phoneme) for phoneme in facts["phonemes"]),
        emphasis=np.array(facts["emphasis"], np.float32),
        words=tuple(Word(**word) for word in facts["words"]),
        digest=digest,
    )
