"""Italian by rules, with lists for what the spelling hides: stress on the third syllable from the end."""

import re
from collections.abc import Sequence

from lipwright.speech.g2p.rules import RuleBased, apply_rules, compile_rules, letters_of, mark_stress
from lipwright.speech.wordlist import word_set

_NUCLEI = "aeiouɛɔ"
_UNSTRESSED = word_set(
    "il lo la i gli le l' un uno una un' di a da in con su per tra fra e ed o ma se che del dello della dei "
    "degli delle al allo alla ai agli alle dal dallo dalla dai dagli dalle nel nello nella nei negli nelle "
    "sul sullo sulla sui sugli sulle mi ti ci vi si ne non ha ho hai è"
)
_THIRD_FROM_END = re.compile(
    r"(?:[ai]bil[ei]|evol[ei]|issim[oaie]|[oe]log[oaih]e?|[oe]graf[oaie]|metr[oi]|tic[oaih]e?|fic[oaih]e?|nic[oaih]e?"
    r"|gic[oaih]e?|mic[oaih]e?|ric[oaih]e?|dic[oaih]e?|lic[oaih]e?|sic[oaih]e?|tudin[ei]|agin[ei]|acol[oaie]|icol[oaie]"
    r"|ecol[oi]|isol[ae]|uscol[oi]|[aeo]ssero|[aei]rono|avano|evano|ivano|assero|essero|[aeiou]ndere|[aeo]rgere|[ie]ggere"
    r"|[iao]vere|ttere|scere|ncere|gnere|gliere|[ou]rrere|imere|edere|idere|udere|ambiano|ropol[ie]|[aeio]neo|ineo|oneo"
    r"|fil[oi]|sson[oi]|ngono|ggono|dono|tono|scono|ccono|cono|gono|mono|lgono|vono|sono|uono)$"
)
_THIRD_WORDS = word_set(
    "abito abiti abita abitano angelo angeli angolo angoli anima anime animo albero alberi asino attimo "
    "attimi camera camere capita carico celebre cellula compito comodo credito critica cupola debole deboli "
    "debito domenica edera energico epoca epoche essere facile facili difficile difficili simile simili "
    "utile utili fertile fragile mobile mobili immobile femmina fegato formula fulmine genere generi "
    "giovane giovani grafica immagine immagini indice isola isole lacrima lacrime lampada lettera lettere "
    "libero libera liberi limite limiti logico macchina macchine margine maschera massimo massima medico "
    "medici metodo metodi minimo minima minuscolo modulo musica musiche nobile nuvola nuvole numero numeri "
    "obbligo opera opere ordine ordini organo origine ottimo ottima pagina pagine parlano pecora pensano "
    "pentola perdere periodo periodi pericolo piccolo piccola piccoli piccole popolo popoli possibile "
    "povero povera poveri prendere prossimo prossima pubblico pubblica quindici rapido rapida regola regole "
    "risolvere ridicolo sabato scatola scatole scrivere secolo secoli semplice semplici sedici seguito "
    "singolo singola sindaco solito spirito spettacolo spettacoli stimolo stomaco subito tavola tavolo "
    "tavoli tecnica tecnico telefono telefoni termine termini timido titolo titoli tredici ultimo ultima "
    "ultimi undici dodici quattordici umido unico unica uomini utile valido valida vedono veicolo veicoli "
    "vendere vivere video vittima zucchero credere correre chiudere chiedere decidere leggere mettere "
    "nascere conoscere crescere ridere rompere spendere rispondere vincere mandano amano arrivano lavorano "
    "trovano chiamano usano guardano portano restano mostrano cercano aiutano entrano passano diventano "
    "lasciano iniziano cominciano giocano mangiano comprano studiano ascoltano ricordano sperano tornano "
    "cantano costano durano firmano partono sentono dormono aprono offrono vengono tengono vogliono possono "
    "devono dicono scrivono leggono prendono mettono vivono credono chiedono rispondono rimangono salgono "
    "scelgono muoiono escono conoscono crescono finiscono capiscono Napoli Genova Padova Modena Mantova "
    "Taranto Brindisi napoli genova padova modena mantova taranto brindisi america africa automobile "
    "automobili artistico centesimo ventesimo ventunesimo decimo cattolico aereo aerei area aree linea "
    "linee idoneo oceano oceani interprete rendere accendere scendere difendere offendere attendere "
    "intendere dipendere spegnere spingere stringere dipingere piangere giungere aggiungere raggiungere "
    "risorgere accorgersi porgere volgere svolgere rivolgere cogliere togliere raccogliere scegliere "
    "sciogliere"
)
_SECOND_WORDS = word_set(
    "amico amica amici amiche nemico nemica nemici antico antica antichi antiche dico fatica fatiche "
    "vestito fico pudico formica formiche sono uno nono buono suono tono dono trono perdono abbandono "
    "nipote avere vedere sedere piacere dovere potere sapere volere tenere rimanere cadere godere temere "
    "bere possedere ortica lombrico rubrica mendico intrico bevanda filo fili profilo asilo provvedere "
    "marina mulino"
)
_STRESSED_IA = re.compile(
    r"(?:graf|log|nom|mani|sof|fob|leg|erg|teg|mag|craz|liz|pagn|mac|fant|poes|gelos|cortes|teor|egor|atter|trattor"
    r"|librer|gioieller|pizzer|macelleri|inv|sp|dinast|malatt|allegr|foll|tirann)i[aeo]$"
    r"|^(?:[mzvpdr]|br|tr|av|ob|add)i[aeo]$"
)
_CLOSED_E = re.compile(
    r"(?:ment[oiea]|ezz[ae]|es[eiao]|ett[oaie]|ess[aei]|egn[oaie]|ecc[oaie]|evol[ei]|er[ae]|e|men|en[aoie]|ev[eaoi]|er[eoi]|ed[eoi]|ell[iaeo]|et[aoei])$"
)
_CLOSED_O = re.compile(
    r"(?:on[ei]|or[ei]|or[ao]|os[oiae]|o[nm][^aeiou]?[aeiou]|o[nm][a-z]*|ol[te][aeio]|ol[ae]|ov[ei]|orn[oi]|oi)$"
)
_OPEN_E = re.compile(r"(?:ell[oaie]|enz[ae]|ent[ei]|end[oaie]|emp[oi]|en[ei]|est[oaie]|ier[oaie]|ez[oi]|erg[oaie])$")
_RULES = compile_rules(
    [
        (r"sci(?=[aou])", "ʃ"),
        (r"scie", "ʃe"),
        (r"sc(?=[eièéì])", "ʃ"),
        (r"cci(?=[aouàòù])", "ʧː"),
        (r"cc(?=[eièéì])", "ʧː"),
        (r"ci(?=[aouàòù])", "ʧ"),
        (r"cie(?=l)", "ʧe"),
        (r"c(?=[eièéì])", "ʧ"),
        (r"ggi(?=[aouàòù])", "ʤː"),
        (r"gg(?=[eièéì])", "ʤː"),
        (r"gi(?=[aouàòù])", "ʤ"),
        (r"g(?=[eièéì])", "ʤ"),
        (r"gli(?=[aeouàèéòù])", "ʎ"),
        (r"gl(?=i)", "ʎ"),
        (r"gn", "ɲ"),
        (r"cqu(?=[aeio])", "kːw"),
        (r"qu(?=[aeioàèéìò])", "kw"),
        (r"(?:cch|cc)", "kː"),
        (r"ggh|gg", "ɡː"),
        (r"ch|c|k|q", "k"),
        (r"gh|g", "ɡ"),
        (r"h", ""),
        (r"ss", "S"),
        (r"s(?=[bdgvlmnr])", "z"),
        (r"(?<=[aeiouàèéìòù])s(?=[aeiouàèéìòù])", "z"),
        (r"s", "s"),
        (r"(?<=me)zz", "ʣː"),
        (r"zz", "ʦː"),
        (r"(?<![a-zàèéìòù])z", "ʣ"),
        (r"z", "ʦ"),
        (r"([ptbd])\1", "@"),
        (r"([fvlmnr])\1", "&"),
        (r"iu(?=[a-zàèéìòù])", "ju"),
        (r"i(?=[aeoàèéòù])", "j"),
        (r"u(?=[aeioàèéìò])", "w"),
        (r"à", "ˈa"),
        (r"è", "ˈɛ"),
        (r"é", "ˈe"),
        (r"[ìí]", "ˈi"),
        (r"[òó]", "ˈɔ"),
        (r"[ùú]", "ˈu"),
        (r"y", "i"),
        (r"j", "j"),
        (r"x", "ks"),
        (r"w", "w"),
        *((letter, letter) for letter in "aeioubdflmnprtv"),
    ]
)
_DOUBLE = re.compile(r"([ptbd])\1|([fvlmnr])\2")


