"""What the soak takes for a leak, and what not."""

import random

import pytest
from benchmarks.soak import not_flat, slope_an_hour

HOURS, EVERY_S = 8.0, 60.0


def _samples(**rise_an_hour: float) -> list[dict[str, float]]:
    """Eight hours of a service whose measures rise, with noise."""
    chance = random.Random(7)  # noqa: S311
    samples = []
    for number in range(1, int(HOURS * 3600 / EVERY_S) + 1):
        hours = number * EVERY_S / 3600
        sample = {"worker_mb": 100 + chance.gauss(0, 0.5), "worker_files": 30.0, "worker_threads": 50.0}
        sample["worker_files"] += chance.choice((-1, 0, 0, 3))
        for name, rise in rise_an_hour.items():
            sample[name] += rise * hours
        samples.append(sample | {"s": number * EVERY_S, "jobs": hours * 7200, "database_mb": 5 + hours * 90})
    return samples


def test_a_service_that_stays_as_it_is_passes() -> None:
    assert not_flat(_samples()) == []


@pytest.mark.parametrize(("name", "rise"), [("worker_mb", 1.0), ("worker_files", 1.0), ("worker_threads", 1.0)])
def test_a_leak_of_a_megabyte_a_handle_or_a_thread_an_hour_is_seen(name: str, rise: float) -> None:
    (wrong,) = not_flat(_samples(**{name: rise}))
    assert wrong.startswith(f"{name} rose by 5.") or wrong.startswith(f"{name} rose by 6.")


def test_caches_that_fill_at_first_and_one_step_are_no_leak() -> None:
    samples = _samples()
    for number, sample in enumerate(samples):
        sample["worker_mb"] += min(number / 60, 1.5) * 20 + (number > 300)
    assert not_flat(samples) == []


def test_a_process_that_was_not_there_all_the_time_is_not_judged() -> None:
    samples = _samples()
    for number, sample in enumerate(samples[100:]):
        sample["worker_forkserver_mb"] = float(number)
    assert not_flat(samples) == []
    assert slope_an_hour(samples, "worker_mb") == pytest.approx(0, abs=0.1)


def test_a_run_that_was_too_short_says_so() -> None:
    assert "too few" in not_flat(_samples()[:6])[0]
