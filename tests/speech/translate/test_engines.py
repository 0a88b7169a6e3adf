"""What single engines do beyond what all of them promise."""

import shutil
from pathlib import Path

import pytest

from lipwright.errors import LanguageUnknown, ProviderUnavailable
from lipwright.speech.translate.apertium import INSTALL, Apertium
from lipwright.speech.translate.base import Passage, Quality, Translator
from lipwright.speech.translate.bergamot import Bergamot
from lipwright.speech.translate.choose import best_translator
from lipwright.speech.translate.fake import FakeTranslator
from lipwright.speech.translate.nllb import Nllb
from lipwright.speech.translate.relay import Relay
from support.tiny_nllb import write_tiny_nllb

needs_apertium = pytest.mark.skipif(shutil.which("apertium") is None, reason=f"Apertium is missing: {INSTALL}")


@pytest.fixture(scope="module")
def bergamot() -> Bergamot:
    return Bergamot()


def say(engine: Translator, text: str, source: str, target: str) -> str:
    return engine.translate([Passage(text)], source, target)[0][0]


@pytest.mark.parametrize(
    ("english", "portuguese"),
    [
        ("Good morning, my name is Anna.", "Bom dia, meu nome é Anna."),
        ("Thank you.", "Obrigado."),
        ("Thank you, John!", "Obrigado, John!"),
        ("Thank you for coming today.", "Obrigado por vir hoje."),
        ("Really?", "Sério?"),
        ("Wait...", "Espere..."),
        ("HELLO EVERYBODY", "OLÁ A TODOS"),
        ("That repair cost me an arm and a leg.", "Esse reparo me custou uma fortuna."),
    ],
)
def test_bergamot_speaks_portuguese(bergamot: Bergamot, english: str, portuguese: str) -> None:
    assert say(bergamot, english, "en", "pt-BR") == portuguese


def test_bergamot_speaks_english_and_knows_no_other_language(bergamot: Bergamot) -> None:
    assert say(bergamot, "Meu nome é Ana e eu moro em Lisboa.", "pt-PT", "en") == "My name is Ana and I live in Lisbon."
    assert say(bergamot, "Obrigado!", "pt", "en-GB") == "Thank you!"
    assert bergamot.quality("en", "pt-PT") is Quality.FAIR
    with pytest.raises(LanguageUnknown, match="en to pt-BR"):
        say(bergamot, "Hola.", "es", "en")


def test_bergamot_reads_the_marks_of_books(bergamot: Bergamot) -> None:
    assert say(bergamot, "It\u2019s Anna\u2019s dog\u2026", "en", "pt") == say(
        bergamot, "It's Anna's dog...", "en", "pt"
    )


def test_bergamot_cuts_what_is_too_long_for_it(bergamot: Bergamot) -> None:
    long = ", ".join(["the printer is ready"] * 40) + "."
    assert len(long) > 800
    assert say(bergamot, long, "en", "pt").lower().count("impressora") >= 30


@needs_apertium
def test_apertium_keeps_sentences_apart_and_opens_spanish_questions() -> None:
    texts = ("Onde está o carro", "Quanto custa? Eu não sei.", "Não!", "Em 12 de março vi ^x$ [y] @z \\ {w}.")
    said = [texts[0] for texts in Apertium().translate([Passage(text) for text in texts], "pt", "es")]
    assert said[0] == "Donde está el coche"
    assert said[2] == "¡No!"
    assert said[3].startswith("El 12 de marzo vi ^")
    assert all(mark in said[3] for mark in ("[y]", "@z", "\\", "{w}"))
    assert say(Apertium(), "Onde está a casa?", "pt", "es") == "¿Dónde está la casa?"


@needs_apertium
def test_apertium_prefers_the_region_that_is_asked_for() -> None:
    engine = Apertium()
    assert engine.find_pair("es", "pt-BR") == ("es", "pt-BR")
    assert engine.find_pair("es-MX", "pt") == ("es", "pt")
    assert engine.quality("pt", "es") is Quality.FAIR


def test_apertium_that_is_not_installed_has_no_pairs(tmp_path: Path) -> None:
    engine = Apertium(program="no-such-program")
    assert engine.pairs() == {}
    with pytest.raises(LanguageUnknown, match="nothing here: its files are missing"):
        engine.translate([Passage("Sim.")], "pt", "es")


