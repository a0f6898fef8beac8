"""Manners and armour, each against a real server in one crawl of many hosts; the rest by itself."""

from __future__ import annotations

import asyncio
import gzip
import socket
import threading
import time
import zlib
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import brotli
import pytest
from backports import zstd
from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.settings import Settings

from spiders import crawl
from spiders.guards import SOURCE, PoliteRobots, Refused, RetryAfter, retry_after
from warehouse.spool import read_spooled

NUMBERED = [f"/news/{number}" for number in range(6)]
CONTACT = "https://desk.example/bot"
MIB = 1 << 20
MISLABELLED = "<p>أخبار المساء</p>".encode("cp1256")
PEAK_MIB = 400  # of the whole crawl below; any one bomb of it would fill more (the child needs about 150)

# Robots rules in odd dress; each disallows /news/1 to us, and nothing else.
ODD_ROBOTS = {
    "rules-bom": b"\xef\xbb\xbfUser-agent: *\r\nDisallow: /news/1\r\n",
    "rules-latin": "User-agent: *\n# Café\nDisallow: /news/1\n".encode("latin-1"),
    "rules-nul": b"User-agent: *\nDisallow: /news/1\n\x00\x00\nDisallow\x00: /news/2\n",
    "rules-line": b"User-agent: *\nDisallow: /news/1\nDisallow: /" + b"x" * 300_000 + b"\n",
    "rules-ours": b"User-agent: *\nDisallow: /\n\nUser-agent: Nightwire\nDisallow: /news/1\n",
}
ROBOTS_THAT_ALLOW = {
    "free-html": (200, b"<!DOCTYPE html><html><body>Our front page. Disallow: /</body></html>"),
    "free-none": (404, b"User-agent: *\nDisallow: /"),
    "free-empty": (200, b""),
    "free-flat": (200, b"x" * 600_000),
    "free-comma": (200, b"User-agent: *\nCrawl-delay: 2,5\n"),
    "free-minus": (200, b"User-agent: *\nCrawl-delay: -5\n"),
    "free-nan": (200, b"User-agent: *\nCrawl-delay: nan\n"),
}
# Where a list redirects to; each of these is this machine, or another kind of door altogether.
INSIDE = {
    "plain": "http://127.0.0.1:9/",
    "short": "http://127.1:9/",
    "decimal": "http://2130706433:9/",
    "octal": "http://0177.0.0.1:9/",
    "hex": "http://0x7f.0.0.1:9/",
    "dot": "http://127.0.0.1.:9/",
    "zero": "http://0.0.0.0:9/",
    "circled": "http://①②⑦.0.0.1:9/",
    "fullwidth": "http://１２７.0.0.1:9/",
    "ideographic": "http://127。0。0。1:9/",
    "user": "http://daily.example@127.0.0.1:9/",
    "backslash": "http://127.0.0.1:9\\@daily.example/",
    "six": "http://[::1]:9/",
    "mapped": "http://[::ffff:127.0.0.1]:9/",
    "six-to-four": "http://[2002:7f00:1::]:9/",
    "nat64": "http://[64:ff9b::7f00:1]:9/",
    "link-local": "http://169.254.169.254/latest/meta-data/",
    "name": "http://localhost:9/",
}


def bombs() -> dict[str, tuple[str, bytes]]:
    """Half a gigabyte of nothing in each encoding: the header, and the body."""
    squeeze = zlib.compressobj(9, wbits=-15)
    block = squeeze.compress(bytes(MIB)) + squeeze.flush(zlib.Z_FULL_FLUSH)
    brotler = brotli.Compressor(quality=1)
    member = gzip.compress(bytes(16 * MIB), 1)
    return {
        "gzip": ("gzip", gzip.compress(bytes(64 * MIB))),
        "members": ("gzip", gzip.compress(bytes(9 * MIB), 1) * 50),
        "deflate": ("deflate", block * 512 + b"\x03\x00"),
        "br": ("br", b"".join(brotler.process(bytes(MIB)) for _ in range(512)) + brotler.finish()),
        "zstd": ("zstd", zstd.compress(bytes(16 * MIB)) * 32),
        "twice": ("gzip, gzip", gzip.compress(member * 32)),
    }


