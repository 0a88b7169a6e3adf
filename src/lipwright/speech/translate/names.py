"""Names of people in a sentence: they stay as they are in every language, and engines like to translate them."""

import re
from typing import Final

from lipwright.speech.wordlist import word_set

_WOMEN: Final = word_set(
    "Alice Ann Anna Anne Barbara Catherine Christine Claire Dorothy Eleanor Elizabeth Emily Helen Jane Joan Julia"
    " Katherine Laura Louise Lucy Margaret Maria Martha Mary Michelle Rachel Rebecca Sarah Sophia Sophie Susan Theresa"
    " Virginia Gabriela Ana Inês Isabel Catarina Helena Margarida Teresa Beatriz Raquel Cristina Lucía Elena Inés"
)
_MEN: Final = word_set(
    "Adam Alexander Andrew Anthony Arthur Charles Christopher Daniel David Edward Eric Eugene Frank Fred Frederick"
    " Gabriel George Gerald Gregory Henry Hugh Isaac Jacob James Jeremy John Johnny Joseph Joshua Julian Lawrence Louis"
    " Luke Martin Matthew Maurice Michael Nathan Nicholas Oliver Patrick Paul Peter Philip Ralph Raymond Richard Robert"
    " Roger Samuel Sebastian Simon Stephen Steven Theodore Thomas Timothy Victor Vincent Walter William"
    " João José Pedro Paulo Antônio António Francisco Carlos Luís Luiz Miguel Jorge Manuel Marcos Mateus Lucas Tiago"
    " Filipe Felipe Guilherme Henrique Ricardo Roberto Eduardo Fernando Rafael Juan Pablo Diego Javier Jesús Ángel"
    " Alejandro Andrés Joaquín Enrique Guillermo Mateo"
)
GIVEN_NAMES: Final = _WOMEN | _MEN
"""First names that have a form of their own in another language, which an engine puts in their place."""
_STAND_INS: Final = (("Kimberly", "Ashley", "Jennifer"), ("Brandon", "Kevin", "Tyler"))
"""Names of women and men that engines leave alone."""
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
        " We You He She It They The And But So Then This That There What When Who How Why Yes No Our My Your His Her"
        " Their If In On At For From To Of With As All Well Now Here Eu Nós Ele Ela Você Vocês Não Sim Yo Usted"
        " Natal Navidad Páscoa Bíblia Biblia EUA ONU UE OTAN"
    ).split()
)
"""What has capitals and is rightly another word in another language."""
_NAME: Final = re.compile(r"(?<![\w'’.@/-])[^\W\d_]+(?:['’-][^\W\d_]+)*")


def given_names(text: str) -> list[tuple[int, int]]:
    """Where first names stand that an engine may translate."""
    return [
        (match.start(), match.start() + len(_bare(match.group())))
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


def stand_in(name: str, text: str) -> str | None:
    """A name of the same gender that engines leave alone and a text does not have; None when there is none left."""
    names = _STAND_INS[0 if _bare(name) in _WOMEN else 1]
    return next((other for other in names if other not in text), None)


def _bare(word: str) -> str:
    """Without the English genitive."""
    return re.sub(r"['’]s?$", "", word)
