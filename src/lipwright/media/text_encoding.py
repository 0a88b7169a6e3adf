"""Bytes of a text file become letters: Unicode where it is Unicode, else the old encoding that fits best."""

import codecs
import re
from dataclasses import dataclass

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x19\x1b-\x1f]")
_MOST_CONTROL_SHARE = 0.002
_DAMAGED_SHARE = (
    0.2  # of the letters beyond ASCII: text in Unicode with so few bad bytes is damaged, not something else
)
_LEAST_LIKENESS = 0.5
_TOLD_BONUS = 1.6
_SAMPLE_CHARACTERS = 100_000


@dataclass(frozen=True, slots=True)
class _Old:
    codec: str
    languages: str
    """Primary subtags that were written so."""
    common: str
    """Characters that texts of these languages are full of."""
    usual_share: float
    """Of the characters beyond ASCII, how many are in `common`."""


_RUNS = (
    _Old("cp1251", "ru uk bg be sr mk", "оеаинтсрвлкмдпуіяы", 0.85),
    _Old("cp1256", "ar fa ur ps", "المينوتربهسعدفكةأ،؟", 0.85),
    _Old("cp1255", "he yi", "יוהלאתרשבםמנ", 0.7),
    _Old("cp1253", "el", "αοιετσνηυρπκςάόίέήύώ", 0.9),
    _Old("cp874", "th", "านรอกเงมยลวดทส่้ัี", 0.75),
    _Old("cp932", "ja", "のにはをたがでてとしれさいるかもなこらようまりっんだくすあ、。", 0.5),
    _Old("gb18030", "zh", "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生好，。！？", 0.35),
    _Old("cp949", "ko", "이다는을가에하의고지도한로나서기를어아사요습니", 0.4),
    _Old("big5", "zh", "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生好，。！？", 0.35),
)
_LATIN = (
    _Old("cp1252", "ca da de en es eu fi fr ga gl is it nb nl nn no pt sv", "", 1.0),
    _Old("cp1250", "pl cs sk hu sl hr bs ro", "", 1.0),
    _Old("cp1254", "tr az", "", 1.0),
)
_LATIN_MARKS = frozenset("‘’“”„–—…«»¡¿€£°ªº\u00a0©®")
_WORD_STARTS = "¡¿"


class NotText(ValueError):
    """The bytes are no text, or in no encoding that is known; `line` says where."""

    def __init__(self, line: int, cause: str) -> None:
        super().__init__(cause)
        self.line = line


def decoded(data: bytes, language: str | None = None) -> tuple[str, str]:
    """Read bytes as text.

    Args:
        language: BCP 47, what the text is probably written in; helps to guess an old encoding.
    Returns: the text and the name of its codec.
    Raises: NotText.
    """
    for mark, codec in _MARKS:
        if data.startswith(mark):
            return _checked(_strictly(data, codec), data), codec
    if wide := _wide_codec(data):
        return _checked(_strictly(data, wide), data), wide
    try:
        return _checked(data.decode("utf-8"), data), "utf-8"
    except UnicodeDecodeError as exc:
        lenient = data.decode("utf-8", errors="replace")
        bad = lenient.count("\ufffd")
        if bad < _DAMAGED_SHARE * (len(lenient) - len(lenient.encode("ascii", errors="ignore"))):
            raise NotText(_line(data, exc.start), f"the byte {data[exc.start]:#04x} is not UTF-8") from exc
        _checked(lenient, data)
        return _old_text(data, language, exc.start)


def _strictly(data: bytes, codec: str) -> str:
    try:
        return data.decode(codec)
    except UnicodeDecodeError as exc:
        raise NotText(_line(data, exc.start), f"it begins as {codec.upper()} but does not go on so") from exc


def _wide_codec(data: bytes) -> str | None:
    """UTF-16 without a mark shows in the zeros between its digits and line ends."""
    even, odd = data[0:20_000:2].count(0), data[1:20_000:2].count(0)
    least = min(len(data), 20_000) // 10
    if odd > least and even < odd // 8:
        return "utf-16-le"
    return "utf-16-be" if even > least and odd < even // 8 else None


def _checked(text: str, data: bytes) -> str:
    found = _CONTROL.findall(text)
    if "\x00" in found or len(found) > _MOST_CONTROL_SHARE * len(text) + 1:
        first = _CONTROL.search(data.decode("latin-1"))
        raise NotText(_line(data, first.start() if first else 0), "this is not text")
    return text


def _old_text(data: bytes, language: str | None, bad_at: int) -> tuple[str, str]:
    primary = (language or "").replace("_", "-").split("-", maxsplit=1)[0].lower()
    best: tuple[float, str, str] = (0.0, "", "")
    for old in (*_LATIN, *_RUNS):
        try:
            text = data.decode(old.codec)
        except UnicodeDecodeError:
            continue
        told = bool(primary) and primary in old.languages.split()
        sample = text[:_SAMPLE_CHARACTERS]
        likeness = _latin_share(sample, told) if old in _LATIN else _common_share(sample, old.common) / old.usual_share
        if told:
            likeness *= _TOLD_BONUS
        if likeness > best[0]:
            best = likeness, text, old.codec
    if best[0] < _LEAST_LIKENESS:
        raise NotText(_line(data, bad_at), f"the byte {data[bad_at]:#04x} is not UTF-8, and no other encoding fits")
    return best[1], best[2]


def _latin_share(text: str, told: bool) -> float:
    """Accents stand alone among plain letters, unless the language is told; other scripts come in runs."""
    beyond = [index for index, character in enumerate(text) if character > "\x7f"]
    good = 0
    for index in beyond:
        before, after = text[max(index - 1, 0) : index], text[index + 1 : index + 2]
        is_letter = text[index].isalpha() and "\xc0" <= text[index] <= "\u017e"
        alone = told or not any(other > "\x7f" and other.isalpha() for other in before + after)
        is_mark = text[index] in _LATIN_MARKS and not (text[index] in _WORD_STARTS and before.isalpha())
        good += is_mark or (is_letter and alone)
    return good / max(len(beyond), 1)


def _common_share(text: str, common: str) -> float:
    beyond = [character for character in text if character > "\x7f"]
    return sum(character in common for character in beyond) / max(len(beyond), 1)


def _line(data: bytes, position: int) -> int:
    before = data[:position].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return before.count(b"\n") + 1
