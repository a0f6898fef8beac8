"""The connection: no address but public ones, in whatever dress; bounded headers; verified certificates."""

# ruff: noqa: N802, N803 - stand-ins carry Twisted's names
from __future__ import annotations

import pytest
from twisted.internet.address import IPv4Address
from twisted.internet.task import Clock

from spiders.transport import PublicResolver, _TlsPolicy, is_public, literal_address

PRIVATE = """127.0.0.1 127.255.0.3 0.0.0.0 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 198.18.0.1
192.0.2.1 203.0.113.9 224.0.0.1 240.0.0.1 255.255.255.255 :: ::1 ::ffff:127.0.0.1 ::ffff:7f00:1 ::ffff:10.0.0.1
fe80::1 fc00::1 fd12::1 ff02::1 2001:db8::1 2002:7f00:0001:: 2002:0a00:0001::1 64:ff9b::7f00:1 64:ff9b::10.0.0.1
2001:0:4136:e378:8000:63bf:80ff:fffe""".split()  # noqa: SIM905 - a paragraph of addresses


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_of_no_public_network_is_told(address):
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.215.14", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_public_addresses_are_let_through(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "017700000001",
        "127.1",
        "127.0.1",
        "127.0.0.1.",
        "0177.0.0.1",
    ],
)
def test_loopback_is_loopback_in_every_spelling(host):
    assert literal_address(host) == "127.0.0.1"


def test_brackets_and_names():
    assert literal_address("[::1]") == "::1"
    assert literal_address("fe80::1%eth0") == "fe80::1%eth0"
    for name in ("daily.example", "localhost", "1.2.3.4.daily.example", "face.example"):
        assert literal_address(name) is None


class Stub:
    """A resolver that answers as told, or not at all, and a receiver that notes what it is given."""

    def __init__(self, *addresses: str, answers: bool = True) -> None:
        self.addresses = addresses
        self.answers = answers
        self.given: list[str] = []
        self.ends = 0

    def resolveHostName(self, receiver, hostName, portNumber=0, *how):
        receiver.resolutionBegan(self)
        for address in self.addresses:
            receiver.addressResolved(IPv4Address("TCP", address, portNumber))
        if self.answers:
            receiver.resolutionComplete()
        self.receiver = receiver

    def resolutionBegan(self, resolution):
        pass

    def addressResolved(self, address):
        self.given.append(address.host)

    def resolutionComplete(self):
        self.ends += 1


def resolver(stub: Stub, clock: Clock | None = None) -> PublicResolver:
    return PublicResolver(clock or Clock(), stub, timeout_s=10, sample_web=("127.0.0.1", 8000))


def test_a_name_that_leads_inside_gives_no_address_to_connect_to():
    stub = Stub("127.0.0.1", "8.8.8.8", "10.0.0.1")
    public = resolver(stub)
    public.resolveHostName(stub, "rebinding.example", portNumber=80)

    assert (stub.given, stub.ends) == (["8.8.8.8"], 1)
    assert public.refused == {"rebinding.example": "10.0.0.1"}


@pytest.mark.parametrize(
    ("host", "port", "given"),
    [
        ("127.0.0.1", 8000, ["127.0.0.1"]),
        ("127.0.0.1", 8001, []),
        ("localhost", 8000, []),
        ("rebinding.example", 8000, []),
    ],
)
def test_only_the_sample_webs_own_address_is_excepted(host, port, given):
    stub = Stub("127.0.0.1")
    resolver(stub).resolveHostName(stub, host, portNumber=port)
    assert stub.given == given


def test_a_dead_name_server_is_not_waited_for():
    clock, stub = Clock(), Stub(answers=False)
    resolver(stub, clock).resolveHostName(stub, "slow.example", portNumber=80)
    clock.advance(9)
    assert stub.ends == 0
    clock.advance(2)
    assert stub.ends == 1

    stub.receiver.addressResolved(IPv4Address("TCP", "8.8.8.8", 80))  # too late
    stub.receiver.resolutionComplete()
    assert (stub.given, stub.ends) == ([], 1)


class Certificates:
    _verify_certificates = True

    def creatorForNetloc(self, hostname: bytes, port: int) -> bool:
        return self._verify_certificates


@pytest.mark.parametrize(
    ("host", "is_verified"),
    [
        (b"daily.example", True),
        (b"old.example", False),
        (b"www.OLD.example", False),
        (b"not-old.example", True),
    ],
)
def test_certificates_are_verified_but_where_a_source_says_not_to(host, is_verified):
    assert _TlsPolicy(Certificates(), ["old.example"]).creatorForNetloc(host, 443) is is_verified
