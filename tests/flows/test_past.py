"""The past, from archives, other lakes, lists of addresses and publishers' own archives: once, and with every loss named."""

from __future__ import annotations

import gzip
import hashlib
from datetime import UTC, date, datetime
from pathlib import Path

import polars
import pytest
from typer.testing import CliRunner

from articles.errors import NightwireError
from articles.records import Capture, Reason
from flows.addresses import Address, named_candidates, read_addresses
from flows.backfill import Asked, backfill
from flows.cli import app
from flows.files import Origin, SetAside, find_files, read_file
from flows.looking_ahead import look_ahead
from flows.run import NightBroken
from flows.watching import LogWatcher, span
from spiders import CrawlResult, SourceStats
from spiders.frontier import Frontier
from tests.flows.warcs import http, page, record, sha1, story
from tests.spiders.conftest import Reply, Web
from warehouse import export_parquet, export_warc, query

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
ORIGIN = Origin(run_id="run-1", source=None, source_of=lambda _url: None, now=NOW)

CAPTURES = (
    "select capture_id, source, url, requested_url, discovered_via, status, headers, media_type, body_sha256, "
    "captured_at, fetch_ms from captures order by all"
)


def ask(home: Path, statement: str) -> list[tuple]:
    with query(home, statement) as answer:
        return list(answer.rows())


