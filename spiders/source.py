"""A publisher as we visit it: one TOML file per source under `spiders/sources/`, checked when it is read.

The file's name is the source's id, `<cc>_<name>`, with the publisher's country first. Delays are in seconds.
Everything that can be wrong with a file is said in one go, by file, key and what was expected.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from difflib import get_close_matches
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from articles.errors import NightwireError
from articles.records import Source
from articles.urls import publisher_number

PACKAGED_SOURCES = Path(__file__).parent / "sources"
SAMPLE_COUNTRY = "zz"  # user-assigned in ISO 3166-1: the invented outlets of the sample web
UNLISTED = f"{SAMPLE_COUNTRY}_unlisted_"  # begins the name of what `unlisted_source` makes
SAMPLE_TLD = ".example"  # reserved by RFC 2606; only the sample web answers for it
URL_LIMIT_CHARS = 2083  # Scrapy's own limit; percent-encoded Persian slugs come near it

FILE_STEM = re.compile(r"([a-z]{2})_[a-z0-9_]{1,61}")
_PREFIXES = ("www.", "m.", "amp.", "mobile.")
_NOT_COUNTRIES = frozenset({"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"})  # in CLDR's list, but no country


@cache
def known_countries() -> frozenset[str]:
    """The codes of ISO 3166-1, of two capital letters."""
    codes = {code for code in Locale("en").territories if re.fullmatch(r"[A-Z]{2}", code)}
    return frozenset(codes - _NOT_COUNTRIES)


@cache
def known_languages() -> frozenset[str]:
    """The codes of ISO 639-1, of two small letters."""
    return frozenset(code for code in Locale("en").languages if re.fullmatch(r"[a-z]{2}", code))


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())  # it walks the disk: 20 ms each time


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or re.search(r"\s", value):
        raise ValueError("expected an address that starts with http:// or https:// and names a host")
    if len(value) > URL_LIMIT_CHARS:
        raise ValueError(f"expected an address of at most {URL_LIMIT_CHARS} characters")
    return value


def _country(value: str) -> str:
    if value.lower() == SAMPLE_COUNTRY:
        return SAMPLE_COUNTRY
    if value.upper() not in known_countries():
        raise ValueError('expected an ISO 3166-1 country code of two letters, such as "PK"')
    return value.upper()


def _language(value: str) -> str:
    if value not in known_languages():
        raise ValueError('expected an ISO 639-1 language code of two letters, such as "ur"')
    return value


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())  # walks the whole zone folder: 50 ms, once for all files


def _zone(value: str) -> str:
    if value not in _zones():
        near = get_close_matches(value, _zones(), n=1)
        example = near[0] if near else "Asia/Karachi"
        raise ValueError(f'expected a time zone of the IANA list, such as "{example}"')
    return value


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as problem:
        raise ValueError(f"expected a regular expression; this one does not compile: {problem}") from problem
    return value


def _pattern_with_group(value: str) -> str:
    if re.compile(_pattern(value)).groups < 1:
        raise ValueError("expected a regular expression whose first group is the article's number")
    return value


def _host(value: str) -> str:
    if site_host(f"//{value}") != value or "." not in value:
        raise ValueError('expected a host in small letters without "www." in front, such as "bbc.co.uk"')
    return value


def _archive(value: str) -> str:
    """An address of a sitemap or page of the past; `{yyyy} {mm} {dd}` stand for a day, `{n}` counts from 1."""
    unknown = set(re.findall(r"\{[^{}]*\}", value)) - ARCHIVE_PLACES
    if unknown:
        raise ValueError(
            f"expected no other places than {' '.join(sorted(ARCHIVE_PLACES))}; it has {' '.join(sorted(unknown))}"
        )
    return _web_address(value)


ARCHIVE_PLACES = frozenset({"{yyyy}", "{mm}", "{dd}", "{n}"})
WebAddress = Annotated[str, AfterValidator(_web_address)]
Archive = Annotated[str, AfterValidator(_archive)]
HostName = Annotated[str, AfterValidator(_host)]
Pattern = Annotated[str, AfterValidator(_pattern)]


class SourceFile(BaseModel):
    """One publisher: where to look, how slowly, and how to tell an article's address from any other.

    At least one of `feeds`, `sitemaps` and `sections` is given. Patterns are searched for in the whole address.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str  # the file's name without .toml, e.g. "us_csmonitor"
    publisher: Annotated[str, Field(min_length=1, max_length=200)]  # as readers know it
    home: WebAddress
    country: Annotated[str, AfterValidator(_country)]
    languages: Annotated[tuple[Annotated[str, AfterValidator(_language)], ...], Field(min_length=1)]
    timezone: Annotated[str, AfterValidator(_zone)]  # the zone their printed times are in
    feeds: tuple[WebAddress, ...] = ()
    sitemaps: tuple[WebAddress, ...] = ()
    sections: tuple[WebAddress, ...] = ()
    section_pages: Annotated[int, Field(ge=1, le=50)] = (
        1  # of each section, while a page brings new addresses
    )
    archives: tuple[Archive, ...] = ()  # lists of the past, for a backfill: see `_archive`
    delay_s: Annotated[float, Field(ge=0.01, le=60)] = 2.0  # between two requests to one host of the source
    article_url: Pattern | None = (
        None  # an address that does not match is no article; None: every address may be
    )
    article_id: Annotated[str, AfterValidator(_pattern_with_group)] | None = None  # group 1: their own number
    section_links: Pattern | None = None  # links to follow on section pages; None: see `article_links`
    other_sites: tuple[HostName, ...] = ()  # further hosts that carry its articles, such as "bbc.co.uk"
    keep_query: tuple[str, ...] = ()  # query parameters that tell one article from another
    access: Literal["open", "metered", "paid", "refuses-bots"] = "open"
    state: Annotated[str, AfterValidator(_country)] | None = (
        None  # the country whose government owns or directs it, where that is plain fact; None: not said
    )
    group: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")] = "region"
    enabled: bool = True
    verified: Literal["never"] | date = "never"  # the day a person last saw it work
    insecure_tls: bool = (
        False  # True: a certificate that does not verify is accepted, and the night's row says so
    )
    note: str | None = None

    @model_validator(mode="after")
    def _can_be_visited(self) -> SourceFile:
        if not (self.feeds or self.sitemaps or self.sections):
            raise ValueError("expected at least one address under feeds, sitemaps or sections")
        if self.sections and self.article_links is None:
            raise ValueError(
                "expected section_links, article_url or article_id, to know articles among a section's links"
            )
        return self

    @cached_property
    def zone(self) -> ZoneInfo:
        """The zone the publisher's printed times are in."""
        return ZoneInfo(self.timezone)

    @cached_property
    def site(self) -> str:
        """The host the publisher's addresses share, without `www.` and its like: `csmonitor.com`."""
        return site_host(self.home)

    @property
    def sites(self) -> tuple[str, ...]:
        """Every host its articles live on."""
        return self.site, *self.other_sites

    @property
    def lake_id(self) -> str | None:
        """The source's id in the lake; None for one that was made for an address no source is at home at."""
        return None if self.name.startswith(UNLISTED) else self.name

    @property
    def is_sample(self) -> bool:
        """Whether it is an outlet of the sample web."""
        return self.site.endswith(SAMPLE_TLD)

    @property
    def article_links(self) -> str | None:
        """What tells articles among the links of a section page; None for a source without such a pattern."""
        return self.section_links or self.article_url or self.article_id

    def site_of(self, host: str) -> str | None:
        """Which of the publisher's sites a host is, or is a subdomain of; None: of none.

        Args:
            host: from `site_host`.
        """
        for site in self.sites:
            if host == site or host.endswith("." + site):
                return site
        return None

    def is_on_site(self, url: str) -> bool:
        """Whether an address lives on one of the publisher's sites or a subdomain of it."""
        return self.site_of(site_host(url)) is not None

    def is_article(self, url: str) -> bool:
        """Whether an address has the shape of this publisher's articles; True where no shape is declared."""
        return self.article_url is None or re.search(self.article_url, url) is not None

    def publisher_number(self, url: str) -> str | None:
        """The publisher's own number of the article at an address; None where it states none."""
        return publisher_number(url, self.article_id)

    def as_source(self) -> Source:
        """What `articles` needs to know of this publisher before it reads a page of theirs."""
        return Source(
            name=self.name,
            publisher=self.publisher,
            zone=self.zone,
            language=self.languages[0] if len(self.languages) == 1 else None,
            article_id_pattern=self.article_id,
        )


