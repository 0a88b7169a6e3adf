"""A script cut into sentences and pauses.

Pauses are written `[pause 500ms]` or `[pause 1.5s]`; a number alone counts in seconds. An empty line ends a
paragraph; a single line break ends a line, which is said as a sentence of its own when it ends like one or the next
one starts a list item, and otherwise runs on.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lipwright.errors import UsageError
from lipwright.speech.wordlist import word_set

LONGEST_PAUSE_S = 60.0
_PAUSE = re.compile(r"\[\s*pause\b([^\]\n]*)\]", re.IGNORECASE)
_LENGTH = re.compile(r"\s*(\d+(?:[.,]\d+)?)\s*(ms|milliseconds?|s|sec|seconds?)?\s*", re.IGNORECASE)
_PARAGRAPH = re.compile(r"\n[ \t]*\n\s*")
_END = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s|$)|[。！？][」』”’）]*|[.!?…]+[”»]")
_CLOSED_LINE = re.compile(r"[.!?…:;。！？][\"'”’»)\]]*$")
_LIST_ITEM = re.compile(r"\s*(?:[-*•–]|\d{1,2}[.)])\s")
_ABBREVIATIONS = word_set(
    "mr mrs ms dr prof st jr sr rev gen gov sen rep capt lt col sgt hon pres ave blvd rd mt ft dept univ inc "
    "ltd corp co bros approx est vs e.g i.e cf vol fig ch pp ed no nos jan feb mar apr aug sept oct nov dec "
    "tue tues wed thu thurs fri sra srta sres dra d dña profa ud uds vd p ej pág págs avda av dpto tel ing "
    "lic gral aprox cap núm m mm mme mlle pr env tél chap art apr c.-à-d sig dott ecc pag pagg avv arch geom "
    "rag on eng ltda n s.p a.c d.c j.-c u.s u.k e.u a b c ee uu sto sta"
)
"""Words that a period follows without ending the sentence; lower case, without that period."""
_NEVER_LAST = word_set(
    "mr mrs ms dr prof st rev gen gov sen rep capt lt col sgt hon sr sra srta dra dña m mm mme mlle sig dott avv"
)
"""Titles: a name follows, in capitals."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A stretch of text that is said at once."""

    text: str
    ends_paragraph: bool
    """Whether an empty line, or the script's end, follows."""


@dataclass(frozen=True, slots=True)
class Pause:
    """A silence that the script asks for."""

    length_s: float


def read_script(script: str) -> tuple[Sentence | Pause, ...]:
    """Cut a script into sentences and pauses, in order.

    No character of the text is lost but spaces and line breaks between sentences.
    Raises: UsageError: a pause's length makes no sense; the message shows what would.
    """
    items: list[Sentence | Pause] = []
    script = script.replace("\r\n", "\n").replace("\r", "\n").replace("\u2029", "\n\n").replace("\u2028", "\n")
    place = 0
    for match in _PAUSE.finditer(script):
        items += _text(script[place : match.start()])
        items.append(Pause(_pause_length(match)))
        place = match.end()
    items += _text(script[place:])
    return tuple(items)


def _pause_length(match: re.Match[str]) -> float:
    length = _LENGTH.fullmatch(match.group(1))
    if length is None:
        raise UsageError(f"`{match.group()}`: not a pause. Write [pause 500ms] or [pause 1.5s].")
    seconds = float(length.group(1).replace(",", "."))
    if (length.group(2) or "s").lower().startswith("m"):
        seconds /= 1000
    if seconds > LONGEST_PAUSE_S:
        raise UsageError(f"`{match.group()}`: longer than {LONGEST_PAUSE_S:g} s. Write several shorter pauses.")
    return seconds


def _text(text: str) -> Iterator[Sentence]:
    for paragraph in _PARAGRAPH.split(text):
        sentences = [sentence for line in _lines(paragraph) for sentence in split_sentences(line)]
        for i, sentence in enumerate(sentences):
            yield Sentence(sentence, i + 1 == len(sentences))


def _lines(paragraph: str) -> Iterator[str]:
    """Lines that stand for themselves; wrapped lines are joined."""
    joined = ""
    for line in paragraph.split("\n"):
        if joined and (_CLOSED_LINE.search(joined) or _LIST_ITEM.match(line)):
            yield joined
            joined = line.strip()
        else:
            joined = f"{joined} {line.strip()}".strip()
    if joined:
        yield joined


def split_sentences(text: str) -> list[str]:
    """Cut one paragraph at the ends of its sentences.

    Abbreviations, initials, decimals, addresses and ellipses before a small letter end nothing.
    """
    sentences = []
    start = 0
    for match in _END.finditer(text):
        if _ends(text, start, match):
            sentences.append(text[start : match.end()].strip())
            start = match.end()
    sentences.append(text[start:].strip())
    return [sentence for sentence in sentences if sentence]


def _ends(text: str, start: int, match: re.Match[str]) -> bool:
    """Whether a sentence ends with this punctuation."""
    mark = match.group()
    after = text[match.end() :].lstrip()
    following = after.lstrip("\"'“‘«(¿¡[")[:1]
    if not after or mark[0] in "。！？":
        return True
    if following.islower():
        return mark[-1] in "!?"
    return mark[0] != "." or mark.startswith("..") or not _is_abbreviation(text[start : match.start()], mark, following)


def _is_abbreviation(before: str, mark: str, following: str) -> bool:
    """Whether a period belongs to the word before it; `following` is the first letter behind it."""
    word = before.rsplit(maxsplit=1)[-1].lstrip("\"'“‘«(¿¡[") if before.split() else ""
    bare = word.lower()
    if bare in _ABBREVIATIONS and not following.isupper():
        return True
    if len(mark) > 1:
        return False
    is_list_number = re.fullmatch(r"\d{1,2}", word) is not None and before.strip() == word
    return bare in _NEVER_LAST or re.fullmatch(r"[A-Z]", word) is not None or is_list_number
