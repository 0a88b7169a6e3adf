"""Who speaks when, on synthetic voices and where recordings lie beside the checkout."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lipwright.contracts.speech import Transcript, Utterance, Word
from lipwright.media.audio import read_audio, resample
from lipwright.speech.pauses import Stretch
from lipwright.speech.speakers.base import Diarisation, Turn
from lipwright.speech.speakers.diarise import diarise
from lipwright.speech.speakers.embed import SpeakerEmbedder
from lipwright.speech.speakers.features import log_mel
from lipwright.speech.speakers.overlap import overlap_notes, overlaps_of
from lipwright.speech.speakers.pitch import median_pitch_hz
from lipwright.speech.speakers.turns import reference_of
from lipwright.speech.tts.kokoro import Kokoro

RATE_HZ = 16_000
WOMAN, OTHER_WOMAN, MAN = "af_heart", "bf_emma", "am_michael"
SENTENCES = (
    "Nobody knew why the lights went out during dinner.",
    "Please close the windows and lock the gate.",
    "Who told you this?",
)


Spoken = dict[tuple[str, int], tuple[NDArray[np.float32], tuple[Word, ...]]]


@pytest.fixture(scope="module")
def spoken(kokoro: Kokoro) -> Spoken:
    """Each voice's sentences, at 16 kHz, with their words."""
    found = {}
    for voice in (WOMAN, OTHER_WOMAN, MAN):
        for number, sentence in enumerate(SENTENCES):
            speech = kokoro.speak(sentence, voice)
            sound = np.concatenate([*resample([speech.samples], speech.sample_rate_hz, RATE_HZ)])
            found[voice, number] = sound, speech.words
    return found


@pytest.fixture(scope="module")
def embedder() -> SpeakerEmbedder:
    return SpeakerEmbedder()


def talk(spoken: Spoken, *parts: tuple[str, int]) -> tuple[NDArray[np.float32], Transcript, list[str]]:
    """A conversation with pauses of .3 s, its transcript, and the voice of each word."""
    sounds, words, voices = [], [], []
    clock_s = 0.0
    for voice, number in parts:
        sound, said = spoken[voice, number]
        words += [Word(word.text, clock_s + word.start_s, clock_s + word.end_s) for word in said]
        voices += [voice] * len(said)
        sounds += [sound, np.zeros(round(0.3 * RATE_HZ), np.float32)]
        clock_s = sum(map(len, sounds)) / RATE_HZ
    said_all = Utterance("", words[0].start_s, words[-1].end_s, "en", tuple(words), 1.0)
    return np.concatenate(sounds), Transcript("en", 1.0, clock_s, (said_all,)), voices


def found(sound: NDArray[np.float32], transcript: Transcript, embedder: SpeakerEmbedder, **more: int) -> Diarisation:
    def listen(start_s: float, end_s: float) -> NDArray[np.float32]:
        return sound[round(start_s * RATE_HZ) : round(end_s * RATE_HZ)]

    return diarise(listen, transcript, embedder, **more)


def numbered(voices: list[str]) -> tuple[int, ...]:
    names = list(dict.fromkeys(voices))
    return tuple(names.index(voice) + 1 for voice in voices)


