"""A script, written as Markdown, becomes a story."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from pydantic import ValidationError

from lipwright.contracts.story import Background, CutAway, Framing, Music, Place, Scene, Story, Transition
from lipwright.errors import ScriptInvalid
from lipwright.story.blocks import Block, Bracket, read_blocks
from lipwright.story.directions import BRoll, Captions, Direction, Hold, Pause, Pose, Voice, read_direction
from lipwright.story.front_matter import checked_title, split_front_matter
from lipwright.story.words import is_unspaced, tokens_of

LONGEST_SCRIPT: Final = 1_000_000
LONGEST_SCENE: Final = 100_000
MOST_SCENES: Final = 500
MOST_CUT_AWAYS: Final = 200
_CLOSING: Final = re.compile(r"[,.;:!?…)]+(?=\s|$)")
_Value = TypeVar("_Value", bound=Direction)


def read_script(text: str, name: str) -> Story:
    """Read a script. What it does not say is None.

    Args:
        name: of the script, for messages.
    Raises:
        ScriptInvalid: with the line, and what would be right.
        PathEscapes: a file is outside the script's folder.
    """
    if len(text) > LONGEST_SCRIPT:
        raise ScriptInvalid(f"`{name}`: {len(text)} characters are too many. Cut it to {LONGEST_SCRIPT} or fewer.")
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    text = text.replace("\u2029", "\n\n").replace("\u2028", "\n")
    matter, body = split_front_matter(text, name)
    blocks = list(read_blocks(body, name))
    opening = _Draft(name, line=1)
    title = _take_title(blocks, opening)
    if matter.title and title and matter.title != title:
        raise ScriptInvalid(f"`{name}`: two titles, `{matter.title}` and `{title}`. Leave one of them.")
    drafts = _drafts(blocks, opening)
    whole = [drafts.pop(0)] if len(drafts) > 1 and not drafts[0].is_scene else []
    voice, captions, music = _for_all(whole, drafts, name)
    if whole:
        drafts[0].take_over(whole[0])
    if drafts[0].value(Transition) not in (None, Transition()):
        raise ScriptInvalid(
            f"`{name}`, line {drafts[0].line_of(Transition)}: the first scene has none before it that dissolves. "
            "Remove this direction."
        )
    try:
        return Story(
            title=matter.title or title,
            language=matter.language,
            voice=_one_of(matter.voice, voice, name, "voice"),
            captions=bool(matter.captions if captions is None else captions),
            music=_one_of(matter.music, music, name, "music"),
            scenes=tuple(draft.scene() for draft in drafts),
        )
    except ValidationError as exc:
        wrong = exc.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(step) for step in wrong["loc"])
        raise ScriptInvalid(f"`{name}`: {place}: {wrong['msg']}. Change it.") from exc


@dataclass(slots=True)
class _Draft:
    """A scene while it is read."""

    name: str
    line: int
    title: str = ""
    text: str = ""
    joint: str = ""
    after_direction: bool = False
    is_over: bool = False
    """Whether its text has said that it is held."""
    said: list[tuple[Direction, int]] = field(default_factory=list)
    cut_aways: list[CutAway] = field(default_factory=list)

    @property
    def is_scene(self) -> bool:
        """Whether it lasts, as the words of a heading's scene do; directions alone do not."""
        return bool(self.title or tokens_of(self.text) or self.value(Hold))

    def value(self, kind: type[_Value]) -> _Value | None:
        return next((value for value, _ in self.said if isinstance(value, kind)), None)

    def line_of(self, kind: type[Direction]) -> int:
        return next((line for value, line in self.said if isinstance(value, kind)), self.line)

    def add(self, block: Block) -> None:
        """Take in a paragraph."""
        self.joint = block.joint
        for piece in block.pieces:
            if isinstance(piece, Bracket):
                self.direct(piece)
            else:
                self._say(piece)

    def direct(self, bracket: Bracket) -> None:
        """Take in a direction."""
        where = f"`{self.name}`, line {bracket.line}"
        direction = read_direction(bracket.content, where)
        if isinstance(direction, Pause):
            self._say(direction.mark)
            return
        self.after_direction = True
        if isinstance(direction, BRoll):
            if len(self.cut_aways) == MOST_CUT_AWAYS:
                raise ScriptInvalid(f"{where}: more than {MOST_CUT_AWAYS} cut-aways in one scene. Divide the scene.")
            self.cut_aways.append(
                CutAway(
                    after_words=len(tokens_of(self.text)),
                    duration_s=direction.duration_s,
                    file=direction.file,
                    tags=direction.tags,
                )
            )
            return
        if any(type(other) is type(direction) for other, _ in self.said):
            first = self.line_of(type(direction))
            raise ScriptInvalid(
                f"{where}: `[{bracket.content}]`: line {first} has said this of the scene already. Leave one of them."
            )
        self.is_over = self.is_over or isinstance(direction, Hold)
        self.said.append((direction, bracket.line))

    def _say(self, words: str) -> None:
        if self.is_over and any(character.isalnum() for character in words):
            raise ScriptInvalid(
                f"`{self.name}`, line {self.line_of(Hold)}: a scene is held behind its last words. Put this direction "
                "there, or write [pause 1s] for silence between words."
            )
        if self.joint and words.strip():
            self.text = f"{self.text.rstrip()}{self.joint}" if self.text.strip() else ""
            self.joint, words = "", words.lstrip()
        elif self.joint:
            return
        elif self.after_direction and self.text and words:
            self.text, words = _glued(self.text, words)
        self.after_direction = False
        self.text += words
        if len(self.text) > LONGEST_SCENE:
            raise ScriptInvalid(
                f"`{self.name}`, line {self.line}: more than {LONGEST_SCENE} characters in one scene. Divide it by "
                "headings into several."
            )

    def take_over(self, opening: "_Draft") -> None:
        """Take what was said before the first heading."""
        mine = {type(value) for value, _ in self.said}
        for value, line in opening.said:
            if type(value) in mine:
                raise ScriptInvalid(
                    f"`{self.name}`, line {self.line_of(type(value))}: line {line} has said this of the first scene "
                    "already. Leave one of them."
                )
            self.said.append((value, line))
        self.cut_aways[:0] = opening.cut_aways

    def scene(self) -> Scene:
        """The finished scene."""
        where = f"`{self.name}`, line {self.line}"
        text = _tidy(self.text)
        hold, pose, voice, captions = self.value(Hold), self.value(Pose), self.value(Voice), self.value(Captions)
        if not tokens_of(text) and (text or not hold):
            called = f"the scene `{self.title}`" if self.title else "the script"
            raise ScriptInvalid(f"{where}: nothing is said in {called}. Write some words, or [hold 3s] for silence.")
        return Scene(
            title=self.title,
            text=text,
            hold_s=hold.length_s if hold else 0.0,
            voice=voice.name if voice else "",
            framing=self.value(Framing),
            place=self.value(Place),
            pose=pose.name if pose else None,
            background=self.value(Background),
            transition=self.value(Transition),
            cut_aways=tuple(self.cut_aways),
            captions=captions.shown if captions else None,
        )


