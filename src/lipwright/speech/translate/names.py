"""Names of people in a sentence: they stay as they are in every language, and engines like to translate them."""

import re
from typing import Final

from lipwright.speech.wordlist import word_set

GIVEN_NAMES: Final = word_set(
    "Adam Alexander Alice Andrew Ann Anna Anne Anthony Arthur Barbara Catherine Charles Christine Christopher Claire"
    " Daniel David Dorothy Edward Eleanor Elizabeth Emily Eric Eugene Frank Fred Frederick Gabriel George Gerald"
    " Gregory Helen Henry Hugh Isaac Jacob James Jane Jeremy Joan John Johnny Joseph Joshua Julia Julian Katherine"
    " Laura Lawrence Louis Louise Lucy Luke Margaret Maria Martha Martin Mary Matthew Maurice Michael Michelle Nathan"
    " Nicholas Oliver Patrick Paul Peter Philip Rachel Ralph Raymond Rebecca Richard Robert Roger Samuel Sarah"
    " Sebastian Simon Sophia Sophie Stephen Steven Susan Theodore Theresa Thomas Timothy Victor Vincent Virginia"
    " Walter William"
    " João José Pedro Paulo Antônio António Francisco Carlos Luís Luiz Miguel Jorge Manuel Marcos Mateus Lucas Tiago"
    " Filipe Felipe Guilherme Henrique Ricardo Roberto Eduardo Fernando Rafael Gabriela Ana Inês Isabel Catarina Helena"
    " Margarida Teresa Beatriz Raquel Cristina"
    " Juan Pablo Diego Javier Jesús Ángel Alejandro Andrés Joaquín Enrique Guillermo Felipe Mateo Lucía Elena Inés"
)
"""First names that have a form of their own in another language, which an engine puts in their place."""
_WORDS_TOO: Final = word_set("Frank Grace Ray Will Mark Bill Jack Rose Hope Art Victor Ángel Jesús Virginia Ana")
"""At the start of a sentence, words rather than names."""
_TRANSLATED: Final = frozenset(
    (
        "I I'm I'll I've I'd OK Okay God Lord Bible Christmas Easter Internet Congress Senate Parliament President"
        " Mr Mrs Ms Dr Miss Sir Madam Professor Prof St Saint King Queen Prince Princess Pope Captain Doctor Sr Sra Dra"
        " Senhor Senhora Señor Señora Don Doña Dom Dona Monsieur Madame"
        " Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May June July August"
        " September October November December Mondays Tuesdays Wednesdays Thursdays Fridays Saturdays Sundays"
        " Africa America Asia Europe Australia Antarctica Oceania Atlantic Pacific Mediterranean Earth Moon Sun Mars"
        " Venus Mercury Jupiter Saturn North South East West Northern Southern Eastern Western"
        " Argentina Austria Belgium Brazil Britain Bulgaria Canada Chile China Colombia Croatia Cuba Cyprus Denmark"
        " Egypt England Estonia Ethiopia Finland France Germany Greece Hungary Iceland India Indonesia Iran Iraq"
        " Ireland Israel Italy Japan Jordan Kenya Korea Latvia Lebanon Libya Lithuania Luxembourg Malaysia Mexico"
        " Morocco Netherlands Holland Nigeria Norway Pakistan Peru Philippines Poland Portugal Romania Russia Scotland"
        " Serbia Singapore Slovakia Slovenia Spain Sweden Switzerland Syria Thailand Tunisia Turkey Ukraine Uruguay"
        " Venezuela Vietnam Wales Kingdom States United USA UK US EU UN NATO AIDS"
        " London Paris Rome Milan Venice Florence Naples Turin Genoa Lisbon Madrid Seville Berlin Munich Cologne Vienna"
        " Geneva Zurich Brussels Antwerp Bruges Amsterdam Copenhagen Stockholm Moscow Warsaw Prague Athens Cairo"
        " Jerusalem Beijing Tokyo Delhi York Edinburgh Dublin Hague Basel Lyon Marseille Strasbourg Nice"
        " Danube Rhine Thames Alps Andes Pyrenees Himalayas Sahara Amazon"
        " American Americans African Africans Asian Asians European Europeans British English Irish Scottish Welsh"
        " French German Germans Spanish Italian Italians Portuguese Dutch Russian Russians Chinese Japanese Korean"
        " Brazilian Brazilians Mexican Mexicans Canadian Canadians Australian Indian Indians Greek Greeks Roman Romans"
        " Latin Arab Arabs Arabic Turkish Polish Swedish Norwegian Danish Finnish Jewish Jews Christian Christians"
        " Muslim Muslims Catholic Catholics Buddhist Hindu Victorian Swiss Hebrew"
        " Londres Paris Roma Milão Milán Veneza Venecia Lisboa Nova Nueva York Berlim Moscou Moscovo Moscú"
        " Espanha Itália França Alemanha Inglaterra Grécia Rússia Japão Brasil Estados Unidos Reino Unido Europa"
        " España Italia Francia Alemania Grecia Rusia Japón Suíça Suiza Bélgica Suécia Suecia Noruega Dinamarca"
        " Polônia Polonia Holanda Países África América Ásia Oceano Océano Norte Sul Sur Leste Este Oeste Deus Dios "
        " Natal Navidad Páscoa Bíblia Biblia EUA ONU UE OTAN"
    ).split()
)
"""What has capitals and is rightly another word in another language."""
_NAME: Final = re.compile(r"(?<![\w'’.@/-])[^\W\d_]+(?:['’-][^\W\d_]+)*")


def given_names(text: str) -> list[tuple[int, int]]:
    """Where first names stand that an engine may translate."""
    return [
        match.span()
        for match in _NAME.finditer(text)
        if _bare(match.group()) in GIVEN_NAMES and not (match.start() == 0 and _bare(match.group()) in _WORDS_TOO)
    ]


def other_names(text: str) -> list[tuple[int, int]]:
    """Where other names stand: words with a capital inside a sentence. In a text of capitals there are none."""
    if text.isupper():
        return []
    found = []
    for match in _NAME.finditer(text):
        word, before = _bare(match.group()), text[: match.start()].rstrip(" \"'“‘«(")
        starts = not before or before[-1] in ".!?…:¿¡-–—"
        if (
            word[0].isupper()
            and not starts
            and not {word, word.title()} & (_TRANSLATED | GIVEN_NAMES)
            and len(word) > 1
        ):
            found.append((match.start(), match.start() + len(word)))
    return found


def _bare(word: str) -> str:
    """Without the English genitive."""
    return re.sub(r"['’]s?$", "", word)
