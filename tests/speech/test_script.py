"""Sentences and pauses of a script."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwright.errors import UsageError
from lipwright.speech.script import Pause, Sentence, read_script, split_sentences


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Dr. Smith met Mrs. O'Neil. They left.", ["Dr. Smith met Mrs. O'Neil.", "They left."]),
        ("It is 3.14 today. Yes.", ["It is 3.14 today.", "Yes."]),
        ("Wait... what? No.", ["Wait... what?", "No."]),
        ("Wait... What?", ["Wait...", "What?"]),
        ("He said “Go.” She went.", ["He said “Go.”", "She went."]),
        ("“Stop!” he cried. Then silence.", ["“Stop!” he cried.", "Then silence."]),
        ("See www.example.com/a.b for more. Thanks.", ["See www.example.com/a.b for more.", "Thanks."]),
        ("J. K. Rowling wrote. I read.", ["J. K. Rowling wrote.", "I read."]),
        ("At 10 a.m. we met, e.g. here, etc. and left.", ["At 10 a.m. we met, e.g. here, etc. and left."]),
        ("The U.S. economy grew. Good.", ["The U.S. economy grew.", "Good."]),
        ("No. 5 is alive. Vol. 2 is not.", ["No. 5 is alive.", "Vol. 2 is not."]),
        ("¿Quién es? ¡Hola! El Sr. Ruiz.", ["¿Quién es?", "¡Hola!", "El Sr. Ruiz."]),
        ("M. Dupont arrive. Mme Le Goff part.", ["M. Dupont arrive.", "Mme Le Goff part."]),
        ("1. First point. 2. Second point.", ["1. First point.", "2. Second point."]),
        ("你好。再见！", ["你好。", "再见！"]),
        ("No end", ["No end"]),
        ("Really?! Yes.", ["Really?!", "Yes."]),
        ("(In brackets.) Out.", ["(In brackets.)", "Out."]),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text: str, sentences: list[str]) -> None:
    assert split_sentences(text) == sentences


def test_pauses_stand_between_sentences() -> None:
    items = read_script("One. [pause 500ms] Two. [pause 1.5s][Pause 2] Three")
    assert items == (
        Sentence("One.", True),
        Pause(0.5),
        Sentence("Two.", True),
        Pause(1.5),
        Pause(2.0),
        Sentence("Three", True),
    )


def test_empty_line_ends_a_paragraph() -> None:
    items = read_script("One. Two.\n\nThree.")
    assert items == (Sentence("One.", False), Sentence("Two.", True), Sentence("Three.", True))


def test_wrapped_line_runs_on_and_list_items_stand_alone() -> None:
    assert [
        s.text for s in read_script("A long\nsentence goes on.\n- milk\n- eggs\r\nEnd.") if isinstance(s, Sentence)
    ] == [
        "A long sentence goes on.",
        "- milk",
        "- eggs End.",
    ]


@pytest.mark.parametrize("mark", ["[pause]", "[pause soon]", "[pause -1s]", "[pause 5 minutes]", "[pause 90s]"])
def test_wrong_pause_is_named(mark: str) -> None:
    with pytest.raises(UsageError, match="pause"):
        read_script(f"One. {mark} Two.")


@given(st.text(alphabet='aB1 .!?…,"”’\n()é。-', max_size=120))
def test_no_text_is_lost(text: str) -> None:
    kept = "".join(item.text for item in read_script(text) if isinstance(item, Sentence))
    assert "".join(kept.split()) == "".join(text.split())


@given(st.lists(st.sampled_from(["One.", "Two words!", "Is it?", "[pause 1s]", "\n\n"]), max_size=20))
def test_pauses_and_sentences_keep_their_number(parts: list[str]) -> None:
    items = read_script(" ".join(parts))
    assert sum(isinstance(item, Pause) for item in items) == parts.count("[pause 1s]")
    assert sum(isinstance(item, Sentence) for item in items) == sum(part[0] not in "[\n" for part in parts)