def test_features_of_a_tone_lie_in_its_band() -> None:
    tone = np.sin(2 * np.pi * 1000 * np.arange(RATE_HZ) / RATE_HZ).astype(np.float32)
    features = log_mel(tone)
    assert features.shape == (1 + (RATE_HZ - 512) // 160, 40)
    # The mel scale of Slaney is 15 at 1 kHz; 41 steps divide 0 to 45.2.
    assert set(features.argmax(axis=1)) == {round(15 / 45.245 * 41) - 1}


def test_one_voice_sounds_like_itself_and_not_like_others(spoken: Spoken, embedder: SpeakerEmbedder) -> None:
    voices = {key: embedder.embed(sound) for key, (sound, _) in spoken.items()}
    assert all(np.linalg.norm(voice) == pytest.approx(1, abs=1e-5) for voice in voices.values())
    same = [voices[v, 0] @ voices[v, 1] for v in (WOMAN, OTHER_WOMAN, MAN)]
    other = [
        voices[a, 0] @ voices[b, 1] for a in (WOMAN, OTHER_WOMAN, MAN) for b in (WOMAN, OTHER_WOMAN, MAN) if a != b
    ]
    assert min(same) > 0.75
    assert max(other) < 0.65


def test_loudness_does_not_change_a_voice(spoken: Spoken, embedder: SpeakerEmbedder) -> None:
    sound, _ = spoken[WOMAN, 0]
    assert embedder.embed(sound) @ embedder.embed(sound * np.float32(0.1)) > 0.98


def test_two_voices_are_two_speakers(spoken: Spoken, embedder: SpeakerEmbedder) -> None:
    parts = [(WOMAN, 0), (MAN, 0), (WOMAN, 1), (MAN, 1), (WOMAN, 2)]
    sound, transcript, voices = talk(spoken, *parts)
    who = found(sound, transcript, embedder)
    assert who.words == numbered(voices)
    assert [turn.speaker for turn in who.turns] == [1, 2, 1, 2, 1]
    woman, man = who.speakers
    assert woman.pitch_hz == pytest.approx(190, rel=0.15)
    assert man.pitch_hz == pytest.approx(115, rel=0.15)
    assert woman.spoken_s == pytest.approx(sum(t.end_s - t.start_s for t in who.turns if t.speaker == 1))
    assert woman.reference is not None
    assert woman.reference.end_s - woman.reference.start_s > 2
    assert (who.overlaps, who.notes) == ((), ())


def test_two_women_are_two_speakers(spoken: Spoken, embedder: SpeakerEmbedder) -> None:
    sound, transcript, voices = talk(spoken, (WOMAN, 0), (OTHER_WOMAN, 0), (WOMAN, 1), (OTHER_WOMAN, 1))
    assert found(sound, transcript, embedder).words == numbered(voices)


def test_one_voice_is_one_speaker_however_often_it_pauses(spoken: Spoken, embedder: SpeakerEmbedder) -> None:
    for voice in (WOMAN, OTHER_WOMAN, MAN):
        sound, transcript, voices = talk(spoken, (voice, 2), (voice, 0), (voice, 1), (voice, 2))
        assert found(sound, transcript, embedder).words == (1,) * len(voices)


def test_told_number_of_speakers_is_kept(spoken: Spoken, embedder: SpeakerEmbedder) -> None:
    sound, transcript, _ = talk(spoken, (WOMAN, 0), (MAN, 0), (WOMAN, 1))
    assert {turn.speaker for turn in found(sound, transcript, embedder, count=1).turns} == {1}


def test_nobody_speaks_in_an_empty_transcript(embedder: SpeakerEmbedder) -> None:
    empty = Transcript("und", 0.0, 3.0, ())
    assert found(np.zeros(3 * RATE_HZ, np.float32), empty, embedder) == Diarisation((), (), (), (), ())


def test_words_behind_the_end_of_the_sound_are_somebodys(spoken: Spoken, embedder: SpeakerEmbedder) -> None:
    sound, transcript, voices = talk(spoken, (WOMAN, 0), (WOMAN, 1))
    assert len(found(sound[:RATE_HZ], transcript, embedder).words) == len(voices)


def test_voices_that_speak_at_once_are_stated(spoken: Spoken, embedder: SpeakerEmbedder) -> None:
    woman, man = (np.concatenate([spoken[voice, n][0] for n in (0, 1)]) for voice in (WOMAN, MAN))
    people = np.stack([embedder.embed(woman), embedder.embed(man)])
    length = min(len(woman), len(man))
    both = embedder.slide(woman[:length] + man[:length], 0.2)
    times_s = 0.4 + 0.2 * np.arange(len(both))
    stretches = overlaps_of(times_s, both, people, 0.2)
    assert sum(part.end_s - part.start_s for part in stretches) > 1
    for alone in (woman, man):
        heard = embedder.slide(alone, 0.2)
        assert overlaps_of(0.4 + 0.2 * np.arange(len(heard)), heard, people, 0.2) == ()


def test_note_lists_the_first_overlaps() -> None:
    assert overlap_notes(()) == ()
    (note,) = overlap_notes([Stretch(at, at + 1.5) for at in range(0, 70, 10)])
    assert "at 0.0 to 1.5 s, 10.0 to 11.5 s" in note
    assert "and 2 more" in note


def test_reference_is_the_longest_stretch_without_somebody_else() -> None:
    turns = [Turn(1, 0.0, 6.0), Turn(1, 10.0, 14.0)]
    assert reference_of(turns, [Stretch(1.0, 4.0)]) == Stretch(10.0, 14.0)
    assert reference_of(turns, []) == Stretch(0.0, 6.0)
    assert reference_of([Turn(1, 0.0, 60.0)], []) == Stretch(0.0, 15.0)
    assert reference_of([Turn(1, 0.0, 0.8)], []) is None


@pytest.mark.parametrize("pitch_hz", [70.0, 110.0, 220.0, 400.0])
def test_pitch_of_a_tone_with_overtones_is_its_own(pitch_hz: float) -> None:
    time_s = np.arange(RATE_HZ) / RATE_HZ
    tone = sum(np.sin(2 * np.pi * pitch_hz * part * time_s) / part for part in range(1, 8))
    assert median_pitch_hz(np.asarray(0.1 * tone, np.float32)) == pytest.approx(pitch_hz, rel=0.005)


@pytest.mark.parametrize("sound", [np.zeros(RATE_HZ), np.random.default_rng(1).standard_normal(RATE_HZ), np.zeros(10)])
def test_silence_and_noise_have_no_pitch(sound: NDArray[np.float64]) -> None:
    assert median_pitch_hz(sound.astype(np.float32)) is None


Recorded = Callable[[str, float, float], NDArray[np.float32]]


@pytest.fixture
def recorded(shared_media: Path) -> Recorded:
    def read(name: str, start_s: float, end_s: float) -> NDArray[np.float32]:
        whole = np.concatenate([*read_audio(shared_media / name, RATE_HZ)])
        return whole[round(start_s * RATE_HZ) : round(end_s * RATE_HZ)]

    return read


def test_real_people_in_one_file_differ_more_than_one_of_them_from_herself(
    recorded: Recorded, embedder: SpeakerEmbedder
) -> None:
    english, more_english = (embedder.embed(recorded("multilingual.mp3", at, at + 8)) for at in (0.5, 15))
    german, more_german = (embedder.embed(recorded("multilingual.mp3", at, at + 8)) for at in (31, 50))
    assert min(english @ more_english, german @ more_german) > 0.85
    assert max(english @ german, more_english @ more_german) < 0.7
