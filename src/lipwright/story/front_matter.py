"""The head of a script between two lines of `---`: title, language, voice, captions, music."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lipwright.contracts.story import Music
from lipwright.errors import ScriptInvalid, did_you_mean
from lipwright.story.directions import read_captions, read_music, read_voice
from lipwright.story.quoting import unquoted

LONGEST_TITLE: Final = 200
_KEYS: Final = ("title", "language", "voice", "captions", "music")
_FENCE: Final = re.compile(r"---[ \t]*")
_END: Final = re.compile(r"(?:---|\.\.\.)[ \t]*")
_TAG: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_LONGEST_TAG: Final = 35


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What holds for the whole video."""

    title: str = ""
    language: str | None = None
    voice: str = ""
    captions: bool | None = None
    """None where nothing is said of them."""
    music: Music | None = None


def split_front_matter(text: str, name: str) -> tuple[FrontMatter, str]:
    """Read the head of a script.

    Returns: it, and the rest of the script with empty lines in its place, so that lines keep their numbers.
    Raises: ScriptInvalid, PathEscapes.
    """
    lines = text.split("\n")
    if not _FENCE.fullmatch(lines[0]):
        return FrontMatter(), text
    end = next((number for number, line in enumerate(lines[1:], 1) if _END.fullmatch(line)), None)
    if end is None:
        raise ScriptInvalid(
            f"`{name}`, line 1: what begins with --- has no end. Write --- below title, language, voice and the like."
        )
    found: dict[str, tuple[str, str]] = {}
    for number, line in enumerate(lines[1:end], 2):
        where = f"`{name}`, line {number}"
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        key, colon, value = line.partition(":")
        key = key.strip().casefold()
        if not colon or key not in _KEYS:
            raise ScriptInvalid(
                f"{where}: `{line.strip()[:60]}`: not known here.{did_you_mean(key, _KEYS)} "
                f"Between the lines of --- stand {', '.join(_KEYS)}, each as `voice: af_heart`."
            )
        if key in found:
            raise ScriptInvalid(f"{where}: `{key}` is said twice. Leave one of them.")
        if value.strip():
            found[key] = value.strip(), f"{where}: `{line.strip()[:100]}`"
    return _front_matter(found), "\n" * (end + 1) + "\n".join(lines[end + 1 :])


def front_matter_text(matter: FrontMatter, music_text: str) -> str:
    """A head as `split_front_matter` reads it, without the title; empty where there is nothing to say."""
    lines = [f"language: {matter.language}"] if matter.language else []
    lines += [f"voice: {matter.voice}"] if matter.voice else []
    lines += ["captions: on"] if matter.captions else []
    lines += [f"music: {music_text}"] if matter.music else []
    return "\n".join(["---", *lines, "---", "", ""]) if lines else ""


def checked_title(title: str, where: str) -> str:
    """A title on one line.

    Raises: ScriptInvalid: it is too long.
    """
    bare = " ".join(title.split())
    if len(bare) > LONGEST_TITLE:
        raise ScriptInvalid(
            f"{where}: a title of {len(bare)} characters. Shorten it to {LONGEST_TITLE}, or write it as text."
        )
    return bare


def _front_matter(found: Mapping[str, tuple[str, str]]) -> FrontMatter:
    """The values; each comes with what begins a message about it."""
    title, language = found.get("title"), found.get("language")
    voice, captions, music = found.get("voice"), found.get("captions"), found.get("music")
    return FrontMatter(
        title=checked_title(unquoted(title[0]), title[1]) if title else "",
        language=_language(unquoted(language[0]), language[1]) if language else None,
        voice=read_voice(unquoted(voice[0]), voice[1]).name if voice else "",
        captions=read_captions(unquoted(captions[0]), captions[1]).shown if captions else None,
        music=read_music(music[0], music[1]) if music else None,
    )


def _language(tag: str, told: str) -> str:
    if not _TAG.fullmatch(tag) or len(tag) > _LONGEST_TAG:
        raise ScriptInvalid(f"{told}: not a language. Write a tag such as en-GB or pt-BR.")
    return tag
