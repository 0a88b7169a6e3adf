"""Avatars of nobody."""

from dataclasses import dataclass, field
from datetime import date

from lipwright.contracts.avatar import AvatarIdentity, Consent, Use
from lipwright.contracts.progress import SilentProgress
from lipwright.pipeline.avatar.create import create_avatar
from lipwright.pipeline.avatar.library import AvatarLibrary
from lipwright.pipeline.avatar.request import AvatarRequest
from lipwright.speech.cloning.fake import FakeCloner
from lipwright.speech.tts.fake import FakeTts

CONSENT = Consent(person="Nobody", granted_on=date(2026, 1, 1), uses=frozenset({Use.VIDEO}))


@dataclass
class Studio:
    """`studio(photo=path)` makes the avatar `nobody` in a library of its own."""

    library: AvatarLibrary
    cloner: FakeCloner = field(default_factory=FakeCloner)

    def __call__(self, **request: object) -> AvatarIdentity:
        wanted = {"name": "nobody", "consent": CONSENT, **request}
        return create_avatar(
            AvatarRequest(**wanted),  # type: ignore[arg-type]
            library=self.library,
            tts=FakeTts,
            cloner=lambda: self.cloner,
            progress=SilentProgress(),
        )
