"""How long the stages of a route take."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from lipwright.inference import return_memory


@dataclass
class StageClock:
    """Seconds of wall time by stage."""

    seconds: list[tuple[str, float]] = field(default_factory=list)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Take the time of a block; what it leaves in memory is given back."""
        begun = time.perf_counter()
        yield
        return_memory()
        self.seconds.append((name, time.perf_counter() - begun))
