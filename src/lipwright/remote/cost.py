"""What the use of servers has cost so far, by the unit that each of them counts in."""

import threading
from collections import defaultdict
from collections.abc import Mapping
from typing import Protocol, runtime_checkable


class CostLedger:
    """Amounts by unit: `characters`, `seconds`, `tokens`. Any thread may add to it."""

    def __init__(self) -> None:
        self._amounts: defaultdict[str, float] = defaultdict(float)
        self._lock = threading.Lock()

    def add(self, unit: str, amount: float) -> None:
        """Note what one answer has cost. Raises ValueError for less than nothing."""
        if not amount >= 0:
            raise ValueError(f"{amount:g} {unit}: no cost")
        with self._lock:
            self._amounts[unit] += amount

    def total(self) -> dict[str, float]:
        """Everything that was noted so far."""
        with self._lock:
            return dict(self._amounts)


@runtime_checkable
class Priced(Protocol):
    """An engine whose use costs something."""

    @property
    def cost(self) -> CostLedger: ...


def cost_of(*engines: object) -> Mapping[str, float]:
    """What the use of some engines has cost since they were built; nothing for those that cost nothing."""
    ledgers = {id(engine.cost): engine.cost for engine in engines if isinstance(engine, Priced)}
    amounts: defaultdict[str, float] = defaultdict(float)
    for ledger in ledgers.values():
        for unit, amount in ledger.total().items():
            amounts[unit] += amount
    return dict(amounts)
