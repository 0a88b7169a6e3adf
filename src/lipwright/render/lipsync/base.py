"""The lip-sync capability: a person's footage and a mouth track in, the footage with that mouth out."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import ClassVar

from lipwright.contracts.lipsync import DrawnFace, FaceFrame, LipSyncNeeds, LipSyncWindow


class LipSyncSession(ABC):
    """One person in one shot, ready to speak. Windows may come in any order and are independent of each other."""

    @abstractmethod
    def render(self, window: LipSyncWindow) -> Iterator[DrawnFace]:
        """Draw a stretch: one DrawnFace for each of its frames, in order. The same window gives the same pixels.

        An engine that streams yields each frame before it reads the next; one that needs the whole window yields
        nothing until it has read it.
        Raises: FaceLost: it cannot use a frame that is not yet drawn; those already yielded are good.
        """


class LipSyncer(ABC):
    """A lip-sync engine. Building it is cheap; models are loaded by `begin`."""

    name: ClassVar[str]
    version: ClassVar[int]
    """Rises when the same input gives other pixels, so that stored windows are made again."""
    needs: ClassVar[LipSyncNeeds]

    @abstractmethod
    def begin(self, exemplars: Iterable[FaceFrame]) -> LipSyncSession:
        """Get to know a person.

        Args:
            exemplars: frames of the person in this shot, with ascending numbers, if `needs.exemplars`; else none.
                Read once; the images may be kept.
        """
