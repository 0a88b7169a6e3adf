"""Lines in another language: what is asked of the engine, what is kept, what fails with its line."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from lipwright.contracts.dub import Line, TargetLine
from lipwright.contracts.progress import SilentProgress
from lipwright.errors import (
    Cancelled,
    LanguageUnknown,
    ProviderAnswerInvalid,
    ProviderUnavailable,
    RateLimited,
    TranslationFailed,
)
from lipwright.pipeline.stages.translate import is_same_language, translate
from lipwright.speech.translate.base import Quality
from lipwright.speech.translate.bergamot import Bergamot
from lipwright.speech.translate.fake import FakeTranslator
from lipwright.speech.translate.glossary import Glossary, Term
from lipwright.store.stages import StageStore


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StageStore]:
    with StageStore(tmp_path / "store") as opened:
        yield opened


def spoken(*texts: str, slot_s: float = 2.0, gap_s: float = 0.2, language: str = "en") -> list[Line]:
    step_s = slot_s + gap_s
    return [Line(i + 1, i * step_s, i * step_s + slot_s, 1, text, language) for i, text in enumerate(texts)]


def run(
    lines: Sequence[Line], engine: FakeTranslator | Bergamot, store: StageStore, target: str = "pt-BR", **more: object
) -> tuple[TargetLine, ...]:
    return translate(lines, target, engine, store=store, progress=SilentProgress(), **more)  # type: ignore[arg-type]


def plain_fake(**more: object) -> FakeTranslator:
    """One translation, that is the source itself."""
    return FakeTranslator(say=lambda text: text, candidates=False, knows_length=False, **more)  # type: ignore[arg-type]


def asked(engine: FakeTranslator) -> list[str]:
    return [passage.text for passages in engine.calls for passage in passages]


def test_lines_keep_their_numbers_times_and_sources(store: StageStore) -> None:
    lines = spoken("Hello there.", "", "[Music]", "Hmm.", "1,250.50", "Good night to all.")
    said = run(lines, FakeTranslator(), store)
    assert [(line.number, line.start_s, line.end_s, line.speaker, line.source) for line in said] == [
        (line.number, line.start_s, line.end_s, line.speaker, line.text) for line in lines
    ]
    assert [line.text for line in said] == ["pt: Hello there.", "", "", "Hmm.", "1.250,50", "pt: Good night to all."]


def test_readers_get_descriptions_of_sounds(store: StageStore) -> None:
    said = run(spoken("[Music]", "Hello there."), FakeTranslator(), store, noises=True)
    assert [line.text for line in said] == ["[pt: Music]", "pt: Hello there."]


def test_sentence_over_lines_is_translated_whole_and_cut_again(store: StageStore) -> None:
    engine = plain_fake()
    said = run(
        spoken("And so my fellow Americans,", "ask not", "what it can do. Ask", "what you can do."), engine, store
    )
    assert asked(engine) == ["And so my fellow Americans, ask not what it can do.", "Ask what you can do."]
    assert [line.text for line in said] == [
        "And so my fellow Americans,",
        "ask not",
        "what it can do. Ask",
        "what you can do.",
    ]


def test_nothing_is_translated_twice_and_an_edit_costs_its_sentence_only(store: StageStore) -> None:
    lines = spoken("One house.", "Two houses.", "One house.", "Three houses.")
    first = FakeTranslator()
    said = run(lines, first, store)
    assert asked(first) == ["One house.", "Two houses.", "Three houses."]
    again = FakeTranslator()
    assert run(lines, again, store) == said
    assert again.calls == []
    edited = FakeTranslator()
    lines[1] = spoken("", "Two big houses.")[1]
    assert run(lines, edited, store)[1].text == "pt: Two big houses."
    assert asked(edited) == ["Two big houses."]


def test_another_glossary_asks_again_only_where_its_terms_are(store: StageStore) -> None:
    lines = spoken("Open the queue.", "Close the door.")
    run(lines, FakeTranslator(), store)
    engine = FakeTranslator()
    said = run(lines, engine, store, glossary=Glossary([Term("queue", "fila")]))
    assert asked(engine) == ["Open the queue."]
    assert said[0].text == "pt: Open the fila."


def test_another_model_of_an_engine_asks_again(store: StageStore, monkeypatch: pytest.MonkeyPatch) -> None:
    run(spoken("One house."), FakeTranslator(), store)
    engine = FakeTranslator()
    monkeypatch.setattr(engine, "identity", lambda source, target: "another model")
    run(spoken("One house."), engine, store)
    assert asked(engine) == ["One house."]


def test_engine_is_told_slot_and_context_only_if_it_uses_them(store: StageStore) -> None:
    lines = spoken("One house.", "Two houses.", "Three houses.")
    told = FakeTranslator(uses_context=True)
    run(lines, told, store, duration_s=10.0)
    passages = [passage for call in told.calls for passage in call]
    assert passages[0].slot_s == pytest.approx(2.0)
    assert passages[0].longest_characters == 32
    assert passages[2].slot_s == pytest.approx(5.6)
    assert [passage.context for passage in passages] == [(), ("One house.",), ("One house.", "Two houses.")]
    untold = FakeTranslator(knows_length=False)
    run(lines, untold, store)
    assert all(passage.slot_s is None and not passage.context for call in untold.calls for passage in call)


def test_translation_that_fits_is_taken_and_shorter_ones_stay_ready(store: StageStore) -> None:
    text = "one two three four five six"
    (easy,) = run(spoken(text, slot_s=9.0), FakeTranslator(), store, duration_s=9.0)
    assert easy.text == f"pt: {text}"
    assert easy.alternatives == ("pt: one two three four five", "pt: one two three four")
    (tight,) = run(spoken(text, slot_s=1.0), FakeTranslator(), store, duration_s=1.0)
    assert tight.text == "pt: one two three four"
    assert tight.alternatives == ()


def test_engine_with_one_translation_is_asked_without_fillers_where_time_is_short(store: StageStore) -> None:
    line = "Well, you know, I really think that this is it."
    relaxed, tight = plain_fake(), plain_fake()
    run(spoken(line, slot_s=9.0), relaxed, store)
    assert asked(relaxed) == [line]
    (said,) = run(spoken(line, slot_s=1.6), tight, store)
    assert asked(tight) == ["I really think that this is it.", "I think that this is it."]
    assert said.text in ("I really think that this is it.", "I think that this is it.")


def test_slower_voice_needs_a_shorter_text(store: StageStore) -> None:
    text = "one two three four five six"
    (quick,) = run(spoken(text, slot_s=2.0), FakeTranslator(), store, duration_s=2.0)
    (slow,) = run(spoken(text, slot_s=2.0), FakeTranslator(), store, duration_s=2.0, paces={1: 1.6})
    assert len(slow.text) < len(quick.text)


def test_failure_names_its_line_and_keeps_its_cause(store: StageStore) -> None:
    engine = FakeTranslator(failures=[None, RateLimited("wait", 3.0)], batch=1)
    with pytest.raises(TranslationFailed, match=r"line 2 \(`Two houses\.`\) is not translated: wait") as caught:
        run(spoken("One house.", "Two houses."), engine, store)
    assert (caught.value.part, caught.value.retryable) == (2, True)
    assert isinstance(caught.value.__cause__, RateLimited)
    after = FakeTranslator()
    run(spoken("One house.", "Two houses."), after, store)
    assert asked(after) == ["Two houses."], "what was finished before the failure is kept"


def test_batch_whose_answer_is_broken_is_asked_for_one_by_one(store: StageStore) -> None:
    engine = FakeTranslator(failures=[ProviderAnswerInvalid("HTML")])
    said = run(spoken("One house.", "Two houses."), engine, store)
    assert [line.text for line in said] == ["pt: One house.", "pt: Two houses."]
    assert [len(call) for call in engine.calls] == [2, 1, 1]
    broken = FakeTranslator(failures=[ProviderAnswerInvalid("HTML")] * 3)
    with pytest.raises(TranslationFailed, match="line 1 "):
        run(spoken("Three houses.", "Four houses."), broken, store)


def test_pair_is_refused_before_anything_is_asked(store: StageStore) -> None:
    engine = FakeTranslator(known={("en", "pt"): Quality.GOOD}, failures=[ProviderUnavailable("no")])
    with pytest.raises(LanguageUnknown, match="en to ja"):
        run(spoken("One house."), engine, store, "ja")
    assert engine.calls == []


def test_line_in_the_target_s_language_stays(store: StageStore) -> None:
    lines = [*spoken("Bom dia, 1.250 vezes.", language="pt"), Line(2, 5.0, 6.0, 1, "One house.", "en")]
    engine = FakeTranslator(known={("en", "pt"): Quality.GOOD})
    assert [line.text for line in run(lines, engine, store)] == ["Bom dia, 1.250 vezes.", "pt: One house."]
    assert is_same_language("pt_PT", "pt-BR")
    assert not is_same_language("pt", "es")


def test_no_lines_are_no_work(store: StageStore) -> None:
    assert run([], FakeTranslator(), store) == ()


def test_work_stops_when_nobody_wants_it(store: StageStore) -> None:
    class Unwanted(SilentProgress):
        def check_cancelled(self) -> None:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        translate(spoken("One house."), "pt", FakeTranslator(), store=store, progress=Unwanted())


def test_missing_number_is_noted_on_its_line(store: StageStore) -> None:
    engine = FakeTranslator(say=lambda text: text.replace("7", "many"))
    said = run(spoken("One house.", "There were 7 houses."), engine, store)
    assert [line.notes for line in said] == [(), ("the number `7` is missing in the translation",)]


def test_real_lines_come_out_in_portuguese(store: StageStore) -> None:
    lines = spoken("Good morning, my name is Anna,", "I live in Lisbon", "and I love the city.", slot_s=3.0)
    said = run(lines, Bergamot(), store)
    assert [line.text for line in said] == ["Bom dia, meu nome é Anna,", "eu moro em Lisboa", "e eu amo a cidade."]
