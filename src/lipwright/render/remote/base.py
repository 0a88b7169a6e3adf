"""The capability of a video engine that lives at a vendor: an order in, a video of a speaking face out, much later."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

from lipwright.contracts.media import Clip
from lipwright.errors import MediaNotFound, ProviderError, ProviderUnavailable, UsageError

SIDE_PX = range(64, 7681)


@dataclass(frozen=True, slots=True)
class RendererCapability:
    """What a renderer can do, and what it costs."""

    name: str
    max_width_px: int
    max_height_px: int
    """Both for a wide picture; a tall one may have them the other way round."""
    webhooks: bool
    """Whether the vendor calls back."""
    billing_increment_s: int
    """A video is paid for in steps of so many seconds: 1, 30, 60."""
    price_per_minute: Decimal | None
    """None where it is not known; prices differ by plan."""
    currency: str
    """ISO 4217: `USD`."""
    accepts_text: bool
    """Speaks with a voice of the vendor."""
    accepts_audio: bool
    accepts_face: bool
    """A picture of one's own."""
    accepts_avatar: bool
    """An avatar of the vendor's, by its id."""
    languages: tuple[str, ...]
    """BCP 47 tags of what its voices speak; empty where the vendor's list of voices decides."""
    licence: str


@dataclass(frozen=True, slots=True)
class RenderOrder:
    """One video. Exactly one of `face` and `avatar`, and exactly one of `audio` and `text`.

    Raises: UsageError: another number of them, no voice for a text, or an impossible size.
    """

    width_px: int
    height_px: int
    face: Path | None = None
    """A picture, PNG or JPEG."""
    avatar: str | None = None
    """The vendor's id of an avatar."""
    audio: Path | None = None
    """Speech, as the vendor takes it; MP3 is taken by all."""
    text: str | None = None
    voice: str | None = None
    """The vendor's id of a voice, for a text."""
    callback_url: str | None = None
    """Where the vendor shall call; no part of what is ordered."""
    face_from: str = ""
    """What `face` was made from, as a digest: it stands for the file where another making may give other bytes."""
    audio_from: str = ""
    """The same of `audio`."""

    def __post_init__(self) -> None:
        if (self.face is None) == (self.avatar is None):
            raise UsageError("A remote video needs a face or an avatar, and not both. Give one of them.")
        if (self.audio is None) == (self.text is None):
            raise UsageError("A remote video needs a text or a recording, and not both. Give one of them.")
        if self.text is not None and not self.text.strip():
            raise UsageError("The text of a remote video is empty. Write what is to be said.")
        if self.text is not None and not self.voice:
            raise UsageError("A remote video from a text needs a voice of its vendor. Name one with --voice.")
        if self.width_px not in SIDE_PX or self.height_px not in SIDE_PX:
            raise UsageError(
                f"{self.width_px}x{self.height_px}: no size of a remote video. Give sides from {SIDE_PX[0]} to"
                f" {SIDE_PX[-1]} pixels."
            )

    def key(self, renderer: str) -> str:
        """What is ordered, as a digest: the same files, words and size give the same key.

        Raises: MediaNotFound: a file is not there.
        """
        parts = [
            renderer,
            f"{self.width_px}x{self.height_px}",
            (self.face_from or file_digest(self.face)) if self.face else "",
            self.avatar or "",
            (self.audio_from or file_digest(self.audio)) if self.audio else "",
            self.text or "",
            self.voice or "" if self.text else "",
        ]
        return hashlib.sha256("\0".join(f"{len(part)}:{part}" for part in parts).encode()).hexdigest()


class Phase(StrEnum):
    """How far a vendor says it is."""

    WORKING = "working"
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """It knows no such video: it has dropped it, or does not know it yet."""


@dataclass(frozen=True, slots=True)
class VendorState:
    """What a vendor says about one video."""

    phase: Phase
    url: str = ""
    """Where the video is, when it is done."""
    duration_s: float | None = None
    reason: str = ""
    """The vendor's own words, when it failed."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that came from a vendor, checked and whole."""

    path: Path
    sha256: str
    clip: Clip


@dataclass(frozen=True, slots=True)
class RenderedVideo:
    """The result of an order."""

    path: Path
    """In the folder of the orders, where it stays."""
    sha256: str
    duration_s: float
    renderer: str
    vendor_id: str
    submissions: int
    """How often the vendor was asked for it: more than one where it lost some."""
    is_new: bool
    """Whether something was ordered while we waited; else all of it was paid for before."""
    told: tuple[str, ...] = field(default=())
    """What went wrong on the way, oldest first, for the user."""


class NotTaken(ProviderUnavailable):
    """A vendor has taken no order; `cause` says why, and whether it may take it later."""

    def __init__(self, cause: ProviderError) -> None:
        super().__init__(str(cause))
        self.cause = cause
        self.retryable = cause.retryable


class VideoRenderer(ABC):
    """A vendor's video engine. Any thread may use it. It keeps nothing: what was ordered is in the orders' ledger."""

    capability: RendererCapability

    @abstractmethod
    def check(self, order: RenderOrder) -> None:
        """Make sure, before anything is sent, that the vendor takes such an order.

        Raises: UsageError.
        """

    @abstractmethod
    def prepare(self, order: RenderOrder) -> Mapping[str, str]:
        """Bring the order's files to the vendor. Nothing is paid for yet.

        Returns: what the vendor calls them: `face`, `audio`.
        Raises: ProviderError.
        """

    @abstractmethod
    def submit(self, order: RenderOrder, files: Mapping[str, str], reference: str) -> str:
        """Ask for the video, once.

        Args:
            files: what `prepare` gave.
            reference: our own name of this submission; the vendor keeps it.
        Returns: the vendor's id of the video.
        Raises: NotTaken: it is sure that nothing was ordered. Any other ProviderError: nobody knows.
        """

    @abstractmethod
    def state(self, vendor_id: str) -> VendorState:
        """Ask how far a video is.

        Raises: ProviderError: the vendor does not say.
        """

    @abstractmethod
    def find(self, reference: str) -> str | None:
        """Look for a submission among the vendor's videos.

        Returns: the vendor's id; None where it is not among them, or where the vendor has no such list.
        Raises: ProviderError: the vendor does not say.
        """

    @abstractmethod
    def fetch(self, state: VendorState, target: Path, expected_s: float | None) -> Fetched:
        """Bring a finished video here, whole or not at all.

        Args:
            expected_s: how long it should be about; None where nobody knows.
        Raises: ProviderError, MediaError: it is not there, or not what it should be. AddressForbidden: it lies in a
            private network. OutputError: it cannot be written here.
        """


def file_digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal. Raises MediaNotFound."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as exc:
        raise MediaNotFound(f"`{path}`: cannot be read ({exc.strerror}). Check the name.") from exc
