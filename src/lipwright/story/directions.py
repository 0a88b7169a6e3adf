"""What stands between the brackets of a script: `[background: office.jpg]`, `[left]`, `[b-roll: chart.png 3s]`."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeAlias, TypeVar

from lipwright.contracts.story import Background, Framing, Music, Place, Transition, TransitionKind
from lipwright.errors import ScriptInvalid, UsageError, did_you_mean
from lipwright.speech.script import read_script as read_pauses
from lipwright.story.backdrops import read_background
from lipwright.story.names import plain_name
from lipwright.story.quoting import seconds_of, split_length, unquoted

DISSOLVE_S: Final = 0.5
"""Of a dissolve whose length is not said."""
LONGEST_DISSOLVE_S: Final = 2.0
LONGEST_HOLD_S: Final = 600.0
LONGEST_CUT_AWAY_S: Final = 600.0
LONGEST_NAME: Final = 120
MOST_TAGS: Final = 20


@dataclass(frozen=True, slots=True)
class Pose:
    name: str


@dataclass(frozen=True, slots=True)
class Hold:
    length_s: float


@dataclass(frozen=True, slots=True)
class Voice:
    name: str


@dataclass(frozen=True, slots=True)
class Captions:
    shown: bool


@dataclass(frozen=True, slots=True)
class Pause:
    """Stays in the text."""

    mark: str


@dataclass(frozen=True, slots=True)
class BRoll:
    """A cut-away without its place in the text."""

    file: str | None
    tags: tuple[str, ...]
    duration_s: float | None


Direction: TypeAlias = (
    Background | Framing | Place | Pose | Transition | BRoll | Hold | Voice | Captions | Music | Pause
)

EXAMPLES: Final[Mapping[str, str]] = MappingProxyType({
    "background": "[background: office.jpg]",
    "framing": "[framing: close]",
    "place": "[place: left]",
    "pose": "[pose: left]",
    "transition": "[transition: dissolve 0.5s]",
    "b-roll": "[b-roll: chart.png 3s]",
    "hold": "[hold 1s]",
    "voice": "[voice: af_heart]",
    "captions": "[captions: on]",
    "music": "[music: bed.ogg -14 dB]",
    "pause": "[pause 500ms]",
})  # fmt: skip
"""Every direction by its name."""
_ALIASES: Final = MappingProxyType({"broll": "b-roll"})
_SPELLINGS: Final = MappingProxyType({"center": "centre"})
_ON: Final = MappingProxyType({"on": True, "yes": True, "true": True, "off": False, "no": False, "false": False})
_GAIN: Final = re.compile(r"(?P<before>.*\S)\s+(?P<gain>[-+−–]?\d{1,3}(?:[.,]\d{1,3})?)\s*dB", re.IGNORECASE)
_DUCK: Final = re.compile(r"(?P<before>.*\S)\s+duck\s+(?P<duck>\d{1,3}(?:[.,]\d{1,3})?)\s*dB", re.IGNORECASE)

_Choice = TypeVar("_Choice", bound=StrEnum)


def read_direction(content: str, where: str) -> Direction:
    """Read one.

    Args:
        content: what stands between the brackets.
        where: begins a message: the script and the line.
    Raises: ScriptInvalid, PathEscapes.
    """
    content = " ".join(content.split())
    told = f"{where}: `[{content[:100]}]`"
    name, value = _named(content)
    bare = _SPELLINGS.get(content.casefold(), content.casefold())
    if name is None:
        if bare in set(Framing):
            return Framing(bare)
        if bare in set(Place):
            return Place(bare)
        raise ScriptInvalid(_unknown(content, told))
    if not value:
        raise ScriptInvalid(f"{told}: says nothing about the {name}. Write, for example, {EXAMPLES[name]}.")
    return _READERS[name](value, told)


def read_captions(value: str, told: str) -> Captions:
    """`on` or `off`."""
    shown = _ON.get(value.casefold())
    if shown is None:
        raise ScriptInvalid(f"{told}: captions are `on` or `off`.")
    return Captions(shown)


def read_voice(value: str, told: str) -> Voice:
    """A name; never a path."""
    if "/" in value or "\\" in value:
        raise ScriptInvalid(f"{told}: a voice has a name, such as af_heart; `lipwright voices` lists them.")
    return Voice(_name(value, told))


def read_music(value: str, told: str) -> Music:
    """A file, and how loud it is: `bed.ogg -14 dB duck 10 dB`."""
    plain = Music.model_fields
    gain_db, duck_db = float(plain["gain_db"].default), float(plain["duck_db"].default)
    if found := _DUCK.fullmatch(value):
        value, duck_db = found["before"], float(found["duck"].replace(",", "."))
    if found := _GAIN.fullmatch(value):
        value, gain_db = found["before"], float(re.sub("[−–]", "-", found["gain"]).replace(",", "."))
    if not -60 <= gain_db <= 0:
        raise ScriptInvalid(f"{told}: {gain_db:g} dB: music is 0 to 60 dB softer than speech. Write -14 dB.")
    if not 0 <= duck_db <= 40:
        raise ScriptInvalid(f"{told}: duck {duck_db:g} dB: it gives way by 0 to 40 dB. Write duck 10 dB.")
    return Music(file=plain_name(unquoted(value), told), gain_db=gain_db, duck_db=duck_db)


def _named(content: str) -> tuple[str | None, str]:
    """The direction's name and its value; no name where it has none that is known."""
    before, colon, after = content.partition(":")
    name = before.strip().casefold()
    if colon and (name := _ALIASES.get(name, name)) in EXAMPLES:
        return name, after.strip()
    word, _, rest = content.partition(" ")
    name = _ALIASES.get(word.casefold(), word.casefold())
    return (name, rest.strip()) if name in EXAMPLES else (None, "")


