"""The name of a stage's result: the SHA-256 of everything that it depends on, and of nothing else."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from enum import Enum
from fractions import Fraction
from math import isfinite
from typing import Any


@dataclass(frozen=True, slots=True)
class StageKey:
    """What a stage is a pure function of.

    Values are None, bool, int, float, str, Fraction, members of an Enum, and sequences, mappings with str keys and
    dataclasses of such. A path is no value: a file is named by its digest, since its name says nothing of its content.
    """

    stage: str
    version: int
    """Rises when the same input gives another result."""
    provider: str = ""
    """The engine that does it, with its own version; empty for a stage that has no choice of engines."""
    tuning: Mapping[str, object] = field(default_factory=dict)
    """The engine's knobs."""
    inputs: Mapping[str, str] = field(default_factory=dict)
    """Digests of files and arrays, and of the keys of stages whose results are read."""
    parameters: Mapping[str, object] = field(default_factory=dict)
    """Everything else that changes the result."""
    take: int = 0
    """Rises when a person wants it made again, differently."""

    @property
    def canonical(self) -> str:
        """Canonical JSON: keys sorted, no spaces, ASCII. Equal keys have equal texts.

        Raises: TypeError, ValueError: a value that is none of those allowed, or a number that is not finite.
        """
        return json.dumps(_plain(self), sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)

    @property
    def digest(self) -> str:
        """64 hexadecimal digits."""
        return hashlib.sha256(self.canonical.encode("ascii")).hexdigest()


def _plain(value: object) -> Any:
    """The value as JSON knows it; a Fraction is tagged, because it is not equal to its text."""
    plain: Any
    match value:
        case Enum():
            plain = _plain(value.value)
        case None | bool() | int() | str():
            plain = value
        case float():
            if not isfinite(value):
                raise ValueError(f"{value} is no number that a key can hold")
            plain = value
        case Fraction():
            plain = {"fraction": [value.numerator, value.denominator]}
        case Mapping():
            if not all(isinstance(name, str) for name in value):
                raise TypeError("the mappings of a key have str keys")
            plain = {name: _plain(entry) for name, entry in value.items()}
        case Sequence() if not isinstance(value, bytes | bytearray):
            plain = [_plain(entry) for entry in value]
        case _ if is_dataclass(value) and not isinstance(value, type):
            plain = {entry.name: _plain(getattr(value, entry.name)) for entry in fields(value)}
        case _:
            raise TypeError(f"{type(value).__name__} does not go into a key: give its digest, or plain values")
    return plain