@contextmanager
def peak_memory(peaks: list[int]):
    """Note the most memory that any child of this process ever held, in MiB."""
    is_over = threading.Event()

    def watch():
        while not is_over.wait(0.05):
            for listing in Path("/proc/self/task").glob("*/children"):
                for child in listing.read_text().split():
                    with suppress(OSError, StopIteration):
                        lines = Path(f"/proc/{child}/status").read_text().splitlines()
                        line = next(line for line in lines if line.startswith("VmHWM"))
                        peaks.append(int(line.split()[1]) >> 10)

    thread = threading.Thread(target=watch)
    thread.start()
    yield
    is_over.set()
    thread.join()


@pytest.fixture(scope="module")
def night(web, desk, reply):
    """One crawl over hosts that each misbehave in their own way."""

    def redirect(to: str):
        return reply(status=302, headers=(("Location", to.encode().decode("latin-1")),))  # UTF-8 on the wire

    def chain(host: str, start: str, steps: int, end: str) -> None:
        """So many redirects from one path of a host to another."""
        places = [start, *(f"{start}/step{number}" for number in range(1, steps)), end]
        for place, following in pairwise(places):
            web.put(f"http://{host}{place}", redirect(following))

    def busy_once(header, status: int = 429):
        seen = set()

        def answer(asked):
            if asked.path in seen:
                return reply(b"<p>At last</p>")
            seen.add(asked.path)
            return reply(b"wait", status, (("Retry-After", header()),))

        return answer

    def in_two_seconds():
        return format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)

    def by_hand(write):
        def act(handler):
            with suppress(OSError):  # the crawler hung up, which is what is asked of it
                write(handler.wfile, handler.connection)

        return reply(by_hand=act)

    def endless_headers(out, _connection):
        out.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(200_000):
            out.write(b"X-%d: %s\r\n" % (number, b"x" * 100))

    def endless_body(out, _connection):
        out.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
        while True:
            out.write(b"x" * 65536)

    def drip(out, _connection):
        out.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(60):
            out.write(b"x")
            time.sleep(0.1)

    def cut(out, _connection):
        out.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this")

    def drip_headers(out, _connection):
        out.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(60):
            out.write(b"X-%d: y\r\n" % number)
            time.sleep(0.1)

    def hang(_out, connection):
        connection.settimeout(10)
        connection.recv(1)  # until the crawler hangs up

    def raw(head: bytes):
        def write(out, _connection):
            out.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
                + head
                + b"\r\nContent-Length: 5\r\n\r\nhello"
            )

        return by_hand(write)

    def slam(_out, connection):
        connection.shutdown(socket.SHUT_RDWR)

    def robots(host, text, status=200):
        text = text.encode() if isinstance(text, str) else text
        web.put(f"http://{host}/robots.txt", reply(text, status))

    robots("rules.example", "User-agent: nightwire\nDisallow: /news/private\n")
    web.articles("rules.example", ["/news/open", *(f"/news/private{number}" for number in range(6))])
    robots("ill.example", "busy", 503)
    web.articles("ill.example", NUMBERED)
    robots("slow.example", "User-agent: *\nCrawl-delay: 0.6\n")
    web.articles("slow.example", NUMBERED[:3])
    robots(
        "long.example",
        "User-agent: *\nDisallow: /news/1\n" + "# so it goes\n" * 60_000 + "Disallow: /news/2\n",
    )
    web.articles("long.example", NUMBERED[:3])
    web.articles("busy.example", NUMBERED[:2])
    web.put("http://busy.example/news/0", busy_once(lambda: "1"))
    web.articles("dated.example", NUMBERED[:2])
    web.put("http://dated.example/news/0", busy_once(in_two_seconds, 503))
    web.articles("closed.example", NUMBERED)
    web.put("http://closed.example/news/0", busy_once(lambda: "3600"))
    for number in range(1, 6):
        web.put(f"http://closed.example/news/{number}", busy_once(lambda: "3600"))

    leads = {
        "home": "/news/final",
        "loop": "/leads/loop",
        "inside": "http://127.0.0.1:9/",
        "decimal": "http://2130706433/",
        "mapped": "http://[::ffff:127.0.0.1]/",
        "file": "file:///etc/hostname",
        "away": "http://rules.example/news/open",
    }
    web.articles("leads.example", [*(f"/leads/{name}" for name in leads), "/news/final"])
    for name, target in leads.items():
        web.put(f"http://leads.example/leads/{name}", redirect(target))
    web.feed(
        "links.example",
        ["file:///etc/hostname", "data:text/html,hello", "http://127.0.0.1:9/x", "javascript:x"],
    )

    for host, text in ODD_ROBOTS.items():
        robots(f"{host}.example", text)
        web.articles(f"{host}.example", NUMBERED[:3])
    for host, (status, text) in ROBOTS_THAT_ALLOW.items():
        robots(f"{host}.example", text, status)
        web.articles(f"{host}.example", NUMBERED[:3])
    for host in (
        "moved-path",
        "moved-host",
        "moved-round",
        "moved-in",
        "moved-five",
        "busy-rules",
        "no-rules",
    ):
        web.articles(f"{host}.example", NUMBERED[:3])
    forbids = reply(b"User-agent: *\nDisallow: /news/1\n")
    web.put("http://moved-path.example/robots.txt", redirect("/rules.txt"))
    web.put("http://moved-path.example/rules.txt", forbids)
    web.put("http://moved-host.example/robots.txt", redirect("http://rules-bom.example/robots.txt"))
    web.put("http://moved-round.example/robots.txt", redirect("/robots.txt"))
    web.put("http://moved-in.example/robots.txt", redirect("http://127.0.0.1:9/robots.txt"))
    chain("moved-five.example", "/robots.txt", 5, "/rules.txt")
    web.put("http://moved-five.example/rules.txt", forbids)
    web.put("http://busy-rules.example/robots.txt", reply(b"wait", 429, (("Retry-After", "1"),)))
    web.put("http://no-rules.example/robots.txt", by_hand(slam))

    # a host with a pace of its own, and two more of its site whose articles all lead there
    robots("paced.example", "User-agent: *\nCrawl-delay: 0.3\n")
    for host in ("one.paced.example", "two.paced.example"):
        web.feed(host, [f"http://{host}{path}" for path in NUMBERED[:2]])
        for path in NUMBERED[:2]:
            web.put(f"http://{host}{path}", redirect(f"http://paced.example/{host}{path}"))
            web.put(f"http://paced.example/{host}{path}", b"<p>The same house</p>")

    turns = {"wall": "/turns/wall", "five": "/turns/five", "six": "/turns/six"}
    web.articles("turns.example", list(turns.values()))
    walled = set()

    def wall(asked):
        if asked.path in walled:
            return reply(b"<p>Let in</p>")
        walled.add(asked.path)
        return reply(status=302, headers=(("Location", asked.path), ("Set-Cookie", "seen=yes; Path=/")))

    web.put("http://turns.example/turns/wall", wall)
    chain("turns.example", "/turns/five", 5, "/end/five")
    chain("turns.example", "/turns/six", 6, "/end/six")
    for end in ("five", "six"):
        web.put(f"http://turns.example/end/{end}", f"<p>End of {end}</p>".encode())

    doors = {"ftp": "ftp://doors.example/x", "data": "data:text/html,hello", "script": "javascript:alert(1)"}
    web.articles("doors.example", [f"/doors/{name}" for name in doors])
    for name, target in doors.items():
        web.put(f"http://doors.example/doors/{name}", redirect(target))

    for name, target in INSIDE.items():
        web.put(f"http://burrow.example/{name}", redirect(target))

    # what a reader's browser would do, and we do not
    refresh = b"<meta http-equiv=refresh content='0;url=/news/secret'><p>This page moves on</p>"
    web.articles("plain.example", ["/news/refresh", "/news/cookie", "/news/mislabelled"])
    web.put("http://plain.example/news/refresh", refresh)
    web.put(
        "http://plain.example/news/cookie",
        reply(b"<p>Taste</p>", headers=(("Set-Cookie", "meter=1; Path=/"),)),
    )
    web.put(
        "http://plain.example/news/mislabelled",
        reply(MISLABELLED, headers=(("Content-Type", "text/html; charset=iso-8859-1"),)),
    )

    days = "".join(f"<a href='/calendar/{day}'>Day {day}</a>" for day in range(2, 8))
    web.put("http://calendar.example/calendar/1", days.encode())
    for day in range(2, 8):
        further = "".join(f"<a href='/calendar/{day * 10 + step}'>Day</a>" for step in range(6))
        web.put(f"http://calendar.example/calendar/{day}", further.encode())

    web.put(
        "http://packed.example/map.xml.gz",
        reply(
            gzip.compress(b"<urlset>" + b" " * (16 * MIB)) * 32,
            headers=(("Content-Type", "application/x-gzip"),),
        ),
    )

    heads = {
        "colonless": raw(b"this line has no colon"),
        "long-header": raw(b"X-Long: " + b"x" * (12 << 10)),
        "longer-header": raw(b"X-Long: " + b"x" * (60 << 10)),
        "longest-header": raw(b"X-Long: " + b"x" * (300 << 10)),
    }
    nasty = {
        **heads,
        **{
            f"bomb-{name}": reply(body, headers=(("Content-Encoding", encoding),))
            for name, (encoding, body) in bombs().items()
        },
        "huge": reply(bytes(11 * MIB)),
        "drip-headers": by_hand(drip_headers),
        "hang": by_hand(hang),
        "headers": by_hand(endless_headers),
        "endless": by_hand(endless_body),
        "cut": by_hand(cut),
        "teapot": reply(b"no", 418),
    }
    for name, answer in nasty.items():
        web.articles(f"{name}.example", [f"/news/{name}"])
        web.put(f"http://{name}.example/news/{name}", answer)
    web.articles("drip.example", NUMBERED[:2])
    web.put("http://drip.example/news/0", by_hand(drip))
    web.articles("dead.example", NUMBERED)
    for path in NUMBERED:
        web.put(f"http://dead.example{path}", by_hand(slam))
    web.articles("flood.example", NUMBERED)
    for path in NUMBERED:
        web.put(f"http://flood.example{path}", by_hand(endless_body))
    web.put("http://shell.example/feed", b"<!DOCTYPE html><html><div id=app></div></html>")

    hosts = [
        "rules",
        "ill",
        "slow",
        "long",
        "busy",
        "dated",
        "closed",
        "leads",
        "links",
        "drip",
        "dead",
        "flood",
        "shell",
        "moved-path",
        "moved-host",
        "moved-round",
        "moved-in",
        "moved-five",
        "busy-rules",
        "no-rules",
        "one.paced",
        "two.paced",
        "turns",
        "doors",
        "plain",
        *ODD_ROBOTS,
        *ROBOTS_THAT_ALLOW,
        *nasty,
    ]
    sources = [
        desk.source(f"{host}.example", **({"home": "http://paced.example/"} if "paced" in host else {}))
        for host in hosts
    ]
    sources += [
        desk.source("burrow.example", feeds=[f"http://burrow.example/{name}" for name in INSIDE]),
        desk.source(
            "calendar.example",
            feeds=[],
            sections=["http://calendar.example/calendar/1"],
            section_links="/calendar/",
        ),
        desk.source("packed.example", feeds=[], sitemaps=["http://packed.example/map.xml.gz"]),
    ]
    sources.append(
        desk.source("inside.example", feeds=["http://127.0.0.1:9/feed", "http://localhost:9/feed"])
    )
    job = desk.job(*sources, answer_seconds=6.0)
    peaks: list[int] = []
    with pytest.MonkeyPatch.context() as patch, peak_memory(peaks):
        patch.setenv("NIGHTWIRE_CONTACT", CONTACT)
        result = crawl(job, timeout_s=60)
    captures = [capture for _, capture in read_spooled(job.lake / "spool")]
    return SimpleNamespace(
        result=result, web=web, captures=captures, stats=result.stats, job=job, peaks=peaks
    )