@pytest.fixture(scope="module", autouse=True)
def one_worker():
    """Each process that reads pages takes a second to start, and there are few pages here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NIGHTWIRE_WORKERS", "1")
        yield


@pytest.fixture(scope="module")
def old_news(tmp_path_factory) -> Path:
    """A folder with an archive that is wrong in one record and cut in another, and two files."""
    folder = tmp_path_factory.mktemp("past") / "old-news"
    folder.mkdir()
    packed = record(
        http(story(4), headers=[("Content-Encoding", "br"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]),
        "http://karsan-post.example/news/4",
        number=4,
        form="WARC/1.1",
        WARC_Date="2026-11-18T23:59:59.123456Z",
    )
    pages = [page(1), page(2, WARC_Block_Digest=sha1(b"other")), page(3), packed]
    elsewhere = record(http(story(6)), "http://elsewhere.example/6", number=6)
    whole = b"".join([*pages, elsewhere])
    (folder / "night.warc.gz").write_bytes(whole + page(7)[:-40])
    (folder / "again.warc").write_bytes(page(1, is_packed=False))
    (folder / "well.txt").write_text(
        "Well 9 reopens\n\n" + "Water is back in the quarter, the office said. " * 9
    )
    (folder / "rows.jsonl").write_text('{"url": "https://paper.example/1", "text": "Too short."}\n')
    return folder


@pytest.fixture(scope="module")
def lake(old_news) -> Path:
    home = old_news.parent / "lake"
    with pytest.raises(NightBroken, match=r"2 things in .*old-news are damaged"):
        backfill.fn([str(old_news)], lake=str(home))
    return home


def test_an_archive_is_loaded_but_for_what_is_damaged_and_that_is_said(old_news, lake):
    found = ask(lake, "select url, source, article_count from captures join readings using (capture_id)")
    assert {row for row in found if row[0] and "karsan" in row[0]} == {
        (f"http://karsan-post.example/news/{number}", "zz_karsan_post", 1) for number in (1, 3, 4)
    }
    damaged = ask(lake, "select detail, stage from rejected where reason = 'damaged' order by detail")
    assert ["WARC-Block-Digest" in damaged[1][0], "to its end at byte" in damaged[0][0]] == [True, True]
    assert {stage for _, stage in damaged} == {"file"}
    ((outcome, counts),) = ask(lake, "select outcome, counts from runs")
    assert outcome == "broken"
    assert '"left_out": {"other host": 1}' in counts


def test_loading_it_again_or_its_export_brings_nothing_and_writes_no_page(
    old_news, lake, tmp_path, monkeypatch
):
    articles = "select article_id, capture_id, title, text_sha256, published_at from articles order by all"
    before = ask(lake, CAPTURES), ask(lake, articles)
    export_warc(lake, tmp_path / "wire.warc.gz")
    monkeypatch.setattr(
        "warehouse.captures._store_batch", None
    )  # would be called for a batch with anything new
    with pytest.raises(NightBroken, match="2 things"):
        backfill.fn([str(old_news), str(tmp_path / "wire.warc.gz")], lake=str(lake))
    assert (ask(lake, CAPTURES), ask(lake, articles)) == before
    assert ask(lake, "select count(*) from rejected where stage = 'file'") == [(2,)]


@pytest.mark.parametrize("name", ["wire.warc.gz", "wire"])
def test_an_export_read_back_is_the_same_captures(lake, tmp_path, name):
    export_warc(lake, tmp_path / name)
    found = [one for file in find_files([tmp_path]) for one in read_file(file, ORIGIN)]

    captures = [one for one in found if isinstance(one, Capture)]
    read = sorted(
        [
            (
                *(one.capture_id, one.source, one.url, one.requested_url, one.discovered_via, one.status),
                *([{"name": key, "value": value} for key, value in one.headers], one.media_type),
                *(one.body_sha256, one.captured_at, one.fetch_ms),
            )
            for one in captures
        ],
        key=lambda row: row[0],
    )
    assert read == ask(lake, CAPTURES)
    assert all(hashlib.sha256(one.body).hexdigest() == one.body_sha256 for one in captures)
    assert not [one for one in found if isinstance(one, SetAside)]


def test_an_export_that_was_changed_is_not_taken_for_the_capture_it_says_it_is(lake, tmp_path):
    export_warc(lake, tmp_path / "wire.warc.gz")
    content = gzip.decompress((tmp_path / "wire.warc.gz").read_bytes())
    content = content.replace(b'"source": "zz_karsan_post"', b'"source": "zz_valley_desk"')
    (tmp_path / "wire.warc.gz").write_bytes(gzip.compress(content))
    found = list(read_file(tmp_path / "wire.warc.gz", ORIGIN))
    wrong = [one.rejected for one in found if isinstance(one, SetAside)]
    assert {one.reason for one in wrong} == {Reason.DAMAGED}
    assert len(wrong) == 3
    assert "are not those of the capture" in wrong[0].detail


def test_another_lake_and_an_exported_folder_give_their_captures(lake, tmp_path):
    export_parquet(lake, tmp_path / "tables", bodies=True)
    before = {path: path.stat().st_mtime_ns for path in sorted(lake.rglob("*"))}
    ids = [row[0] for row in ask(lake, CAPTURES)]
    for given in (lake, tmp_path / "tables"):
        files = find_files([given])
        assert len(files) == 1, "a lake is one thing, and so are the captures of an exported folder"
        found = list(read_file(files[0], ORIGIN))
        assert sorted(one.capture_id for one in found if isinstance(one, Capture)) == ids
        assert {one.run_id for one in found if isinstance(one, Capture)} == {"run-1"}
    assert {path: path.stat().st_mtime_ns for path in sorted(lake.rglob("*"))} == before, "it is only read"


def test_rows_that_are_not_what_they_say_are_set_aside(lake, tmp_path):
    export_parquet(lake, tmp_path / "tables", bodies=True)
    good = polars.read_parquet(tmp_path / "tables" / "captures.parquet").sort("capture_id")
    first = polars.int_range(polars.len()) == 0
    changes = {
        "its body does not have the SHA-256": polars.when(first).then(b"x").otherwise("body").alias("body"),
        "its id is not that of": polars.when(first)
        .then(polars.lit("zz_x"))
        .otherwise("source")
        .alias("source"),
        "is no capture": polars.when(first).then(None).otherwise("captured_at").alias("captured_at"),
    }
    for said, change in changes.items():
        good.with_columns(change).write_parquet(tmp_path / "wrong.parquet")
        wrong, *others = list(read_file(tmp_path / "wrong.parquet", ORIGIN))
        assert isinstance(wrong, SetAside)
        assert said in wrong.rejected.detail
        assert "row 1" in wrong.rejected.detail
        assert len(others) == len(good) - 1
        assert all(isinstance(one, Capture) for one in others)


def test_a_parquet_file_that_holds_no_pages_is_said_to(lake, tmp_path):
    export_parquet(lake, tmp_path / "tables")
    for file, said in (
        ("captures", "export it with --bodies"),
        ("articles", "it holds no captures: no column body"),
    ):
        (found,) = read_file(tmp_path / "tables" / f"{file}.parquet", ORIGIN)
        assert said in found.rejected.detail
    whole = (tmp_path / "tables" / "articles.parquet").read_bytes()
    (tmp_path / "cut.parquet").write_bytes(whole[:-200])
    (found,) = read_file(tmp_path / "cut.parquet", ORIGIN)
    assert "cannot be read as Parquet" in found.rejected.detail


def test_a_dry_run_tells_sources_reasons_and_damages(old_news, lake, tmp_path):
    said = look_ahead(Asked(paths=(str(old_news),)), tmp_path / "none")
    for word in (
        "4 files",
        "5 pages would be loaded",
        "3 of zz_karsan_post",
        "1 other host",
        "2 would be set aside",
    ):
        assert word in said
    assert not (tmp_path / "none").exists()
    assert "0 pages would be loaded" in look_ahead(Asked(paths=(str(old_news),)), lake)


WRONG = [
    ({}, "one of these at a time"),
    ({"paths": ("x",), "urls_file": "-"}, "one of these at a time"),
    ({"paths": (".",), "since": date(2026, 1, 1), "until": date(2026, 1, 2)}, "one of these at a time"),
    ({"paths": ("gone",)}, "no file or folder gone"),
    ({"paths": (".",), "all_hosts": True, "source": "us_csmonitor"}, "leave out --source"),
    ({"urls_file": "-", "all_hosts": True}, "--all-hosts"),
    ({"paths": (".",), "newsroom": "http://127.0.0.1:1"}, "leave out --newsroom"),
    ({"urls_file": "gone"}, "no list of addresses gone"),
    ({"urls_file": "-", "source": "us_csmonitor"}, "leave out --source"),
    ({"since": date(2026, 1, 1), "until": date(2026, 1, 2)}, "give --source X"),
    ({"source": "us_csmonitor", "since": date(2026, 1, 1)}, "give --source X, --from DAY and --to DAY"),
    ({"source": "us_csmonitor", "since": date(2026, 1, 2), "until": date(2026, 1, 1)}, "the first day first"),
    ({"source": "zz_nobody", "since": date(2026, 1, 1), "until": date(2026, 1, 1)}, "no source zz_nobody"),
    ({"source": "zz_karsan_post", "since": date(2026, 1, 1), "until": date(2026, 1, 1)}, "the key archives"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "said"), WRONG)
def test_what_does_not_go_together_is_said_before_anything_is_done(given, said):
    with pytest.raises(NightwireError, match=said):
        Asked(**given)


# ---- addresses and archives of publishers


SOURCE = """
publisher = "Karsan Post"
home = "http://karsan-post.example/"
country = "ZZ"
languages = ["en"]
timezone = "Asia/Karachi"
feeds = ["http://karsan-post.example/feed"]
article_url = '/news/\\d+'
archives = ["http://karsan-post.example/sitemap-{yyyy}-{mm}.xml"]
delay_s = 0.01
group = "sample"
"""


@pytest.fixture(scope="module")
def asked_home(tmp_path_factory) -> Path:
    """The lake of those who ask publishers; not there at first."""
    return tmp_path_factory.mktemp("asked") / "lake"


@pytest.fixture
def web(tmp_path, monkeypatch):
    """A publisher of four pages with an archive, and a page of nobody's."""
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "zz_karsan_post.toml").write_text(SOURCE, encoding="utf-8")
    monkeypatch.setenv("NIGHTWIRE_SOURCES", str(tmp_path / "sources"))
    web = Web()
    for number in range(1, 5):
        web.put(f"http://karsan-post.example/news/{number}", story(number))
    web.put("http://nobody.example/story-of-the-well", story(8))
    web.put("http://karsan-post.example/robots.txt", Reply(b"User-agent: *\nDisallow: /closed/"))
    entries = "".join(
        f"<url><loc>http://karsan-post.example/news/{number}</loc><lastmod>2026-10-0{number}T09:00:00Z</lastmod></url>"
        for number in range(1, 5)
    )
    web.put(
        "http://karsan-post.example/sitemap-2026-10.xml",
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'.encode(),
    )
    yield web
    web.close()


