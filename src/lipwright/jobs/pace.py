"""How often things are looked at, and how long they may last."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds. Tests take smaller ones."""

    lease_s: float = 10.0
    """A worker that was not heard for so long is dead, and others take its work."""
    beat_s: float = 2.5
    """It is heard so often."""
    poll_s: float = 0.04
    """A queue is looked at so often."""
    join_s: float = 0.25
    """A job that waits for a stage on another worker asks for it so often."""
    look_s: float = 0.5
    """A running stage looks so often whether it is still wanted; its progress is written at half this rate."""
    stop_s: float = 5.0
    """A cancelled stage may clean up for so long."""
    back_off_s: tuple[float, ...] = (1.0, 4.0)
    """Between the attempts at a stage; there is one attempt more than there are waits."""

    @property
    def attempts(self) -> int:
        return len(self.back_off_s) + 1
