"""Which addresses a stranger may name, so that he makes us call nobody inside our own network.

A name is resolved, each of its addresses is judged, and the connection is made to one that was found good: a name that
resolves differently a moment later changes nothing.
"""

import ipaddress
import re
import socket
from collections.abc import Callable, Sequence
from typing import Final

import httpx

from lipwright.errors import AddressForbidden

Resolve = Callable[[str, int], Sequence[str]]
"""The addresses of a name, for a port; raises OSError when there are none."""
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_PRIVATE: Final = tuple(
    ipaddress.ip_network(text)
    for text in ("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7")
)
"""Of this machine and of the networks behind it: for those who allow them."""
_METADATA: Final = frozenset(
    ipaddress.ip_address(text) for text in ("100.100.100.200", "168.63.129.16", "169.254.169.254", "fd00:ec2::254")
)
"""Where clouds tell a machine its secrets: Alibaba, Azure, nearly all, Amazon."""
_GLOBAL_IPV6: Final = ipaddress.ip_network("2000::/3")
_SPECIAL: Final = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",
        "169.254.0.0/16",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)
"""What is neither private nor a server's, in 2000::/3 and in IPv4: link-local, documentation, tests, relays, Teredo,
6to4, multicast. All other IPv6 (mapped IPv4, NAT64, link-local, multicast) lies outside of 2000::/3.
Source: IANA's registries of special-purpose addresses, IPv4 and IPv6."""
_LOCAL_NAMES: Final = ("localhost", "local", "internal", "localdomain", "home.arpa")
_NAME: Final = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_][a-z0-9_-]{0,62})*")
_NUMBER: Final = re.compile(r"(\d+|0x[0-9a-f]*)", re.IGNORECASE)


def system_addresses(host: str, port: int) -> Sequence[str]:
    """What this machine's resolver says."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


class Guard:
    """Judges addresses. Any thread may use it."""

    def __init__(self, *, allow_private: bool = False, resolve: Resolve = system_addresses) -> None:
        """
        Args:
            allow_private: also this machine and private networks, and http; for a server beside this one.
        """
        self._allow_private = allow_private
        self._resolve = resolve

    def check(self, url: str) -> None:
        """Judge what can be seen without asking anybody: when a URL is given to us.

        Raises: AddressForbidden.
        """
        try:
            parts = httpx.URL(url)
        except (httpx.InvalidURL, ValueError) as exc:
            raise AddressForbidden("The URL is not valid. Give one such as https://example.com/events.") from exc
        self.check_parts(parts)

    def check_parts(self, url: httpx.URL) -> None:
        """`check` for a URL that was taken apart.

        Raises: AddressForbidden.
        """
        if url.scheme != "https" and not (self._allow_private and url.scheme == "http"):
            raise AddressForbidden(f"The URL begins with `{url.scheme}:`. Give one that begins with https:.")
        if url.userinfo:
            raise AddressForbidden("The URL holds a user's name or a password. Give one without them.")
        host = plain_host(url)
        if url.port is not None and not 1 <= url.port <= 65535:
            raise AddressForbidden(f"The URL's port is {url.port}. Give one from 1 to 65535, or none.")
        address = _literal(host)
        if address is not None:
            self._judge(host, [address])
        elif not _NAME.fullmatch(host) or _NUMBER.fullmatch(host.rpartition(".")[2]):
            raise AddressForbidden(
                "The URL names no server in the usual form. Give one such as https://example.com/events."
            )
        elif not self._allow_private and any(host == name or host.endswith(f".{name}") for name in _LOCAL_NAMES):
            raise self._forbidden(host)

    def addresses(self, host: str, port: int) -> tuple[str, ...]:
        """Where a connection may be made to.

        Args:
            host: a name or an address.
        Raises: AddressForbidden: nowhere; OSError: nobody knows the name.
        """
        literal = _literal(host)
        if literal is not None:
            return self._judge(host, [literal])
        found = [_literal(text) for text in self._resolve(host, port)]
        return self._judge(host, [address for address in found if address is not None])

    def _judge(self, host: str, found: Sequence[_Address]) -> tuple[str, ...]:
        good = tuple(dict.fromkeys(str(address) for address in found if self._is_allowed(address)))
        if not good:
            raise self._forbidden(host)
        return good

    def _is_allowed(self, address: _Address) -> bool:
        if address in _METADATA or getattr(address, "scope_id", None):
            return False
        if any(address in network for network in _PRIVATE):
            return self._allow_private
        if address.version == 6 and address not in _GLOBAL_IPV6:
            return False
        return not any(address in network for network in _SPECIAL)

    def _forbidden(self, host: str) -> AddressForbidden:
        return AddressForbidden(
            f"`{host}` is no address on the open internet. Give a public one, or set LIPWRIGHT_ALLOW_PRIVATE_ADDRESSES"
            " for a server in a network of your own."
        )


def plain_host(url: httpx.URL) -> str:
    """The host of a URL as it is resolved: no brackets, no dot at its end."""
    return url.raw_host.decode("ascii").removesuffix(".").lower()


def _literal(host: str) -> _Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
