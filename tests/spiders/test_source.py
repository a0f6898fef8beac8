"""Source files: what is taken, what is refused and in which words."""

from __future__ import annotations

from pathlib import Path

import pytest

from articles.errors import NightwireError
from spiders import SourceFile, load_source, load_sources, source_for_url
from spiders.source import _EXPECTED

GOOD = {
    "publisher": '"The Daily"',
    "home": '"https://www.daily.example"',
    "country": '"PK"',
    "languages": '["en"]',
    "timezone": '"Asia/Karachi"',
    "feeds": '["https://www.daily.example/feed"]',
}


def write(folder: Path, file_name: str = "pk_daily.toml", /, **changes: str | None) -> Path:
    keys = GOOD | changes
    path = folder / file_name
    path.write_text(
        "".join(f"{key} = {value}\n" for key, value in keys.items() if value is not None), encoding="utf-8"
    )
    return path


def test_an_ordinary_source_says_who_where_and_when(tmp_path):
    source = load_source(write(tmp_path, article_id=r"'/news/(\d+)'"))

    assert (source.name, source.site, source.delay_s, source.verified) == (
        "pk_daily",
        "daily.example",
        2.0,
        "never",
    )
    assert source.publisher_number("https://www.daily.example/news/123/slug") == "123"
    known = source.as_source()
    assert (known.name, known.language, known.zone.key) == ("pk_daily", "en", "Asia/Karachi")
    assert load_source(write(tmp_path, languages='["en", "ur"]')).as_source().language is None


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"feed": '["https://daily.example/x"]'}, ['unknown key "feed"', 'did you mean "feeds"?']),
        ({"zzzzzzz": "1"}, ['unknown key "zzzzzzz"', "expected one of access"]),
        ({"timezone": '"Asia/Karachee"'}, ['key "timezone" is "Asia/Karachee"', '"Asia/Karachi"']),
        ({"timezone": None}, ['key "timezone" is missing', "IANA"]),
        ({"country": '"PX"'}, ['key "country" is "PX"', "ISO 3166-1"]),
        ({"country": '"IR"'}, ['key "country" is "IR"', 'starts with "pk"']),
        ({"languages": '["en", "xx"]'}, ['key "languages" is "xx"', "ISO 639-1"]),
        ({"languages": '"en"'}, ['key "languages" is "en"', "a list of"]),
        ({"enabled": '"maybe"'}, ['key "enabled" is "maybe"', "true or false"]),
        ({"group": '"Far East"'}, ['key "group" is "Far East"', "small letters"]),
        ({"languages": "[]"}, ['key "languages" is []', "expected"]),
        ({"article_url": "'/news/(['"}, ['key "article_url"', "regular expression"]),
        ({"article_id": r"'/news/\d+'"}, ['key "article_id"', "first group"]),
        (
            {"feeds": '["file:///etc/hostname"]'},
            ['key "feeds" is "file:///etc/hostname"', "http:// or https://"],
        ),
        ({"feeds": '["https://"]'}, ['key "feeds"', "names a host"]),
        ({"other_sites": '["www.daily.example"]'}, ['key "other_sites" is "www.daily.example"', '"www."']),
        ({"other_sites": '["https://daily.example"]'}, ['key "other_sites"', '"bbc.co.uk"']),
        ({"feeds": None}, ["feeds, sitemaps or sections"]),
        (
            {"feeds": None, "sections": '["https://daily.example/a"]'},
            ["section_links, article_url or article_id"],
        ),
        ({"delay_s": "0"}, ['key "delay_s" is 0', "a number of seconds from 0.01"]),
        ({"delay_s": '"soon"'}, ['key "delay_s" is "soon"', "number of seconds"]),
        ({"access": '"free"'}, ['key "access" is "free"', '"open", "metered"']),
        ({"verified": '"yes"'}, ['key "verified" is "yes"', '"never" or the day']),
        ({"name": '"other"'}, ['key "name"', "the file's own name"]),
        ({"publisher": "The Daily"}, ["is not TOML"]),
    ],
)
def test_a_mistake_is_named_by_file_key_and_what_was_expected(tmp_path, changes, expected):
    path = write(tmp_path, **changes)

    with pytest.raises(NightwireError) as said:
        load_source(path)

    for words in ["pk_daily.toml", str(path), *expected]:
        assert words in str(said.value)


