"""Where a sentence may be cut: behind punctuation rather than between two words, and never inside a word."""

from lipwright.media import breaks

_ANY_WIDTH = 10_000


def pieces_of(text: str) -> list[str]:
    """The text cut wherever a line may end, each piece with the space behind it; joined again they are the text."""
    starts = [start for start, _ in breaks.unit_spans(text, _ANY_WIDTH)]
    return [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]


def cut_cost(piece: str, following: str) -> float:
    """How ill it sounds to pause between two pieces: 0 at the end of a sentence, 2 and more inside a clause."""
    return breaks.break_cost(piece.strip(), following.strip(), piece[-1:].isspace())


def ends_clause(piece: str, following: str) -> bool:
    """Whether a speaker may breathe between two pieces."""
    return cut_cost(piece, following) <= breaks.COST_AFTER_CLAUSE


def joined(left: str, right: str) -> str:
    """Two parts of a sentence, with a space between them where their script has one."""
    return breaks.joined([left, right]) if left and right else left + right


def cut_to_length(text: str, longest: int) -> list[str]:
    """Cut a text that has more characters than `longest`, at ends of clauses where there are some."""
    parts: list[str] = []
    while len(text) > longest:
        pieces = pieces_of(text)
        place = behind_clause = 0
        for piece, following in zip(pieces, [*pieces[1:], ""], strict=True):
            if place + len(piece.rstrip()) > longest:
                break
            place += len(piece)
            if place > longest / 3 and ends_clause(piece, following):
                behind_clause = place
        cut = behind_clause or place or longest
        parts.append(text[:cut].strip())
        text = text[cut:].strip()
    return [*parts, text] if text else parts
