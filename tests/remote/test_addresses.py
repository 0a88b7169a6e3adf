"""Nobody makes us call a machine inside our own network, however the address is written."""

import ipaddress
import socket

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwright.errors import AddressForbidden
from lipwright.remote.addresses import Guard, system_addresses

FORBIDDEN = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.255 100.100.100.200 127.0.0.1 127.255.255.254
168.63.129.16 169.254.169.254 169.254.0.1 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.192 192.0.2.1 192.88.99.1
192.168.0.1 192.168.255.255 198.18.0.1 198.19.255.255 198.51.100.7 203.0.113.7 224.0.0.1 239.255.255.255 240.0.0.1
255.255.255.255
:: ::1 ::7f00:1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::ffff:a9fe:a9fe 64:ff9b::7f00:1 64:ff9b::808:808 64:ff9b:1::1 100::1
2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:10::1 2001:20::1 2001:db8::1 2002:7f00:1:: 2002:a9fe:a9fe::1 3fff::1
5f00::1 fc00::1 fd12:3456:789a::1 fd00:ec2::254 fe80::1 fec0::1 ff02::1 ff0e::1
""".split()
PUBLIC = "1.1.1.1 8.8.8.8 172.15.255.255 172.32.0.1 100.63.255.255 100.128.0.1 192.0.1.1 2606:4700:4700::1111".split()
NEAR = "127.0.0.1 10.1.2.3 172.16.0.1 192.168.1.1 100.64.0.1 ::1 fd12::1".split()
"""What those may reach who allow private addresses."""

ODD = """
https://2130706433/ https://0x7f000001/ https://0x7f.0.0.1/ https://0177.0.0.1/ https://127.1/ https://127.0.1/
https://0/ https://0x/ https://08.8.8.8/ https://256.1.1.1/ https://1.2.3/ https://1.2.3.4.5/ https://017700000001/
https://127.0.0.1./ https://127。0。0。1/ https://１２７.0.0.1/ https://①②⑦.⓪.⓪.①/ https://[::1]/ https://[::]/
https://[::ffff:7f00:1]/ https://[fe80::1%25eth0]/ https://localhost/ https://LOCALHOST./ https://x.localhost/
https://printer.local/ https://metadata.google.internal/ https://127.0.0.1%2f/ https://127.0.0.1%00.example.com/
https://ex%61mple.com/ https://example..com/ https://.example.com/ https://-a.example/ https:///path https://
https://user:pw@example.com/ https://example.com@127.0.0.1/ https://example.com\\@127.0.0.1/ https://@example.com:x/
https://example.com:0/ https://example.com:65536/ https://example.com:-1/ https://[::1/ https://[127.0.0.1]/
http://example.com/ ftp://example.com/ file:///etc/passwd gopher://127.0.0.1/ javascript:alert(1) //example.com/
example.com data:, https:example.com
""".split()


def in_url(address: str) -> str:
    return f"https://[{address}]/" if ":" in address else f"https://{address}/"


def resolving(*answers: str) -> Guard:
    return Guard(resolve=lambda host, port: answers)


@pytest.mark.parametrize("address", FORBIDDEN)
def test_special_address_is_forbidden(address: str) -> None:
    with pytest.raises(AddressForbidden, match="LIPWRIGHT_ALLOW_PRIVATE_ADDRESSES"):
        Guard().check(in_url(address))
    with pytest.raises(AddressForbidden):
        resolving(address).addresses("example.com", 443)
    with pytest.raises(AddressForbidden):
        Guard().addresses(address, 443)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_address_is_allowed(address: str) -> None:
    Guard().check(in_url(address))
    assert resolving(address).addresses("example.com", 443) == (address,)
    assert Guard().addresses(address, 443) == (address,)


@pytest.mark.parametrize("address", NEAR)
def test_private_address_is_allowed_to_those_who_say_so(address: str) -> None:
    guard = Guard(allow_private=True)
    guard.check(in_url(address).replace("https", "http"))
    assert guard.addresses(address, 80) == (address,)


@pytest.mark.parametrize("address", [address for address in FORBIDDEN if address not in {*NEAR}])
def test_what_is_not_private_stays_forbidden_to_them(address: str) -> None:
    parsed = ipaddress.ip_address(address)
    ours = [ipaddress.ip_network(text) for text in ("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12")]
    ours += [ipaddress.ip_network(text) for text in ("192.168.0.0/16", "fc00::/7")]
    secrets = {"100.100.100.200", "fd00:ec2::254"}
    if any(parsed in network for network in ours) and address not in secrets:
        assert Guard(allow_private=True).addresses(address, 80) == (address,)
    else:
        with pytest.raises(AddressForbidden):
            Guard(allow_private=True).addresses(address, 80)


@pytest.mark.parametrize("url", ODD)
def test_odd_url_is_forbidden(url: str) -> None:
    with pytest.raises(AddressForbidden):
        Guard().check(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/events",
        "https://example.com:8443/a?b=c",
        "https://EXAMPLE.com./",
        "https://xn--mnchen-3ya.example/",
        "https://münchen.example/",
        "https://a_b.example/",
        "https://3com.example/",
        "https://1.1.1.1/",
        "https://[2606:4700:4700::1111]:444/",
    ],
)
def test_usual_url_is_allowed(url: str) -> None:
    Guard().check(url)


@pytest.mark.parametrize("url", ["http://localhost:3000/", "http://printer.local/", "https://hooks.internal/"])
def test_local_name_is_allowed_to_those_who_say_so(url: str) -> None:
    Guard(allow_private=True).check(url)


def test_message_holds_no_password() -> None:
    with pytest.raises(AddressForbidden) as caught:
        Guard().check("https://user:hunter2@example.com/")
    assert "hunter2" not in str(caught.value)


def test_only_good_addresses_of_a_name_are_used() -> None:
    guard = resolving("127.0.0.1", "1.1.1.1", "fe80::1%eth0", "1.1.1.1", "2606:4700::1")
    assert guard.addresses("example.com", 443) == ("1.1.1.1", "2606:4700::1")


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "0177.0.0.1", "127.1"])
def test_number_that_the_system_takes_for_an_address_is_judged_by_what_it_is(host: str) -> None:
    """Should such a spelling come as far as the resolver."""
    assert set(system_addresses(host, 443)) == {"127.0.0.1"}
    with pytest.raises(AddressForbidden):
        Guard().addresses(host, 443)


def test_unknown_name_is_an_error_of_its_own() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with pytest.raises(OSError, match="not known"):
        Guard(resolve=unknown).addresses("nowhere.example", 443)


@given(st.ip_addresses(v=4))
def test_ipv4_is_judged_no_more_mildly_than_by_the_standard_library(address: ipaddress.IPv4Address) -> None:
    try:
        Guard().check(f"https://{address}/")
    except AddressForbidden:
        return
    assert address.is_global
    assert not address.is_multicast
    assert not address.is_reserved


@given(st.ip_addresses(v=6))
def test_ipv6_is_judged_no_more_mildly_than_by_the_standard_library(address: ipaddress.IPv6Address) -> None:
    try:
        Guard().check(f"https://[{address}]/")
    except AddressForbidden:
        return
    assert address.is_global
    assert not address.is_multicast
    assert address.ipv4_mapped is None
    assert address.sixtofour is None
    assert address.teredo is None


@given(st.sampled_from([text for text in FORBIDDEN if "." in text and ":" not in text]), st.data())
def test_ipv4_inside_ipv6_is_forbidden(text: str, data: st.DataObject) -> None:
    number = int(ipaddress.IPv4Address(text))
    form = data.draw(
        st.sampled_from(
            [
                ipaddress.IPv6Address(number),
                ipaddress.IPv6Address(0xFFFF << 32 | number),
                ipaddress.IPv6Address(0xFFFF << 48 | number),
                ipaddress.IPv6Address(0x64FF9B << 96 | number),
                ipaddress.IPv6Address(0x64FF9B0001 << 80 | number),
                ipaddress.IPv6Address(0x2002 << 112 | number << 80),
                ipaddress.IPv6Address(0x20010000 << 96 | number ^ 0xFFFFFFFF),
            ]
        )
    )
    with pytest.raises(AddressForbidden):
        resolving(str(form)).addresses("example.com", 443)


@given(st.integers(0, 2**32 - 1), st.sampled_from(["{}", "0x{:x}", "0{:o}", "0X{:X}"]))
def test_address_as_one_number_is_forbidden(number: int, form: str) -> None:
    with pytest.raises(AddressForbidden):
        Guard().check(f"https://{form.format(number)}/")


@given(st.text(max_size=80))
def test_any_text_is_judged_without_another_error(text: str) -> None:
    for url in (text, f"https://{text}", f"https://{text}/path"):
        try:
            Guard(resolve=lambda host, port: ["127.0.0.1"]).check(url)
        except AddressForbidden:
            continue
        assert httpx.URL(url).scheme == "https"