LIST = """# addresses of the wells
http://karsan-post.example/news/1
https://www.karsan-post.example/news/1?utm_source=list

http://karsan-post.example/about-us
http://karsan-post.example/closed/1
http://nobody.example/story-of-the-well
not an address
ftp://karsan-post.example/2
"""


def test_a_list_of_addresses_is_fetched_politely_and_once(web, asked_home, tmp_path):
    lake, listed = asked_home, tmp_path / "list.txt"
    listed.write_text(LIST, encoding="utf-8")
    asked = Asked(urls_file=str(listed), newsroom=web.url)
    said = look_ahead(asked, lake)
    for word in (
        "4 addresses would be asked",
        "1 are twins",
        "2 lines would be set aside",
        "3 of zz_karsan_post",
        "line 8",
    ):
        assert word in said
    assert not lake.exists()
    assert not web.asked

    lake.mkdir()
    with Frontier.open(
        lake / "frontier.sqlite"
    ) as frontier:  # as a run leaves it that is killed before it asks
        for one in read_addresses(str(listed)):
            if isinstance(one, Address):
                found = named_candidates(one.source, [one])
                frontier.record(one.source.name, found, night=date(2026, 11, 1), at=NOW, is_past=True)
    report = backfill.fn(urls_file=str(listed), newsroom=web.url, lake=str(lake))

    assert sorted(web.paths("karsan-post.example")) == ["/about-us", "/news/1"]
    pages = ask(lake, "select source, url, discovered_via from captures order by url")
    assert pages == [
        ("zz_karsan_post", "http://karsan-post.example/news/1", "list"),
        (None, "http://nobody.example/story-of-the-well", "list"),
    ]
    refused = ask(lake, "select stage, reason, source from rejected order by all")
    assert refused.count(("file", "unreadable", None)) == 2
    assert ("fetch", "http_error", "zz_karsan_post") in refused
    assert "asked 4, stored 2, failed 1, skipped 1" in report
    assert ask(lake, "select count(*) from source_nights") == [(0,)]

    asked_before = len(web.asked)
    listed.write_text("http://karsan-post.example/news/1\nhttp://nobody.example/story-of-the-well\n")
    again = backfill.fn(urls_file=str(listed), newsroom=web.url, lake=str(lake))
    assert "known 2" in again
    assert len(web.asked) == asked_before
    assert "0 addresses would be asked for, 2 were fetched before" in look_ahead(asked_of(listed), lake)


