"""No separation, for a sound that is only voice, or whose bed is not to be kept."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from lipwright.speech.separate.base import SeparateCapability, Separator, Stems


class NoSeparation(Separator):
    """The whole sound is voice, and the bed is silence: a dub replaces everything that is heard.

    Licence: Apache-2.0, as Lipwright.
    """

    capability = SeparateCapability(
        name="none",
        sung=True,
        stereo=True,
        cost_unit="none",
        needs_gpu=False,
        code_licence="Apache-2.0",
        weights_licence="Apache-2.0",
    )

    def separate(self, chunks: Iterable[NDArray[np.float32]], channels: int) -> Iterator[Stems]:
        for chunk in chunks:
            yield Stems(chunk, np.zeros_like(chunk))
