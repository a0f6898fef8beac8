"""Look at a few addresses of a source, with all the manners of a night, and keep nothing.

A look runs in the child process of a crawl (`spiders.look_spider`): robots.txt first, the same delays, guards and
name. What each address answered comes back as an Answer. A folder of answers has one form, on its way from the
child and as a recording that a person keeps: `answers.json`, and beside it each body in a file of its own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from articles.errors import NightwireError
from spiders.launch import look_in_child
from spiders.records import CrawlJob
from spiders.source import SourceFile

ANSWERS_FILE = "answers.json"
LOOK_SECONDS = 1800  # for all sources together; a crawl delay of 60 s makes six requests six minutes

Plan = Literal["page", "check", "propose"]

_SUFFIXES = (("json", ".json"), ("xml", ".xml"), ("html", ".html"), ("plain", ".txt"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """An address to look at."""

    url: str
    via: str  # what it is asked as: "feed" "sitemap" "section" "article" "front"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one address answered, or why nothing came of it."""

    source: str
    url: str  # as asked
    via: str  # as in Ask, or "robots"
    status: int | None = None  # HTTP status; None: no answer came
    final_url: str | None = None  # after redirects
    redirects: tuple[tuple[int, str], ...] = ()  # each status on the way, with the address that gave it
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    body_sha256: str | None = None
    answered_at: datetime  # UTC
    fetch_ms: int | None = None
    reason: str | None = None  # why none came, as `spiders.spider.explain` counts it; None: one came
    detail: str | None = None  # the same as a sentence

    @property
    def content_type(self) -> str | None:
        """The Content-Type header as sent."""
        return self.header("content-type")

    @property
    def has_moved(self) -> bool:
        """Whether every redirect on the way says that it holds for good."""
        return bool(self.redirects) and all(status in (301, 308) for status, _ in self.redirects)

    def header(self, name: str) -> str | None:
        """The first header of a name; None where none was sent."""
        return next((value for key, value in self.headers if key.lower() == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class LookJob:
    """One look: whom, what first, and by which plan it goes on."""

    crawl: CrawlJob  # its lake is a folder of the look's own
    plan: Plan
    asks: dict[str, tuple[Ask, ...]]  # by source
    most: int  # requests for one source, its robots.txt among them


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What came of looking at one source."""

    source: SourceFile
    answers: tuple[Answer, ...]
    is_whole: bool  # False: the look was stopped before its end


LOOK_JSON = TypeAdapter(LookJob)
_ANSWERS_JSON = TypeAdapter(list[Answer])


def look(
    asks: Mapping[str, Sequence[Ask]],
    sources: Sequence[SourceFile],
    *,
    plan: Plan,
    most: int,
    newsroom: str | None = None,
    on_looked: Callable[[Looked], None] | None = None,
    on_log: Callable[[int, str], None] | None = None,
    seconds: int = LOOK_SECONDS,
) -> list[Looked]:
    """Look at some addresses of each source; sources side by side, each at its own pace.

    Args:
        asks: what to ask first, by the source's id.
        sources: whose addresses these are.
        plan: what is asked after that: nothing ("page"), or what the answers lead to.
        most: requests for one source, its robots.txt among them; those of further hosts, and second tries, come on top.
        newsroom: address of the sample web, for sources that live there.
        on_looked: called with each source as soon as it is done.
        on_log: called with a `logging` level and a line: warnings.
        seconds: then the look stops, and keeps what it has.

    Returns:
        One per source, in their order.

    Raises:
        NightwireError: the look could not begin, or its process broke down.
    """
    looked: dict[str, Looked] = {}
    by_name = {source.name: source for source in sources}
    with TemporaryDirectory(prefix="nightwire-look-") as folder:
        crawl = CrawlJob(
            lake=Path(folder),
            run_id="look",
            night=datetime.now(UTC).date(),
            sources=tuple(sources),
            newsroom=newsroom,
            run_seconds=seconds,
        )
        job = LookJob(
            crawl=crawl,
            plan=plan,
            asks={name: tuple(asked) for name, asked in asks.items()},
            most=most,
        )

        def visited(source: str, is_whole: bool) -> None:
            answers = load_answers(Path(folder) / source)
            looked[source] = Looked(source=by_name[source], answers=tuple(answers), is_whole=is_whole)
            if on_looked is not None:
                on_looked(looked[source])

        look_in_child(crawl, LOOK_JSON.dump_json(job, indent=1), on_visited=visited, on_log=on_log)
    missing = [name for name in by_name if name not in looked]
    if missing:
        raise NightwireError(f"nothing is known of {', '.join(missing)}: the look ended early; try it again")
    return [looked[source.name] for source in sources]


def save_answers(folder: Path, answers: Sequence[Answer]) -> list[Path]:
    """Keep answers in a new folder: each body as it came, the rest in `answers.json`, which is written last."""
    folder.mkdir(parents=True)
    rows: list[dict[str, object]] = []
    files: list[Path] = []
    for number, answer in enumerate(answers, start=1):
        row: dict[str, object] = {name: value for name, value in asdict(answer).items() if name != "body"}
        row["answered_at"] = answer.answered_at.isoformat()
        row["file"] = None
        if answer.status is not None:
            path = folder / f"{number}-{answer.via}{_suffix(answer)}"
            row["file"] = path.name
            path.write_bytes(answer.body)
            files.append(path)
        rows.append(row)
    listing = folder / ANSWERS_FILE
    listing.write_text(json.dumps(rows, ensure_ascii=True, indent=1), encoding="utf-8")
    return [listing, *files]


def load_answers(folder: Path) -> list[Answer]:
    """Read answers back.

    Raises:
        NightwireError: the folder holds none, or a file is missing or not what was received.
    """
    listing = folder / ANSWERS_FILE
    try:
        rows = json.loads(listing.read_bytes())
        names = [row.pop("file") for row in rows]
        answers = _ANSWERS_JSON.validate_python(rows)
        return [_with_body(answer, folder, name) for answer, name in zip(answers, names, strict=True)]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ValidationError) as problem:
        raise NightwireError(
            f"{listing} is no recording that can be read ({problem}); expected what `nightwire sources record` wrote; "
            "record it again"
        ) from problem


def sha256(body: bytes) -> str:
    """The digest that a body is checked by."""
    return hashlib.sha256(body).hexdigest()


def _with_body(answer: Answer, folder: Path, name: str | None) -> Answer:
    if name is None:
        return answer
    if Path(name).name != name:
        raise ValueError(f"{name!r} is no name of a file beside it")
    body = (folder / name).read_bytes()
    if sha256(body) != answer.body_sha256:
        raise ValueError(f"{name} is not what was received")
    return replace(answer, body=body)


def _suffix(answer: Answer) -> str:
    if answer.body[:2] == b"\x1f\x8b":
        return ".xml.gz"
    kind = (answer.content_type or "").lower()
    return next((suffix for word, suffix in _SUFFIXES if word in kind), ".bin")
