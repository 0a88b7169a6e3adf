"""Markdown as a presenter reads it: headings, and paragraphs of plain words with brackets between them.

Emphasis, links and code between words are read as their words; numbers of lists are said, bullets are not. Comments and
blocks of code are not said. Indented text and underlined text are plain paragraphs: only `#` makes a heading.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from lipwright.errors import ScriptInvalid
from lipwright.story.directions import EXAMPLES
from lipwright.story.words import is_unspaced

_DEEPEST: Final = 90
_COMMENT: Final = re.compile(r"<!--.*?-->", re.DOTALL)
_ENDED: Final = re.compile(r"[.!?…:;。！？।؟۔][\"'”’»)\]]*$")
_BREAK: Final = re.compile(r"<br\s*/?>", re.IGNORECASE)
_TICKS: Final = frozenset({"", "x"})


@dataclass(frozen=True, slots=True)
class Bracket:
    """A direction, not yet read."""

    content: str
    line: int


Piece: TypeAlias = str | Bracket


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, a paragraph, or an item of a list."""

    pieces: tuple[Piece, ...]
    line: int
    level: int = 0
    """Of a heading; 0 for text."""
    joint: str = "\n\n"
    """What stands between the text before it and its own: a line break between items of a list."""

    @property
    def has_words(self) -> bool:
        return any(isinstance(piece, str) and piece.strip() for piece in self.pieces)


def read_blocks(text: str, name: str) -> Iterator[Block]:
    """Read a Markdown document.

    Args:
        name: of the script, for messages.
    Raises: ScriptInvalid: an unclosed bracket or comment, a picture, HTML, or lists in lists without end.
    """
    environment: dict[str, object] = {}
    tokens = _parser().parse(text, environment)
    _refuse_swallowed(environment, name)
    items: list[_Item] = []
    for place, token in enumerate(tokens):
        line = (token.map[0] if token.map else 0) + 1
        if token.level >= _DEEPEST:
            raise ScriptInvalid(
                f"`{name}`, line {line}: lists and quotations are too deep in each other. Write a text."
            )
        match token.type:
            case "list_item_open":
                number = f"{token.info}{token.markup} " if token.info else ""
                items.append(_Item(number, is_first_of_all=not items and tokens[place - 1].type.endswith("list_open")))
            case "list_item_close":
                items.pop()
            case "html_block":
                _check_html(token.content, f"`{name}`, line {line}")
            case "inline":
                opening = tokens[place - 1]
                pieces = list(_pieces(token, line, name))
                if opening.type == "heading_open":
                    yield Block(tuple(pieces), line, level=int(opening.tag[1:]))
                elif items:
                    yield items[-1].block(pieces, line, is_tight=opening.hidden)
                else:
                    yield Block(tuple(pieces), line)
            case _:
                continue


@dataclass(slots=True)
class _Item:
    """An item of a list, while it is read."""

    number: str
    is_first_of_all: bool
    """Of the outermost list."""
    is_begun: bool = False

    def block(self, pieces: list[Piece], line: int, *, is_tight: bool) -> Block:
        """One of its paragraphs."""
        if not self.is_begun:
            if pieces and isinstance(pieces[0], Bracket) and pieces[0].content.strip().casefold() in _TICKS:
                del pieces[0]
            pieces = [self.number, *pieces]
        joint = "\n" if is_tight and not self.is_first_of_all else "\n\n"
        self.is_begun, self.is_first_of_all = True, False
        return Block((*pieces, *_full_stop(pieces)), line, joint=joint)


def _full_stop(pieces: Sequence[Piece]) -> tuple[str, ...]:
    """What ends an item that does not end as a sentence: the next one is then a sentence of its own."""
    said = "".join(piece for piece in pieces if isinstance(piece, str)).rstrip()
    if not said or _ENDED.search(said):
        return ()
    return ("。" if is_unspaced(said[-1]) and said[-1] > "\u3000" else ".",)


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"maxNesting": 100}).disable(["lheading", "code"])
    parser.inline.ruler.after("image", "direction", _read_bracket)
    return parser


def _read_bracket(state: StateInline, silent: bool) -> bool:
    """A rule of the parser: what stands in brackets, and is no link, becomes a token of its own."""
    if state.src[state.pos] != "[":
        return False
    content, end = _bracketed(state.src, state.pos + 1)
    if not silent:
        token = state.push("direction" if end else "unclosed", "", 0)
        token.content = content
        token.meta = {"line": state.src.count("\n", 0, state.pos)}
    elif not end:
        return False
    state.pos = end or state.posMax
    return True


def _bracketed(text: str, start: int) -> tuple[str, int]:
    """What stands up to the closing bracket, and the place behind it; 0 where there is none."""
    content, place = "", start
    while place < len(text) and text[place] != "[":
        if text[place] == "]":
            return content, place + 1
        if text[place] == "\\" and text[place + 1 : place + 2] in ("\\", "[", "]"):
            place += 1
        content += text[place]
        place += 1
    return content, 0


def _pieces(inline: Token, first_line: int, name: str) -> Iterator[Piece]:
    children = inline.children or []
    for place, token in enumerate(children):
        line = first_line + int(token.meta.get("line", 0))
        match token.type:
            case "text" | "code_inline":
                yield token.content
            case "softbreak":
                yield _soft_break(children[:place], children[place + 1 :])
            case "hardbreak":
                yield "\n"
            case "html_inline" if _BREAK.fullmatch(token.content):
                yield " "
            case "direction":
                yield Bracket(token.content, line)
            case "unclosed":
                start = " ".join(token.content.split())[:40]
                raise ScriptInvalid(
                    f"`{name}`, line {line}: `[{start}` has no closing bracket. Write, for example, "
                    f"{EXAMPLES['background']}, or \\[ to have a bracket in the text."
                )
            case "image":
                shown = str(token.attrs.get("src", ""))[:100]
                raise ScriptInvalid(
                    f"`{name}`, line {first_line}: a picture in the text. To show it, write [b-roll: {shown}]."
                )
            case _:
                continue


def _soft_break(before: Sequence[Token], after: Sequence[Token]) -> str:
    """A line break is a space, but not between letters of a script that has none."""
    left, right = (next((t.content for t in some if t.content), "") for some in (reversed(before), after))
    return "" if left and right and is_unspaced(left[-1]) and is_unspaced(right[0]) else " "


def _check_html(content: str, where: str) -> None:
    """Comments may stand between paragraphs; other HTML may not."""
    rest = _COMMENT.sub("", content).strip()
    if rest.startswith("<!--"):
        raise ScriptInvalid(f"{where}: a comment without an end. Write --> behind it.")
    if rest:
        raise ScriptInvalid(f"{where}: `{rest.splitlines()[0][:40]}` is HTML, which nobody can say. Write it as text.")


def _refuse_swallowed(environment: dict[str, object], name: str) -> None:
    """Refuse a direction that Markdown takes for the address of a link: `[left]: word`."""
    references = environment.get("references")
    for label, reference in references.items() if isinstance(references, dict) else ():
        word = re.split(r"[:\s]", label.casefold(), maxsplit=1)[0]
        if word in EXAMPLES or word in {"close", "medium", "wide", "left", "centre", "right"}:
            line = reference["map"][0] + 1
            raise ScriptInvalid(
                f"`{name}`, line {line}: `[{label.casefold()}]:` reads as the address of a link. Leave the colon out."
            )
