"""Which converter serves a language. Listing imports none of them."""

import importlib

from lipwright.errors import LanguageUnknown
from lipwright.speech.g2p.base import Pronouncer

_CONVERTERS = {
    "en-US": "lipwright.speech.g2p.english:English",
    "en-GB": "lipwright.speech.g2p.english:English",
    "es": "lipwright.speech.g2p.spanish:Spanish",
    "fr": "lipwright.speech.g2p.french:French",
    "it": "lipwright.speech.g2p.italian:Italian",
    "pt-BR": "lipwright.speech.g2p.portuguese:BrazilianPortuguese",
}


def pronouncer_for(language: str) -> Pronouncer:
    """Load the converter of a language. Raises LanguageUnknown."""
    if language not in _CONVERTERS:
        raise LanguageUnknown(f"{language}: no pronunciation rules. There are rules for {', '.join(_CONVERTERS)}.")
    module, name = _CONVERTERS[language].split(":")
    pronouncer: Pronouncer = getattr(importlib.import_module(module), name)(language)
    return pronouncer
