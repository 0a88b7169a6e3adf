"""From words to the phonemes that the voices know."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lipwright.errors import LanguageUnknown
from lipwright.speech import alphabet
from lipwright.speech.g2p.pieces import split_word
from lipwright.speech.g2p.registry import pronouncer_for
from lipwright.speech.normalise import normalise

WORDS = {
    "en-US": {"hello": "həlˈO", "photograph": "fˈOTəɡɹˌæf"},
    "en-GB": {"hello": "həlˈQ", "bath": "bˈɑːθ"},
    "es": {
        "guitarra": "ɡitˈara",
        "niño": "nˈiɲo",
        "ciudad": "θjuðˈað",
        "queso": "kˈeso",
        "huevo": "wˈeβo",
        "ayer": "aʝˈeɾ",
        "pingüino": "pinɡwˈino",
        "jirafa": "xiɾˈafa",
        "canción": "kanθjˈon",
        "un vaso": "un bˈaso",
        "la vaca": "la βˈaka",
        "seis": "sˈAs",
    },
    "fr": {
        "les amis": "lez amˈi",
        "les héros": "le eʁˈo",
        "il parle": "il pˈaʁl",
        "ils parlent": "il pˈaʁl",
        "beaucoup": "bokˈu",
        "monsieur": "məsjˈø",
        "femme": "fˈam",
        "l'oiseau": "lwazˈo",
        "travail": "tʁavˈaj",
        "famille": "famˈij",
        "grand ami": "ɡʁˈɑ̃t amˈi",
        "pain": "pˈɛ̃",
        "question": "kɛstjˈɔ̃",
        "nation": "nasjˈɔ̃",
        "maison": "mɛzˈɔ̃",
        "chanter": "ʃɑ̃tˈe",
        "argent": "aʁʒˈɑ̃",
        "vraiment": "vʁɛmˈɑ̃",
    },
    "it": {
        "ciao": "ʧˈao",
        "gnocchi": "ɲˈɔkːɪ",
        "famiglia": "famˈiʎa",
        "città": "ʧitːˈa",
        "telefono": "telˈɛfono",
        "pizza": "pˈiʦːa",
        "scienza": "ʃˈɛnʦa",
        "chiesa": "kjˈɛza",
        "fotografia": "fotoɡrafˈia",
        "l'amico": "lamˈiko",
        "dell'olio": "dellˈɔlio",
        "esercizio": "ezerʧˈiʦjo",
        "la mia zia": "la mˈia ʣˈia",
    },
    "pt-BR": {
        "coração": "koɾasˈɐ̃ʊ̃",
        "gente": "ʒˈAŋʧi",
        "dia": "ʤˈiɐ",
        "Brasil": "brazˈiʊ",
        "família": "famˈiljɐ",
        "carro": "kˈaxʊ",
        "as águas": "az ˈaɡwɐs",
        "também": "tɐ̃mbˈAŋ",
        "lições": "lisˈo\u0303js",
    },
}


_PRONOUNCERS = {language: pronouncer_for(language) for language in WORDS}


def said(language: str, text: str) -> str:
    return " ".join(_PRONOUNCERS[language].pronounce(normalise(text, language)))


@pytest.mark.parametrize(
    ("language", "text", "phonemes"),
    [(language, text, phonemes) for language, table in WORDS.items() for text, phonemes in table.items()],
)
def test_words_are_said_as_natives_say_them(language: str, text: str, phonemes: str) -> None:
    assert said(language, text) == phonemes


@pytest.mark.parametrize("language", list(WORDS))
def test_punctuation_stays_with_its_word(language: str) -> None:
    first, second = pronouncer_for(language).pronounce(normalise("Radio, animal!", language))
    assert first.endswith(",")
    assert second.endswith("!")


@pytest.mark.parametrize("language", ["es", "fr", "it", "pt-BR"])
@given(text=st.text(alphabet="abcdefghijlmnopqrstuvxyzçñáéíóúàèãõêôœ' -.", min_size=1, max_size=30).filter(str.strip))
def test_every_symbol_is_one_that_the_voices_know(language: str, text: str) -> None:
    tokens = normalise(text, language)
    spoken = pronouncer_for(language).pronounce(tokens)
    assert len(spoken) == len(tokens)
    assert set("".join(spoken)) <= set(alphabet.SYMBOL_IDS)


def test_unknown_word_is_said_to_its_end_however_long() -> None:
    end = said("en-US", "Qzorbsilog")[-4:]
    for word in ("Vrandlo" * 12 + "silog", "x" * 100 + "silog", "aaaa" * 50 + "silog", "getQzorbMediaVrandloThenSilog"):
        phonemes = said("en-US", word)
        assert len([symbol for symbol in phonemes if alphabet.is_phone(symbol)]) > len(word) / 3
        assert phonemes[-1] == end[-1]


@given(word=st.text(alphabet="abcdefghijklmnopqrstuvwxyzABC", min_size=1, max_size=120), longest=st.integers(5, 30))
def test_pieces_of_a_word_make_the_word(word: str, longest: int) -> None:
    pieces = split_word(word, longest)
    assert "".join(pieces) == word
    assert all(0 < len(piece) <= longest for piece in pieces)


def test_word_is_cut_before_syllables() -> None:
    assert split_word("schifffahrtsgesellschaft", 12) == ["schiff", "fahrts", "gesellschaft"]
    assert split_word("getUserMediaConstraints", 12) == ["get", "User", "Media", "Constraints"]


@pytest.mark.parametrize(
    ("language", "text", "phonemes"),
    [
        ("es", "Ångström", "angstrom"),
        ("fr", "Łódź", "lodz"),
        ("it", "Malmö", "malmo"),
        ("pt-BR", "Straße", "strasse"),
        ("es", "ﬁle", "file"),
    ],
)
def test_letter_of_another_language_is_said_as_the_nearest(language: str, text: str, phonemes: str) -> None:
    assert said(language, text).replace("ˈ", "") == said(language, phonemes).replace("ˈ", "")


@pytest.mark.parametrize("language", list(WORDS))
@settings(deadline=None)  # the first word loads a network
@given(text=st.text(alphabet="abcdehijklmnopqrstuxyzñéãAHKRTZ", min_size=1, max_size=40))
def test_no_word_is_left_unsaid(language: str, text: str) -> None:
    (phonemes,) = _PRONOUNCERS[language].pronounce(normalise(text, language))
    assert any(alphabet.is_phone(symbol) for symbol in phonemes)


def test_language_without_rules_is_named() -> None:
    with pytest.raises(LanguageUnknown, match="ja"):
        pronouncer_for("ja")


def test_ipa_is_written_in_the_alphabet() -> None:
    assert alphabet.from_ipa("d͡ʒɪf", english=True) == "ʤɪf"
    assert alphabet.from_ipa("ˈlaɪ.tʃi", english=True) == "lˈIʧi".replace("lˈ", "ˈl")
    assert alphabet.from_ipa("ˈaɪ", english=False) == "ˈaɪ"
    with pytest.raises(ValueError, match="`4`"):
        alphabet.from_ipa("4", english=True)


@pytest.mark.parametrize(
    ("symbol", "ipa"), [("A", "eɪ"), ("O", "oʊ"), ("ʧ", "tʃ"), ("ᵊ", "ə"), ("ɹ", "ɹ"), ("Q", "əʊ")]
)
def test_symbols_have_their_ipa(symbol: str, ipa: str) -> None:
    assert alphabet.to_ipa(symbol) == ipa
