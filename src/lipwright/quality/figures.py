"""Figures held against their limits."""

from lipwright.quality.report import Metric, Verdict


def unmeasured(key: str, topic: str, unit: str, limit: str, reason: str) -> Metric:
    """A figure that could not be measured, and why."""
    return Metric(key, topic, None, unit, limit, Verdict.NOT_MEASURED, reason)


def at_most(key: str, topic: str, value: float, unit: str, limit: float, note: str, over: Verdict) -> Metric:
    """A figure with an upper limit; `over` is the verdict beyond it."""
    return Metric(key, topic, value, unit, f"<= {limit:g}", Verdict.OK if value <= limit else over, note)


def at_least(key: str, topic: str, value: float, unit: str, limit: float, note: str, under: Verdict) -> Metric:
    """A figure with a lower limit; `under` is the verdict below it."""
    return Metric(key, topic, value, unit, f">= {limit:g}", Verdict.OK if value >= limit else under, note)


def within(
    key: str, topic: str, value: float, unit: str, limits: tuple[float, float], note: str, outside: Verdict
) -> Metric:
    """A figure with a lower and an upper limit."""
    low, high = limits
    verdict = Verdict.OK if low <= value <= high else outside
    return Metric(key, topic, value, unit, f"{low:g} to {high:g}", verdict, note)


def around_zero(key: str, topic: str, value: float, unit: str, limit: float, note: str, beyond: Verdict) -> Metric:
    """A figure that should be 0."""
    return Metric(key, topic, value + 0.0, unit, f"+- {limit:g}", Verdict.OK if abs(value) <= limit else beyond, note)
