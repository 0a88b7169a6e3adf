"""When the frames of a file come."""

from fractions import Fraction


class FrameClock:
    """Whether frames come at a constant rate."""

    def __init__(self, fps: Fraction) -> None:
        self._step = 1 / fps
        self._first: Fraction | None = None
        self._last = Fraction(0)
        self._count = 0
        self._steps: set[Fraction] = set()
        self.jitter_s = 0.0

    @property
    def step_s(self) -> Fraction | None:
        """The one time between all frames, exact."""
        return next(iter(self._steps)) if len(self._steps) == 1 else None

    def tick(self, time_s: Fraction) -> None:
        if self._first is None:
            self._first = time_s
        elif len(self._steps) < 2:
            self._steps.add(time_s - self._last)
        self._last = time_s
        self.jitter_s = max(self.jitter_s, abs(float(time_s - self._first - self._count * self._step)))
        self._count += 1