def counts(night, host):
    stats = stats_of(night, host)
    return stats.stored, stats.failed, stats.skipped


def stats_of(night, host):
    return night.stats["zz_" + host.replace("-", "_").replace(".", "_")]


def gaps(times):
    return [later - earlier for earlier, later in pairwise(times)]


def test_the_crawl_finishes_and_every_address_is_answered_for(night):
    assert (night.result.is_finished, night.result.outcome) == (True, "finished")
    for stats in night.stats.values():
        assert stats.asked == stats.stored + sum(stats.failed.values()) + sum(stats.skipped.values()), stats
    assert len(night.captures) == sum(stats.stored for stats in night.stats.values())
    assert len(night.result.failures) == sum(sum(stats.failed.values()) for stats in night.stats.values())


def test_disallowed_pages_are_not_fetched(night):
    assert counts(night, "rules") == (1, {}, {"robots": 6})
    assert night.web.paths("rules.example") == ["/news/open"]


def test_a_host_whose_rules_cannot_be_had_is_left_alone(night):
    assert {one.path for one in night.web.asked if one.host == "ill.example"} == {"/robots.txt"}
    assert night.stats["zz_ill"].endpoints[0].reason == "robots_unreachable"


def test_a_crawl_delay_is_kept(night):
    assert counts(night, "slow")[0] == 3
    _, *times = night.web.times("slow.example")  # robots.txt, the feed, three pages
    assert times[-1] - times[0] >= 1.5  # three delays of 0.6 s, where the source's own are 0.02 s


