"""What is said for numbers, money, dates, times, units, abbreviations, addresses and symbols."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwright.errors import LanguageUnknown, ScriptUnsupported, TextEmpty
from lipwright.speech.lexicon import Entry, Lexicon
from lipwright.speech.normalise import normalise
from lipwright.speech.tokens import Piece

ENGLISH = {
    "0 7 12 21 100": "zero seven twelve twenty-one one hundred",
    "1,234 and 1,000,000": "one thousand two hundred thirty-four and one million",
    "3.14 0.5": "three point one four zero point five",
    "-5 and −3.2": "minus five and minus three point two",
    "007": "zero zero seven",
    "1st 2nd 3rd 22nd": "first second third twenty-second",
    "$5": "five dollars",
    "$1": "one dollar",
    "$5.50": "five dollars and fifty cents",
    "$0.99": "ninety-nine cents",
    "$5 million": "five million dollars",
    "£3bn": "three billion pounds",
    "€20": "twenty euros",
    "20 €": "twenty euros",
    "25%": "twenty-five percent",
    "3.5 %": "three point five percent",
    "1 km, 5 km": "one kilometer, five kilometers",
    "60 mph": "sixty miles per hour",
    "10kg": "ten kilograms",
    "$5 per kg": "five dollars per kilogram",
    "$5/kg": "five dollars per kilogram",
    "-5°C": "minus five degrees Celsius",
    "90°": "ninety degrees",
    "7:30": "seven thirty",
    "7:05 pm": "seven oh five PM",
    "9am": "nine AM",
    "10:00": "ten o'clock",
    "March 3, 2024": "March third, twenty twenty-four",
    "3 March 2024": "the third of March twenty twenty-four",
    "the 3rd of May 1999": "the third of May nineteen ninety-nine",
    "2024-01-05": "January fifth, twenty twenty-four",
    "12/25/2023": "December twenty-fifth, twenty twenty-three",
    "in 1905": "in nineteen oh-five",
    "the 1990s": "the nineteen nineties",
    "1500 people": "one thousand five hundred people",
    "1990-1995": "nineteen ninety to nineteen ninety-five",
    "pages 5–10": "pages five to ten",
    "1/2 cup": "one half cup",
    "2½ cups": "two and one half cups",
    "Dr. Smith": "Doctor Smith",
    "5th St. in St. Louis": "fifth Street in Saint Louis",
    "e.g. this": "for example this",
    "cats, dogs, etc.": "cats, dogs, et cetera.",
    "Chapter IV": "Chapter four",
    "Henry VIII": "Henry the eighth",
    "I am": "I am",
    "A & B": "A and B",
    "#7": "number seven",
    "No. 5": "number five",
    "555-1234": "five five five, one two three four",
    "www.example.com": "W W W dot example dot com",
    "joe@x.org": "joe at x dot org",
    "https://a.io/b-c": "a dot io slash b dash c",
    "MP3": "MP three",
    "COVID-19": "COVID-nineteen",
    "and/or": "and or",
    "fine 🙂": "fine",
    "## Title ===": "Title",
}
BRITISH = {
    "3/4/2024": "the third of April twenty twenty-four",
    "105": "one hundred and five",
    "2005": "two thousand and five",
    "1,234": "one thousand two hundred and thirty-four",
    "£5.99": "five pounds and ninety-nine pence",
}
SPANISH = {
    "21 años": "veintiún años",
    "21 páginas": "veintiuna páginas",
    "1.234.567": "un millón doscientos treinta y cuatro mil quinientos sesenta y siete",
    "3,5": "tres coma cinco",
    "5,50 €": "cinco euros con cincuenta céntimos",
    "$3 millones": "tres millones de dólares",
    "80 %": "ochenta por ciento",
    "1 de mayo de 2024": "primero de mayo de dos mil veinticuatro",
    "7:30": "siete y treinta",
    "siglo XXI": "siglo veintiuno",
    "Felipe VI": "Felipe sexto",
    "3.º y 2ª": "tercero y segunda",
    "El Sr. García": "El Señor García",
    "EE. UU.": "Estados Unidos.",
    "el DVD": "el de uve de",
    "la letra x": "la letra equis",
    "25 ºC": "veinticinco grados",
    "5 km": "cinco kilómetros",
}
FRENCH = {
    "71 91 80": "soixante-et-onze quatre-vingt-onze quatre-vingts",
    "5,50 €": "cinq euros et cinquante centimes",
    "1 234 km": "mille deux cent trente-quatre kilomètres",
    "80 %": "quatre-vingts pour cent",
    "le 1er mai 2024": "le premier mai deux mille vingt-quatre",
    "à 7h30": "à sept heures trente",
    "13h": "treize heures",
    "Louis XIV": "Louis quatorze",
    "XXIe siècle": "vingt-et-unième siècle",
    "M. Dupont": "Monsieur Dupont",
    "la SNCF": "la esse enne cé effe",
    "3,14": "trois virgule quatorze",
    "n° 5": "numéro cinq",
    "5 €/kg": "cinq euros par kilo",
    "100 200": "cent deux cents",
    "les salles 100 200 et 300": "les salles cent deux cents et trois cents",
    "250 000": "deux cent cinquante mille",
    "12 500 et 100 200 habitants": "douze mille cinq cents et cent mille deux cents habitants",
    "100 200 €": "cent mille deux cents euros",
    "www.exemple.fr": "double vé double vé double vé point exemple point effe erre",
    "HTTPS": "ache té té pé esse",
    "plan B": "plan bé",
    "hmm, j'ai ② zzz": "hmm, j'ai deux zède zède zède",
}
ITALIAN = {
    "21 anni": "ventuno anni",
    "5,50 €": "cinque euro e cinquanta centesimi",
    "1º maggio": "primo maggio",
    "7:30": "sette e trenta",
    "Papa Pio XII": "Papa Pio dodicesimo",
    "XXI secolo": "ventunesimo secolo",
    "il Sig. Rossi": "il Signor Rossi",
    "3/4/2024": "tre aprile duemilaventiquattro",
    "80%": "ottanta per cento",
    "10 kg": "dieci chili",
}
PORTUGUESE = {
    "R$ 5,50": "cinco reais e cinquenta centavos",
    "3 milhões": "três milhões",
    "80%": "oitenta por cento",
    "às 7h30": "às sete e trinta",
    "1º de maio": "primeiro de maio",
    "século XXI": "século vinte e um",
    "Dom Pedro II": "Dom Pedro segundo",
    "o Sr. Silva": "o Senhor Silva",
    "2 horas e 2 dias": "duas horas e dois dias",
    "1.234,5 km": "mil duzentos e trinta e quatro vírgula cinco quilômetros",
}
TABLES = {
    "en-US": ENGLISH,
    "en-GB": BRITISH,
    "es": SPANISH,
    "fr": FRENCH,
    "it": ITALIAN,
    "pt-BR": PORTUGUESE,
}


def said(text: str, language: str = "en-US", lexicon: Lexicon | None = None) -> str:
    return " ".join(token.spoken for token in normalise(text, language, lexicon) if token.spoken)


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [(language, text, spoken) for language, table in TABLES.items() for text, spoken in table.items()],
)
def test_text_is_read_as_a_person_reads_it(language: str, text: str, spoken: str) -> None:
    assert said(text, language) == spoken


def test_every_token_keeps_its_place_in_the_text() -> None:
    text = "Dr.  Lee paid $5 million on March 3, 2024."
    tokens = normalise(text, "en-US")
    assert [token.text for token in tokens] == text.split()
    assert all(text[token.start : token.end] == token.text for token in tokens)
    assert [token.spoken for token in tokens[3:6]] == ["five", "million dollars", "on"]
    assert [token.spoken for token in tokens[6:]] == ["March", "third,", "twenty twenty-four."]


def test_own_pronunciation_goes_before_all_rules() -> None:
    lexicon = Lexicon([Entry("5", "fiver"), Entry("π-rate", "/paɪɹət/")])
    assert said("Give 5 or 55.", lexicon=lexicon) == "Give fiver or fifty-five."
    (token,) = normalise("(π-rate)!", "en-US", lexicon)
    assert token.pieces == (Piece("("), Piece("π-rate", "paɪɹət"), Piece(")!"))


def test_own_pronunciation_allows_foreign_letters() -> None:
    assert said("Мир is peace.", lexicon=Lexicon([Entry("Мир", "meer")])) == "meer is peace."


def test_foreign_letters_are_named_with_the_way_out() -> None:
    with pytest.raises(ScriptUnsupported, match=r"и, м, р.*pronunciation file"):
        normalise("мир", "en-US")


def test_empty_text_is_refused() -> None:
    with pytest.raises(TextEmpty):
        normalise(" ", "en-US")


def test_language_without_rules_is_named() -> None:
    with pytest.raises(LanguageUnknown, match="ja"):
        normalise("one", "ja")


@pytest.mark.parametrize("language", list(TABLES))
@given(text=st.text(alphabet="ab Z1290.,:/-%$€°'’“(I)#@&ºh\n", min_size=1, max_size=40).filter(str.strip))
def test_whatever_is_written_no_digit_is_left_and_no_token_lost(language: str, text: str) -> None:
    tokens = normalise(text, language)
    assert [token.text for token in tokens] == text.split()
    assert not any(character.isdigit() for token in tokens for character in token.spoken)


@given(st.integers(0, 10**13))
def test_any_whole_number_has_words(number: int) -> None:
    for language in TABLES:
        assert said(f"{number}", language)
