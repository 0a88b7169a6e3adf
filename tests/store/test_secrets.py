"""Signing secrets: two sign while one replaces the other, and none is shown."""

from standardwebhooks import Webhook

from lipwright.store.secrets import ensure_secret, list_secrets, rotate_secret, signing_secrets
from support.job_rows import ACME, OTHER, Workshop


def test_default_secret_is_made_by_the_first_job_that_needs_it_and_stays(shop: Workshop) -> None:
    shop.create(callback={"url": "https://example.org/hook"})
    with shop.database.begin() as c:
        first = signing_secrets(c, ACME, "default", shop.now_ms)
        ensure_secret(c, ACME, "default", shop.now_ms)
        assert signing_secrets(c, ACME, "default", shop.now_ms) == first
        assert signing_secrets(c, OTHER, "default", shop.now_ms) == ()
    assert len(first) == 1
    Webhook(first[0].get_secret_value())


def test_both_secrets_sign_while_one_replaces_the_other(shop: Workshop) -> None:
    with shop.database.begin() as c:
        first = rotate_secret(c, ACME, "mine", shop.now_ms)
        assert signing_secrets(c, ACME, "mine", shop.now_ms) == (first,)
        second = rotate_secret(c, ACME, "mine", shop.now_ms, keep_ms=100)
        assert first != second
        assert signing_secrets(c, ACME, "mine", shop.now_ms + 99) == (second, first)
        assert signing_secrets(c, ACME, "mine", shop.now_ms + 100) == (second,)


def test_job_may_name_a_secret_that_there_is(shop: Workshop) -> None:
    with shop.database.begin() as c:
        rotate_secret(c, ACME, "mine", shop.now_ms)
    assert shop.create(callback={"url": "https://example.org/hook", "secret": "mine"})


def test_listing_and_repr_do_not_tell_a_secret(shop: Workshop) -> None:
    with shop.database.begin() as c:
        made = rotate_secret(c, ACME, "mine", shop.now_ms)
        shown = repr(list_secrets(c, ACME)) + repr(signing_secrets(c, ACME, "mine", shop.now_ms)) + repr(made)
    assert "mine" in shown
    assert made.get_secret_value() not in shown
    assert "whsec" not in shown
