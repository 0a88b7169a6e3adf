"""Made-up talk for the tests of this room."""

from hypothesis import strategies as st

from lipwright.contracts.speech import Phoneme

BILABIALS = ("p", "b", "m", "m̩", "pʰ")
OTHERS = ("t", "s", "f", "v", "w", "ʃ", "ɹ", "k", "h", "a", "ɛ", "i", "u", "oʊ", "aɪ", "ə", "œ", "ɐ̃")


def talk_of(*parts: tuple[str, float] | float) -> list[Phoneme]:
    """Phones (symbol and seconds) and pauses (seconds), one after the other from time 0."""
    phonemes: list[Phoneme] = []
    now_s = 0.0
    for part in parts:
        if isinstance(part, tuple):
            phonemes.append(Phoneme(part[0], now_s, now_s + part[1]))
            now_s += part[1]
        else:
            now_s += part
    return phonemes


_PHONE = st.tuples(st.sampled_from(BILABIALS + OTHERS), st.floats(0.01, 0.4))
_PAUSE = st.one_of(st.floats(0.0, 0.3), st.floats(0.3, 1.5))

TALKS = st.lists(st.one_of(_PHONE, _PHONE, _PHONE, _PAUSE), max_size=30).map(lambda parts: talk_of(*parts))
"""Phones of 10 to 400 ms with pauses between them."""
