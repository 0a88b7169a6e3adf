"""Whom a video shows: a photo or a clip that is named, or an avatar whose consent covers it."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from lipwright.contracts.avatar import CLIP, NEUTRAL, AvatarIdentity, Use, VoiceProfile
from lipwright.errors import UsageError
from lipwright.media.image import is_clip
from lipwright.pipeline.avatar.consent import check_consent
from lipwright.pipeline.avatar.library import AvatarLibrary


@dataclass(frozen=True)
class Figure:
    """Somebody who is to speak."""

    face: Path
    """A photo or a clip."""
    is_clip: bool
    face_index: int | None = None
    """Of a photo with several faces."""
    avatar: AvatarIdentity | None = None
    library: AvatarLibrary | None = None
    """Where the avatar is."""

    @property
    def voice(self) -> VoiceProfile | None:
        """Their own."""
        return self.avatar.voice if self.avatar else None

    def check_use(self, language: str | None, purpose: str | None, today: date) -> None:
        """Make sure that an avatar's person agreed to a video.

        Args:
            language: BCP 47 tag of what they say.
        Raises: ConsentMissing. UsageError: a purpose without an avatar.
        """
        if self.avatar is not None:
            check_consent(self.avatar, Use.VIDEO, language=language, purpose=purpose, today=today)
        elif purpose is not None:
            raise UsageError("--purpose: is asked of an avatar's consent. Leave it out, or name an --avatar.")


def find_figure(face: Path | None, avatar: str | None, library: AvatarLibrary, face_index: int | None = None) -> Figure:
    """Find who is shown.

    Raises: UsageError: not exactly one is named. AvatarNotFound, MediaUnreadable.
    """
    if face is not None and avatar is not None:
        raise UsageError("--face and --avatar: each says who speaks. Give one of them.")
    if face is not None:
        return Figure(face, is_clip(face), face_index)
    if avatar is None:
        raise UsageError("nobody to speak. Give --face photo.jpg, or --avatar with the name of one that you created.")
    identity = library.load(avatar)
    clip = identity.kind == "clip"
    return Figure(library.path(avatar, CLIP if clip else NEUTRAL), clip, None, identity, library)
