"""Every symbol that an engine can emit has a mouth shape, and the famous ones have the right one."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwright.contracts.speech import Phoneme
from lipwright.motion.visemes import Viseme, is_bilabial, is_labiodental, is_vowel, spans_of, visemes_of
from lipwright.speech.alphabet import SYMBOL_IDS, is_phone, to_ipa

GOLDEN = {
    "p": (Viseme.P,),
    "m̩": (Viseme.P,),
    "f": (Viseme.F,),
    "θ": (Viseme.TH,),
    "l": (Viseme.T,),
    "ɲ": (Viseme.T,),
    "ʎ": (Viseme.T,),
    "ŋ": (Viseme.K,),
    "x": (Viseme.K,),
    "ɣ": (Viseme.K,),
    "ʁ": (Viseme.K,),
    "h": (Viseme.H,),
    "tʃ": (Viseme.SH,),
    "t͡ʃ": (Viseme.SH,),
    "dʑ": (Viseme.SH,),
    "ts": (Viseme.S,),
    "ɹ": (Viseme.R,),
    "r": (Viseme.T,),
    "ɥ": (Viseme.W,),
    "ç": (Viseme.Y,),
    "ɜː": (Viseme.SCHWA,),
    "ɐ̃": (Viseme.SCHWA,),
    "ã": (Viseme.AH,),
    "ɛ̃": (Viseme.EH,),
    "ˈiː": (Viseme.IY,),
    "ø": (Viseme.OH,),
    "ɔ̃": (Viseme.OH,),
    "y": (Viseme.OO,),
    "aɪ": (Viseme.AH, Viseme.IY),
    "eɪ": (Viseme.EH, Viseme.IY),
    "aʊ": (Viseme.AH, Viseme.OO),
    "ɔɪ": (Viseme.OH, Viseme.IY),
    "oʊ": (Viseme.OH, Viseme.OO),
    "əʊ": (Viseme.SCHWA, Viseme.OO),
    "ɑːɹ": (Viseme.AH, Viseme.R),
    "p͡f": (Viseme.P, Viseme.F),
}
ENGLISH = "p b t d k ɡ tʃ dʒ f v θ ð s z ʃ ʒ h m n ŋ l ɹ w j ɪ i iː ɛ æ ʌ ɑ ɑː ɔ ɔː ʊ u uː ə ɜː ɚ ɝ eɪ aɪ ɔɪ aʊ oʊ"
BRITISH = "ɒ əʊ ɪə eə ʊə"
ROMANCE = "β ɣ ð x ʁ ʀ ɾ r ɲ ʎ ɥ y ø œ ɛ̃ ɑ̃ ɔ̃ œ̃ ɐ ɐ̃ ẽ ĩ õ ũ ɐ̃ʊ̃ eʊ̯ ts dz tʃ dʒ ʃ ʒ ɨ ʝ"


@pytest.mark.parametrize("symbol", GOLDEN)
def test_golden_symbol_has_its_classes(symbol: str) -> None:
    assert visemes_of(symbol) == tuple((viseme,) for viseme in GOLDEN[symbol])


@pytest.mark.parametrize("symbol", [symbol for symbol in SYMBOL_IDS if is_phone(symbol)])
def test_every_phone_of_the_engines_has_the_same_classes_in_both_alphabets(symbol: str) -> None:
    assert visemes_of(symbol)
    if symbol not in {"S", "ᵻ", "ᵊ"}:
        assert visemes_of(symbol) == visemes_of(to_ipa(symbol))


@pytest.mark.parametrize("symbol", [symbol for symbol in SYMBOL_IDS if not is_phone(symbol)])
def test_marks_and_punctuation_alone_move_nothing(symbol: str) -> None:
    assert visemes_of(symbol) == ()


@pytest.mark.parametrize("symbol", [*ENGLISH.split(), *BRITISH.split(), *ROMANCE.split()])
def test_every_phone_of_the_languages_is_in_a_table(symbol: str) -> None:
    shapes = visemes_of(symbol)
    assert shapes
    if not set("əɚɜɝɐ") & set(unicodedata.normalize("NFD", symbol)):
        assert (Viseme.SCHWA,) not in shapes, "only schwas look like one: this phone is in no table"


def test_unknown_letter_counts_as_a_schwa() -> None:
    assert visemes_of("Ж") == ((Viseme.SCHWA,),)


def test_bilabials_are_known_with_any_marks() -> None:
    assert all(is_bilabial(symbol) for symbol in ("p", "b", "m", "pʰ", "bʲ", "m̩", "mː", "ˈp", "ɡ͡b", "p͡f"))
    assert not any(is_bilabial(symbol) for symbol in ("f", "v", "w", "β", "ɱ", "n", "u", ""))


def test_labiodentals_are_f_v_and_their_kin() -> None:
    assert all(is_labiodental(symbol) for symbol in ("f", "v", "ʋ", "ɱ", "vː"))
    assert not any(is_labiodental(symbol) for symbol in ("p", "p͡f", "θ", "w", ""))


def test_vowels_are_told_from_consonants() -> None:
    assert all(is_vowel(symbol) for symbol in ("a", "aɪ", "ɜː", "œ̃", "ʌ", "ɒ", "y", "ᵻ"))
    assert not any(is_vowel(symbol) for symbol in ("j", "w", "ɥ", "ɹ", "m̩", "β", "h", ""))


def test_diphthong_spends_a_little_more_on_its_first_vowel() -> None:
    first, second = spans_of(Phoneme("aɪ", 1.0, 1.2))
    assert (first.viseme, second.viseme) == (Viseme.AH, Viseme.IY)
    assert (first.start_s, second.end_s) == (1.0, pytest.approx(1.2))
    assert first.end_s == second.start_s == pytest.approx(1.11)


def test_vowel_between_two_classes_shares_its_time() -> None:
    spans = spans_of(Phoneme("œ", 0.0, 0.1))
    assert {span.viseme for span in spans} == {Viseme.EH, Viseme.OH}
    assert sum(span.share for span in spans) == 1.0


@given(st.text(max_size=6), st.floats(0, 1e4), st.floats(0, 2))
def test_any_text_is_laid_out_inside_its_time(symbol: str, start_s: float, length_s: float) -> None:
    spans = spans_of(Phoneme(symbol, start_s, start_s + length_s))
    assert all(start_s <= span.start_s <= span.end_s <= start_s + length_s + 1e-9 for span in spans)
    if spans:
        assert spans[0].start_s == start_s
        assert spans[-1].end_s == pytest.approx(start_s + length_s)
