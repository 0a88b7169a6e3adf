"""Where a text may be cut into lines, and how well each cut reads: at spaces, and by the rules of scripts without them.

Chinese is cut between characters, Japanese before the words that kana endings do not belong to, Thai at its spaces and,
for want of a dictionary, before the vowels that only begin a syllable. No line begins with a closing mark or a small
kana, or ends with an opening one (JIS X 4051, kinsoku).
"""

import re
import unicodedata
from enum import Enum

from lipwright.media.text_width import display_width

COST_INSIDE_CLAUSE = 2.0
COST_AFTER_SHORT_WORD = 0.5
COST_AFTER_CLAUSE = 0.5
COST_INSIDE_WORD = 1.5
"""Of scripts whose words cannot be told apart here."""
COST_INSIDE_NUMBER = 6.0
COST_AFTER_NUMBER = 1.5

_SENTENCE_ENDS = ".!?…。！？؟۔।॥։።។"
_CLAUSE_ENDS = ",;:—–、，；：،؛"
_CLOSING = "\"'”’»)]」』）】》"
_OPENING = "\"'“‘«(¿¡"
_TITLES = frozenset("Dr. Mr. Mrs. Ms. Prof. St. Sr. Sra. Dra. M. Mme. Sig. Dott.".split())
_SHORT_WORD_CHARACTERS = 3
_BEGINS_NO_LINE = frozenset(
    "。、，．・：；？！」』）】〉》〕｝”’…‥ー々ゝゞヽヾぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ～〜％℃°%,.!?:;)]}»›ๆฯ"
)
_ENDS_NO_LINE = frozenset("「『（【〈《〔｛“‘([{«‹¥$￥＄#№第")
_SYLLABLE_STARTS = frozenset("เแโใไເແໂໃໄ")
_PARTICLES = frozenset("的了着过過吧呢吗嗎")  # of Chinese: a word ends with them
_SPACES = re.compile(r"[ \t\n\r\f\v\u3000\u200b]+")  # not those that hold words together
_NUMBER = re.compile(r"[($€£¥#№+−-]*\d[\d.,:/\u00a0\u202f]*")
_UNITS = frozenset(
    "% ‰ ° °C °F K € $ £ ¥ km m cm mm nm mi ft in kg g mg t lb oz l ml h min s ms Hz kHz MHz GHz W kW MW kWh V A bit "
    "B kB KB MB GB TB px fps dB percent per Prozent porcento cento ciento pour million millions billion thousand "
    "Million Millionen Milliarden Tausend milhão milhões mil millón millones mille milliard milliards a.m. p.m. am pm "
    "км м см мм кг г л ч мин с тыс млн млрд процент процента процентов".split()
)


class _Kind(Enum):
    HAN = 1
    HIRAGANA = 2
    KATAKANA = 3
    SPACELESS = 4
    """Thai, Lao, Khmer, Burmese."""
    CLOSING = 5
    OTHER = 6


def is_spaceless(character: str) -> bool:
    """Whether words of this script, or this mark of it, stand without spaces between them."""
    return _kind(character) is not _Kind.OTHER and (character > "\u0dff") and character not in "”’…»›‥"


def joined(texts: list[str]) -> str:
    """Put spaces between words, except in scripts that write none and inside a number such as 12 .5 %."""
    result = ""
    for text in texts:
        if result and not (is_spaceless(result[-1]) and is_spaceless(text[0])) and not _goes_on(result, text):
            result += " "
        result += text
    return result


def unit_spans(text: str, widest: int) -> list[tuple[int, int]]:
    """Cut a text into what stays together on a line.

    Args:
        widest: columns that no unit exceeds; longer words are cut.
    Returns: start and end of each unit in the text; spaces between units belong to none.
    """
    has_kana = any("\u3040" <= character <= "\u30ff" for character in text)
    spans = []
    position = 0
    for space in [*_SPACES.finditer(text), None]:
        end = space.start() if space else len(text)
        start = position
        for index in range(position + 1, end + 1):
            if index == end or _may_cut(text[index - 1], text[index], has_kana):
                spans += _narrow(text, start, index, widest)
                start = index
        position = space.end() if space else end
    return spans