def asked_of(listed: Path) -> Asked:
    return Asked(urls_file=str(listed))


def test_days_of_a_source_are_found_through_its_archives(web, asked_home):
    lake = asked_home
    days = {"since": date(2026, 10, 2), "until": date(2026, 10, 3)}
    said = look_ahead(Asked(source="zz_karsan_post", **days), lake)
    assert "1 lists of zz_karsan_post would be asked for 2026-10-02 to 2026-10-03" in said
    assert "http://karsan-post.example/sitemap-2026-10.xml" in said
    assert not web.asked

    report = backfill.fn(source="zz_karsan_post", **days, newsroom=web.url, lake=str(lake))

    assert sorted(
        row[0][-1] for row in ask(lake, "select url from captures where discovered_via = 'archive'")
    ) == ["2", "3"]
    assert "2 of other days" in report
    ((parameters, counts),) = ask(
        lake, "select parameters, counts from runs order by started_at desc limit 1"
    )
    assert '"since": "2026-10-02"' in parameters
    assert '"stored": 2' in counts


def test_rounds_of_a_crawl_add_up_to_one(tmp_path):
    def brought(outcome: str, **counts) -> CrawlResult:
        stats = {"zz_x": SourceStats(source="zz_x", **counts)}
        return CrawlResult(run_id="r", is_finished=outcome == "finished", outcome=outcome, stats=stats, failures=(), log_file=tmp_path)  # fmt: skip

    first = brought("out_of_time", asked=10, stored=4, failed={"http_404": 1}, skipped={"stopped": 5})
    both = first.and_then(
        brought("finished", asked=5, stored=3, failed={"http_404": 1}, skipped={"robots": 1})
    )
    (total,) = both.stats.values()
    assert (total.asked, total.stored, total.failed, total.skipped) == (10, 7, {"http_404": 2}, {"robots": 1})
    assert both.is_finished


def test_the_command_line_takes_all_of_it(old_news, lake, tmp_path):
    runner = CliRunner()
    ahead = runner.invoke(
        app, ["backfill", str(old_news), "--all-hosts", "--dry-run", "--lake", str(tmp_path / "x")]
    )
    assert "6 pages would be loaded" in ahead.stdout
    (tmp_path / "list.txt").write_text(LIST, encoding="utf-8")
    ahead = runner.invoke(app, ["backfill", "--urls", "-", "--dry-run"], input=LIST)
    assert "4 addresses would be asked" in ahead.stdout
    wire = tmp_path / "wire.warc.gz"
    done = runner.invoke(app, ["export", "warc", str(wire), "--lake", str(lake), "--from", "2026-11-19"])
    assert "captures" in done.stdout
    assert wire.exists()
    done = runner.invoke(app, ["backfill", "--source", "zz_karsan_post", "--from", "2026-11-01"])
    assert isinstance(done.exception, NightwireError)


def test_progress_says_rate_and_time_left(caplog):
    clock = iter([0.0, 0.0, 30.0, 90.0, 100.0])
    watcher = LogWatcher(lambda: next(clock))
    with caplog.at_level("INFO", logger="nightwire"):
        for done in (0, 10_000_000, 90_000_000, 95_000_000):
            watcher.advance("taking files in", done, 1_000_000_000, "bytes")
    assert [one.getMessage() for one in caplog.records] == [
        "taking files in: 90.0 MB of 1,000.0 MB, 1.0 MB/s, about 15 min 10 s left"
    ]
    assert [span(seconds) for seconds in (0, 48, 3660, 200_000)] == ["0 s", "48 s", "1 h 1 min", "2 d 7 h"]