def _doubles(word: str, phonemes: str) -> str:
    """Fill in doubled consonants: long stops, other letters twice."""
    for match in _DOUBLE.finditer(word):
        stop, other = match.groups()
        old, new = ("@", f"{stop}ː") if stop else ("&", other * 2)
        phonemes = phonemes.replace(old, new, 1)
    return phonemes


def _open_vowel(word: str, phonemes: str, from_end: int) -> str:
    """Choose between the open and the closed e and o under stress."""
    place = phonemes.index("ˈ") + 1
    vowel, before = phonemes[place], phonemes[place - 2 : place - 1]
    if vowel == "e":
        is_open = before == "j" or from_end == 3 or bool(_OPEN_E.search(word)) or not _CLOSED_E.search(word)
        vowel = "ɛ" if is_open else "e"
    elif vowel == "o":
        vowel = "ɔ" if before == "w" or from_end == 3 or not _CLOSED_O.search(word) else "o"
    return phonemes[:place] + vowel + phonemes[place + 1 :]


def _from_end(word: str) -> int:
    """Which vowel carries the stress, counted from the end."""
    if word in _SECOND_WORDS:
        return 2
    if word in _THIRD_WORDS or _THIRD_FROM_END.search(word):
        return 3
    return 1 if re.search(r"[bdfgklmnprstvz]$", word) and len(word) > 3 and word.endswith(("or", "el", "al")) else 2


class Italian(RuleBased):
    """Standard Italian (`it`).

    The rules and lists are Lipwright's own; tests/speech/test_g2p.py holds them to a table of words.
    """

    letters = letters_of(_RULES)

    def __init__(self, language: str = "it") -> None:
        self.language = language

    def say(self, words: Sequence[str]) -> list[str]:
        return [self._word(word) for word in words]

    def _word(self, word: str) -> str:
        if "'" in word.rstrip("'"):
            head, _, tail = word.rpartition("'")
            return _doubles(head, apply_rules(head, _RULES)) + self._word(tail)
        spelled = re.sub(r"i([aeo])$", r"ì\1", word) if _STRESSED_IA.search(word) else word
        phonemes = _doubles(word, apply_rules(spelled, _RULES))
        if word in _UNSTRESSED:
            return phonemes
        if "ˈ" not in phonemes and any(symbol in _NUCLEI for symbol in phonemes):
            from_end = _from_end(word)
            phonemes = _open_vowel(word, mark_stress(phonemes, _NUCLEI, from_end), from_end)
        return re.sub(r"(?<!ˈ)i$", "ɪ", phonemes.replace("lj", "li"))