def _unknown(content: str, told: str) -> str:
    word = re.split(r"[:\s]", content, maxsplit=1)[0]
    known = [*EXAMPLES, *Framing, *Place]
    return (
        f"{told}: no such direction.{did_you_mean(word, known)} There are: {', '.join(known)}. "
        "To have a bracket in the text, write \\[ for it."
    )


def _framing(value: str, told: str) -> Framing:
    return _choice(Framing, value, told)


def _place(value: str, told: str) -> Place:
    return _choice(Place, value, told)


def _pose(value: str, told: str) -> Pose:
    return Pose(_name(value, told))


def _transition(value: str, told: str) -> Transition:
    word, _, length = value.partition(" ")
    kind = _choice(TransitionKind, word, told)
    if kind is TransitionKind.CUT:
        if length:
            raise ScriptInvalid(f"{told}: a cut has no length. Write [transition: cut], or {EXAMPLES['transition']}.")
        return Transition()
    length_s = seconds_of(length) if length else DISSOLVE_S
    if length_s is None or not 0 < length_s <= LONGEST_DISSOLVE_S:
        raise ScriptInvalid(f"{told}: a dissolve lasts up to {LONGEST_DISSOLVE_S:g} s. Write {EXAMPLES['transition']}.")
    return Transition(kind=kind, duration_s=length_s)


def _b_roll(value: str, told: str) -> BRoll:
    shown, length_s = split_length(value)
    if length_s is not None and not 0 < length_s <= LONGEST_CUT_AWAY_S:
        raise ScriptInvalid(
            f"{told}: {length_s:g} s: a cut-away lasts up to {LONGEST_CUT_AWAY_S:g} s. Write {EXAMPLES['b-roll']}."
        )
    word, _, rest = shown.partition(" ")
    if word.casefold() != "tags":
        return BRoll(plain_name(unquoted(shown), told), (), length_s)
    tags = tuple(_name(unquoted(tag.strip()), told) for tag in rest.split(",") if tag.strip())
    if not 0 < len(tags) <= MOST_TAGS:
        raise ScriptInvalid(f"{told}: {len(tags)} tags. Write 1 to {MOST_TAGS}, as in [b-roll: tags coffee, morning].")
    return BRoll(None, tags, length_s)


def _hold(value: str, told: str) -> Hold:
    length_s = seconds_of(value)
    if length_s is None or not 0 < length_s <= LONGEST_HOLD_S:
        raise ScriptInvalid(f"{told}: a scene is held for up to {LONGEST_HOLD_S:g} s. Write {EXAMPLES['hold']}.")
    return Hold(length_s)


def _pause(value: str, told: str) -> Pause:
    mark = f"[pause {value.removeprefix(':').strip()}]"
    try:
        read_pauses(mark)
    except UsageError as exc:
        raise ScriptInvalid(f"{told.partition(': `')[0]}: {exc}") from exc
    return Pause(mark)


def _choice(kind: type[_Choice], value: str, told: str) -> _Choice:
    word = _SPELLINGS.get(value.casefold(), value.casefold())
    known = [choice.value for choice in kind]
    if word not in known:
        raise ScriptInvalid(f"{told}: no such choice.{did_you_mean(word, known)} There are: {', '.join(known)}.")
    return kind(word)


def _name(value: str, told: str) -> str:
    if not value or len(value) > LONGEST_NAME or any(unicodedata.category(letter) == "Cc" for letter in value):
        raise ScriptInvalid(f"{told}: not a name. Write one of 1 to {LONGEST_NAME} characters.")
    return value


_READERS: Final[Mapping[str, Callable[[str, str], Direction]]] = MappingProxyType({
    "background": read_background,
    "framing": _framing,
    "place": _place,
    "pose": _pose,
    "transition": _transition,
    "b-roll": _b_roll,
    "hold": _hold,
    "voice": read_voice,
    "captions": read_captions,
    "music": read_music,
    "pause": _pause,
})  # fmt: skip
