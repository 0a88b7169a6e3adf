"""The words of Italian."""

from lipwright.speech.reading.tables import currencies, letters, units
from lipwright.speech.reading.words import Currency, Noun, Words
from lipwright.speech.wordlist import word_list, word_set

ITALIAN = Words(
    language="it",
    decimal_mark=",",
    group_marks=".\u00a0\u202f",
    point="virgola",
    minus="meno",
    plus="più",
    to="a",
    percent="per cento",
    per="al",
    months=word_list("gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre"),
    month_abbreviations=word_list("gen feb mar apr mag giu lug ago set ott nov dic"),
    day_first=True,
    currencies=currencies(
        Currency(Noun("dollaro", "dollari"), Noun("centesimo", "centesimi")),
        Currency(Noun("euro", "euro"), Noun("centesimo", "centesimi")),
        Currency(Noun("sterlina", "sterline", True), Noun("penny", "pence")),
        Currency(Noun("yen", "yen"), Noun("sen", "sen")),
        Currency(Noun("franco", "franchi"), Noun("centesimo", "centesimi")),
    ),
    money_joiner="e",
    of="di",
    magnitudes={
        "mila": Noun("mila", "mila"),
        "milione": Noun("milione", "milioni"),
        "milioni": Noun("milione", "milioni"),
        "miliardo": Noun("miliardo", "miliardi"),
        "miliardi": Noun("miliardo", "miliardi"),
        "mln": Noun("milione", "milioni"),
        "mld": Noun("miliardo", "miliardi"),
    },
    units=units(
        "km/h:chilometro orario:chilometri orari, m/s:metro al secondo:metri al secondo,"
        "km²:chilometro quadrato:chilometri quadrati, m²:metro quadrato:metri quadrati, m³:metro cubo:metri cubi,"
        "km:chilometro:chilometri, cm:centimetro:centimetri, mm:millimetro:millimetri, m:metro:metri, kg:chilo:chili,"
        "mg:milligrammo:milligrammi, g:grammo:grammi, ml:millilitro:millilitri, l:litro:litri, L:litro:litri,"
        "Hz:hertz:hertz, kHz:chilohertz:chilohertz, MHz:megahertz:megahertz, GHz:gigahertz:gigahertz,"
        "MB:megabait:megabait, GB:gigabait:gigabait, TB:terabait:terabait, kWh:chilowattora:chilowattora,"
        "kW:chilowatt:chilowatt, W:watt:watt, ms:millisecondo:millisecondi, s:secondo:secondi, min:minuto:minuti,"
        "h:ora:ore, dB:decibel:decibel",
        "h",
    ),
    degrees={"C": "gradi", "F": "gradi Fahrenheit", "": "gradi"},
    symbols={
        "&": "e",
        "@": "chiocciola",
        "=": "uguale a",
        "+": "più",
        "<": "minore di",
        ">": "maggiore di",
        "±": "più o meno",
        "×": "per",
        "÷": "diviso",
        "§": "paragrafo",
        "©": "copyright",
        "→": "a",
        "%": "per cento",
        "°": "gradi",
        "#": "numero",
        "π": "pi",
        "€": "euro",
        "$": "dollari",
        "£": "sterline",
        "~": "circa",
    },
    url={
        ".": "punto",
        "/": "barra",
        "@": "chiocciola",
        "-": "trattino",
        "_": "trattino basso",
        ":": "due punti",
        "?": "punto interrogativo",
        "=": "uguale",
        "&": "e",
        "#": "cancelletto",
        "~": "tilde",
        "+": "più",
        "%": "per cento",
    },
    abbreviations={
        "Sig.": "Signor",
        "Sig.ra": "Signora",
        "Sig.na": "Signorina",
        "Dott.": "Dottor",
        "Dott.ssa": "Dottoressa",
        "Dr.": "Dottor",
        "Prof.": "Professor",
        "Prof.ssa": "Professoressa",
        "Ing.": "Ingegner",
        "Avv.": "Avvocato",
        "Arch.": "Architetto",
        "Geom.": "Geometra",
        "Rag.": "Ragionier",
        "ecc.": "eccetera",
        "es.": "esempio",
        "p. es.": "per esempio",
        "pag.": "pagina",
        "pagg.": "pagine",
        "cap.": "capitolo",
        "vol.": "volume",
        "art.": "articolo",
        "tel.": "telefono",
        "c.so": "corso",
        "v.le": "viale",
        "S.p.A.": "esse pi a",
        "a.C.": "avanti Cristo",
        "d.C.": "dopo Cristo",
        "ca.": "circa",
        "n.": "numero",
        "On.": "Onorevole",
    },
    number_sign="numero",
    roman_cardinal=word_set("capitolo tomo volume parte atto scena titolo fase"),
    roman_ordinal=word_set(
        "secolo papa enrico luigi carlo vittorio emanuele umberto pio giovanni paolo benedetto napoleone federico"
    ),
    letters=letters(
        "a,bi,ci,di,e,effe,gi,acca,i,i lunga,cappa,elle,emme,enne,o,pi,cu,erre,esse,ti,u,vu,doppia vu,ics,ipsilon,zeta"
    ),
    fractions={"½": "mezzo", "¼": "un quarto", "¾": "tre quarti", "⅓": "un terzo", "⅔": "due terzi"},
)