def test_apertium_reads_its_modes_and_tells_why_it_fails(tmp_path: Path) -> None:
    (tmp_path / "modes").mkdir()
    for mode in ("spa-ita", "es-pt_BR", "eco-es-fr", "README"):
        (tmp_path / "modes" / f"{mode}.mode").write_text("false", "utf-8")
    program = tmp_path / "apertium"
    program.write_text("#!/bin/sh\necho 'it is broken' >&2\nexit 3\n", "utf-8")
    program.chmod(0o755)
    engine = Apertium(program=str(program), data=tmp_path)
    assert engine.pairs() == {("es", "it"): Quality.GIST, ("es", "pt-BR"): Quality.FAIR}
    with pytest.raises(ProviderUnavailable, match="apertium spa-ita: fails with it is broken"):
        engine.translate([Passage("Sí.")], "es", "it")


def made(name: str, pairs: dict[tuple[str, str], Quality]) -> FakeTranslator:
    return FakeTranslator(known=pairs, say=lambda text: f"{name}({text})", candidates=False)


def test_relay_takes_the_path_with_the_least_loss() -> None:
    good = made("a", {("en", "pt-BR"): Quality.GOOD, ("en", "de"): Quality.GIST})
    fair = made("b", {("pt", "es"): Quality.FAIR, ("es", "ca"): Quality.FAIR, ("de", "es"): Quality.GOOD})
    relay = Relay([good, fair])
    assert relay.path("en", "es-MX") == ("en", "pt-BR", "es")
    assert say(relay, "Yes.", "en", "es") == "b(a(Yes.))"
    assert relay.quality("en", "es") is Quality.FAIR
    assert relay.path("en-GB", "ca") == ("en", "pt-BR", "es", "ca")
    assert relay.quality("en", "ca") is Quality.GIST
    assert relay.quality("en", "pt") is Quality.GOOD
    assert relay.quality("ca", "en") is None
    assert relay.identity("en", "es").count(", then ") == 1


@needs_apertium
def test_relay_reaches_spanish_from_english_and_back() -> None:
    relay = Relay()
    assert (
        say(relay, "The house is big and the street is quiet.", "en", "es")
        == "La casa es grande y la calle es tranquila."
    )
    assert "house" in say(relay, "La casa es grande.", "es", "en")


def test_best_engine_is_chosen_and_nobody_s_pair_says_what_is_possible() -> None:
    gist, good = made("gist", {("en", "fr"): Quality.GIST}), made("good", {("en", "fr"): Quality.GOOD})
    assert best_translator([gist, good], "en", "fr-CA") is good
    with pytest.raises(LanguageUnknown, match=r"fr to en: nothing.*translates en to fr\. For"):
        best_translator([gist, good], "fr", "en")
    with pytest.raises(LanguageUnknown, match="translates nothing"):
        best_translator([], "en", "fr")


def test_many_pairs_are_counted_in_a_message(tmp_path: Path) -> None:
    write_tiny_nllb(tmp_path)
    with pytest.raises(
        LanguageUnknown, match=r"nllb does not translate this\. It translates \d+ languages, such as af,"
    ):
        Nllb(nllb_model=tmp_path).translate([Passage("Yes.")], "en", "tlh")


def test_nllb_tells_what_is_missing(tmp_path: Path) -> None:
    assert Nllb().pairs() == {}
    with pytest.raises(ProviderUnavailable, match="LIPWRIGHT_NLLB_MODEL"):
        Nllb().translate([Passage("Yes.")], "en", "pt")
    with pytest.raises(ProviderUnavailable, match=r"holds no model\.bin"):
        Nllb(nllb_model=tmp_path).translate([Passage("Yes.")], "en", "pt")
    write_tiny_nllb(tmp_path)
    (tmp_path / "tokenizer.json").unlink()
    with pytest.raises(ProviderUnavailable, match="holds no tokenizer"):
        Nllb(nllb_model=tmp_path).translate([Passage("Yes.")], "en", "pt")
    (tmp_path / "tokenizer.json").write_text("{}", "utf-8")
    with pytest.raises(ProviderUnavailable, match="is no tokenizer"):
        Nllb(nllb_model=tmp_path).translate([Passage("Yes.")], "en", "pt")
    write_tiny_nllb(tmp_path)
    (tmp_path / "model.bin").write_bytes(b"damage")
    with pytest.raises(ProviderUnavailable, match="does not load"):
        Nllb(nllb_model=tmp_path).translate([Passage("Yes.")], "en", "pt")


def test_nllb_changes_its_identity_with_its_weights(tmp_path: Path) -> None:
    write_tiny_nllb(tmp_path)
    before = Nllb(nllb_model=tmp_path).identity("en", "pt")
    with (tmp_path / "model.bin").open("ab") as file:
        file.write(b"more")
    assert Nllb(nllb_model=tmp_path).identity("en", "pt") != before