def _take_title(blocks: list[Block], opening: _Draft) -> str:
    """Take the only `#` heading out of a script, if it is the first heading and no words stand before it."""
    headings = [number for number, block in enumerate(blocks) if block.level]
    if [blocks[number].level for number in headings].count(1) != 1 or blocks[headings[0]].level != 1:
        return ""
    if any(block.has_words for block in blocks[: headings[0]]):
        return ""
    return _heading(blocks.pop(headings[0]), opening)


def _drafts(blocks: Sequence[Block], opening: _Draft) -> list[_Draft]:
    drafts = [opening]
    for block in blocks:
        if not block.level:
            drafts[-1].add(block)
            continue
        if len(drafts) > MOST_SCENES:
            raise ScriptInvalid(
                f"`{opening.name}`, line {block.line}: more than {MOST_SCENES} scenes. Divide the script."
            )
        draft = _Draft(opening.name, block.line)
        draft.title = _heading(block, draft)
        drafts.append(draft)
    return drafts


def _heading(block: Block, draft: _Draft) -> str:
    """The words of a heading; its directions are the scene's."""
    for piece in block.pieces:
        if isinstance(piece, Bracket):
            if isinstance(read_direction(piece.content, f"`{draft.name}`, line {piece.line}"), Pause):
                raise ScriptInvalid(f"`{draft.name}`, line {piece.line}: a heading is not spoken. Remove the pause.")
            draft.direct(piece)
    draft.after_direction = draft.is_over = False
    words = "".join(piece if isinstance(piece, str) else " " for piece in block.pieces)
    return checked_title(words, f"`{draft.name}`, line {block.line}")


def _for_all(whole: Sequence[_Draft], drafts: Sequence[_Draft], name: str) -> tuple[str, bool | None, Music | None]:
    """Voice and captions that were said before the first heading, and the music, wherever it was said."""
    tunes = [(value, line) for draft in (*whole, *drafts) for value, line in draft.said if isinstance(value, Music)]
    if len(tunes) > 1:
        raise ScriptInvalid(f"`{name}`, line {tunes[1][1]}: the music lies under the whole video. Name one file.")
    for draft in (*whole, *drafts):
        draft.said = [(value, line) for value, line in draft.said if not isinstance(value, Music)]
    voice = whole[0].value(Voice) if whole else None
    captions = whole[0].value(Captions) if whole else None
    for draft in whole:
        draft.said = [(value, line) for value, line in draft.said if not isinstance(value, (Voice, Captions))]
    return voice.name if voice else "", captions.shown if captions else None, tunes[0][0] if tunes else None


_Said = TypeVar("_Said")


def _one_of(first: _Said, second: _Said, name: str, what: str) -> _Said:
    if first and second:
        raise ScriptInvalid(f"`{name}`: the {what} of the video is said twice. Leave one of them.")
    return first or second


def _glued(before: str, after: str) -> tuple[str, str]:
    """Two ends of a text where a direction stood, so that they neither run together nor stand apart."""
    if before[-1].isspace():
        after = after.lstrip()
        return (before[:-1], after) if before[-1] == " " and _CLOSING.match(after) else (before, after)
    if after[0].isspace() or not (before[-1].isalnum() and after[0].isalnum()):
        return before, after
    return (before, after) if is_unspaced(before[-1]) or is_unspaced(after[0]) else (f"{before} ", after)


def _tidy(text: str) -> str:
    """One space between words, none at the ends of lines; empty lines only between paragraphs."""
    lines = [re.sub(r"[ \t\f\v]+", " ", line).strip() for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
