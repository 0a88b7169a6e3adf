"""The mouth of the source, measured as a viewer would see it had nobody touched it: encoded as the finished video."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.face import FaceMesh
from lipwright.contracts.footage import YuvFrame
from lipwright.quality.alike import AlikeCoder
from lipwright.quality.ledger import Ledger
from lipwright.quality.mouth_meter import COLUMNS, MouthMeter

Luma = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A frame that the encoder has not given back yet."""

    number: int
    mesh: FaceMesh | None
    goes_on: bool
    itself: Luma | None
    """What is measured instead of what comes back."""
    coded: bool


class SourceMouth:
    """Takes the source's frames in the order of the finished video; each gets a row in `ledger`, some of them late."""

    def __init__(self, fps: Fraction, settings: str | None) -> None:
        """Begin.

        Args:
            settings: of x264, see x264_settings; None measures frames as they are.
        """
        self._coder = AlikeCoder(settings, fps) if settings is not None else None
        self._meter = MouthMeter(float(fps))
        self._waiting: deque[_Waiting] = deque()
        self.ledger = Ledger(COLUMNS)

    def look(
        self, number: int, frame: YuvFrame | None, mesh: FaceMesh | None, *, goes_on: bool, untouched: bool
    ) -> None:
        """Take the next frame.

        Args:
            frame: None where the source has none.
            mesh: the face in it, if it is to be measured.
            untouched: the finished video shows this very picture, bit for bit: nothing was encoded.
        """
        if frame is None:
            self._waiting.append(_Waiting(number, None, goes_on, None, coded=False))
            self._measure(())
            return
        itself = frame.y if untouched or self._coder is None else None
        coded = self._coder is not None
        self._waiting.append(_Waiting(number, mesh, goes_on, itself if mesh is not None else None, coded=coded))
        self._measure(self._coder.give(frame) if self._coder is not None else ())

    def finish(self) -> None:
        """Measure what is still in the encoder."""
        self._measure(self._coder.rest() if self._coder is not None else ())

    def _measure(self, pictures: Iterable[Luma]) -> None:
        self._uncoded()
        for luma in pictures:
            self._row(self._waiting.popleft(), luma)
            self._uncoded()

    def _uncoded(self) -> None:
        while self._waiting and not self._waiting[0].coded:
            self._row(self._waiting.popleft(), None)

    def _row(self, one: _Waiting, luma: Luma | None) -> None:
        seen = one.itself if one.itself is not None else luma
        if seen is None or one.mesh is None:
            self._meter.forget()
            self.ledger.add()
        else:
            self.ledger.add(**self._meter.look(one.number, seen, one.mesh, one.mesh, goes_on=one.goes_on))
