"""Where a sentence may be cut: behind punctuation rather than between two words, and never inside a word."""

import re

CLAUSE_ENDS = ",;:—–.!?…،؛，；：、。！？"
CLOSING = "\"'”’»)]」』"
_WORDS = re.compile(r"\S+\s*")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff66-\uff9f]")
"""Letters of languages that put no spaces between words."""


def is_unspaced(character: str) -> bool:
    """Whether a letter is of a script that writes words without spaces, such as Japanese."""
    return _UNSPACED.match(character) is not None


def pieces_of(text: str) -> list[str]:
    """The text cut wherever a line may end; joined again they are the text.

    A piece is a word with the space behind it; of Japanese and its like, a letter with the marks behind it.
    """
    pieces: list[str] = []
    for word in _WORDS.findall(text):
        start = 0
        for place in range(1, len(word)):
            before, after = word[place - 1], word[place]
            opens = after.isspace() or after in CLAUSE_ENDS + CLOSING + "ー々ゝっャュョゃゅょァィゥェォ"
            if not opens and (is_unspaced(before) or is_unspaced(after)) and before not in "「『（(":
                pieces.append(word[start:place])
                start = place
        pieces.append(word[start:])
    return pieces


def ends_clause(piece: str) -> bool:
    """Whether a speaker may breathe behind this piece."""
    return piece.rstrip().rstrip(CLOSING).endswith(tuple(CLAUSE_ENDS))


def joined(left: str, right: str) -> str:
    """Two parts of a sentence, with a space between them where their script has one."""
    if not left or not right:
        return left + right
    return left + right if is_unspaced(left[-1]) and is_unspaced(right[0]) else f"{left} {right}"


def cut_to_length(text: str, longest: int) -> list[str]:
    """Cut a text that has more characters than `longest`, at ends of clauses where there are some."""
    parts: list[str] = []
    while len(text) > longest:
        place = behind_clause = 0
        for piece in pieces_of(text):
            if place + len(piece.rstrip()) > longest:
                break
            place += len(piece)
            if ends_clause(piece) and place > longest / 3:
                behind_clause = place
        cut = behind_clause or place or longest
        parts.append(text[:cut].strip())
        text = text[cut:].strip()
    return [*parts, text] if text else parts
