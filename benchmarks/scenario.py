"""Scenarios as they stand in scenarios.toml."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("scenarios.toml")


@dataclass(frozen=True)
class Scenario:
    """One thing that is measured."""

    name: str
    about: str
    arguments: tuple[str, ...]
    """Of the program, or of `module` where one is named; see scenarios.toml for what braces mean."""
    promises: dict[str, float]
    """Figure and what its median may not exceed; a promise that is missed is printed, and fails nothing."""
    warm_up: int = 0
    repeats: int = 1
    module: str = "lipwright.cli.main"
    photo: str | None = None
    """What the finished video is compared with; without it, the video is not measured."""
    memory_like: str | None = None
    """Peak memory has to be that of this scenario, within 10 %."""


def load_scenarios(path: Path = FILE) -> list[Scenario]:
    """All scenarios, in the order of the file."""
    document: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    return [Scenario(**{**entry, "arguments": tuple(entry["arguments"])}) for entry in document["scenario"]]
