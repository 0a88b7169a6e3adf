"""What the use of servers has cost."""

import threading

import pytest

from lipwright.remote.cost import CostLedger, cost_of


class Engine:
    def __init__(self, ledger: CostLedger) -> None:
        self.cost = ledger


def test_amounts_add_up_by_unit_from_every_thread() -> None:
    ledger = CostLedger()
    threads = [threading.Thread(target=lambda: [ledger.add("characters", 1) for _ in range(1000)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ledger.add("seconds", 1.5)
    assert ledger.total() == {"characters": 4000, "seconds": 1.5}


def test_cost_of_engines_counts_a_shared_ledger_once() -> None:
    shared, own = CostLedger(), CostLedger()
    shared.add("tokens", 10)
    own.add("tokens", 5)
    assert cost_of(Engine(shared), Engine(shared), Engine(own), object()) == {"tokens": 15}
    assert cost_of(object()) == {}


@pytest.mark.parametrize("amount", [-1.0, float("nan")])
def test_less_than_nothing_is_no_cost(amount: float) -> None:
    with pytest.raises(ValueError, match="no cost"):
        CostLedger().add("tokens", amount)
