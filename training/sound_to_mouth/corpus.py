"""Sentences that nobody wrote: words drawn for their sounds, joined so that a voice reads them as speech.

English words come from the pronunciation dictionary in hibari's package, other languages from the lists below; every
second sentence of those is one that was written for this project (`sentences.toml`).
Every second English word holds a consonant that a mouth shows: those are what a viewer checks.
"""

import gzip
import json
import random
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import resources
from pathlib import Path

SHOWN = "pbmfvwpbm"
"""Letters whose sounds a mouth shows; lips touching counts twice."""

ENGLISH_FRAMES = (
    "the {} {} is {} and {}", "maybe we {} the {} before {} {}", "people who {} often {} from the {}",
    "I {} you my {} for {} {}", "both {} of {} have been {}", "when will {} {} the {} with {}",
    "she moved the {} to {} by {}", "what about {}, {}, {} and {}", "no, {} never {} {}",
    "put {} above the {} of {}", "in {} a {} may {} more than {}", "{} {}. Hmm, {} {}",
    "five {} over {} for {} {}", "somebody saw {} beneath a {}", "we would {} when {} began to {}",
    "now and then {} means {}, not {}", "thank you, {} was {} {}", "if {} then {} {}; otherwise {}",
)  # fmt: skip

OTHERS = {
    "es": (
        "el la un una por para con sin pero muy más como cuando también nunca",
        "mañana pueblo blanco vino bueno hombre mujer libro problema fuego agua queso perro calle ventana "
        "nombre empezar vivir beber comprar hablamos mismo tiempo amigo pequeño noche lluvia cabeza boca "
        "dormir puerta primavera fumar zapato jardín guitarra bosque viento nieve mesa playa barco comida "
        "abuelo invierno montaña música palabra",
    ),
    "fr": (
        "le la un une pour avec sans mais très plus comme quand aussi jamais",
        "maison pomme beau bonjour femme homme livre problème fleuve eau fromage chien rue fenêtre nom vivre "
        "boire parler même temps ami petit nuit pluie tête bouche dormir porte printemps fumée soupe jardin "
        "musique bois vent neige table plage bateau manger hiver montagne parole feuille bleu jeune chambre "
        "nombre pauvre cheveux lune",
    ),
    "it": (
        "il la un una per con senza ma molto più come quando anche mai",
        "domani paese bianco vino buono uomo donna libro problema fuoco acqua formaggio cane finestra nome "
        "vivere bere parliamo stesso tempo amico piccolo notte pioggia testa bocca dormire porta primavera "
        "fumo zuppa giardino bosco vento neve tavolo spiaggia barca mangiare inverno montagna musica parola "
        "famiglia bambino febbraio mamma",
    ),
    "pt-BR": (
        "o a um uma por para com sem mas muito mais como quando também nunca",
        "manhã povo branco vinho bom homem mulher livro problema fogo água queijo cachorro janela nome viver "
        "beber falamos mesmo tempo amigo pequeno noite chuva cabeça boca dormir porta primavera fumaça sopa "
        "jardim bosque vento neve mesa praia barco comer inverno montanha música palavra família menino "
        "fevereiro mamãe bombom ambos",
    ),
    "de": (
        "der die das ein für mit ohne aber sehr mehr wie wenn auch nie",
        "Morgen Baum weiß Wein gut Mann Frau Buch Problem Feuer Wasser Käse Hund Straße Fenster Name leben "
        "trinken sprechen selbst Zeit Freund klein Nacht Regen Kopf Mund schlafen Tür Frühling Rauch Suppe "
        "Garten Wald Wind Schnee Tisch Strand Boot Winter Berg Musik Wort Familie immer Bombe Pfanne Blume "
        "zwölf fünf Kampf",
    ),
    "ru": (
        "и в на с без но очень ещё как когда тоже никогда",
        "утро город белый вино хороший мама женщина книга проблема огонь вода сыр собака улица окно имя жить "
        "пить говорим время друг маленький ночь дождь голова рот спать дверь весна дым суп сад лес ветер снег "
        "стол пляж лодка зима гора музыка слово семья февраль бабушка пять небо поле море",
    ),
    "pl": (
        "i w na z bez ale bardzo jeszcze jak kiedy też nigdy",
        "rano miasto biały wino dobry mama kobieta książka problem ogień woda ser pies ulica okno imię żyć "
        "pić mówimy czas przyjaciel mały noc deszcz głowa usta spać drzwi wiosna dym zupa ogród las wiatr "
        "śnieg stół plaża łódka zima góra muzyka słowo rodzina luty babcia pięć niebo pole morze",
    ),
}
"""Small words and words of seven languages."""


WRITTEN = tomllib.loads(Path(__file__).with_name("sentences.toml").read_text("utf-8"))
KEPT_OUT = 8
"""The last written sentences of Portuguese, which only the evaluation hears."""


def kept_out_sentences() -> Iterator[str]:
    """Portuguese ones, over and over."""
    while True:
        yield from WRITTEN["pt-BR"][-KEPT_OUT:]


def sentences(language: str, seed: int) -> Iterator[str]:
    """Endless sentences of a language; the same for the same seed.

    Args:
        language: BCP 47; any English, or a key of OTHERS.
    """
    rng = random.Random(f"{language} {seed}")  # noqa: S311 - nothing secret
    english = language.startswith("en")
    while True:
        if english:
            frame = rng.choice(ENGLISH_FRAMES)
            text = frame.format(*(_english_word(rng) for _ in range(frame.count("{}"))))
        elif rng.random() < 0.5:
            yield rng.choice(WRITTEN[language][:-KEPT_OUT] if language == "pt-BR" else WRITTEN[language])
            continue
        else:
            small, words = (part.split() for part in OTHERS[language])
            text = " ".join(
                f"{rng.choice(small)} {rng.choice(words)}{rng.choice(('', '', '', ','))}"
                for _ in range(rng.randint(3, 6))
            )
        yield text[0].upper() + text[1:].rstrip(",") + rng.choice((".", ".", ".", "?", "!"))


def _english_word(rng: random.Random) -> str:
    words, shown = _english()
    return rng.choice(shown if rng.random() < 0.5 else words)


@cache
def _english() -> tuple[list[str], list[str]]:
    data = (resources.files("hibari") / "assets" / "lexicon_us_gold.json.gz").read_bytes()
    words = sorted(
        word
        for word, spoken in json.loads(gzip.decompress(data)).items()
        if word.isascii() and word.isalpha() and word.islower() and 3 <= len(word) <= 10 and isinstance(spoken, str)
    )
    return words, [word for word in words if word[0] in SHOWN or "mb" in word or "mp" in word or "m" in word[1:]]