def break_cost(text: str, following: str, spaced: bool) -> float:
    """Tell how ill it reads to end a line behind a unit: 0 at the end of a sentence.

    Args:
        following: the next unit.
        spaced: whether a space stands between them.
    """
    if ends_sentence(text):
        return 0.0
    if _ends_with(text, _CLAUSE_ENDS):
        return COST_AFTER_CLAUSE
    if spaced and _kind(text[-1]) is _Kind.SPACELESS:
        return COST_AFTER_CLAUSE  # Thai puts its spaces between clauses
    cost = COST_INSIDE_CLAUSE
    if not spaced and _kind(text[-1]) is _Kind.SPACELESS:
        cost += COST_INSIDE_WORD
    if not spaced and text[-1] in _PARTICLES:
        cost -= COST_INSIDE_WORD / 2
    if spaced and len(text) <= _SHORT_WORD_CHARACTERS:
        cost += COST_AFTER_SHORT_WORD
    if _NUMBER.fullmatch(text):
        bare = following.rstrip(_SENTENCE_ENDS + _CLAUSE_ENDS + _CLOSING)
        tears = bare in _UNITS or following in _UNITS or _NUMBER.fullmatch(bare)
        cost += COST_INSIDE_NUMBER if tears else COST_AFTER_NUMBER
    elif text in ("$", "€", "£", "№", "#") and following[:1].isdigit():
        cost += COST_INSIDE_NUMBER
    return cost


def ends_sentence(text: str) -> bool:
    """Whether a reader breathes after this word: not after a title or an initial, whose name follows."""
    bare = text.rstrip(_CLOSING)
    is_initial = len(bare) == len("J.") and bare[0].isupper()
    return _ends_with(text, _SENTENCE_ENDS) and not is_initial and bare.lstrip(_OPENING) not in _TITLES


def _ends_with(text: str, marks: str) -> bool:
    return text.rstrip(_CLOSING).endswith(tuple(marks))


def _goes_on(number: str, text: str) -> bool:
    return number[-1].isdigit() and re.match(r"[.,:]\d|[%‰°]", text) is not None


def _kind(character: str) -> _Kind:
    code = ord(character)
    if 0x3040 <= code <= 0x309F:
        return _Kind.HIRAGANA
    if 0x30A0 <= code <= 0x30FF or 0xFF66 <= code <= 0xFF9F:
        return _Kind.KATAKANA
    if 0x3400 <= code <= 0x9FFF or 0xF900 <= code <= 0xFAFF or 0x20000 <= code <= 0x3FFFF or code == 0x3005:
        return _Kind.HAN
    if 0x0E00 <= code <= 0x0EFF or 0x1000 <= code <= 0x109F or 0x1780 <= code <= 0x17FF:
        return _Kind.SPACELESS
    if 0x3000 <= code <= 0x303F or 0xFF00 <= code <= 0xFF65:
        return _Kind.CLOSING
    return _Kind.OTHER


def _may_cut(before: str, after: str, has_kana: bool) -> bool:
    left, right = _kind(before), _kind(after)
    together = (
        not _may_force(before, after)
        or (left is _Kind.OTHER and right is _Kind.OTHER)
        or before.isdigit()  # a number and what it counts
        or (right is _Kind.HIRAGANA and left not in (_Kind.OTHER, _Kind.CLOSING))
    )
    if together or right is _Kind.SPACELESS:
        return not together and after in _SYLLABLE_STARTS
    return left is not right or left is _Kind.CLOSING or (left is _Kind.HAN and not has_kana)


def _may_force(before: str, after: str) -> bool:
    """Whether a cut is possible at all when a unit is too wide for a line."""
    joins = unicodedata.category(after) in ("Mn", "Mc", "Me", "Cf") or before == "\u200d"
    return not joins and after not in _BEGINS_NO_LINE and before not in _ENDS_NO_LINE


def _narrow(text: str, start: int, end: int, widest: int) -> list[tuple[int, int]]:
    spans = []
    while display_width(text[start:end]) > widest:
        at = start + 1
        while at < end and display_width(text[start : at + 1]) <= widest:
            at += 1
        cut = at
        while cut > start + 1 and not _may_force(text[cut - 1], text[cut]):
            cut -= 1
        cut = cut if _may_force(text[cut - 1], text[cut]) else at
        spans.append((start, cut))
        start = cut
    return [*spans, (start, end)] if start < end else spans
