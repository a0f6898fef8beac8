"""Bad input, everywhere: one clear sentence that names the thing and the next step, a status other than 0, nothing lost."""

from __future__ import annotations

import os
import socket
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import pytest

from flows.backfill import backfill
from warehouse import query, run_lock

STORY = (
    "Ferry returns to Umm Sidr\n\nThe ferry between Umm Sidr and Rafiya sailed again on Thursday after three weeks "
    "of low water, the port office said, and forty people crossed before noon.\n\nIts captain said that two lorries of onions had "
    "crossed as well, and that the queue at the ramp was still a kilometre long.\n"
)

SOURCE = """
publisher = "The Ferry Post"
home = "http://ferry-post.example"
country = "ZZ"
languages = ["en"]
timezone = "Asia/Karachi"
feeds = ["http://ferry-post.example/rss"]
group = "sample"
"""


@pytest.fixture(scope="module")
def kept(tmp_path_factory) -> Path:
    """A lake with one article, which nothing that goes wrong may harm."""
    home = tmp_path_factory.mktemp("bad") / "lake"
    story = home.parent / "ferry.txt"
    story.write_text(STORY, encoding="utf-8")
    backfill.fn([str(story)], lake=str(home))
    return home


@pytest.fixture
def article_is_kept(kept):
    yield
    with query(kept, "select title from articles where title like 'Ferry%'") as answer:
        assert list(answer.rows()) == [("Ferry returns to Umm Sidr",)]


BAD_FILES = {  # bytes, and the reason of the row they leave
    "empty.txt": (b"", "empty"),
    "binary.txt": (bytes(range(256)) * 40, "not_text"),
    "picture.html": (b"\x89PNG\r\n\x1a\n" + bytes(4000), "not_text"),
    "large.txt": (b"The river rose again. " * 1_000_000, "too_large"),
    "list.json": (b"[]", "not_text"),
    "broken.jsonl": (b'{"text": "never ends\n', "unreadable"),
}


def test_files_that_are_no_article_are_rejected_rows_and_a_failed_command(
    kept, nightwire, tmp_path, article_is_kept
):
    for name, (content, _) in BAD_FILES.items():
        (tmp_path / name).write_bytes(content)

    done = nightwire("backfill", tmp_path, lake=kept)

    assert done.returncode == 1
    assert f"no article came of {tmp_path}" in done.stderr
    with query(kept, "select requested_url, reason from rejected") as answer:
        reasons = {Path(place).name.partition("#")[0]: reason for place, reason in answer.rows()}
    assert {name: reasons.get(name) for name in BAD_FILES} == {
        name: reason for name, (_, reason) in BAD_FILES.items()
    }


def test_a_mis_encoded_file_is_read_as_what_it_is(nightwire_process, tmp_path):
    text = (
        "صدر بيان عن إدارة الميناء يوم الخميس\n\n"
        + "عادت العبارة إلى العمل بين الضفتين بعد ثلاثة أسابيع من انخفاض المياه. " * 4
    )
    (tmp_path / "arabic.txt").write_bytes(text.encode("cp1256"))
    done = nightwire_process("read", tmp_path / "arabic.txt")
    assert done.returncode == 0
    assert "عادت العبارة" in done.stdout


@dataclass(frozen=True)
class Case:
    name: str
    command: tuple[str, ...]  # {tmp} and {lake} are filled in
    said: tuple[str, ...]  # what the one sentence must hold


