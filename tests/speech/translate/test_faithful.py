"""Terms and facts survive whatever engine translates."""

import pytest

from lipwright.errors import ProviderAnswerInvalid
from lipwright.speech.translate.base import Passage
from lipwright.speech.translate.bergamot import Bergamot
from lipwright.speech.translate.faithful import translate_faithfully
from lipwright.speech.translate.fake import FakeTranslator


@pytest.fixture(scope="module")
def bergamot() -> Bergamot:
    return Bergamot()


@pytest.mark.parametrize(
    ("english", "portuguese"),
    [
        ("It costs $1,250.50.", "Custa $1.250,50."),
        ("It costs £5.", "Custa £5."),
        ("3,000,000 people live here.", "3.000.000 pessoas vivem aqui."),
        ("Call +1 202 555 0143.", "Ligue para +1 202 555 0143."),
        ("Bill Gates met Mary and John.", "Bill Gates conheceu Mary e John."),
    ],
)
def test_what_bergamot_loses_is_put_back(bergamot: Bergamot, english: str, portuguese: str) -> None:
    (said,) = translate_faithfully(bergamot, [Passage(english)], "en", "pt-BR")
    assert (said.texts, said.notes) == ((portuguese,), ())


def test_bergamot_lets_articles_agree_with_a_term(bergamot: Bergamot) -> None:
    terms = {"render queue": "fila de renderização"}
    (said,) = translate_faithfully(bergamot, [Passage("The render queue is slow today.", terms=terms)], "en", "pt-BR")
    assert said.texts == ("A fila de renderização é lenta hoje.",)


def test_term_that_stays_stays(bergamot: Bergamot) -> None:
    (said,) = translate_faithfully(
        bergamot, [Passage("Open the Dashboard and wait.", terms={"Dashboard": "Dashboard"})], "en", "pt-BR"
    )
    assert "Dashboard" in said.texts[0]
    assert said.notes == ()


def test_lost_term_is_hidden_from_the_engine_and_shown_again() -> None:
    def forgetful(text: str) -> str:
        return text.replace("fila", "linha").replace("Open", "Abra")

    engine = FakeTranslator(say=forgetful, keeps_terms=False, candidates=False)
    (said,) = translate_faithfully(engine, [Passage("Open queue 7", terms={"queue": "fila"})], "en", "pt-BR")
    assert said.texts == ("Abra fila 7",)
    assert said.notes == ()
    assert [passages[0].text for passages in engine.calls] == ["Open fila 7", "Open QZX1 7"]


def test_what_is_lost_even_then_is_told() -> None:
    engine = FakeTranslator(say=lambda _: "nada", keeps_terms=False, candidates=False)
    (said,) = translate_faithfully(engine, [Passage("Open queue 7", terms={"queue": "fila"})], "en", "pt-BR")
    assert said.texts == ("nada",)
    assert said.notes == (
        "the glossary's `fila` for `queue` is missing in the translation",
        "the number `7` is missing in the translation",
    )


def test_engine_that_keeps_terms_is_told_them_and_only_checked() -> None:
    engine = FakeTranslator(say=lambda text: text.replace("7", "sete"))
    (said,) = translate_faithfully(engine, [Passage("Open queue 9", terms={"queue": "fila"})], "en", "pt-BR")
    assert said.texts[0] == "Open fila 9"
    assert len(engine.calls) == 1
    assert engine.calls[0][0].text == "Open queue 9"


def test_candidate_that_lacks_less_is_preferred() -> None:
    engine = FakeTranslator()  # its second candidate lacks the last word, its third two
    (said,) = translate_faithfully(engine, [Passage("She said 5 things")], "en", "pt-BR", 3)
    assert said.texts == ("pt: She said 5 things", "pt: She said 5")


def test_only_sentences_that_lack_something_are_asked_again() -> None:
    engine = FakeTranslator(say=lambda text: text.replace("$1,250.50", "much"), keeps_terms=False, candidates=False)
    said = translate_faithfully(engine, [Passage("No."), Passage("It is $1,250.50 now"), Passage("Yes.")], "en", "pt")
    assert [one.texts[0] for one in said] == ["No.", "It is $1.250,50 now", "Yes."]
    assert [len(passages) for passages in engine.calls] == [3, 1]


def test_answer_without_words_is_refused() -> None:
    engine = FakeTranslator(say=lambda _: " ", candidates=False)
    with pytest.raises(ProviderAnswerInvalid, match="fake: 0 translations of 1 sentences"):
        translate_faithfully(engine, [Passage("Yes.")], "en", "pt")


@pytest.mark.parametrize(
    ("said", "note"),
    [
        ("-", "the translation has no words"),
        ("nada " * 40, "the translation is much longer than its source"),
        ("This is a small house.", "the translation is the same as its source"),
    ],
)
def test_what_looks_like_no_translation_is_told(said: str, note: str) -> None:
    engine = FakeTranslator(say=lambda _: said, keeps_terms=False, candidates=False)
    assert translate_faithfully(engine, [Passage("This is a small house.")], "en", "pt-BR")[0].notes == (note,)
