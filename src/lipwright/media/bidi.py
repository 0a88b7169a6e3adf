"""Right-to-left text in subtitle files: the marks that players need, put in when writing, taken out when reading.

Players lay a line out from left to right unless told otherwise, which puts the full stop of an Arabic line at its wrong
end; libass does so for every style but those that say `Encoding: -1`. An embedding around the line, RLE ... PDF, turns
it round in all that follow the Unicode bidirectional algorithm (UAX 9), old ones included, which know no isolates.
"""

import re
import unicodedata

RIGHT_TO_LEFT_EMBEDDING = "\u202b"
POP = "\u202c"
_LEFT_TO_RIGHT_MARK = "\u200e"
_RIGHT_TO_LEFT_LANGUAGES = frozenset("ar arc ckb dv fa he iw ji ku ps sd ug ur yi".split())
_LEFT_TO_RIGHT_SCRIPTS = frozenset({"latn", "cyrl"})
_RIGHT, _LEFT = frozenset({"R", "AL"}), frozenset({"L"})
_EMBEDDINGS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_EDGE_MARKS = re.compile("^[\u200e\u200f\u061c]+|[\u200e\u200f\u061c]+$", re.MULTILINE)
_LATIN_WITH_SIGNS = re.compile(r"(?<=[A-Za-z])([+#*]+)(?![A-Za-z0-9])")


def is_right_to_left(text: str, language: str | None = None) -> bool:
    """Whether a text is laid out from the right: by its language where that is told, else by most of its letters."""
    if language:
        primary, *rest = language.replace("_", "-").lower().split("-")
        return primary in _RIGHT_TO_LEFT_LANGUAGES and not _LEFT_TO_RIGHT_SCRIPTS & set(rest)
    kinds = [unicodedata.bidirectional(character) for character in text]
    return sum(kind in _RIGHT for kind in kinds) > sum(kind in _LEFT for kind in kinds)


def marked(text: str, *, right_to_left: bool) -> str:
    """Give the lines of a text the marks that they need in a right-to-left or a left-to-right text.

    In the former, each line that has right-to-left letters becomes an embedding, and signs that belong to a Latin word,
    as in C++, are held to it. In the latter, a line that begins with a foreign word is told to run from the left.
    """
    return "\n".join(_marked_line(line, right_to_left) for line in text.split("\n"))


def unmarked(text: str) -> str:
    """Remove embeddings, isolates and the marks at the edges of lines; joiners inside words stay."""
    return _EDGE_MARKS.sub("", _EMBEDDINGS.sub("", text)).replace("\u200e", "")


def _marked_line(line: str, right_to_left: bool) -> str:
    strong = [kind for character in line if (kind := unicodedata.bidirectional(character)) in _RIGHT | _LEFT]
    if not right_to_left:
        return _LEFT_TO_RIGHT_MARK + line if strong[:1] and strong[0] in _RIGHT else line
    if not _RIGHT & set(strong):
        return line
    return RIGHT_TO_LEFT_EMBEDDING + _LATIN_WITH_SIGNS.sub(rf"\1{_LEFT_TO_RIGHT_MARK}", line) + POP