CASES = (
    Case("a vanished file", ("read", "{tmp}/gone.txt"), ("gone.txt", "check that it exists")),
    Case("a path that is not there", ("backfill", "{tmp}/gone"), ("no file or folder", "gone")),
    Case("SQL with a mistake", ("sql", "selec 1"), ("syntax error",)),
    Case("SQL that names no table", ("sql", "select * from artikles"), ("artikles", "articles")),
    Case("SQL that writes", ("sql", "delete from articles"), ("select",)),
    Case("SQL that reads files", ("sql", "select * from read_text('/etc/hostname')"), ("read_text",)),
    Case("two statements", ("sql", "select 1; select 2"), ("one",)),
    Case("a lake that is not there", ("sql", "--lake", "{tmp}/none", "select 1"), ("none",)),
    Case("a source nobody wrote", ("nightly", "--source", "pk_nobody"), ("pk_nobody", "nightwire sources")),
    Case("an empty group", ("nightly", "--group", "moon"), ("moon", "region")),
    Case("an article nobody has", ("explain", "0" * 32), ("0" * 32, "nightwire sql")),
    Case("an export over a file", ("export", "duckdb", "{tmp}/there.duckdb"), ("there.duckdb", "--force")),
    Case("a short memory", ("maintain", "--keep-days", "1"), ("2",)),
    Case("a demo over something else", ("demo", "--lake", "{tmp}"), ("no lake", "--lake")),
    Case(
        "a sample web that is elsewhere",
        ("nightly", "--group", "sample", "--newsroom", "http://192.0.2.1:80"),
        ("192.0.2.1",),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_mistake_gets_one_clear_sentence(case, kept, nightwire, tmp_path, article_is_kept):
    (tmp_path / "there.duckdb").touch()
    command = [part.format(tmp=tmp_path, lake=kept) for part in case.command]
    done = nightwire(*command, lake=kept)
    assert done.returncode == 1, done.stdout
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("nightwire: ")
    for word in case.said:
        assert word in done.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SOURCE + 'feed = ["http://x.example"]\n', ("zz_ferry_post.toml", "feed", "feeds")),
        (
            SOURCE.replace("Asia/Karachi", "Asia/Karatschi"),
            ("zz_ferry_post.toml", "timezone", "Asia/Karachi"),
        ),
        (SOURCE + "publisher =\n", ("zz_ferry_post.toml",)),
    ],
)
def test_a_wrong_source_file_is_named_with_its_key(text, said, kept, nightwire, tmp_path):
    (tmp_path / "zz_ferry_post.toml").write_text(text, encoding="utf-8")
    done = nightwire("nightly", "--group", "sample", lake=kept, env={"NIGHTWIRE_SOURCES": str(tmp_path)})
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    for word in said:
        assert word in done.stderr


def test_a_dead_host_fails_the_night_when_it_was_the_only_one(kept, nightwire, tmp_path, article_is_kept):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    (tmp_path / "zz_ferry_post.toml").write_text(SOURCE, encoding="utf-8")
    done = nightwire(
        "nightly",
        "--group",
        "sample",
        "--newsroom",
        f"http://127.0.0.1:{port}",
        lake=kept,
        env={"NIGHTWIRE_SOURCES": str(tmp_path)},
    )
    assert done.returncode == 1
    assert "no source answered" in done.stderr
    assert "zz_ferry_post" in done.stderr


def test_a_second_run_at_the_same_time_says_who_holds_the_lake(
    kept, nightwire_process, tmp_path, article_is_kept
):
    (tmp_path / "other.txt").write_text(STORY.replace("Ferry", "Bus"), encoding="utf-8")
    with run_lock(kept, "nightly"):
        done = nightwire_process("backfill", tmp_path / "other.txt", lake=kept)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "another run (nightly" in done.stderr
    assert str(os.getpid()) in done.stderr


def test_a_lake_of_a_newer_version_is_left_alone(nightwire, new_lake, tmp_path):
    home = tmp_path / "lake"
    newer = new_lake(home)
    with sqlite3.connect(home / "catalog.sqlite") as catalog:
        tables = [row[0] for row in catalog.execute("select name from sqlite_master where type = 'table'")]
        assert "ducklake_metadata" in tables
    newer.transact(
        lambda connection: connection.execute("update claim set schema_version = 999"), message="the future"
    )
    newer.close()
    (tmp_path / "story.txt").write_text(STORY, encoding="utf-8")

    done = nightwire("backfill", tmp_path / "story.txt", lake=home)

    assert done.returncode == 1
    assert "999" in done.stderr
    assert "bring Nightwire up to date" in done.stderr


def test_a_taken_port_of_the_sample_web_is_named(nightwire):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = nightwire("newsroom", "--port", port)
    assert done.returncode == 1
    assert str(port) in done.stderr
