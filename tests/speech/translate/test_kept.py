"""Numbers, prices, times, addresses and names are found in a source, and missed in a translation that lacks them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwright.speech.translate.figures import marks, rewritten, worth
from lipwright.speech.translate.kept import Kind, as_written_in, facts_of, is_kept
from lipwright.speech.translate.plain import is_noise, needs_no_engine, plain, unwrapped, without_engine


@pytest.mark.parametrize(
    ("figure", "language", "value"),
    [
        ("1,250.50", "en", "1250.5"),
        ("1.250,50", "pt-BR", "1250.5"),
        ("1.250.50", "pt", None),
        ("3,000,000", "pt", None),
        ("3,000", "en", "3000"),
        ("3.000", "es", "3000"),
        ("3,000", "pt", "3"),
        ("12.5", "pt", "12.5"),
        ("2.0.1", "en", None),
        ("1\u202f250,50", "fr", "1250.5"),
        ("007", "en", "7"),
    ],
)
def test_figures_are_worth_what_their_language_says(figure: str, language: str, value: str | None) -> None:
    assert worth(figure, language) == value


@given(st.integers(0, 10**9), st.integers(0, 99), st.sampled_from(["en", "pt", "fr", "de"]))
def test_figure_keeps_its_worth_in_every_language(whole: int, cents: int, target: str) -> None:
    figure = f"{whole:,}.{cents:02}"
    written = rewritten(figure, "en", target)
    assert worth(written, target) == worth(figure, "en")
    assert rewritten(written, target, "en") == figure
    assert marks(target)[0] in written


@pytest.mark.parametrize(
    ("source", "translation", "kept"),
    [
        ("It costs $1,250.50.", "Custa $1.250,50.", True),
        ("It costs $1,250.50.", "Custa 1.250,50 dólares.", True),
        ("It costs $1,250.50.", "Custa $1.250.50.", False),
        ("It costs £5.", "Custa 5 euros.", False),
        ("It costs £5.", "Custa cinco libras.", True),
        ("3,000,000 people.", "3,000,000 pessoas.", False),
        ("3,000,000 people.", "3.000.000 pessoas.", True),
        ("I have 5 dogs.", "Tenho cinco cães.", True),
        ("I have 5 dogs.", "Tenho cães.", False),
        ("the 21st century", "o século XXI", True),
        ("Version 2.0.1", "Versão 2.0.1", True),
        ("Version 2.0.1", "Versão 2.1", False),
        ("at 5:30 p.m.", "às 17:30", True),
        ("at 5:30 p.m.", "às cinco e trinta", True),
        ("at 5:30 p.m.", "às 16:30", False),
        ("from 2 to 4 p.m.", "das 2 às 16 horas", True),
        ("from 2 to 4 p.m.", "das 14 às 16h", True),
        ("from 2 to 4 p.m.", "das 2 às 5", False),
        ("see https://example.com/a_b.", "veja https://example.com/a_b.", True),
        ("write to a@example.com", "escreva a-example.com", False),
        ("call +1 202 555 0143", "ligue 01 202 555 0143", False),
        ("John's dog", "o cão de João", False),
        ("John's dog", "o cão de John", True),
        ("I met Zorblax today.", "Conheci hoje.", False),
        ("It is no. 5 - We saw it.", "É o nº 5: nós o vimos.", True),
        ("I met him in London on Monday.", "Eu o conheci em Londres na segunda.", True),
    ],
)
def test_what_is_lost_is_missed(source: str, translation: str, kept: bool) -> None:
    facts = facts_of(source, "en")
    assert all(is_kept(fact, translation, "en", "pt-BR") for fact in facts) is kept


def test_facts_are_found_in_order_and_once() -> None:
    text = "On 3/4/2024 Mary paid $9.99 at 9:45 a.m. to Ann Zorblax, see www.example.com/x."
    facts = facts_of(text, "en")
    assert [(fact.kind, fact.text) for fact in facts if fact.kind is not Kind.NUMBER] == [
        (Kind.FIRST_NAME, "Mary"),
        (Kind.PRICE, "$9.99"),
        (Kind.TIME, "9:45 a.m."),
        (Kind.FIRST_NAME, "Ann"),
        (Kind.NAME, "Zorblax"),
        (Kind.ADDRESS, "www.example.com/x"),
    ]
    assert all(text[fact.start : fact.end] == fact.text for fact in facts)
    assert as_written_in(facts[4], "en", "pt") == "$9,99"


@given(st.text(max_size=80), st.text(max_size=80), st.sampled_from(["en", "pt", "ja", "de"]))
def test_any_text_can_be_asked(source: str, translation: str, language: str) -> None:
    for fact in facts_of(source, language):
        assert is_kept(fact, translation, language, "pt-BR") in (True, False)
        assert as_written_in(fact, language, "pt-BR")


@pytest.mark.parametrize("text", ["[Music]", "(laughs)", "♪ la la ♪", "♪♪ [Applause]", "*sighs*"])
def test_descriptions_of_sounds_are_told_from_speech(text: str) -> None:
    assert is_noise(text)


def test_speech_is_no_description() -> None:
    assert not any(is_noise(text) for text in ("Hello (again).", "[Anna] Hello.", "", "yes"))
    assert unwrapped("[Music].") == ("[", "Music", "].")


def test_what_is_the_same_everywhere_needs_no_engine() -> None:
    assert all(map(needs_no_engine, ("Hmm.", "Uh-huh.", "42", "1,250.50", "...", "Ha ha ha!", "Mm-hmm.")))
    assert not any(map(needs_no_engine, ("Hmm, yes.", "A", "Room 42")))
    assert without_engine("1,250.50", "en", "pt") == "1.250,50"


def test_markup_never_reaches_an_engine() -> None:
    assert plain("<i>Hello</i>\n{\\an8}world\u200b") == "Hello world"
    assert plain("Hi 😀 there\x07") == "Hi there"
    assert plain("♪ la 5 °C") == "♪ la 5 °C"
    assert plain("a < b and c > d") == "a < b and c > d"
