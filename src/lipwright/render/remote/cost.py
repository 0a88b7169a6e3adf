"""What a remote video costs: vendors bill in whole steps, so short clips pay for seconds that nobody sees."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from lipwright.errors import UsageError
from lipwright.render.remote.base import RendererCapability

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Cost:
    """What some clips of one length cost at one vendor."""

    renderer: str
    clips: int
    billed_s: int
    """Of all clips together."""
    unused_s: float
    """Seconds that are paid for and hold no video."""
    amount: Decimal | None
    """In whole cents; None where the price is not known."""
    currency: str


def estimate(duration_s: float, capability: RendererCapability, clips: int = 1) -> Cost:
    """Tell what clips cost.

    Args:
        duration_s: of each clip.
    Raises: UsageError: no length, or no clips.
    """
    if not 0 < duration_s < math.inf or clips < 1:
        raise UsageError(f"{clips} x {duration_s:g} s: nothing to estimate. Give a length of more than 0 s.")
    step_s = capability.billing_increment_s
    each_s = max(1, math.ceil(round(duration_s, 3) / step_s)) * step_s
    amount = None
    if capability.price_per_minute is not None:
        amount = (capability.price_per_minute * each_s * clips / 60).quantize(_CENT, ROUND_HALF_UP)
    unused_s = round((each_s - duration_s) * clips, 3)
    return Cost(capability.name, clips, each_s * clips, unused_s, amount, capability.currency)


def cheapest(capabilities: Iterable[RendererCapability], duration_s: float, clips: int = 1) -> Cost:
    """Find the renderer that asks least. One whose price is not known is never the cheapest.

    Raises: UsageError: no price is known, or prices are in different currencies.
    """
    costs = [estimate(duration_s, capability, clips) for capability in capabilities]
    priced = [(cost.amount, cost.billed_s, cost.renderer, cost) for cost in costs if cost.amount is not None]
    if not priced:
        raise UsageError("No price of a remote renderer is known. Write price_per_minute into their files.")
    currencies = sorted({cost.currency for *_, cost in priced})
    if len(currencies) > 1:
        raise UsageError(f"Prices are in {' and '.join(currencies)}. Write them in one currency to compare them.")
    return min(priced, key=lambda entry: entry[:3])[3]
