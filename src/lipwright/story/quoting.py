"""Values of directions that stand in quotes, and lengths of time."""

import re
from typing import Final

_PAIRS: Final = {'"': '"', "“": "”", "„": "“”", "«": "»"}
_SECONDS: Final = re.compile(r"(\d{1,6}(?:[.,]\d{1,6})?)\s*(ms|milliseconds?|s|sec|seconds?)", re.IGNORECASE)
_ENDS_IN_LENGTH: Final = re.compile(rf"(?P<before>.*\S)\s+(?P<length>{_SECONDS.pattern})", re.IGNORECASE | re.DOTALL)
_NUMBER: Final = re.compile(r"\d{1,6}(?:[.,]\d{1,6})?")


def in_quotes(text: str) -> bool:
    """Whether a whole text stands in quotes, straight or curly."""
    return len(text) > 1 and text[0] in _PAIRS and text[-1] in _PAIRS[text[0]] and not _is_escaped(text)


def unquoted(text: str) -> str:
    """What stands between the quotes; the text itself where there are none."""
    return re.sub(r'\\(["\\])', r"\1", text[1:-1]).strip() if in_quotes(text) else text


def quoted(text: str) -> str:
    """A text in straight quotes, as `unquoted` reads it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def split_length(text: str) -> tuple[str, float | None]:
    """Take a length off the end of a text: `chart.png 3s` is `chart.png` and 3 seconds."""
    found = _ENDS_IN_LENGTH.fullmatch(text)
    if found is None:
        return text, None
    return found["before"], seconds_of(found["length"])


def seconds_of(text: str) -> float | None:
    """`500ms`, `1.5s`, `1,5 s`, or a number alone, in seconds; None for anything else."""
    bare = text.strip()
    if _NUMBER.fullmatch(bare):
        return float(bare.replace(",", "."))
    found = _SECONDS.fullmatch(bare)
    if found is None:
        return None
    return float(found[1].replace(",", ".")) / (1000 if found[2].lower().startswith("m") else 1)


def length_text(seconds: float) -> str:
    """A length as `seconds_of` reads it, to the microsecond."""
    return f"{seconds:.6f}".rstrip("0").rstrip(".") + "s"


def _is_escaped(text: str) -> bool:
    """Whether the last quote belongs to the words."""
    return (len(text) - 1 - len(text[:-1].rstrip("\\"))) % 2 == 1
