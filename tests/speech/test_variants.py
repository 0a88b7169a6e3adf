"""Another take is another reading by the same voice."""

import numpy as np
import pytest

from lipwright.errors import VoiceUnknown
from lipwright.media.audio import resample
from lipwright.speech.speakers.cards import card_of
from lipwright.speech.speakers.embed import SpeakerEmbedder
from lipwright.speech.tts.fake import FakeTts
from lipwright.speech.tts.kokoro import Kokoro

TEXT = "Tudo bem, minha mãe?"


def test_variants_of_a_voice_say_the_same_words_at_other_times(kokoro: Kokoro) -> None:
    usual = kokoro.speak(TEXT, "pf_dora")
    variants = [kokoro.variant("pf_dora", take) for take in (1, 2, 3)]
    assert len({"pf_dora", *variants}) == 4
    for variant in variants:
        spoken = kokoro.speak(TEXT, variant, language="pt-BR")
        assert [word.text for word in spoken.words] == [word.text for word in usual.words]
        assert not np.array_equal(spoken.samples, usual.samples)
    assert np.array_equal(kokoro.speak(TEXT, "pf_dora").samples, usual.samples)


def test_variant_of_a_voice_that_is_not_there_is_refused(kokoro: Kokoro) -> None:
    with pytest.raises(VoiceUnknown, match="pf_dara"):
        kokoro.find_voice("pf_dara~af_heart")
    with pytest.raises(VoiceUnknown, match="nobody"):
        kokoro.find_voice("pf_dora~nobody")


def test_voice_without_variants_is_its_own(kokoro: Kokoro) -> None:
    assert FakeTts().variant("tone_es", 1) == "tone_es"
    assert kokoro.variant("voices/pf_mine.bin", 1) == "voices/pf_mine.bin"


def test_any_voice_lends_its_sound_to_the_voices_of_a_language(kokoro: Kokoro) -> None:
    castable = {voice.id: voice for voice in kokoro.castable("pt-BR")}

    assert list(castable)[:2] == ["pf_dora", "pm_alex"]
    assert castable["pm_alex+am_michael"].language == "pt-BR"
    assert "pm_alex+af_heart" not in castable
    lent = kokoro.speak(TEXT, "pm_alex+am_michael", language="pt-BR")
    assert [word.text for word in lent.words] == TEXT.split()
    embedder = SpeakerEmbedder()
    heard = embedder.embed(np.concatenate([*resample([lent.samples], lent.sample_rate_hz, 16_000)]))
    likeness = {
        name: float(heard @ np.array(card_of(kokoro.find_voice(name)).embedding)) for name in ("pm_alex", "am_michael")
    }
    assert likeness["am_michael"] > likeness["pm_alex"] + 0.1


def test_another_take_of_a_lent_sound_keeps_it(kokoro: Kokoro) -> None:
    variant = kokoro.variant("pm_alex+am_michael", 1)

    assert variant.startswith("pm_alex+am_michael~")
    assert kokoro.find_voice(variant).language == "pt-BR"
    with pytest.raises(VoiceUnknown, match="am_nobody"):
        kokoro.find_voice("pm_alex+am_nobody")
