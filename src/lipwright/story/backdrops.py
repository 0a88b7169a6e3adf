"""How a script names a background: a word, a colour, a gradient, a file, or what is to be painted."""

import re
from typing import Final

from lipwright.contracts.story import Background
from lipwright.errors import ScriptInvalid, did_you_mean
from lipwright.story.names import plain_name
from lipwright.story.quoting import in_quotes, quoted, unquoted

LONGEST_PROMPT: Final = 1000
_COLOUR: Final = re.compile(r"#(?:[0-9a-fA-F]{3}){1,2}")
_COLOURS_OF_A_GRADIENT: Final = (2, 3)
_GRADIENT_NAME: Final = re.compile(r"[^\W\d_][\w -]{0,39}")
_FILE: Final = re.compile(r".*\.[A-Za-z][A-Za-z0-9]{1,4}", re.DOTALL)
_FIRST_WORDS: Final = ("keep", "blur", "gradient", "file", "prompt")


def read_background(value: str, told: str) -> Background:
    """Read one.

    Args:
        value: what stands behind `background:`.
        told: begins a message: the script, the line and the direction.
    Raises: ScriptInvalid, PathEscapes.
    """
    word, _, rest = value.partition(" ")
    rest = rest.strip()
    match word.casefold(), bool(rest):
        case "keep", False:
            return Background(kind="keep")
        case "blur", False:
            return Background(kind="blur")
        case "gradient", _:
            return Background(kind="gradient", value=_gradient(rest, told))
        case "prompt", True:
            return _prompt(unquoted(rest), told)
        case "file", True:
            return Background(kind="file", value=plain_name(unquoted(rest), told))
        case _:
            return _without_a_word(value, told)


def _without_a_word(value: str, told: str) -> Background:
    """One that does not say of what kind it is."""
    if value.startswith("#"):
        return Background(kind="colour", value=_colour(value, told))
    bare = unquoted(value)
    if _FILE.fullmatch(bare):
        return Background(kind="file", value=plain_name(bare, told))
    if in_quotes(value):
        return _prompt(bare, told)
    raise ScriptInvalid(
        f"{told}: not a background.{did_you_mean(value.partition(' ')[0], _FIRST_WORDS)} Write keep, blur, a colour "
        'such as #203040, gradient dusk, a file such as office.jpg, or "a sunny kitchen" to have it painted.'
    )


def background_text(background: Background) -> str:
    """A background as `read_background` reads it."""
    value = background.value
    match background.kind:
        case "keep" | "blur":
            return background.kind
        case "colour":
            return value
        case "gradient":
            return f"gradient {value.replace(',', ', ')}"
        case "prompt":
            return quoted(value) if not _FILE.fullmatch(value) else f"prompt {quoted(value)}"
        case "file":
            return value if _is_plain_file(value) else f"file {quoted(value)}"


def _is_plain_file(name: str) -> bool:
    """Whether a name is taken for that of a file without being told so."""
    taken = name.partition(" ")[0].casefold() in _FIRST_WORDS or name.startswith("#")
    return _FILE.fullmatch(name) is not None and not taken and unquoted(name) == name


def _colour(given: str, told: str) -> str:
    if not _COLOUR.fullmatch(given):
        raise ScriptInvalid(f"{told}: `{given}` is not a colour. Write one such as #203040.")
    digits = given[1:].lower()
    return "#" + (digits if len(digits) == 6 else "".join(digit * 2 for digit in digits))


def _gradient(given: str, told: str) -> str:
    if "#" in given:
        colours = [_colour(part, told) for part in re.split(r"[\s,]+", given) if part]
        if len(colours) not in _COLOURS_OF_A_GRADIENT:
            raise ScriptInvalid(f"{told}: a gradient has two or three colours. Write gradient #102030, #405060.")
        return ",".join(colours)
    if not _GRADIENT_NAME.fullmatch(given):
        raise ScriptInvalid(f"{told}: which gradient? Write gradient dusk, or its colours: gradient #102030, #405060.")
    return given.casefold()


def _prompt(words: str, told: str) -> Background:
    if not words or len(words) > LONGEST_PROMPT:
        raise ScriptInvalid(f"{told}: say what is to be painted in 1 to {LONGEST_PROMPT} characters.")
    return Background(kind="prompt", value=words)