def test_rules_beyond_the_size_limit_are_not_read(night):
    assert counts(night, "long") == (2, {}, {"robots": 1})


@pytest.mark.parametrize("host", [*ODD_ROBOTS, "moved-path", "moved-host", "moved-five"])
def test_rules_are_kept_in_whatever_dress_and_wherever_they_were_moved(night, host):
    assert counts(night, host) == (2, {}, {"robots": 1})
    assert "/news/1" not in night.web.paths(f"{host}.example")


@pytest.mark.parametrize("host", ROBOTS_THAT_ALLOW)
def test_no_rules_and_senseless_rules_allow(night, host):
    assert counts(night, host) == (3, {}, {})
    assert max(gaps(night.web.times(f"{host}.example"))) < 2


@pytest.mark.parametrize("host", ["moved-round", "moved-in", "busy-rules", "no-rules"])
def test_where_no_rules_can_be_had_nothing_else_is_asked_for(night, host):
    assert [endpoint.reason for endpoint in stats_of(night, host).endpoints] == ["robots_unreachable"]
    assert {one.path for one in night.web.asked if one.host == f"{host}.example"} == {"/robots.txt"}


@pytest.mark.parametrize(("host", "seconds"), [("busy", 0.9), ("dated", 0.9)])
def test_a_busy_host_is_left_alone_as_long_as_it_asks(night, host, seconds):
    assert counts(night, host) == (2, {}, {})
    assert max(gaps(night.web.times(f"{host}.example"))) >= seconds


