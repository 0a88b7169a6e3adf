"""What short clips cost where whole minutes are billed."""

import math
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwright.errors import UsageError
from lipwright.render.remote.base import RendererCapability
from lipwright.render.remote.cost import cheapest, estimate
from lipwright.render.remote.shape import packaged_shape

MINUTES = RendererCapability(
    name="minutes",
    max_width_px=1920,
    max_height_px=1080,
    webhooks=True,
    billing_increment_s=60,
    price_per_minute=Decimal("1.00"),
    currency="USD",
    accepts_text=True,
    accepts_audio=True,
    accepts_face=True,
    accepts_avatar=True,
    languages=(),
    licence="LicenseRef-Terms-Of-The-Server",
)
HALVES = replace(MINUTES, name="halves", billing_increment_s=30, webhooks=False)
SECONDS = replace(MINUTES, name="seconds", billing_increment_s=1)


@pytest.mark.parametrize(
    ("capability", "billed_s", "unused_s", "amount"),
    [(MINUTES, 60, 46, "1.00"), (HALVES, 30, 16, "0.50"), (SECONDS, 14, 0, "0.23")],
)
def test_a_clip_of_14_s_pays_for_its_vendors_whole_steps(
    capability: RendererCapability, billed_s: int, unused_s: float, amount: str
) -> None:
    cost = estimate(14, capability)
    assert (cost.billed_s, cost.unused_s, cost.amount) == (billed_s, unused_s, Decimal(amount))


def test_fifty_clips_of_14_s_are_cheapest_where_seconds_are_billed() -> None:
    cost = cheapest([MINUTES, HALVES, SECONDS], 14, clips=50)
    assert (cost.renderer, cost.billed_s, cost.amount) == ("seconds", 700, Decimal("11.67"))
    assert estimate(14, MINUTES, clips=50).amount == Decimal("50.00")


def test_a_vendor_of_whole_minutes_is_cheapest_where_its_minutes_are_cheap_enough() -> None:
    bargain = replace(MINUTES, price_per_minute=Decimal("0.20"))
    assert cheapest([bargain, HALVES, SECONDS], 14).renderer == "minutes"


def test_clips_of_14_s_are_cheaper_at_heygen_in_half_minutes_than_by_the_second_at_three_times_the_price() -> None:
    shapes = [packaged_shape("heygen").able, packaged_shape("heygen-v3").able]
    assert [str(estimate(14, able, 50).amount) for able in shapes] == ["24.75", "35.00"]
    assert cheapest(shapes, 14, 50).renderer == "heygen"


def test_a_vendor_whose_price_is_not_known_is_estimated_in_seconds_and_never_the_cheapest() -> None:
    unknown = replace(SECONDS, name="unknown", price_per_minute=None)
    assert estimate(14, unknown).amount is None
    assert cheapest([unknown, MINUTES], 14).renderer == "minutes"
    with pytest.raises(UsageError, match="No price"):
        cheapest([unknown], 14)


def test_prices_in_two_currencies_are_not_compared() -> None:
    with pytest.raises(UsageError, match="EUR and USD"):
        cheapest([MINUTES, replace(SECONDS, currency="EUR")], 14)


@pytest.mark.parametrize(("duration_s", "clips"), [(0.0, 1), (-1.0, 1), (math.inf, 1), (math.nan, 1), (1.0, 0)])
def test_nothing_cannot_be_estimated(duration_s: float, clips: int) -> None:
    with pytest.raises(UsageError, match="nothing to estimate"):
        estimate(duration_s, SECONDS, clips)


@given(st.floats(0.001, 36_000), st.sampled_from([1, 15, 30, 60]), st.integers(1, 1000))
def test_what_is_billed_covers_the_clip_with_less_than_a_step_to_spare(
    duration_s: float, step_s: int, clips: int
) -> None:
    cost = estimate(duration_s, replace(MINUTES, billing_increment_s=step_s), clips)
    each_s = cost.billed_s / clips
    assert each_s % step_s == 0
    assert duration_s - 0.001 <= each_s < duration_s + step_s + 0.001
