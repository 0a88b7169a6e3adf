"""Lines of a dub are spoken once each, put where they belong, and joined to a track as long as the video."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest

from lipwright.contracts.dub import Fit, TargetLine
from lipwright.contracts.progress import SilentProgress
from lipwright.errors import (
    Cancelled,
    LinesDoNotFit,
    LipwrightError,
    ProviderUnavailable,
    ScriptUnsupported,
    SpeakingFailed,
)
from lipwright.media.loudness import measure
from lipwright.pipeline.stages.fit import DubbedVoice, fit
from lipwright.pipeline.stages.render_line import LINE_LUFS, read_sound
from lipwright.pipeline.stages.speak_lines import SpeakingVoice
from lipwright.speech.tts.fake import FakeTts
from lipwright.store.stages import StageStore

RATE_HZ = 48_000
TEXT = "um dois tres"
TEXT_S = 10 * 0.060 + 2 * 0.040
"""How long the fake voice takes for it."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StageStore]:
    with StageStore(tmp_path / "store") as opened:
        yield opened


def line(
    number: int, start_s: float, end_s: float, text: str = TEXT, *alternatives: str, speaker: int = 1
) -> TargetLine:
    return TargetLine(number, start_s, end_s, speaker, f"source of {number}", text, alternatives)


FOUR = (line(1, 0.5, 1.3), line(2, 2.0, 2.4), line(3, 3.0, 3.6), line(4, 5.0, 5.7))


def dub(store: StageStore, lines: Sequence[TargetLine], tts: FakeTts | None = None, **more: object) -> DubbedVoice:
    voices = MappingProxyType(dict.fromkeys((1, 2), SpeakingVoice(tts or FakeTts(), "tone_pt-br")))
    return fit(lines, voices, "pt-BR", 6.5, store, SilentProgress(), **more)  # type: ignore[arg-type]


def digest(voice: DubbedVoice) -> str:
    return hashlib.sha256(voice.sound.read(0, len(voice.sound)).tobytes()).hexdigest()


def test_voice_track_is_as_long_as_the_video_and_sounds_where_its_lines_say(store: StageStore) -> None:
    with dub(store, FOUR) as voice:
        sound = voice.sound.read(0, len(voice.sound))
        assert len(sound) == 6.5 * RATE_HZ
        heard = np.zeros(len(sound), bool)
        for spoken in voice.lines:
            heard[round(spoken.start_s * RATE_HZ) : round(spoken.end_s * RATE_HZ)] = True
            assert spoken.start_s == spoken.slot_start_s
            assert [word.text for word in spoken.words] == TEXT.split()
        assert not sound[~heard].any()
        assert np.abs(sound[heard]).max() > 0.05
        assert [spoken.fit for spoken in voice.lines] == [Fit.FITS, Fit.BORROWED, Fit.BORROWED, Fit.FITS]
        assert [spoken.end_s - spoken.start_s for spoken in voice.lines] == pytest.approx([TEXT_S] * 4, abs=0.011)
        for phone in voice.phonemes:
            middle = round((phone.start_s + phone.end_s) / 2 * RATE_HZ)
            assert np.abs(sound[middle - 240 : middle + 240]).max() > 0.05
        assert len(voice.phonemes) == len(voice.emphasis) == 40


def test_long_line_is_spoken_faster_and_its_words_move_with_it(store: StageStore) -> None:
    crowded = (line(1, 0.0, 0.5), line(2, 0.75, 1.5))
    with dub(store, crowded) as voice:
        first = voice.lines[0]
        assert first.fit is Fit.FASTER
        assert first.speed == pytest.approx(TEXT_S / 0.6, abs=0.02)
        assert first.end_s <= 0.6 + 1e-9
        assert first.borrowed_s == pytest.approx(first.end_s - 0.5)
        assert first.words[-1].end_s == pytest.approx(first.end_s, abs=0.01)
        assert first.phonemes[0].start_s == pytest.approx(first.start_s, abs=0.02)
        sound = voice.sound.read(0, RATE_HZ)
        for before, after in zip(first.words, first.words[1:], strict=False):
            middle = round((before.end_s + after.start_s) / 2 * RATE_HZ)
            assert np.abs(sound[middle - 240 : middle + 240]).max() < 0.03
            assert np.abs(sound[round(after.start_s * RATE_HZ) :][:1_000]).max() > 0.1
        assert [p.start_s for p in voice.phonemes] == sorted(p.start_s for p in voice.phonemes)