def site_host(url: str) -> str:
    """An address's host in lower case, without the `www.`, `m.`, `amp.` or `mobile.` in front; "" without a host."""
    try:
        host = urlsplit(url).hostname
    except ValueError:  # such as an unclosed bracket
        return ""
    host = (host or "").rstrip(".")
    for prefix in _PREFIXES:
        if host.startswith(prefix) and host.count(".") > 1:
            return host.removeprefix(prefix)
    return host


def source_for_url(url: str, sources: Iterable[SourceFile]) -> SourceFile | None:
    """The source an address belongs to, by its host; None where no source is at home there.

    Where several share a host, one whose patterns match wins, then the one whose home lies nearest above the
    address. An address that lies below none of their homes is none of theirs: bbc.com/russian is not BBC Urdu.
    """
    host = site_host(url)
    at_home = [(source, site) for source in sources if (site := source.site_of(host)) is not None]
    if not at_home:
        return None
    path = urlsplit(url).path

    def nearness(one: tuple[SourceFile, str]) -> tuple[bool, int, int]:
        source, site = one
        home_path = urlsplit(source.home).path.rstrip("/")
        is_below_home = path == home_path or path.startswith(home_path + "/")
        declares_it = source.publisher_number(url) is not None or (
            source.article_url is not None and source.is_article(url)
        )
        return declares_it, len(site), len(home_path) if is_below_home else -1

    nearest, site = max(at_home, key=nearness)
    declares_it, _, home_chars = nearness((nearest, site))
    is_shared = sum(other == site for _, other in at_home) > 1
    return None if is_shared and not declares_it and home_chars < 0 else nearest


