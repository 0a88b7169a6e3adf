"""When an event that was not taken is sent again, and when nobody tries any more."""

from typing import Final

DAY_MS: Final = 86_400_000
"""After so long an event is dead."""
_FIRST_MS: Final = 5_000
_GROWTH: Final = 3
_LONGEST_MS: Final = 4 * 3_600_000
_JITTER: Final = 0.2
"""A wait is up to so much shorter or longer, so that an endpoint that comes back is not called by all at once."""


def next_try_ms(tries: int, since_ms: int, now_ms: int, chance: float, after_s: float | None = None) -> int | None:
    """When to send an event again: after 5 s, 15 s, 45 s ... 4 h.

    Args:
        tries: how often it was sent until now, at least once.
        since_ms: when it happened, or when somebody wanted it sent again.
        chance: 0 to 1.
        after_s: how long its receiver asks to wait; it is heard up to 4 h.
    Returns: None: it is dead, as that would be later than a day after `since_ms`.
    """
    wait_ms = min(_FIRST_MS * _GROWTH ** min(tries - 1, 20), _LONGEST_MS) * (1 + _JITTER * (2 * chance - 1))
    due_ms = now_ms + max(wait_ms, min(1000 * (after_s or 0), _LONGEST_MS))
    return round(due_ms) if due_ms <= since_ms + DAY_MS else None