def test_a_host_that_asks_for_an_hour_is_asked_no_more(night):
    stored, failed, skipped = counts(night, "closed")
    assert (stored, failed, skipped) == (0, {}, {"host_paused": 6})
    assert len(night.web.paths("closed.example")) <= 2  # one more may have been on its way


def test_redirects_lead_nowhere_they_should_not(night):
    stored, failed, skipped = counts(night, "leads")
    assert failed == {"too_many_redirects": 1, "redirect_off_site": 4, "http_302": 1}
    assert (stored, skipped) == (1, {"same_page": 1})  # what a redirect brought is not asked for again


def test_a_redirect_waits_for_the_pace_of_the_host_it_leads_to(night):
    assert counts(night, "one.paced") == counts(night, "two.paced") == (2, {}, {})
    _, *times = night.web.times("paced.example")  # its robots.txt, then four pages from two sources
    assert len(times) == 4
    assert times[-1] - times[0] >= 0.7  # three delays of 0.3 s


def test_five_redirects_are_followed_also_to_the_same_address_and_no_sixth(night):
    assert counts(night, "turns") == (2, {"too_many_redirects": 1}, {})
    assert {one.url for one in night.captures if one.source == "zz_turns"} == {
        "http://turns.example/turns/wall",
        "http://turns.example/end/five",
    }


def test_a_redirect_to_another_kind_of_door_is_not_followed(night):
    assert counts(night, "doors") == (0, {"http_302": 3}, {})


def test_no_list_leads_inside_in_whatever_spelling(night):
    reasons = {endpoint.url: endpoint.reason for endpoint in stats_of(night, "burrow").endpoints}
    assert reasons == {f"http://burrow.example/{name}": "private_address" for name in INSIDE}


def test_what_a_browser_would_follow_or_remember_is_neither(night):
    assert counts(night, "plain") == (3, {}, {})
    assert "/news/secret" not in night.web.paths("plain.example")
    page = next(one for one in night.captures if one.url.endswith("/news/mislabelled"))
    assert page.body == MISLABELLED  # the header's charset is wrong; reading decides, not fetching


def test_there_is_no_free_crawling(night):
    assert counts(night, "calendar") == (6, {}, {})
    assert len(night.web.paths("calendar.example")) == 7


def test_links_that_are_no_web_addresses_are_left_alone(night):
    assert counts(night, "links") == (0, {}, {"not_http": 3, "off_site": 1})


