"""Kokoro's model and voices: joined, checked, packaged, or the user's own."""

import tomllib
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from lipwright.errors import LanguageUnknown, OutputNotWritable, VoiceUnknown
from lipwright.speech.tts.kokoro import Kokoro, join_model
from lipwright.speech.tts.neural import split_parts
from lipwright.speech.tts.voices import KOKORO_VOICES

VOICES = resources.files("lipwright") / "assets" / "voices"


def test_model_is_joined_once_and_mended_when_damaged(tmp_path: Path) -> None:
    path = join_model(tmp_path / "cache")
    written = path.stat().st_mtime_ns
    assert join_model(tmp_path / "cache") == path
    assert path.stat().st_mtime_ns == written
    with path.open("r+b") as file:
        file.seek(1000)
        file.write(b"damage")
    join_model(tmp_path / "cache")
    assert path.stat().st_mtime_ns != written
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_cache_that_is_no_folder_is_named(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(OutputNotWritable, match="another cache folder"):
        join_model(blocked / "cache")


def test_every_listed_voice_is_packaged() -> None:
    table = tomllib.loads((VOICES / "ASSETS.toml").read_text("utf-8"))
    assert set(table["files"]) == {f"{voice.id}.npy" for voice in KOKORO_VOICES}


def test_voices_cover_languages_and_genders() -> None:
    per_language = {
        tag: [voice for voice in KOKORO_VOICES if voice.language == tag] for tag in Kokoro.capability.languages
    }
    assert len(per_language["en-US"]) >= 4
    assert len(per_language["en-GB"]) >= 3
    for tag in ("en-US", "en-GB", "es", "it", "pt-BR"):
        assert {voice.gender.value for voice in per_language[tag]} == {"female", "male"}
    assert per_language["fr"]


@pytest.mark.parametrize(
    ("voice", "text"),
    [("ef_dora", "Sí, claro."), ("ff_siwis", "Oui, merci."), ("im_nicola", "Sì, grazie."), ("pm_alex", "Sim, lições.")],
)
def test_every_language_is_spoken(kokoro: Kokoro, voice: str, text: str) -> None:
    speech = kokoro.speak(text, voice)
    assert [word.text for word in speech.words] == text.split()
    assert speech.language == kokoro.find_voice(voice).language


def own_voice(folder: Path, name: str) -> Path:
    """A voice file as Kokoro publishes it, made from a packaged one."""
    with resources.as_file(VOICES / "af_heart.npy") as path:
        np.load(path).astype("<f4").tofile(folder / name)
    return folder / name


def test_voice_file_of_ones_own_speaks_like_a_packaged_one(kokoro: Kokoro, tmp_path: Path) -> None:
    path = own_voice(tmp_path, "af_mine.bin")
    assert kokoro.find_voice(str(path)).language == "en-US"
    assert np.array_equal(kokoro.speak("Hello.", str(path)).samples, kokoro.speak("Hello.", "af_heart").samples)


def test_language_of_a_voice_file_is_asked_for_when_its_name_does_not_tell(kokoro: Kokoro, tmp_path: Path) -> None:
    path = own_voice(tmp_path, "mine.bin")
    assert kokoro.find_voice(str(path), "en-GB").language == "en-GB"
    with pytest.raises(LanguageUnknown, match="--language"):
        kokoro.find_voice(str(path))


def test_wrong_voice_file_is_named(kokoro: Kokoro, tmp_path: Path) -> None:
    short = tmp_path / "af_short.bin"
    short.write_bytes(b"1234")
    with pytest.raises(VoiceUnknown, match="4 bytes instead of 522240"):
        kokoro.find_voice(str(short))
    noise = tmp_path / "af_noise.bin"
    np.full(510 * 256, np.nan, "<f4").tofile(noise)
    with pytest.raises(VoiceUnknown, match="out of range"):
        kokoro.find_voice(str(noise))
    with pytest.raises(VoiceUnknown, match="cannot be read"):
        kokoro.find_voice(str(tmp_path / "af_none.bin"))


def test_voice_of_another_language_names_the_fitting_ones(kokoro: Kokoro) -> None:
    with pytest.raises(LanguageUnknown, match=r"speaks en-GB, not es.*ef_dora"):
        kokoro.find_voice("bf_emma", "es")


def test_long_sentence_is_cut_at_clauses_and_loses_nothing() -> None:
    spoken = [f"wˈɜɹd{',' if i % 7 == 6 else ''}" for i in range(100)]
    parts = split_parts(spoken, 120)
    assert len(parts) > 5
    assert all(len(part.symbols) <= 120 and len(part.symbols) == len(part.tokens) for part in parts)
    assert " ".join(part.symbols for part in parts).split() == spoken
    assert all(part.symbols.endswith(",") for part in parts[:-1])
    assert {token for part in parts for token in part.tokens} == set(range(100))


def test_long_sentence_keeps_all_words_in_order(kokoro: Kokoro) -> None:
    sentence = ", ".join(["one small step for the people of this town"] * 8) + "."
    speech = kokoro.speak(sentence, "af_heart", speed=2.0)
    assert [word.text for word in speech.words] == sentence.split()
    times = [t for word in speech.words for t in (word.start_s, word.end_s)]
    assert times == sorted(times)
    assert times[-1] <= speech.duration_s
