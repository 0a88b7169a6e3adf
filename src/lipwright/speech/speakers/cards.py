"""What is known of the sound of packaged voices; made by training/speaker_cards/make.py."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

from lipwright.assets.packaged import read_asset
from lipwright.speech.tts.base import Gender, Voice

ASSET: Final = "speakers/voice_cards.json"
_TYPICAL_HZ: Final = MappingProxyType({Gender.FEMALE: 200.0, Gender.MALE: 120.0, Gender.NEUTRAL: 155.0})


@dataclass(frozen=True, slots=True)
class VoiceCard:
    """How a voice sounds."""

    embedding: tuple[float, ...]
    """256 numbers, of length 1; empty for a voice that was never heard."""
    pitch_hz: float
    """Median of the fundamental frequency."""


def card_of(voice: Voice) -> VoiceCard:
    """The card of a packaged voice; for any other one what its gender tells.

    A voice `a+b` has the pitch of the first and the sound of the second.

    Raises: ProviderUnavailable: the packaged file is missing or damaged.
    """
    melody, _, sound = voice.id.partition("+")
    known = _cards().get(f"{voice.engine}/{melody}")
    if known is None:
        return VoiceCard((), _TYPICAL_HZ[voice.gender])
    lent = _cards().get(f"{voice.engine}/{sound}")
    return known if lent is None else VoiceCard(lent.embedding, known.pitch_hz)


@cache
def _cards() -> Mapping[str, VoiceCard]:
    kept = json.loads(read_asset(ASSET))
    return {name: VoiceCard(tuple(card["embedding"]), card["pitch_hz"]) for name, card in kept.items()}
