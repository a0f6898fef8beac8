"""The connection: no address but public ones, in whatever dress; bounded headers; verified certificates."""

# ruff: noqa: N802, N803 - stand-ins carry Twisted's names
from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext
from types import SimpleNamespace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from twisted.internet.address import IPv4Address
from twisted.internet.task import Clock

from spiders.records import JOB_JSON, STATS_JSON
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


CHILD = Path(__file__).parent / "named_child.py"
OUTSIDE = "127.0.0.77"  # as in named_child.py: our own server, which stands for the open internet
NAMES = {
    "good.test": [[OUTSIDE]],
    "self.test": [[OUTSIDE]],
    "wrong.test": [[OUTSIDE]],
    "expired.test": [[OUTSIDE]],
    "lax.test": [[OUTSIDE]],
    "plain.test": [[OUTSIDE]],
    "both.test": [["10.1.2.3", OUTSIDE, "::1"]],  # only the public one is connected to
    "inside.test": [["10.1.2.3"]],
    "mapped.test": [["::ffff:127.0.0.1"]],
    "nat64.test": [["64:ff9b::7f00:1"]],
    "turncoat.test": [[OUTSIDE], [OUTSIDE], ["127.0.0.1"]],  # robots.txt, the feed, and then the other face
    "nowhere.test": [[]],
    "refused.test": [[OUTSIDE]],
}


def certificate(
    folder: Path, name: str, *, issuer=None, is_expired: bool = False, for_name: str | None = None
):
    """A key and a certificate, in files that the ssl module reads; signed by itself without an issuer."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=30))
        .not_valid_after(now + timedelta(days=-1 if is_expired else 30))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(for_name or name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .sign(issuer.key if issuer else key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(secret + made.public_bytes(pem))
    context = SSLContext(PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return SimpleNamespace(key=key, subject=subject, path=path, context=context)


@pytest.fixture(scope="module")
def named(desk, new_web, reply, tmp_path_factory):
    """One crawl by the real handler, over names that lead to a server of ours, with and without TLS."""
    folder = tmp_path_factory.mktemp("certificates")
    authority = certificate(folder, "authority.test")
    contexts = {
        "good.test": certificate(folder, "good.test", issuer=authority).context,
        "self.test": certificate(folder, "self.test").context,
        "wrong.test": certificate(folder, "wrong.test", issuer=authority, for_name="other.test").context,
        "expired.test": certificate(folder, "expired.test", issuer=authority, is_expired=True).context,
        "lax.test": certificate(folder, "lax.test").context,
    }

    def choose(connection, name, _context):
        connection.context = contexts[name]

    front = contexts["good.test"]
    front.sni_callback = choose
    secure, plain = new_web(OUTSIDE, front), new_web(OUTSIDE)
    sources = []
    for name in NAMES:
        web, scheme = (secure, "https") if name in contexts else (plain, "http")
        port = 1 if name == "refused.test" else web.port  # nothing listens there
        home = f"{scheme}://{name}:{port}"
        web.feed(name, [f"{home}/news/1"])
        web.put(f"http://{name}/news/1", reply(b"<p>One</p>", headers=(("Connection", "close"),)))
        web.put(f"http://{name}/robots.txt", reply(b"", 404, headers=(("Connection", "close"),)))
        feed = web.pages[f"http://{name}/feed"]
        feed.headers += (("Connection", "close"),)
        sources.append(
            desk.source(
                name, home=home, feeds=[f"{home}/feed"], insecure_tls=name == "lax.test", delay_s=0.01
            )
        )
    job = desk.job(*sources, newsroom=None)
    (job.lake / "logs").mkdir(exist_ok=True)
    job_file, table = job.lake / "named.json", job.lake / "table.json"
    job_file.write_bytes(JOB_JSON.dump_json(job))
    table.write_text(json.dumps(NAMES))
    child = subprocess.Popen(
        [sys.executable, CHILD, job_file, table],
        stdin=subprocess.PIPE,  # open until the end: that it ends means "stop"
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "SSL_CERT_FILE": str(authority.path), "PYTHONPATH": str(CHILD.parents[2])},
    )
    said = [json.loads(line) for line in child.stdout]
    child.wait(20)
    child.stdin.close()
    secure.close()
    plain.close()
    stats = [STATS_JSON.validate_python(one) for one in said if one.pop("kind") == "stats"]
    log = (job.lake / "logs" / f"{job.run_id}.log").read_text()
    by_name = {one.source: one for one in stats}
    return SimpleNamespace(stats=by_name, secure=secure, plain=plain, log=log, code=child.returncode)


def reached(named, name: str) -> list[str]:
    return [one.path for web in (named.secure, named.plain) for one in web.asked if one.host == name]


def outcome(named, name: str) -> tuple[int, str | None]:
    stats = named.stats["zz_" + name.replace(".", "_")]
    return stats.stored, stats.endpoints[0].reason


@pytest.mark.parametrize("name", ["good.test", "lax.test", "plain.test", "both.test"])
def test_what_is_in_order_or_excepted_by_its_source_is_fetched(named, name):
    assert (named.code, outcome(named, name)) == (0, (1, None))
    assert reached(named, name) == ["/robots.txt", "/feed", "/news/1"]
    assert named.stats["zz_" + name.replace(".", "_")].insecure_tls is (name == "lax.test")


@pytest.mark.parametrize("name", ["self.test", "wrong.test", "expired.test"])
def test_nothing_is_said_to_a_server_whose_certificate_does_not_verify(named, name):
    assert outcome(named, name) == (0, "tls")
    assert reached(named, name) == []
    assert (
        f"https://{name}:{named.secure.port} is left alone for this run: its certificate does not"
        in named.log
    )


@pytest.mark.parametrize("name", ["inside.test", "mapped.test", "nat64.test"])
def test_a_name_that_leads_inside_is_not_connected_to(named, name):
    assert outcome(named, name) == (0, "private_address")


def test_a_name_that_changes_its_mind_gains_nothing(named):
    stats = named.stats["zz_turncoat_test"]
    assert (stats.stored, stats.failed) == (0, {"private_address": 1})
    assert reached(named, "turncoat.test") == ["/robots.txt", "/feed"]


@pytest.mark.parametrize("name", ["nowhere.test", "refused.test"])
def test_a_host_that_is_not_there_is_left_alone_after_three_tries(named, name):
    assert outcome(named, name) == (0, "robots_unreachable")
    assert f"{name} is left alone for this run: {name} failed 3 times in a row" in named.log
