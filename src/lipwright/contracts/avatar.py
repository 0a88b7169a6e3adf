"""An avatar: whom it shows, what it is made of, how it speaks, and what its person agreed to. Version 1.

An identity is a graph of files by their digests: later videos refer to it, and never to what was uploaded.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from lipwright.contracts.strict import AssetDigest, Name, Strict, Tag

AvatarName = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9_-]{0,62}[a-z0-9])?$")]
"""Small letters, digits, - and _; it becomes the name of a folder."""

PHOTO, CLIP, NEUTRAL, MATTE, SHEET, MESH, VOICE_SAMPLE = (
    "photo.png",
    "clip.mp4",
    "neutral.png",
    "matte.png",
    "sheet.png",
    "mesh.json",
    "voice.wav",
)
"""Names of an identity's assets. Of a pose: `pose-<name>.png`; of the sheet's parts: `sheet/<row>-<column>.png`."""


class Use(StrEnum):
    """What an avatar is used for."""

    VIDEO = "video"
    LIVE = "live"
    CLONE_VOICE = "clone-voice"


class Consent(Strict):
    """What a person agreed to. Recorded with the avatar, and asked before every use."""

    version: Literal[1] = 1
    person: Annotated[str, Field(min_length=1, max_length=200)]
    """Who is shown, and agrees; for a person who cannot, who agrees for them."""
    granted_on: date
    until: date | None = None
    """The last day of use; None for no end."""
    uses: Annotated[frozenset[Use], Field(min_length=1)]
    languages: frozenset[Tag] = frozenset()
    """In which the person may be shown speaking; `pt` covers `pt-BR`; empty for any."""
    purposes: frozenset[Name] = frozenset()
    """Such as `advertising`; empty for any. Where there are some, each use names one of them."""
    statement: Annotated[str, Field(max_length=10_000)] = ""
    """The person's own words."""

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.until is not None and self.until < self.granted_on:
            raise ValueError(f"until: {self.until} is before granted_on, {self.granted_on}")
        return self


class VoiceProfile(Strict):
    """How an avatar speaks."""

    engine: Name
    """A speech engine's name in the registry."""
    voice: Name
    """One of its voices, or the one that was cloned there."""
    language: Tag | None = None
    """None for the voice's own."""
    cloned_from: AssetDigest | None = None
    """The recording that the voice was copied from."""


class AvatarAsset(Strict):
    """A file of an identity."""

    name: Name
    digest: AssetDigest
    media_type: Name
    made_from: tuple[Name, ...] = ()
    """Names of assets of the same identity; empty for what was uploaded."""
    made_by: Name = ""
    """Stage and version, such as `neutral@1`; empty for what was uploaded."""


class FaceFacts(Strict):
    """What was measured of the face, and what would make it better."""

    width_px: int
    height_px: int
    eye_distance_px: float
    sharpness: float
    """Of the face; 1 is a crisp photo of this size."""
    brightness: float
    """Mean luma of the face, 0 to 1."""
    yaw_degrees: float
    pitch_degrees: float
    advice: tuple[str, ...] = ()
    """Each says what is not ideal and what would be; empty for an ideal picture."""


class AvatarIdentity(Strict):
    """A person who can say something."""

    version: Literal[1] = 1
    name: AvatarName
    kind: Literal["photo", "clip"]
    assets: tuple[AvatarAsset, ...]
    face: FaceFacts
    voice: VoiceProfile | None = None
    """None for the default voice of each language."""
    consent: Consent
    created_at: str
    """UTC, ISO 8601."""

    def digest(self, name: str) -> str:
        """The digest of an asset. Raises: KeyError: it has none of this name."""
        return {asset.name: asset.digest for asset in self.assets}[name]

    def has(self, name: str) -> bool:
        """Whether there is an asset of this name."""
        return any(asset.name == name for asset in self.assets)

    def poses(self) -> tuple[str, ...]:
        """Names of poses of which there is a photo."""
        return tuple(
            asset.name.removeprefix("pose-").removesuffix(".png")
            for asset in self.assets
            if asset.name.startswith("pose-")
        )

    @model_validator(mode="after")
    def _is_a_graph(self) -> Self:
        seen: set[str] = set()
        for asset in self.assets:
            if asset.name in seen:
                raise ValueError(f"assets: `{asset.name}` is there twice")
            missing = set(asset.made_from) - seen
            if missing:
                raise ValueError(f"assets: `{asset.name}` is made from {sorted(missing)}, which do not stand before it")
            seen.add(asset.name)
        return self
