"""Where a server is, and the key for it, which appears in no message."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

from pydantic import SecretStr

from lipwright.errors import ProviderRefused, UsageError

_SHOWN: Final = 200
"""Characters of a server's own words in a message."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server that an engine asks."""

    engine: str
    """What messages call it: `openai`."""
    url: str
    """What the paths of its API are appended to."""
    key: SecretStr
    key_header: str
    """The header that carries the key."""
    key_prefix: str
    """What stands before the key in that header."""
    url_variable: str
    """The environment variable that sets the address."""
    key_variable: str
    """The environment variable that sets the key."""
    keyed_host: str
    """The host that nobody may ask without a key."""

    def headers(self) -> dict[str, str]:
        """The header with the key; none for a server without keys.

        Raises: ProviderRefused: there is no key where one is needed, or it is no key.
        """
        key = self.key.get_secret_value().strip()
        if not key:
            if self._parts().hostname == self.keyed_host:
                raise ProviderRefused(f"{self.engine}: there is no key for {self.keyed_host}. Set {self.key_variable}.")
            return {}
        if not re.fullmatch(r"[!-~]+", key):
            raise ProviderRefused(f"{self.engine}: {self.key_variable} holds no key: it has spaces or odd characters.")
        return {self.key_header: f"{self.key_prefix}{key}"}

    def address(self, path: str) -> str:
        """The whole address of a path that begins with a slash.

        Raises: UsageError: the server's own address is none.
        """
        self._parts()
        return self.url.rstrip("/") + path

    @property
    def is_secure(self) -> bool:
        """Whether it is asked over TLS."""
        return self._parts().scheme == "https"

    @property
    def host(self) -> str:
        """For messages."""
        return self._parts().netloc

    def quoted(self, text: str) -> str:
        """A server's own words for a message: one short line, without the key."""
        key = self.key.get_secret_value().strip()
        plain = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
        plain = plain.replace(key, "***") if key else plain
        return plain if len(plain) <= _SHOWN else f"{plain[:_SHOWN]}..."

    def _parts(self) -> SplitResult:
        try:
            parts = urlsplit(self.url)
            usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.username is None
            _ = parts.port  # reading it checks it
        except ValueError:
            usable = False
        if not usable or parts.query or parts.fragment:
            raise self.no_address()
        return parts

    def no_address(self) -> UsageError:
        """The error for an address that is none; it does not repeat it, as it may hold a password."""
        return UsageError(
            f"{self.engine}: {self.url_variable} holds no address of a server. Write one such as"
            " http://localhost:8000/v1, without a user's name or a password."
        )