def unlisted_source(url: str) -> SourceFile:
    """How to visit a host that no source is at home at, for a page that a person names.

    Raises:
        NightwireError: the address is none of a web page.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise NightwireError(f"{url} is no address of a page; expected http:// or https:// and a host")
    home = f"{parts.scheme}://{parts.netloc}"
    # the form of a source file asks for more than a visit needs: nothing below the host is used
    return SourceFile(
        name=UNLISTED + re.sub(r"[^a-z0-9]", "_", parts.netloc.lower()),
        publisher=parts.hostname,
        home=home,
        country=SAMPLE_COUNTRY,
        languages=("en",),
        timezone="UTC",
        feeds=(home,),
    )


def load_sources(folder: Path = PACKAGED_SOURCES) -> dict[str, SourceFile]:
    """Every source of a folder by its id, in the order of their ids; disabled ones too.

    Raises:
        NightwireError: the folder is missing or empty, or files have mistakes; all of them are named.
    """
    if not folder.is_dir():
        raise NightwireError(
            f"there is no folder of sources at {folder}; expected a folder with files such as pk_daily.toml; "
            "give the folder that holds them"
        )
    sources: dict[str, SourceFile] = {}
    mistakes: list[str] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            sources[path.stem] = load_source(path)
        except NightwireError as problem:
            mistakes.append(str(problem))
    if mistakes:
        raise NightwireError("\n".join(mistakes))
    if not sources:
        raise NightwireError(f"{folder} holds no source; expected files such as pk_daily.toml; add one")
    return sources


def load_source(path: Path) -> SourceFile:
    """One source, from its file.

    Raises:
        NightwireError: with a line for each mistake, naming file, key and what was expected.
    """
    stem = FILE_STEM.fullmatch(path.stem)
    if stem is None:
        raise NightwireError(
            f"{path.name}: the file's name is not <cc>_<name>.toml; expected two letters of a country, an underscore "
            f"and lower-case letters or digits, such as pk_daily.toml; rename {path}"
        )
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise NightwireError(f"{path.name}: cannot be read ({problem.strerror}); check {path}") from problem
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise NightwireError(
            f"{path.name}: is not TOML in UTF-8: {problem}; correct it in {path}"
        ) from problem
    if "name" in written:
        raise NightwireError(
            f"{path.name}: key \"name\" is not for a file to say; the file's own name is the source's id; "
            f"remove the key from {path}"
        )
    try:
        source = SourceFile.model_validate({**written, "name": path.stem})
    except ValidationError as problem:
        raise NightwireError("\n".join(_mistakes(problem, path, written))) from problem
    if source.country.lower() != stem.group(1):
        raise NightwireError(
            f'{path.name}: key "country" is "{source.country}" but the file\'s name starts with "{stem.group(1)}"; '
            f"expected them to agree; correct the key or rename {path}"
        )
    return source


def _mistakes(problem: ValidationError, path: Path, written: Mapping[str, object]) -> Iterator[str]:
    """A line for each key that has a mistake, the first one of it."""
    said: set[str] = set()
    for error in problem.errors(include_url=False):
        key = str(error["loc"][0]) if error["loc"] else ""
        if key in said and key:
            continue
        said.add(key)
        if error["type"] == "extra_forbidden":
            near = get_close_matches(key, _EXPECTED, n=1)
            hint = (
                f'did you mean "{near[0]}"?' if near else f"expected one of {', '.join(sorted(_EXPECTED))};"
            )
            yield f'{path.name}: unknown key "{key}"; {hint} correct it in {path}'
        elif error["type"] == "missing":
            yield f'{path.name}: key "{key}" is missing; expected {_EXPECTED[key]}; add it to {path}'
        else:
            is_ours = error["type"] == "value_error"
            expected = error["msg"].removeprefix("Value error, ") if is_ours else f"expected {_EXPECTED[key]}"
            place = f'key "{key}" is {_shown(written, error["loc"])}; ' if key else ""
            yield f"{path.name}: {place}{expected}; correct it in {path}"


_EXPECTED = {
    "publisher": 'the name readers know, such as "The Daily"',
    "home": 'the address of the front page, such as "https://daily.example"',
    "country": 'an ISO 3166-1 country code, such as "PK"',
    "languages": 'a list of ISO 639-1 codes, such as ["en", "ur"]',
    "timezone": 'a time zone of the IANA list, such as "Asia/Karachi"',
    "feeds": "a list of addresses",
    "sitemaps": "a list of addresses",
    "sections": "a list of addresses",
    "section_pages": "a number of pages from 1 to 50",
    "archives": "a list of addresses, with {yyyy} {mm} {dd} where a day stands or {n} for a number from 1",
    "state": 'the ISO 3166-1 code of the country whose government owns or directs it, such as "IR"',
    "delay_s": "a number of seconds from 0.01 to 60",
    "article_url": "a regular expression as text",
    "article_id": "a regular expression as text, its first group the article's number",
    "section_links": "a regular expression as text",
    "keep_query": "a list of parameter names",
    "other_sites": 'a list of hosts, such as ["bbc.co.uk"]',
    "access": '"open", "metered", "paid" or "refuses-bots"',
    "group": "a word of small letters, digits and hyphens",
    "enabled": "true or false",
    "verified": '"never" or the day of the trial, such as 2026-11-20',
    "insecure_tls": "true or false",
    "note": "text",
}


def _shown(written: Mapping[str, object], place: tuple[int | str, ...]) -> str:
    value: object = written.get(str(place[0]))
    if len(place) > 1 and isinstance(value, list) and isinstance(place[1], int):
        value = value[place[1]]
    return f'"{value}"' if isinstance(value, str) else repr(value)