@pytest.mark.parametrize(
    "name", ["daily.toml", "PK_daily.toml", "pk-daily.toml", "pak_daily.toml", "pk_.toml"]
)
def test_a_file_name_must_be_country_and_name(tmp_path, name):
    with pytest.raises(NightwireError, match=r"<cc>_<name>\.toml"):
        load_source(write(tmp_path, name))


def test_every_key_says_what_it_expects():
    assert set(_EXPECTED) == SourceFile.model_fields.keys() - {"name"}


def test_all_mistakes_of_a_folder_are_said_at_once(tmp_path):
    write(tmp_path, "pk_one.toml", country='"PX"')
    write(tmp_path, "pk_two.toml", timezone='"Mars/Olympus"', feed="1")
    write(tmp_path, "pk_good.toml")

    with pytest.raises(NightwireError) as said:
        load_sources(tmp_path)

    assert [line.partition(":")[0] for line in str(said.value).splitlines()] == [
        "pk_one.toml",
        *["pk_two.toml"] * 2,
    ]


def test_a_folder_that_is_missing_or_empty_is_said_to_be(tmp_path):
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(NightwireError, match=r"pk_daily\.toml"):
            load_sources(folder)


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / "pk_daily.toml").mkdir()
    with pytest.raises(NightwireError, match=r"pk_daily\.toml: cannot be read"):
        load_source(tmp_path / "pk_daily.toml")
    (tmp_path / "pk_latin.toml").write_bytes('publisher = "Tägliche"'.encode("latin-1"))
    with pytest.raises(NightwireError, match=r"pk_latin\.toml: is not TOML in UTF-8"):
        load_source(tmp_path / "pk_latin.toml")


def source(name: str, home: str, **keys: object) -> SourceFile:
    given = {"country": "zz", "languages": ["en"], "timezone": "UTC", "feeds": [home], "publisher": name}
    return SourceFile.model_validate({"name": name, "home": home, **given, **keys})


def test_an_address_belongs_to_the_source_at_home_on_its_host():
    daily = source("zz_daily", "https://www.daily.example/")
    weekly = source("zz_weekly", "https://www.daily.example/weekly/", article_url=r"/weekly/detail/\d+")
    english = source("zz_english", "https://english.daily.example/")
    sources = [daily, weekly, english]

    assert source_for_url("https://daily.example/a", sources) is daily
    assert source_for_url("https://m.daily.example/a", sources) is daily
    assert source_for_url("https://www.daily.example/weekly/detail/5", sources) is weekly
    assert source_for_url("https://www.daily.example/weekly/about", sources) is weekly
    assert source_for_url("https://www.daily.example/weekly-digest", sources) is daily
    assert source_for_url("https://english.daily.example/a", sources) is english
    assert source_for_url("https://other.example/a", sources) is None
    assert source_for_url("https://notdaily.example/a", sources) is None
    assert source_for_url("mailto:desk@daily.example", sources) is None
    assert source_for_url("http://[broken/", sources) is None


def test_a_publisher_with_two_hosts_is_one_source():
    bbc = source("zz_bbc", "https://www.cast.example/news", other_sites=["cast-uk.example"])
    urdu = source("zz_bbc_ur", "https://www.cast.example/urdu", article_id=r"/urdu/articles/(\w+)")
    sources = [bbc, urdu]

    assert bbc.is_on_site("https://m.cast-uk.example/news/1")
    assert not urdu.is_on_site("https://cast-uk.example/news/1")
    assert source_for_url("https://www.cast-uk.example/news/1", sources) is bbc
    assert source_for_url("https://cast-uk.example/other", sources) is bbc
    assert source_for_url("https://www.cast.example/urdu/articles/c1", sources) is urdu
    assert source_for_url("https://www.cast.example/urdu", sources) is urdu
    assert source_for_url("https://www.cast.example/russian/articles/c1", sources) is None


def test_a_section_page_may_do_with_the_article_number():
    assert source("zz_a", "https://a.example/", article_id=r"/a/(\d+)").article_links == r"/a/(\d+)"
    both = source(
        "zz_a", "https://a.example/", article_id=r"/a/(\d+)", article_url="/a/", section_links="/b/"
    )
    assert both.article_links == "/b/"
    assert source("zz_a", "https://a.example/").article_links is None
