"""The voices that come with Lipwright. Their styles are in assets/voices, made by tools/convert_kokoro_voices.py."""

from types import MappingProxyType

from lipwright.speech.tts.base import Gender, Voice

LANGUAGE_OF_INITIAL = MappingProxyType(
    {"a": "en-US", "b": "en-GB", "e": "es", "f": "fr", "i": "it", "p": "pt-BR"},
)
"""The first letter of a Kokoro voice's id tells its language; the second one, f or m, how it sounds."""


def _voice(identifier: str, description: str) -> Voice:
    gender = Gender.FEMALE if identifier[1] == "f" else Gender.MALE
    return Voice(identifier, LANGUAGE_OF_INITIAL[identifier[0]], gender, "kokoro", description)


KOKORO_VOICES = (
    _voice("af_heart", "warm and clear"),
    _voice("af_bella", "lively and full"),
    _voice("af_nicole", "whispering, close to the microphone"),
    _voice("am_michael", "calm narrator"),
    _voice("am_fenrir", "deep and firm"),
    _voice("am_puck", "young and bright"),
    _voice("bf_emma", "clear newsreader"),
    _voice("bf_isabella", "soft and measured"),
    _voice("bm_george", "deep narrator"),
    _voice("bm_fable", "storyteller"),
    _voice("ef_dora", "clear and even"),
    _voice("em_alex", "calm and even"),
    _voice("ff_siwis", "clear and even"),
    _voice("if_sara", "clear and even"),
    _voice("im_nicola", "calm and deep"),
    _voice("pf_dora", "clear and even"),
    _voice("pm_alex", "calm and even"),
)
"""The default voice of each language comes first."""
