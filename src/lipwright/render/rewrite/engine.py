"""The engine `rewrite`: each mouth is one that the person really made, warped to fit."""

from collections.abc import Iterable
from typing import ClassVar

from lipwright.contracts.lipsync import FaceFrame, LipSyncNeeds
from lipwright.render.arrays import Floats
from lipwright.render.lipsync.base import LipSyncer, LipSyncSession
from lipwright.render.rewrite.bank import build_bank
from lipwright.render.rewrite.interior import person_interior
from lipwright.render.rewrite.plan import CANDIDATES
from lipwright.render.rewrite.session import AHEAD_FRAMES, RewriteSession
from lipwright.render.rewrite.trials import PartedFrames


class Rewrite(LipSyncer):
    """Video Rewrite with a dense mesh: any rate, any size, streaming, one core. Code and data: Apache-2.0."""

    name: ClassVar[str] = "rewrite"
    version: ClassVar[int] = 9
    needs: ClassVar[LipSyncNeeds] = LipSyncNeeds(exemplars=True)

    def __init__(
        self, basis: Floats, *, seed: int = 0, candidates: int = CANDIDATES, ahead_frames: int = AHEAD_FRAMES
    ) -> None:
        """Describe how it works; nothing is loaded yet.

        Args:
            basis: the shape basis of `motion.shapes`, (8, 478, 3).
            seed: of what has to be drawn by hand.
            candidates: mouths of the person that are considered for each frame.
            ahead_frames: how far the choice of a mouth looks ahead.
        """
        self._basis, self._seed = basis, seed
        self._candidates, self._ahead_frames = candidates, ahead_frames

    def begin(self, exemplars: Iterable[FaceFrame]) -> LipSyncSession:
        """Build the bank. Choose the frames with `exemplar_frames`, at most `exemplar_limit` of them.

        Raises: ValueError: there is none.
        """
        parted = PartedFrames()
        bank = build_bank(parted.watch(exemplars), self._basis)
        interior = person_interior(bank.exemplars, bank.neutral, bank.appearance, seed=self._seed)
        return RewriteSession(
            bank, interior, parted.chosen(), candidates=self._candidates, ahead_frames=self._ahead_frames
        )
