"""What a vendor calls back: checked, written down, answered at once. Nothing is fetched, and no address is believed.

A callback is a hint that a video is to be looked at. Its state and its address come from the vendor's own API.
"""

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import SecretStr

from lipwright.errors import NotAllowed, UsageError
from lipwright.render.remote.callbacks import note_callback
from lipwright.render.remote.ledger import Ledger
from lipwright.render.remote.shape import Shape
from lipwright.render.remote.template import text_at

MOST_BYTES: Final = 256_000
_OLD_S: Final = 300.0
_SHORTEST_SECRET: Final = 16


@dataclass(frozen=True, slots=True)
class Noted:
    """What became of a callback, for the log."""

    outcome: str
    """`noted`, `duplicate`, `unknown`, `late`, `ignored`."""
    vendor_id: str = ""


class Receiver:
    """Takes the callbacks of one vendor. Any thread may use it."""

    def __init__(self, ledger: Ledger, shape: Shape, secret: SecretStr, now: Callable[[], float] = time.time) -> None:
        """
        Args:
            secret: what the vendor signs with, or what the tokens in addresses are made of.
            now: seconds since 1970.
        Raises: UsageError: the vendor does not call back, or the secret is too short to be one.
        """
        if shape.webhook is None:
            raise UsageError(f"{shape.name}: does not call back. Its videos are looked at now and then.")
        _check_secret(shape, secret)
        self._ledger, self._shape, self._webhook, self._secret, self._now = ledger, shape, shape.webhook, secret, now

    def token(self) -> str:
        """What the last part of the address is that a vendor is given which signs nothing."""
        return callback_token(self._shape, self._secret)

    def receive(self, headers: Mapping[str, str], body: bytes, token: str = "") -> Noted:
        """Take a callback.

        Args:
            headers: names in lower case.
            token: the last part of the address; empty for an address without.
        Raises: NotAllowed: it is not the vendor's. DatabaseFailed: it cannot be written down; it may come again.
        """
        if not (self._is_token(token) if token else self._is_signed(headers, body)):
            raise NotAllowed("The callback is not signed by its sender. It is ignored.")
        try:
            document = json.loads(body)
        except (ValueError, RecursionError):
            return Noted("ignored")
        webhook = self._webhook
        event, vendor_id = text_at(document, webhook.event), text_at(document, webhook.id)[:200]
        reference = text_at(document, webhook.reference)[:200]
        if event not in webhook.done + webhook.failed or not (vendor_id or reference):
            return Noted("ignored")
        said = "\0".join((self._shape.name, vendor_id, reference, event))
        outcome = note_callback(
            self._ledger.database,
            hashlib.sha256(said.encode()).hexdigest(),
            self._shape.name,
            vendor_id,
            reference,
            event,
            round(self._now() * 1000),
        )
        return Noted(outcome, vendor_id)

    def _is_token(self, token: str) -> bool:
        return hmac.compare_digest(token.encode(), self.token().encode())

    def _is_signed(self, headers: Mapping[str, str], body: bytes) -> bool:
        """HMAC-SHA256 of the body, in hexadecimal; see the sources in docs/remote-renderers.md."""
        webhook = self._webhook
        given = headers.get(webhook.signature_header.lower(), "") if webhook.signature_header else ""
        if not given:
            return False
        if webhook.timestamp_header:
            sent = headers.get(webhook.timestamp_header.lower(), "")
            if not (sent.isascii() and sent.isdecimal()) or abs(self._now() - int(sent[:12])) > _OLD_S:
                return False
        right = hmac.digest(self._key(), body, "sha256").hex()
        return hmac.compare_digest(given.strip().lower().encode(), right.encode())

    def _key(self) -> bytes:
        return self._secret.get_secret_value().encode()


def callback_token(shape: Shape, secret: SecretStr) -> str:
    """The last part of the address that a vendor is given.

    Raises: UsageError: the secret is too short to be one.
    """
    _check_secret(shape, secret)
    key = secret.get_secret_value().encode()
    return hmac.digest(key, b"lipwright callback " + shape.name.encode(), "sha256").hex()


def _check_secret(shape: Shape, secret: SecretStr) -> None:
    if len(secret.get_secret_value()) < _SHORTEST_SECRET:
        raise UsageError(
            f"{shape.name}: the secret of its callbacks is shorter than {_SHORTEST_SECRET} characters."
            f" Set {shape.secret_variable}."
        )