def test_slow_line_is_stretched_to_its_slot(store: StageStore) -> None:
    long = " ".join([TEXT] * 4)
    natural_s = 4 * TEXT_S + 3 * 0.040
    with dub(store, [line(1, 1.0, 1.0 + natural_s + 0.3, long)]) as voice:
        (spoken,) = voice.lines
        assert spoken.fit is Fit.STRETCHED
        assert spoken.speed == pytest.approx(1 / 1.1, abs=0.01)
        assert spoken.end_s == pytest.approx(1.0 + natural_s * 1.1, abs=0.03)


def test_shorter_translation_is_spoken_where_the_first_one_is_too_long(store: StageStore) -> None:
    tts = FakeTts()
    crowded = (line(1, 0.0, 0.3, TEXT, "um e dois e tres e", "um dois", "um"), line(2, 0.5, 1.5))
    with dub(store, crowded, tts) as voice:
        first = voice.lines[0]
        assert (first.fit, first.text) == (Fit.SHORTER, "um dois")
        assert first.end_s <= 0.35 + 1e-9
    assert "um e dois e tres e" not in tts.spoken
    assert "um" not in tts.spoken


def test_failed_lines_are_silent_where_that_is_allowed(store: StageStore) -> None:
    crowded = (line(1, 0.0, 0.3), line(2, 0.5, 1.5), line(3, 2.0, 2.5, ""), line(4, 3.0, 3.5, "♪ … —"))
    with pytest.raises(LinesDoNotFit, match="line 1"):
        dub(store, crowded)
    with dub(store, crowded, allow_failed=True) as voice:
        failed, spoken, empty, music = voice.lines
        assert failed.fit is Fit.FAILED
        assert (failed.start_s, failed.end_s, failed.phonemes) == (0.0, 0.0, ())
        assert failed.natural_s == pytest.approx(TEXT_S, abs=0.011)
        assert failed.notes == ("takes 0.57 s at its fastest, and there are 0.35 s: nothing is spoken",)
        assert spoken.fit is Fit.FITS
        assert (empty.fit, music.fit) == (Fit.SILENT, Fit.SILENT)
        assert not voice.sound.read(0, RATE_HZ // 2).any()
        assert list(voice.sounds) == [2]


def test_lines_of_two_people_overlap_as_far_as_in_the_source_and_no_further(store: StageStore) -> None:
    both = (line(1, 0.0, 1.0), line(2, 0.5, 1.3, speaker=2))
    with dub(store, both) as voice:
        first, second = (read_sound(voice.sounds[number]) for number in (1, 2))
        expected = np.zeros(RATE_HZ * 2, np.float32)
        expected[: len(first)] += first
        expected[RATE_HZ // 2 : RATE_HZ // 2 + len(second)] += second
        assert np.allclose(voice.sound.read(0, 2 * RATE_HZ), expected, atol=1e-6)
        ends = [phone.end_s for phone in voice.phonemes]
        assert all(end <= later.start_s + 1e-6 for end, later in zip(ends, voice.phonemes[1:], strict=False))


def test_every_line_is_equally_loud_whoever_speaks_and_how_short_it_is(store: StageStore) -> None:
    with dub(store, (line(1, 0.0, 1.0, "um"), line(2, 2.0, 5.0, " ".join([TEXT] * 4)))) as voice:
        for number in (1, 2):
            sound = read_sound(voice.sounds[number])
            loudness = measure([sound] * 20)
            assert loudness.integrated_lufs == pytest.approx(LINE_LUFS, abs=0.3)
            assert loudness.true_peak_dbtp <= -2.8
            assert max(abs(sound[0]), abs(sound[-1])) < 1e-3


def test_nothing_is_spoken_twice(store: StageStore) -> None:
    with dub(store, FOUR) as voice:
        made = digest(voice)
    nobody = FakeTts(failures=[ProviderUnavailable("nobody may call")])
    with dub(store, FOUR, nobody) as voice:
        assert digest(voice) == made
    assert nobody.spoken == []


def test_edit_of_one_line_speaks_that_line_alone(store: StageStore) -> None:
    dub(store, FOUR).sound.close()
    tts = FakeTts()
    edited = (*FOUR[:2], line(3, 3.0, 3.6, "um quatro"), FOUR[3])
    with dub(store, edited, tts) as voice:
        assert voice.lines[2].text == "um quatro"
    assert tts.spoken == ["um quatro"]


def test_another_take_is_another_sound_at_the_same_place_and_nothing_else_changes(store: StageStore) -> None:
    with dub(store, FOUR) as voice:
        before, sounds = voice.lines, {number: read_sound(path) for number, path in voice.sounds.items()}
    digests = set()
    for take in (1, 2, 3):
        tts = FakeTts()
        with dub(store, FOUR, tts, takes={3: take}) as voice:
            assert tts.spoken == [TEXT]
            assert voice.lines[2].take == take
            assert (voice.lines[2].start_s, voice.lines[2].end_s) == pytest.approx(
                (before[2].start_s, before[2].end_s), abs=0.02
            )
            assert [voice.lines[i] for i in (0, 1, 3)] == [before[i] for i in (0, 1, 3)]
            again = {number: read_sound(path) for number, path in voice.sounds.items()}
            assert all(np.array_equal(again[number], sounds[number]) for number in (1, 2, 4))
            digests.add(hashlib.sha256(again[3].tobytes()).hexdigest())
    assert len(digests | {hashlib.sha256(sounds[3].tobytes()).hexdigest()}) == 4
    tts = FakeTts(failures=[ProviderUnavailable("nobody may call")])
    with dub(store, FOUR, tts) as voice:
        assert voice.lines == before


class Stopping(SilentProgress):
    """Somebody stops the work after some lines."""

    def __init__(self, after: int) -> None:
        self.left = after

    def advance(self, n: int = 1) -> None:
        self.left -= n

    def check_cancelled(self) -> None:
        if self.left <= 0:
            raise Cancelled("stopped")


def test_cancelled_dub_keeps_the_lines_that_were_spoken(store: StageStore) -> None:
    voices = {1: SpeakingVoice(FakeTts(), "tone_pt-br")}
    with pytest.raises(Cancelled):
        fit(FOUR, voices, "pt-BR", 6.5, store, Stopping(2))
    tts = FakeTts()
    others = tuple(line(one.number, one.start_s, one.end_s, TEXT + " " + "e" * one.number) for one in FOUR)
    with pytest.raises(Cancelled):
        fit(others, voices, "pt-BR", 9.0, store, Stopping(2))
    with dub(store, others, tts):
        assert tts.spoken == [others[2].text, others[3].text]


def test_lines_that_cannot_be_spoken_are_told_together_and_the_others_are_kept(store: StageStore) -> None:
    texts = ("um", "dois", "tres", "quatro")
    lines = [line(i, i - 1.0, i - 0.2, text) for i, text in enumerate(texts, 1)]
    bad: list[LipwrightError | None] = [None, ScriptUnsupported("no Greek"), None, ScriptUnsupported("no Thai")]
    with pytest.raises(SpeakingFailed, match=r"line 2: no Greek\nline 4: no Thai") as failed:
        dub(store, lines, FakeTts(failures=bad))
    assert failed.value.part == 2
    assert isinstance(failed.value.__cause__, ScriptUnsupported)
    assert failed.value.exit_code == 2
    tts = FakeTts()
    dub(store, lines, tts).sound.close()
    assert tts.spoken == ["dois", "quatro"]


def test_engine_that_fails_stops_the_work_and_its_line_is_named(store: StageStore) -> None:
    lines = [line(i, i - 1.0, i - 0.2, text) for i, text in enumerate(("um", "dois", "tres"), 1)]
    tts = FakeTts(failures=[None, ProviderUnavailable("the model is missing")])
    with pytest.raises(SpeakingFailed, match="line 2: the model is missing") as failed:
        dub(store, lines, tts)
    assert failed.value.part == 2
    assert failed.value.exit_code == 3
    assert tts.spoken == ["um", "dois"]


def test_voice_that_does_not_exist_is_told_before_anything_is_spoken(store: StageStore) -> None:
    tts = FakeTts()
    voices = {1: SpeakingVoice(tts, "tone_pt-br"), 2: SpeakingVoice(tts, "tone_pt")}
    lines = [line(1, 0.0, 1.0), line(2, 2.0, 3.0, speaker=2)]
    with pytest.raises(SpeakingFailed, match="line 2: tone_pt: the engine fake has no such voice"):
        fit(lines, voices, "pt-BR", 6.5, store, SilentProgress())
    assert tts.spoken == []


def test_lexicon_decides_what_is_spoken_anew(store: StageStore, tmp_path: Path) -> None:
    lexicon = tmp_path / "words.csv"
    lexicon.write_text("um,humm\n")
    dub(store, FOUR).sound.close()
    tts = FakeTts()
    with dub(store, FOUR[:1], tts, lexicon=lexicon) as voice:
        assert voice.lines[0].natural_s > TEXT_S + 0.1
    assert tts.spoken == [TEXT]


def test_dub_without_lines_is_silence(store: StageStore) -> None:
    with dub(store, ()) as voice:
        assert len(voice.sound) == 6.5 * RATE_HZ
        assert not voice.sound.read(0, len(voice.sound)).any()
        assert (voice.lines, voice.phonemes, voice.words, len(voice.emphasis)) == ((), (), (), 0)
