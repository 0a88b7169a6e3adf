"""A story, written as the Markdown that `read_script` reads. Times are not part of a script and are left out."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from lipwright.contracts.story import CutAway, Music, Scene, Story, Transition, TransitionKind
from lipwright.story.backdrops import background_text
from lipwright.story.front_matter import FrontMatter, front_matter_text
from lipwright.story.quoting import length_text, quoted, split_length, unquoted
from lipwright.story.words import PAUSE, tokens_of

_ALWAYS: Final = frozenset("\\`*[]<")
_AT_START: Final = re.compile(r"(?P<number>\d{1,9})(?P<mark>[.)])|(?P<sign>[#+\-~>=])")
_ENTITY: Final = re.compile(r"&[#\w]")


def write_script(story: Story) -> str:
    """Write a story as a script; reading it gives the same story without times."""
    matter = FrontMatter(language=story.language, voice=story.voice, captions=story.captions, music=story.music)
    head = front_matter_text(matter, _music(story.music) if story.music else "")
    title = f"# {_line(story.title)}\n\n" if story.title else ""
    return head + title + "\n".join(_scene(scene) for scene in story.scenes)


def _scene(scene: Scene) -> str:
    said = [f"[{_bracketed(words)}]" for words in _directions(scene)]
    text = _with_cut_aways(scene) if scene.text else " ".join(map(_cut_away, scene.cut_aways))
    hold = f"[hold {length_text(scene.hold_s)}]" if scene.hold_s else ""
    parts = [f"## {_line(scene.title)}".rstrip(), " ".join(said), text, hold]
    return "\n\n".join(part for part in parts if part) + "\n"


def _directions(scene: Scene) -> list[str]:
    said = [f"framing: {scene.framing}"] if scene.framing else []
    said += [f"place: {scene.place}"] if scene.place else []
    said += [f"pose: {scene.pose}"] if scene.pose else []
    said += [f"background: {background_text(scene.background)}"] if scene.background else []
    said += [f"transition: {_transition(scene.transition)}"] if scene.transition else []
    said += [f"voice: {scene.voice}"] if scene.voice else []
    said += [f"captions: {'on' if scene.captions else 'off'}"] if scene.captions is not None else []
    return said


def _transition(transition: Transition) -> str:
    if transition.kind is TransitionKind.CUT:
        return "cut"
    return f"dissolve {length_text(transition.duration_s)}"


def _music(music: Music) -> str:
    return f"{_file(music.file)} {music.gain_db:g} dB duck {music.duck_db:g} dB"


def _cut_away(cut: CutAway) -> str:
    tags = "tags " + ", ".join(quoted(tag) if _is_special(tag) else tag for tag in cut.tags)
    shown = _file(cut.file) if cut.file else tags
    length = f" {length_text(cut.duration_s)}" if cut.duration_s else ""
    return f"[{_bracketed(f'b-roll: {shown}{length}')}]"


def _file(name: str) -> str:
    return quoted(name) if _is_special(name) or name.casefold().startswith("tags ") else name


def _is_special(name: str) -> bool:
    """Whether a name would be read as something else without quotes."""
    return unquoted(name) != name or split_length(f"x {name}")[1] is not None or name.casefold().endswith("db")


def _with_cut_aways(scene: Scene) -> str:
    """A scene's text with each cut-away before the word that it waits for."""
    tokens = tokens_of(scene.text)
    marks: dict[int, list[str]] = {}
    for cut in scene.cut_aways:
        place = tokens[cut.after_words].start if cut.after_words < len(tokens) else len(scene.text)
        marks.setdefault(place, []).append(_cut_away(cut))
    return _prose(scene.text, marks)


def _prose(text: str, marks: Mapping[int, Sequence[str]]) -> str:
    """Markdown of plain text.

    Args:
        marks: what is put in before the character of a place.
    """
    pauses = {place for mark in PAUSE.finditer(text) for place in range(*mark.span())}
    written: list[str] = []
    at_start = 0
    for place, character in enumerate(text):
        if place in marks:
            apart = " " if not place or text[place - 1].isspace() else ""
            written += [mark + apart for mark in marks[place]]
        if character == "\n":
            written.append(_line_end(text, place))
            at_start = place + 1
        elif place not in pauses and _is_mark(text, place, at_start):
            written.append(f"\\{character}")
        else:
            written.append(character)
    return "".join(written) + "".join(f" {mark}" for mark in marks.get(len(text), ()))


def _line_end(text: str, place: int) -> str:
    """A line break inside a paragraph is told from a wrapped line by a backslash."""
    return "\n" if "\n" in (text[place - 1 : place], text[place + 1 : place + 2]) else "\\\n"


def _is_mark(text: str, place: int, line_start: int) -> bool:
    """Whether Markdown would take a character for a mark of its own."""
    character = text[place]
    if character in _ALWAYS or _ENTITY.match(text, place):
        return True
    if character == "_":
        return not (text[place - 1 : place].isalnum() and text[place + 1 : place + 2].isalnum())
    start = _AT_START.match(text, line_start)
    return start is not None and place == (start.start("mark") if start["number"] else start.start())


def _line(title: str) -> str:
    """Markdown of a heading's words."""
    return re.sub(r"([\\`*\[\]<_#&])", r"\\\1", " ".join(title.split()))


def _bracketed(words: str) -> str:
    return re.sub(r"([\\\[\]])", r"\\\1", words)
