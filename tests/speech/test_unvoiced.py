"""What is recognised where nobody speaks is left out, and nothing else."""

import numpy as np
import pytest
from numpy.typing import NDArray

from lipwright.contracts.speech import Transcript, Utterance, Word
from lipwright.speech.unvoiced import FAINTEST_DB, Read, without_unvoiced

RATE_HZ = 1000


def said(text: str, start_s: float, end_s: float) -> Utterance:
    return Utterance(text, start_s, end_s, "en", (Word(text, start_s, end_s),), 1.0)


def reader(samples: NDArray[np.float32]) -> Read:
    return lambda start_s, end_s: samples[round(start_s * RATE_HZ) : round(end_s * RATE_HZ)]


@pytest.mark.parametrize("channels", [1, 2])
def test_words_without_a_voice_are_left_out_and_the_others_stay(channels: int) -> None:
    mix = np.full((3 * RATE_HZ, channels), 0.5, np.float32)
    voice = mix.copy()
    voice[1000:2000] *= 10 ** ((FAINTEST_DB - 1) / 20)
    voice[2000:] *= 10 ** ((FAINTEST_DB + 1) / 20)
    heard = Transcript("en", 1.0, 3.0, (said("loud", 0, 1), said("music", 1, 2), said("soft", 2, 3)))

    kept, dropped = without_unvoiced(heard, reader(mix), reader(voice))

    assert [one.text for one in kept.utterances] == ["loud", "soft"]
    assert [one.text for one in dropped] == ["music"]
    assert (kept.language, kept.duration_s) == ("en", 3.0)


def test_a_voice_that_is_all_there_is_stays_however_soft() -> None:
    faint = np.full(RATE_HZ, 1e-6, np.float32)
    heard = Transcript("en", 1.0, 1.0, (said("psst", 0.2, 0.8), said("behind the end", 1.0, 1.0)))
    kept, dropped = without_unvoiced(heard, reader(faint), reader(faint))
    assert (kept, dropped) == (heard, ())
