"""What an avatar is made from. A pure value: importing this imports no runtime."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lipwright.contracts.avatar import Consent


@dataclass(frozen=True, slots=True)
class AvatarRequest:
    """One person, and their consent. Exactly one of `photo` and `clip` is given; no file is ever modified."""

    name: str
    consent: Consent
    photo: Path | None = None
    clip: Path | None = None
    poses: Mapping[str, Path] = field(default_factory=dict)
    """Further photos of the person, by the names of the poses."""
    voice: str = ""
    """A voice of the engine; empty for the default voice of each language."""
    tts: str | None = None
    """Name of the speech engine; None for the one that has the voice."""
    voice_sample: Path | None = None
    """A recording of the person, from which their voice is copied."""
