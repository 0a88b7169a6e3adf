"""Sentences over several lines, their cutting, their spoken length and shorter ways to say them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwright.contracts.dub import Line
from lipwright.speech.translate.cuts import cut_to_length
from lipwright.speech.translate.fitting import budgets_of, choose, lines_said
from lipwright.speech.translate.language import recognise_language
from lipwright.speech.translate.recut import recut
from lipwright.speech.translate.sentences import Sentence, sentences_of
from lipwright.speech.translate.shorter import by_length, compact, plainer_sources
from lipwright.speech.translate.spoken_length import longest_characters, pace_of, spoken_length_s


def spoken(*texts: str, gap_s: float = 0.1, speakers: str = "") -> list[Line]:
    return [
        Line(i + 1, i * 2.0, (i + 1) * 2.0 - gap_s, int(speakers[i]) if speakers else 1, text, "en")
        for i, text in enumerate(texts)
    ]


def test_sentence_over_lines_is_joined_and_lines_with_two_sentences_are_cut() -> None:
    lines = spoken(
        "And so my fellow Americans,", "ask not", "what it can do. Ask", "what you can do.", "", "[Music]", "Mr.", "Fox"
    )
    assert sentences_of(lines) == [
        Sentence("And so my fellow Americans, ask not what it can do.", (0, 1, 2), (27.0, 8.0, 16.0)),
        Sentence("Ask what you can do.", (2, 3), (3.0, 17.0)),
        Sentence("Mr. Fox", (6, 7), (3.0, 4.0)),
    ]


def test_speakers_and_long_pauses_and_numbers_end_a_sentence() -> None:
    assert [sentence.lines for sentence in sentences_of(spoken("we went", "to town", speakers="12"))] == [(0,), (1,)]
    apart = [Line(1, 0.0, 1.0, 1, "we went", "en"), Line(2, 9.0, 10.0, 1, "to town", "en")]
    assert [sentence.lines for sentence in sentences_of(apart)] == [(0,), (1,)]
    assert [sentence.lines for sentence in sentences_of(spoken("1,250", "people came"))] == [(0,), (1,)]


def test_sentence_that_nobody_ends_is_ended() -> None:
    sentences = sentences_of(spoken(*["and then we went on and on"] * 40))
    assert all(len(sentence.text) <= 320 for sentence in sentences)
    assert [place for sentence in sentences for place in sentence.lines] == list(range(40))


@given(st.lists(st.text(alphabet="ab cd. !,É", max_size=30), max_size=8))
def test_sentences_hold_every_word_of_every_line(texts: list[str]) -> None:
    lines = spoken(*texts)
    sentences = sentences_of(lines)
    said = "".join("".join(sentence.text for sentence in sentences).split())
    assert said == "".join("".join(texts).split())
    assert all(share > 0 for sentence in sentences for share in sentence.shares)
    assert all(sentence.lines for sentence in sentences)


def test_translation_is_cut_at_clauses_near_its_shares() -> None:
    text = "E assim os meus companheiros americanos, não perguntem o que o seu país pode fazer por você."
    assert recut(text, (27.0, 8.0, 34.0)) == (
        "E assim os meus companheiros americanos,",
        "não perguntem",
        "o que o seu país pode fazer por você.",
    )
    assert recut("O tubo tem 12 kg de peso.", (1.0, 1.0)) == ("O tubo tem", "12 kg de peso.")
    assert recut("世界は広い、とても広いです。", (1.0, 1.0)) == ("世界は広い、", "とても広いです。")
    assert recut("Sim.", (1.0, 2.0, 1.0)) == ("", "Sim.", "")


words = st.text(alphabet="abcdeé,.!", min_size=1, max_size=12)


@given(st.lists(words, min_size=1, max_size=20), st.lists(st.floats(0.1, 9.0), min_size=1, max_size=6))
def test_cutting_loses_no_word_and_leaves_no_part_empty(said: list[str], shares: list[float]) -> None:
    text = " ".join(said)
    parts = recut(text, shares)
    assert len(parts) == len(shares)
    assert " ".join(part for part in parts if part) == text
    assert sum(not part for part in parts) == max(len(shares) - len(said), 0)


@given(st.text(alphabet="ab cd,.é世界、", max_size=200), st.integers(5, 60))
def test_long_texts_are_cut_to_their_limit(text: str, longest: int) -> None:
    parts = cut_to_length(text, longest)
    assert all(0 < len(part) <= longest for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_longer_texts_take_longer_and_figures_count_as_they_are_said() -> None:
    assert spoken_length_s("Sim.", "pt-BR") < spoken_length_s("Sim, claro que sim.", "pt-BR")
    assert spoken_length_s("Custa R$ 1.250,50.", "pt-BR") > 2 * spoken_length_s("Custa R$ 5.", "pt-BR")
    assert spoken_length_s("Yes. No.", "en") > spoken_length_s("Yes no.", "en") + 0.3
    assert spoken_length_s("...", "pt-BR") == 0.0
    assert spoken_length_s("Sim.", "pt-BR", pace_of("im_nicola")) > spoken_length_s("Sim.", "pt-BR", pace_of("pf_dora"))


@pytest.mark.parametrize(
    ("text", "language", "measured_s"),
    [
        ("Thank you very much for coming today.", "en", 1.74),
        ("Please send the report to the finance team before Thursday.", "en", 3.15),
        ("Bem-vindo de volta ao workshop.", "pt-BR", 2.0),
    ],
)
def test_predictions_are_near_what_kokoro_takes(text: str, language: str, measured_s: float) -> None:
    assert spoken_length_s(text, language) == pytest.approx(measured_s, rel=0.2)


@given(st.text(max_size=60), st.sampled_from(["en", "pt-BR", "ja", "de", "xx", "zh-Hans"]))
def test_any_text_has_a_length(text: str, language: str) -> None:
    assert spoken_length_s(text, language) >= 0.0


@given(st.floats(0.0, 60.0), st.sampled_from(["en", "pt-BR", "ja", "de"]))
def test_longest_text_grows_with_its_slot(slot_s: float, language: str) -> None:
    assert 1 <= longest_characters(slot_s, language) <= longest_characters(slot_s + 1, language)
    assert longest_characters(slot_s, language, 2.0) <= longest_characters(slot_s, language)


def test_fillers_go_before_adverbs_and_the_rest_stays() -> None:
    text = "Well, you know, I really think it's, uh, done."
    assert plainer_sources(text, "en-GB") == ("I really think it's done.", "I think it's done.")
    assert plainer_sources("Right.", "en") == ()
    assert plainer_sources("So what?", "en") == ()
    assert plainer_sources("Nobody knows.", "xx") == ()


@pytest.mark.parametrize(
    ("text", "language", "shorter"),
    [
        ("Eu não sei o que fazer.", "pt-BR", "Não sei o que fazer."),
        ("Nós compramos um carro, nós não sabemos.", "pt", "Compramos um carro, não sabemos."),
        ("Eu queria ir.", "pt", "Eu queria ir."),
        ("Eu ou ele.", "pt", "Eu ou ele."),
        ("Yo no sé.", "es", "No sé."),
        ("¿Tú sabes?", "es", "¿Sabes?"),
        ("Yo y tú vamos.", "es", "Yo y tú vamos."),
        ("Sin embargo, llueve.", "es", "Pero llueve."),
        ("I do not know; it is fine.", "en", "I don't know; it's fine."),
        ("Ich weiß nicht.", "de", "Ich weiß nicht."),
    ],
)
def test_pronouns_that_the_verb_tells_go(text: str, language: str, shorter: str) -> None:
    assert compact(text, language) == shorter


@given(st.text(alphabet="Well, youknw Eu.?!noão", max_size=40), st.sampled_from(["en", "pt", "es", "fr", "it"]))
def test_shorter_texts_never_come_out_empty_or_longer(text: str, language: str) -> None:
    for other in (*plainer_sources(text, language), *by_length(text, [compact(text, language)])):
        assert len(other) < len(text)
        assert any(character.isalpha() for character in other)


def test_first_translation_that_fits_is_taken_else_the_shortest() -> None:
    texts = ("A tradução que é realmente muito longa.", "Uma tradução longa.", "Curta.")
    sentence = Sentence("x", (0,), (1.0,))
    assert choose(texts, sentence, (9.0,), "pt-BR", 1.0).parts == (texts[0],)
    assert choose(texts, sentence, (9.0,), "pt-BR", 1.0).shorter == ((texts[1], texts[2]),)
    assert choose(texts, sentence, (1.5,), "pt-BR", 1.0).parts == (texts[1],)
    assert choose(texts, sentence, (1.5,), "pt-BR", 2.0).parts == (texts[2],)
    assert choose(texts, sentence, (0.1,), "pt-BR", 1.0).parts == (texts[2],)


def test_part_of_a_sentence_is_never_replaced_by_part_of_another_translation() -> None:
    sentence = Sentence("x", (0, 1), (1.0, 1.0))
    chosen = choose(("Eu não sei, nós queremos tudo.", "Não, nada."), sentence, (9.0, 9.0), "pt-BR", 1.0)
    assert chosen.parts == ("Eu não sei,", "nós queremos tudo.")
    assert chosen.shorter == (("Não sei,",), ("queremos tudo.",))


def test_sentences_of_a_line_share_its_room_and_get_shorter_together() -> None:
    sentences = [Sentence("x", (0,), (30.0,)), Sentence("y", (0, 1), (10.0, 5.0))]
    assert budgets_of(sentences, [4.0, 2.0]) == [(3.0,), (1.0, 2.0)]
    text, others = lines_said(["Eu não sei.", "Sim, claro."], [("Não sei.",), ("Claro.", "Sim.")])
    assert text == "Eu não sei. Sim, claro."
    assert others == ("Não sei. Claro.", "Não sei. Sim.")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Good morning, my name is Jordi Mas, I am from Barcelona and I love the city.", "en"),
        ("Eu não sei o que você quer, mas isso é muito bom para uma casa.", "pt"),
        ("No sé qué quieres, pero esto es muy bueno para una casa en el campo.", "es"),
        ("Je ne sais pas ce que vous voulez, mais c'est très bon pour une maison.", "fr"),
        ("Non so che cosa vuoi, ma questo è molto buono per una casa.", "it"),
        ("Ich weiß nicht, was das ist, aber es ist gut für die Leute.", "de"),
        ("これは本です。", "ja"),
        ("这是一本书。", "zh"),
        ("Это хорошая книга.", "ru"),
        ("Це цікава книга, яку я їй дав.", "uk"),
        ("ok", None),
        ("12 : 34", None),
        ("", None),
    ],
)
def test_language_of_a_text_is_recognised(text: str, language: str | None) -> None:
    assert recognise_language(text) == language