def test_private_addresses_are_refused_also_where_a_source_names_them(night):
    reasons = [endpoint.reason for endpoint in night.stats["zz_inside"].endpoints]
    assert reasons == ["private_address", "private_address"]


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        ("bomb-gzip", "too_large"),
        ("bomb-members", "too_large"),
        ("bomb-deflate", "too_large"),
        ("bomb-br", "too_large"),
        ("bomb-zstd", "too_large"),
        ("bomb-twice", "too_large"),
        ("huge", "too_large"),
        ("endless", "too_large"),
        ("hang", "timed_out"),
        ("drip-headers", "timed_out"),
        ("longer-header", "connection_lost"),
        ("longest-header", "connection_lost"),
        ("headers", "connection_lost"),
        ("cut", "truncated"),
        ("teapot", "http_418"),
    ],
)
def test_a_hostile_answer_is_cut_short_and_counted(night, host, reason):
    assert counts(night, host) == (0, {reason: 1}, {})


def test_odd_headers_cost_no_page(night):
    assert counts(night, "colonless") == counts(night, "long-header") == (1, {}, {})


def test_a_sitemap_that_unpacks_without_end_is_cut_short(night):
    (endpoint,) = stats_of(night, "packed").endpoints
    assert endpoint.reason == "too_large"


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="memory is read where Linux has it")
def test_all_of_that_together_takes_little_memory(night):
    assert 50 < max(night.peaks) < PEAK_MIB


def test_a_slow_drip_ends_and_the_rest_of_the_source_goes_on(night):
    assert counts(night, "drip") == (1, {"timed_out": 1}, {})
    rejected = next(one for one in night.result.failures if one.source == "zz_drip").as_rejected()
    assert (rejected.stage, rejected.reason) == ("fetch", "timed_out")


def test_a_dead_host_is_given_up_for_the_run_not_for_good(night):
    stored, failed, skipped = counts(night, "dead")
    assert (stored, sum(failed.values()) + sum(skipped.values())) == (0, 6)
    assert skipped["host_dead"] >= 3
    assert (
        len(night.web.paths("dead.example")) <= 8
    )  # of 18; Twisted asks again by itself on a kept connection


def test_a_host_that_floods_is_cut_off_after_three_answers_without_end(night):
    stored, failed, skipped = counts(night, "flood")
    assert stored == 0
    assert failed.keys() <= {"too_large", "timed_out"}  # whichever limit comes first on a busy machine
    assert 3 <= sum(failed.values()) <= 4  # one more may have been on its way
    assert skipped == {"host_dead": 6 - sum(failed.values())}


def test_an_app_shell_is_no_feed(night):
    (endpoint,) = night.stats["zz_shell"].endpoints
    assert (endpoint.status, endpoint.reason) == (200, "html_not_feed")


def test_we_say_who_we_are_and_remember_nothing(night):
    for asked in night.web.asked:
        assert asked.headers["user-agent"].startswith("nightwire/")
        assert asked.headers["user-agent"].endswith(f" (+{CONTACT})")
        assert "cookie" not in asked.headers
        assert "referer" not in asked.headers


def test_a_capture_is_what_was_sent(night):
    capture = next(one for one in night.captures if one.url == "http://rules.example/news/open")
    assert capture.body == b"<p>Page /news/open</p>"
    assert ("Content-Length", "22") in capture.headers
    assert (capture.status, capture.media_type) == (200, "text/html; charset=utf-8")
    assert (capture.source, capture.discovered_via, capture.run_id) == ("zz_rules", "feed", night.job.run_id)
    assert 0 <= capture.fetch_ms < 2000
    assert abs((datetime.now(UTC) - capture.captured_at).total_seconds()) < 120


def test_the_log_holds_the_details_and_nothing_that_steers_a_terminal(night):
    log = night.result.log_file.read_text()
    assert "robots.txt cannot be had" in log
    assert "\x1b" not in log


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (b"5", 5.0),
        (b" 120 ", 120.0),
        (b"Fri, 20 Nov 2026 02:01:30 GMT", 90.0),
        (b"Fri, 20 Nov 2026 01:00:00 GMT", 0.0),
        (b"Friday, 20-Nov-26 02:01:30 GMT", 90.0),
        (b"-5", None),
        (b"soon", None),
        (b"9" * 400, None),
        (b"", None),
        (None, None),
    ],
)
def test_retry_after_is_read_as_seconds_or_a_date(value, seconds):
    assert retry_after(value, now=datetime(2026, 11, 20, 2, tzinfo=UTC)) == seconds


