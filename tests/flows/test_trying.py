"""The commands around sources, as a person runs them: against the sample web, with sources of the test's own."""

from __future__ import annotations

import csv
import json
import shutil
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest

from articles.errors import NightwireError
from flows import cli, showing, trying
from newsroom import Newsroom
from spiders import load_source, load_sources
from spiders.looking import Answer, Looked, load_answers, sha256
from spiders.proposing import Proposal
from spiders.source import PACKAGED_SOURCES

NIGHT_ONE = datetime(2026, 11, 19, 20, 0, tzinfo=UTC)
OFF = """publisher = "The Shuttered Post\\u001b[31m"
home = "https://shuttered.test"
country = "PK"
languages = ["ur", "en"]
timezone = "Asia/Karachi"
feeds = ["https://shuttered.test/rss"]
access = "refuses-bots"
state = "PK"
enabled = false
note = "Answers every robot with a riddle."
"""


@pytest.fixture(scope="module")
def newsroom():
    with Newsroom() as site:
        yield site


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Three outlets of the sample web, and one that is off; what else it shows is unknown."""
    folder = tmp_path_factory.mktemp("sources")
    for name in ("zz_valley_desk", "zz_saffron_ledger", "zz_oshan_herald"):
        shutil.copy(PACKAGED_SOURCES / f"{name}.toml", folder)
    (folder / "pk_shuttered.toml").write_text(OFF, encoding="utf-8")
    return folder


@pytest.fixture
def run(monkeypatch, capsys, folder):
    """`nightwire sources …` in this process: its status, and what it wrote to both outputs."""
    monkeypatch.setenv("NIGHTWIRE_SOURCES", str(folder))
    monkeypatch.setenv("NIGHTWIRE_LAKE", str(folder / "no-lake"))
    monkeypatch.setattr(trying, "now", lambda: NIGHT_ONE)

    def run(*arguments):
        monkeypatch.setattr("sys.argv", ["nightwire", "sources", *map(str, arguments)])
        status = 0
        try:
            cli.main()
        except SystemExit as end:
            status = end.code or 0
        out, err = capsys.readouterr()
        return status, out, err

    return run


# ---- the table


def test_the_table_shows_what_a_person_asks_for_and_why_some_are_off(run):
    status, out, _ = run()
    assert status == 0
    assert out.split()[: len(showing.COLUMNS)] == list(showing.COLUMNS)
    assert "zz_" not in out  # the sample web only when asked for
    assert "pk_shuttered  Answers every robot with a riddle." in out
    assert "\x1b" not in out
    assert "1 sources, 0 on, 0 verified; 3 more are not shown (--all)" in out
    assert "not shown" not in run("--country", "PK")[1]


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (["--all"], ["pk_shuttered", "zz_oshan_herald", "zz_saffron_ledger", "zz_valley_desk"]),
        (["--group", "sample"], ["zz_oshan_herald", "zz_saffron_ledger", "zz_valley_desk"]),
        (["--off"], ["pk_shuttered"]),
        (["--country", "pk"], ["pk_shuttered"]),
        (
            ["--language", "en", "--all"],
            ["pk_shuttered", "zz_oshan_herald", "zz_saffron_ledger", "zz_valley_desk"],
        ),
        (["--language", "ur", "--all"], ["pk_shuttered"]),
    ],
)
def test_filters_choose(options, names, run):
    assert [row["source"] for row in csv.DictReader(StringIO(run(*options, "--csv")[1]))] == names
    assert [row["name"] for row in json.loads(run(*options, "--json")[1])] == names


def test_filters_that_leave_nothing_say_so(run):
    status, _, err = run("--country", "FR")
    assert status == 1
    assert "none of the 4 sources" in err


@pytest.fixture(scope="module")
def packaged():
    return list(load_sources().values())


@pytest.mark.parametrize("width", [80, 100, 120])
def test_all_sources_fit_a_terminal_and_no_id_is_cut(width, packaged):
    sources = packaged
    out = StringIO()
    console = showing.Console(file=out, width=width, soft_wrap=True)
    showing.show_table(console, sources, hidden=0)
    lines = out.getvalue().splitlines()
    table = lines[: len(sources) + 1]
    assert max(map(showing.cell_len, lines)) <= width
    assert [line.split()[0] for line in table[1:]] == [one.name for one in sources]
    assert ("verified" in table[0]) == (width >= 100)


# ---- check


@pytest.fixture(scope="module")
def recorded(newsroom, folder, tmp_path_factory):
    """A folder with one recording, made once: each look costs a process."""
    to = tmp_path_factory.mktemp("recordings")
    return trying.record_source(load_sources(folder)["zz_oshan_herald"], to, newsroom=newsroom.url)


@pytest.fixture
def answering(monkeypatch):
    """Let the next look bring answers that are there already."""

    def answer(answers):
        def look(asks, sources, *, on_looked=lambda _: None, **_):
            looked = [Looked(source=one, answers=tuple(answers), is_whole=True) for one in sources]
            for one in looked:
                on_looked(one)
            return looked

        monkeypatch.setattr(trying, "look", look)

    return answer


def test_a_check_says_line_by_line_what_works_and_one_that_fails_does_not_stop_the_others(
    run, newsroom, folder
):
    newsroom.reset()
    gone = (folder / "zz_valley_desk.toml").read_text(encoding="utf-8").replace("/en/latest", "/en/gone")
    (folder / "zz_gone_desk.toml").write_text(gone, encoding="utf-8")
    names = ["zz_gone_desk", "zz_valley_desk", "zz_saffron_ledger", "zz_valley_desk"]
    try:
        status, out, err = run("check", *names, "--newsroom", newsroom.url)
    finally:
        (folder / "zz_gone_desk.toml").unlink()

    assert status == 1
    assert err.startswith("nightwire: asking each of 3 sources as nightwire/")
    assert "at most 6 requests" in err
    blocks = {block.partition(":")[0]: block for block in out.split("\n\n")}
    assert "fails  HTTP 404: it is not there" in blocks["zz_gone_desk"]
    assert "does not work as its file has it" in blocks["zz_gone_desk"]
    assert out.splitlines()[-3:] == [
        "fine (1): zz_valley_desk",
        "to be looked at (1): zz_saffron_ledger",
        "do not work (1): zz_gone_desk",
    ]
    assert "look   does not allow 1 of the 4 articles listed" in blocks["zz_saffron_ledger"]
    for words in (
        "ok     HTTP 404: there are no rules, so everything is allowed",
        "section http://valley-desk.example/en/latest",
        "7 of 7 links match article_url",
        "finds a number in 7 of 7",
        "from text, printed",
        "verdict: fine; put into",
        "\n           verified = 2026-11-19",
    ):
        assert words in blocks["zz_valley_desk"]
    asked = [request.path for request in newsroom.requests if request.host == "saffron-ledger.example"]
    assert asked[0] == "/robots.txt"
    assert len(asked) == 3


def test_what_a_site_says_cannot_steer_a_terminal(run, answering):
    robots = b"# no AI \x1b]0;owned\x07 \xe2\x80\xae here\n\xc2\x9b31m# terms"
    answering([answer("robots", "http://valley-desk.example/robots.txt", 200, robots)])
    for form in ((), ("--json",)):
        _, out, _ = run("check", "zz_valley_desk", "--newsroom", "http://127.0.0.1:9", *form)
        assert "# no AI" in out
        assert not any(char in out for char in "\x1b\x07\x9b\u202e")


def test_a_mistake_of_ours_costs_no_other_source_its_check(run, answering, monkeypatch):
    def check(view, **_):
        raise RecursionError("too deep") if view.source.name == "zz_oshan_herald" else NotImplementedError

    monkeypatch.setattr(trying, "check", check)
    answering([])
    status, out, _ = run("check", "zz_oshan_herald", "zz_valley_desk", "--newsroom", "http://127.0.0.1:9")
    assert status == 1
    assert "fault of ours (RecursionError: too deep)" in out
    assert "fault of ours (NotImplementedError: )" in out


def test_without_a_network_the_machine_is_suspected_first(run, answering):
    answering([answer("section", "http://valley-desk.example/en/latest", None, b"", "robots_unreachable")])
    status, out, err = run("check", "zz_valley_desk", "--newsroom", "http://127.0.0.1:9")
    assert status == 1
    assert "cannot be had" in out
    assert "whether this machine has a network" in err
    status, _, err = run("record", "zz_valley_desk", "--to", "/tmp", "--newsroom", "http://127.0.0.1:9")
    assert (status, "nothing of zz_valley_desk can be recorded" in err) == (1, True)


def answer(via, url, status, body, reason=None):
    return Answer(
        source="zz_valley_desk",
        url=url,
        via=via,
        status=status,
        final_url=url,
        body=body,
        body_sha256=sha256(body),
        answered_at=NIGHT_ONE,
        reason=reason,
        detail="no answer" if reason else None,
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["check", "zz_valley_dusk"], ["no source zz_valley_dusk", "did you mean zz_valley_desk"]),
        (["check"], ["name the sources to try", "--group"]),
        (["check", "zz_valley_desk", "--group", "sample"], ["not both"]),
        (["check", "--group", "moon"], ["no enabled source is in the group moon", "sample"]),
        (["check", "--group", "sample"], ["oshan-herald.example", "--newsroom"]),
        (["check", "valley"], ["did you mean zz_valley_desk"]),
        (["check", "zz_valley_desk"], ["sample web", "nightwire newsroom", "--newsroom"]),
        (
            ["check", "zz_valley_desk", "--from", "{to}"],
            ["no recording of zz_valley_desk", "it holds zz_oshan_herald"],
        ),
        (
            ["check", "zz_valley_desk", "--from", "{to}/zz_oshan_herald"],
            ["recording of zz_oshan_herald, not of"],
        ),
        (["record", "zz_oshan_herald", "--to", "{to}"], ["is there already", "--force"]),
        (["record", "zz_valley_desk", "--to", "{to}/new"], ["--newsroom"]),
        (
            ["record", "zz_valley_desk", "--to", "{repo}/tests/pages"],
            ["inside the project's checkout", "elsewhere"],
        ),
        (["record", "zz_valley_desk", "--to", "{link}/pages"], ["inside the project's checkout"]),
        (["add", "http://valley-desk.example/en"], ["at home in the source zz_valley_desk", "sources check"]),
        (["add", "ftp://a.example/"], ["no address of a page"]),
        (["add", "http://karsan-post.example"], ["sample web", "--newsroom"]),
        (["add", "http://karsan-post.example", "--name", "Karsan"], ["pk_daily"]),
        (["add", "http://karsan-post.example", "--name", "zz_valley_desk"], ["id of Valley Desk already"]),
    ],
)
def test_what_cannot_be_done_is_said_before_anybody_is_asked(
    arguments, said, run, recorded, newsroom, tmp_path
):
    repository = Path(__file__).parents[2]
    (tmp_path / "link").symlink_to(repository)
    newsroom.reset()
    places = {"to": recorded.folder.parent, "repo": repository, "link": tmp_path / "link"}
    status, out, err = run(*(one.format(**places) for one in arguments))
    assert (status, out, newsroom.requests) == (1, "", [])
    assert err.startswith("nightwire: ")
    for words in said:
        assert words in err


# ---- record


def test_a_recording_is_judged_the_same_without_a_network(run, recorded):
    status, out, _ = run("check", "zz_oshan_herald", "--from", recorded.folder.parent, "--json")
    assert status == 0
    assert json.loads(out) == json.loads(trying.checked_json([recorded.checked]))
    listing, *bodies = recorded.files
    assert [file.name for file in bodies] == [
        "1-robots.txt",
        "2-sitemap.xml",
        "3-sitemap.xml",
        "4-article.html",
    ]
    assert bodies[1].read_bytes().startswith(b"<?xml")
    assert [row["status"] for row in json.loads(listing.read_bytes())] == [200] * 4


def test_a_recording_is_replaced_only_by_force_and_only_a_recording_is(run, recorded, answering, tmp_path):
    there = tmp_path / "zz_oshan_herald"
    shutil.copytree(recorded.folder, there)
    (there / "old.html").write_text("from another time")
    answering(load_answers(recorded.folder))
    command = ("record", "zz_oshan_herald", "--to", tmp_path, "--newsroom", "http://127.0.0.1:9")

    status, out, _ = run(*command, "--force")
    assert status == 0
    assert f"nightwire sources check zz_oshan_herald --from {tmp_path}" in out
    assert {path.name for path in there.iterdir()} == {path.name for path in recorded.folder.iterdir()}
    assert [path.name for path in tmp_path.iterdir()] == ["zz_oshan_herald"]

    (there / "answers.json").unlink()
    status, _, err = run(*command, "--force")
    assert (status, "is no recording" in err) == (1, True)


# ---- add


def test_a_site_is_proposed_and_written_once(run, newsroom, tmp_path):
    command = (
        "add",
        "karsan-post.example",
        "--name",
        "zz_karsan",
        "--to",
        tmp_path,
        "--newsroom",
        newsroom.url,
    )
    status, out, err = run(*command)
    assert status == 0, err
    path = tmp_path / "zz_karsan.toml"
    written = path.read_text(encoding="utf-8")
    assert written in out
    assert "takes  feed http://karsan-post.example/feed/" in err
    assert "before it loads, fill in timezone" in err
    path.write_text(written.replace('timezone = ""', 'timezone = "Asia/Karachi"'), encoding="utf-8")
    source = load_source(path)
    assert source.feeds == load_source(PACKAGED_SOURCES / "zz_karsan_post.toml").feeds
    assert (source.publisher, source.languages, source.verified) == ("Karsan Post", ("en",), "never")

    with pytest.raises(NightwireError, match="is there already"):
        trying.write_proposal(Proposal(name="zz_karsan", toml="", missing=(), tried=()), tmp_path)


def test_a_proposal_without_a_country_has_no_name_to_be_written_under(tmp_path):
    with pytest.raises(NightwireError, match="--name pk_karsan"):
        trying.write_proposal(Proposal(name="xx_karsan", toml="", missing=("country",), tried=()), tmp_path)
    assert not list(tmp_path.iterdir())
