"""A separator for tests: it halves, and fails on demand."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from lipwright.errors import LipwrightError
from lipwright.speech.separate.base import SeparateCapability, Separator, Stems


class FakeSeparator(Separator):
    """Takes a share of every sample for voice, deterministic, without a model.

    Licence: Apache-2.0, as Lipwright.
    """

    capability = SeparateCapability(
        name="fake",
        sung=True,
        stereo=True,
        cost_unit="none",
        needs_gpu=False,
        code_licence="Apache-2.0",
        weights_licence="Apache-2.0",
    )

    def __init__(self, *, share: float = 0.5, failures: Sequence[LipwrightError | None] = ()) -> None:
        """
        Args:
            share: of the sound that is voice.
            failures: raised by the first, second ... call of `separate` before its first stems; None lets a call
                through.
        """
        self.heard: list[int] = []
        """How many samples each call so far was given."""
        self._share = share
        self._failures = list(failures)

    @property
    def version(self) -> str:
        return f"{super().version} {self._share}"

    def separate(self, chunks: Iterable[NDArray[np.float32]], channels: int) -> Iterator[Stems]:
        failure = self._failures.pop(0) if self._failures else None
        if failure is not None:
            raise failure
        self.heard.append(0)
        call = len(self.heard) - 1
        for chunk in chunks:
            self.heard[call] += len(chunk)
            voice = chunk * np.float32(self._share)
            yield Stems(voice, chunk - voice)