@pytest.mark.parametrize(
    ("status", "said", "seconds"),
    [
        (429, None, 30),
        (429, "soon", 30),
        (429, "-5", 30),
        (429, "600", 120),
        (503, "7", 7),
        (503, "soon", None),
        (503, None, None),
        (500, "7", None),
    ],
)
def test_a_pause_is_bounded_and_there_is_one_without_a_word(status, said, seconds):
    slot = SimpleNamespace(lastseen=0.0)
    engine = SimpleNamespace(downloader=SimpleNamespace(slots={"d.example": slot}))
    settings = Settings({"RETRY_TIMES": 2})
    crawler = SimpleNamespace(settings=settings, engine=engine)
    guard = RetryAfter(settings)
    guard.crawler = crawler
    guard._retry = lambda request, reason: request
    request = Request("http://d.example/", meta={"download_slot": "d.example"})
    begun = time.monotonic()
    again = guard.process_response(
        request, Response(request.url, status, headers={"Retry-After": said} if said else {})
    )

    assert again is request  # asked again, in any case
    assert (slot.lastseen - begun if slot.lastseen else None) == (
        pytest.approx(seconds, abs=1) if seconds else None
    )


class Engine:
    """An engine that has one robots.txt to give, after a while."""

    def __init__(self, text: bytes | None, status: int = 200) -> None:
        self.text, self.status, self.asked = text, status, 0
        self.downloader = SimpleNamespace(
            slots={"d.example": SimpleNamespace(delay=2.0)}, per_slot_settings={}
        )

    async def download_async(self, request):
        self.asked += 1
        await asyncio.sleep(0.01)
        if self.text is None:
            raise IgnoreRequest("no answer")
        return Response(request.url, status=self.status, body=self.text)


def ask_robots(desk, engine: Engine, paths: list[str]) -> list[str | None]:
    """Put all requests at once to the guard; for each the reason of its refusal."""
    settings = {"ROBOTSTXT_USER_AGENT": "nightwire"}
    guard = PoliteRobots(SimpleNamespace(settings=settings, engine=engine))
    source = desk.source("d.example")

    async def one(path):
        try:
            await guard.process_request(Request(f"http://d.example{path}", meta={SOURCE: source}))
        except Refused as refused:
            return refused.reason
        return None

    async def everything():
        return await asyncio.gather(*map(one, paths))

    return asyncio.run(everything())


def test_twenty_requests_wait_for_one_robots_txt_and_none_slips_by(desk):
    engine = Engine(b"User-agent: *\nDisallow: /private\n")
    assert ask_robots(desk, engine, ["/private"] * 20 + ["/open"]) == ["robots"] * 20 + [None]
    assert engine.asked == 1


@pytest.mark.parametrize(
    ("text", "status", "reason"),
    [
        (b"User-agent: *\nDisallow: /", 200, "robots"),
        (b"User-agent: nightwire\nDisallow:\n\nUser-agent: *\nDisallow: /", 200, None),
        (b"<html>no rules here</html>", 200, None),
        (b"Disallow: /", 404, None),
        (b"Disallow: /", 403, None),
        (b"", 429, "robots_unreachable"),
        (b"", 500, "robots_unreachable"),
        (None, 0, "robots_unreachable"),
    ],
)
def test_what_a_robots_answer_allows(desk, text, status, reason):
    assert ask_robots(desk, Engine(text, status), ["/page"]) == [reason]


@pytest.mark.parametrize(
    ("said", "delay"),
    [("10", 10.0), ("0", 0.02), ("-3", 0.02), ("1e308", 60.0), ("nan", 0.02), ("inf", 0.02), ("soon", 0.02)],
)
def test_a_crawl_delay_is_clamped_and_outlives_the_slot(desk, said, delay):
    engine = Engine(f"User-agent: *\nCrawl-delay: {said}\n".encode())
    ask_robots(desk, engine, ["/page"])
    assert engine.downloader.slots["d.example"].delay == delay
    assert engine.downloader.per_slot_settings["d.example"] == {
        "concurrency": 1,
        "delay": delay,
        "jitter": 0.0,
    }
