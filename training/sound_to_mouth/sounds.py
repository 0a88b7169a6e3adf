"""The single sounds that the network learns to tell apart beside the visemes, so that m is not heard as n."""

from typing import Final

from lipwright.motion.visemes import Viseme, visemes_of

CONSONANTS: Final = "pbmtdnkɡŋfvθðszʃʒlɹrwjh"
CONFUSED: Final = CONSONANTS[: CONSONANTS.index("f")]
"""Stops and nasals: by ear they differ little, on the lips they differ most."""
SOUNDS: Final = len(CONSONANTS) + len(Viseme)
_VISEMES: Final = tuple(Viseme)
SILENCE: Final = len(CONSONANTS) + _VISEMES.index(Viseme.REST)


def sound_of(symbol: str) -> int:
    """The number of a phone: that of its letter for a consonant, else that of its first viseme; below SOUNDS."""
    shapes = visemes_of(symbol)
    if not shapes:
        return SILENCE
    letter = CONSONANTS.find(symbol.replace("g", "ɡ")[0])
    return letter if letter >= 0 else len(CONSONANTS) + _VISEMES.index(shapes[0][0])
