"""The voices that come with Lipwright. Their styles are in assets/voices, made by tools/convert_kokoro_voices.py."""

from types import MappingProxyType

from lipwright.speech.tts.base import Gender, Voice

LANGUAGE_OF_INITIAL = MappingProxyType(
    {"a": "en-US", "b": "en-GB", "e": "es", "f": "fr", "i": "it", "p": "pt-BR"},
)
"""The first letter of a Kokoro voice's id tells its language; the second one, f or m, how it sounds."""


_ACCENTS = MappingProxyType(
    {
        "en-US": "American English",
        "en-GB": "British English",
        "es": "Spanish of Spain",
        "fr": "French",
        "it": "Italian",
        "pt-BR": "Brazilian Portuguese",
    }
)
_IDS = (
    "af_heart", "af_bella", "af_nicole", "am_michael", "am_fenrir", "am_puck", "bf_emma", "bf_isabella", "bm_george",
    "bm_fable", "ef_dora", "em_alex", "ff_siwis", "if_sara", "im_nicola", "pf_dora", "pm_alex",
)  # fmt: skip


def _voice(identifier: str) -> Voice:
    gender = Gender.FEMALE if identifier[1] == "f" else Gender.MALE
    language = LANGUAGE_OF_INITIAL[identifier[0]]
    return Voice(identifier, language, gender, "kokoro", f"{gender}, {_ACCENTS[language]}")


KOKORO_VOICES = tuple(_voice(identifier) for identifier in _IDS)
"""The default voice of each language comes first."""
