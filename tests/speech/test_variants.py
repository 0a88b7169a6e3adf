"""Another take is another reading by the same voice."""

import numpy as np
import pytest

from lipwright.errors import VoiceUnknown
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
