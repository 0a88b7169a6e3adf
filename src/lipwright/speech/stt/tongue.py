"""Which language is spoken: told, or recognised window by window, and not changed for a trifle."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from lipwright.contracts.speech import Utterance

_LONG_S: Final = 5.0
_SURE, _SURE_OF_LITTLE = 0.5, 0.8
"""How probable another language than before has to be, in more speech than _LONG_S and in less."""


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language and how probable it is."""

    language: str
    probability: float


class Tongues:
    """Settles on a language for each window."""

    def __init__(self, told: str | None) -> None:
        """`told`: the language that the user names; None when it is to be recognised."""
        self.told = told
        self._present: str | None = None

    def settle(self, chances: Mapping[str, float], speech_s: float) -> Tongue:
        """Take the most probable language, or stay with the present one when that is not sure.

        Args:
            chances: probability of each language.
            speech_s: how much speech they were found in.
        """
        likeliest = max(chances, key=lambda language: chances[language])
        sure = chances[likeliest] >= (_SURE if speech_s >= _LONG_S else _SURE_OF_LITTLE)
        if self._present is None or sure:
            self._present = likeliest
        return Tongue(self._present, chances.get(self._present, 0.0))


def main_language(heard: Sequence[tuple[Utterance, float]]) -> tuple[str, float]:
    """The language that most is said in, and its mean probability by duration.

    Args:
        heard: utterances, each with the probability of its language.
    Returns: `und` and 0 for no utterances.
    """
    seconds: defaultdict[str, float] = defaultdict(float)
    chances: defaultdict[str, float] = defaultdict(float)
    for said, chance in heard:
        length_s = max(said.end_s - said.start_s, 1e-3)
        seconds[said.language] += length_s
        chances[said.language] += length_s * chance
    if not seconds:
        return "und", 0.0
    most = max(seconds, key=lambda language: seconds[language])
    return most, chances[most] / seconds[most]
